"""How many posts may run at a time: in all, for one account, for one host, and for an endpoint that is silent."""

from __future__ import annotations

import threading
from collections import Counter
from typing import NamedTuple, Self
from urllib.parse import urlsplit

MAX_CONCURRENT = 16
MAX_PER_ACCOUNT = 8
MAX_PER_HOST = 4
MAX_PER_SILENT = 1


class PostTarget(NamedTuple):
    """The account and the endpoint of a post. `is_silent`: the endpoint did not respond last time."""

    account_id: str
    endpoint_id: str
    url: str
    is_silent: bool

    @property
    def limits(self) -> dict[str, int]:
        """The lanes that the post uses, and how many may use each at a time."""
        lanes = {"": MAX_CONCURRENT, f"account {self.account_id}": MAX_PER_ACCOUNT, f"host {_host(self.url)}": MAX_PER_HOST}
        return lanes | {f"endpoint {self.endpoint_id}": MAX_PER_SILENT if self.is_silent else MAX_PER_HOST}


class PostLanes:
    """Counts running posts; thread-safe."""

    def __init__(self, running: Counter[str] | None = None) -> None:
        self._running = Counter(running or ())
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        """How many posts may start now."""
        with self._lock:
            return MAX_CONCURRENT - self._running[""]

    def copy(self) -> Self:
        """A draft of what would run: a transaction that is repeated or rolled back counts nothing."""
        with self._lock:
            return type(self)(self._running)

    def enter(self, target: PostTarget) -> bool:
        """Count a post; False if a lane is full."""
        with self._lock:
            if any(self._running[lane] >= most for lane, most in target.limits.items()):
                return False
            self._running.update(target.limits.keys())
            return True

    def leave(self, target: PostTarget) -> None:
        """Count a post that has ended."""
        with self._lock:
            self._running.subtract(target.limits.keys())
            self._running = +self._running


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url).lower()
    except ValueError:
        return url
