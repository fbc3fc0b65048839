"""The rows that a worker holds: those to try now, and a few that are due again soon and need not go back to the database."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from itertools import count
from types import TracebackType
from typing import Protocol

from misarmail_server.delivery.queue.leased_row import Leased

MAX_WAITING = 400  # more would block rows for other receivers
MAX_WAIT = 10.0  # seconds


class Bell(Protocol):
    """The interface of `threading.Condition`."""

    def __enter__(self) -> bool:
        """Acquire the lock."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /) -> None:
        """Release the lock."""

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock until notified, or for at most `timeout` seconds."""

    def notify(self) -> None:
        """Wake one waiter."""


class LeaseBuffer:
    """A queue with one producer that leases and many consumers that deliver. None tells a consumer to end."""

    def __init__(self, news: Bell | None = None) -> None:
        self._news = news or threading.Condition()
        self._ready: deque[Leased | None] = deque()
        self._waiting: list[tuple[float, int, Leased]] = []  # a heap; the number breaks ties
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._ready)

    def put(self, row: Leased | None) -> None:
        """Add a row to be tried as soon as a sender is free."""
        with self._news:
            self._ready.append(row)
            self._news.notify()

    def put_later(self, row: Leased, seconds: float) -> bool:
        """Add a row to be tried after `seconds`; False if it should go back to the database instead."""
        with self._news:
            if seconds > MAX_WAIT or len(self._waiting) >= MAX_WAITING:
                return False
            heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._numbers), row))
            self._news.notify()
            return True

    def get(self, seconds: float) -> Leased | None:
        """The next row; rows that have waited come first. Raises TimeoutError if none came in time."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                at = time.monotonic()
                if self._waiting and self._waiting[0][0] <= at:
                    return heapq.heappop(self._waiting)[2]
                if self._ready:
                    return self._ready.popleft()
                if at >= until:
                    raise TimeoutError
                self._news.wait(min(until, self._waiting[0][0] if self._waiting else until) - at)

    def held(self) -> list[Leased]:
        """The rows that are in the buffer."""
        with self._news:
            return [row for row in self._ready if row is not None] + [row for _, _, row in self._waiting]

    def clear(self) -> None:
        """Drop all rows; their leases are given back elsewhere."""
        with self._news:
            self._ready.clear()
            self._waiting.clear()
