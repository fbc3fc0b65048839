"""The rows that a worker holds: those to try now, and a few that have an appointment soon and need not go back to the database."""

from __future__ import annotations

import heapq
import threading
import time
from collections import deque
from itertools import count
from types import TracebackType
from typing import Protocol

from misarmail_server.delivery.queue.leases import Leased

MAX_WAITING = 400  # more would keep the worker from rows of other receivers
MAX_WAIT = 10.0  # seconds


class Bell(Protocol):
    """What a `threading.Condition` does."""

    def __enter__(self) -> bool:
        """Take the lock."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /) -> None:
        """Give it back."""

    def wait(self, timeout: float | None = None) -> bool:
        """Let go of the lock until there are news, or for so many seconds."""

    def notify(self) -> None:
        """There are news for one who waits."""


class LeaseBuffer:
    """A queue for one thread that leases and many that deliver. None in it tells a thread to end."""

    def __init__(self, news: Bell | None = None) -> None:
        self._news = news or threading.Condition()
        self._ready: deque[Leased | None] = deque()
        self._waiting: list[tuple[float, int, Leased]] = []  # a heap; the number decides between equals
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._ready)

    def put(self, row: Leased | None) -> None:
        """Have it tried as soon as a thread is free."""
        with self._news:
            self._ready.append(row)
            self._news.notify()

    def put_later(self, row: Leased, seconds: float) -> bool:
        """Have it tried after so many seconds; False when it should rather go back to the database."""
        with self._news:
            if seconds > MAX_WAIT or len(self._waiting) >= MAX_WAITING:
                return False
            heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._numbers), row))
            self._news.notify()
            return True

    def get(self, seconds: float) -> Leased | None:
        """The next row; one that has waited goes first. Raises TimeoutError when none came in time."""
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
        """All that wait here."""
        with self._news:
            return [row for row in self._ready if row is not None] + [row for _, _, row in self._waiting]

    def clear(self) -> None:
        """Forget all of them; their leases are given back elsewhere."""
        with self._news:
            self._ready.clear()
            self._waiting.clear()
