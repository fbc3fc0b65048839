"""What was found out and is good for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

MAX_ENTRIES = 10_000

CachedValue = TypeVar("CachedValue")


class TtlCache(Generic[CachedValue]):
    """Values by name, each for as long as it is good; the least used go first. Safe to use from several threads."""

    def __init__(self, most: int = MAX_ENTRIES) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[CachedValue, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], tuple[CachedValue, float]]) -> CachedValue:
        """What is known of a name, or what `make` finds out, with the seconds it is good for."""
        known = self._known(name)
        if known is None:
            found, seconds = make()
            self.put(name, found, seconds)
            return found
        return known[0]

    def peek(self, name: str) -> CachedValue | None:
        """What is known of a name."""
        known = self._known(name)
        return known[0] if known else None

    def put(self, name: str, value: CachedValue, seconds: float) -> None:
        """Remember it for so long."""
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
