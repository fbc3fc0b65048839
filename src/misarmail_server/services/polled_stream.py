"""A response that has news only from time to time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from typing_extensions import override


class StreamChunk(NamedTuple):
    """Bytes of the response, and whether they end it."""

    content: bytes
    is_last: bool


class PolledStream(Iterator[bytes]):
    """Chunks that are read `pause_seconds` apart, until the last one.

    A server that waits for that long before it reads the next one needs no thread meanwhile; for another server the pause is made here.
    """

    def __init__(self, read: Callable[[], StreamChunk], pause_seconds: float) -> None:
        self._read = read
        self.pause_seconds = pause_seconds
        self._next_at = 0.0
        self._has_ended = False

    @override
    def __next__(self) -> bytes:
        if self._has_ended:
            raise StopIteration
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        content, self._has_ended = self._read()
        self._next_at = time.monotonic() + self.pause_seconds
        return content
