"""A cache whose entries each have a time to live."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

MAX_ENTRIES = 10_000

CachedValue = TypeVar("CachedValue")


class TtlCache(Generic[CachedValue]):
    """Values by name, each with a time to live; the least recently used are evicted first. Thread-safe."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[CachedValue, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], tuple[CachedValue, float]]) -> CachedValue:
        """The cached value, or what `make` returns, with the seconds for which it is valid."""
        known = self._known(name)
        if known is None:
            value, seconds = make()
            self.put(name, value, seconds)
            return value
        return known[0]

    def peek(self, name: str) -> CachedValue | None:
        """The cached value, None if there is none."""
        known = self._known(name)
        return known[0] if known else None

    def put(self, name: str, value: CachedValue, seconds: float) -> None:
        """Store a value for `seconds`."""
        with self._lock:
            self._kept[name] = (value, time.monotonic() + seconds)
            self._kept.move_to_end(name)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def _known(self, name: str) -> tuple[CachedValue, float] | None:
        with self._lock:
            known = self._kept.get(name)
            if known is None or time.monotonic() >= known[1]:
                return None
            self._kept.move_to_end(name)
            return known
