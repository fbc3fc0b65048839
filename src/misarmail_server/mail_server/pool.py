"""Worker threads for the event loop, because the database and the DNS block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 16  # this many simultaneous mails can share a commit
PATIENT_THREADS = 16
T = TypeVar("T")


class WorkPool:
    """Threads for one event loop. Work that waits for other name servers has separate ones, because they may be slow on purpose."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="smtp")
        self._patient = ThreadPoolExecutor(PATIENT_THREADS, thread_name_prefix="smtp-patient")

    async def run(self, work: Callable[[], T], *, calls_out: bool = False) -> T:
        """Run `work` and return or raise its result. It runs to its end even if the client disconnects."""
        return await asyncio.get_running_loop().run_in_executor(self._patient if calls_out else self._threads, work)

    def close(self) -> None:
        """Wait for running work."""
        self._threads.shutdown()
        self._patient.shutdown()
