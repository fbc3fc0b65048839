"""The threads that run requests, and the fair use of them."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
Work = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[..., Any], tuple[Any, ...]]


class BusyError(Exception):
    """Too many requests wait for a thread."""


class Threads:
    """A fixed number of threads, which end with the process. Without work they wait and are never replaced."""

    def __init__(self, count: int, *, max_waiting: int) -> None:
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._max_waiting = max_waiting
        for number in range(count):
            threading.Thread(target=self._run, daemon=True, name=f"request-{number}").start()

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        """Call a function on a thread. Raises what it raises, and BusyError."""
        if self._work.qsize() >= self._max_waiting:
            raise BusyError
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._work.put((loop, future, function, arguments))
        return await future

    def _run(self) -> None:
        while True:
            loop, future, function, arguments = self._work.get()
            try:
                result = function(*arguments)
            except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
                loop.call_soon_threadsafe(_fail, future, error)
            else:
                loop.call_soon_threadsafe(_finish, future, result)
            del future, function, arguments  # a waiting thread keeps no body alive


def _finish(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


class SlowLane:
    """Bounds the requests that wait for other networks: at most `total` at once, of which `per_caller` belong to one caller."""

    def __init__(self, total: int, per_caller: int) -> None:
        self._total = asyncio.Semaphore(total)
        self._per_caller = per_caller
        self._callers: dict[str, asyncio.Semaphore] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, caller: str) -> AsyncIterator[None]:
        """Wait for a turn. The caller's own limit comes first, so that its waiting requests do not count in the total."""
        own = self._callers.setdefault(caller, asyncio.Semaphore(self._per_caller))
        self._users[caller] = self._users.get(caller, 0) + 1
        try:
            async with own, self._total:
                yield
        finally:
            self._users[caller] -= 1
            if not self._users[caller]:
                del self._users[caller], self._callers[caller]
