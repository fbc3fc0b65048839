"""The streams that are open: each account has a limited number, and a stream ends with the key or session that opened it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from typing_extensions import override

from misarmail_server.errors import TooMany

RETRY_SECONDS = 10


class OpenStreams:
    """Counts the streams of each account in this process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, account_id: str) -> Callable[[], None]:
        """Count one; returns the function that gives it back, once. Raises TooMany("rate_limited")."""
        with self._lock:
            if self._open[account_id] >= self._limit:
                sentence = f"At most {self._limit} streams and exports may be open at once"
                raise TooMany("rate_limited", sentence, retry_after=RETRY_SECONDS)
            self._open[account_id] += 1
        counted = [account_id]

        def give_back() -> None:
            with self._lock:
                if counted:
                    self._open[counted.pop()] -= 1
                    self._open += Counter()  # forget the accounts without any

        return give_back


class HeldStream(Iterator[bytes]):
    """A stream that counts until it ends or is closed. `require_allowed` is called before each chunk and may raise."""

    def __init__(self, stream: Iterable[bytes], give_back: Callable[[], None], require_allowed: Callable[[], None]) -> None:
        self._stream = stream
        self._chunks = iter(stream)
        self._give_back = give_back
        self._require_allowed = require_allowed
        self.pause_seconds: float = getattr(stream, "pause_seconds", 0.0)

    @override
    def __next__(self) -> bytes:
        try:
            self._require_allowed()
            return next(self._chunks)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the stream, which may not have begun."""
        try:
            end = getattr(self._stream, "close", None)
            if end is not None:
                end()
        finally:
            self._give_back()
