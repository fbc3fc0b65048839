"""Work on threads, because the database and the DNS block; how much is under way is known, so that a stop can wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

THREADS = 8
T = TypeVar("T")


class Pool:
    """Threads for one event loop."""

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="smtp")

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises. It goes on to its end when the client is gone."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Wait for what is under way."""
        self._threads.shutdown()
