"""A response that has news only from time to time."""

from __future__ import annotations

import time
from collections.abc import Iterator

from typing_extensions import override


class PolledStream(Iterator[bytes]):
    """Chunks that are read `pause_seconds` apart.

    A server that waits for that long before it reads the next one needs no thread meanwhile; for another server the pause is made here.
    """

    def __init__(self, chunks: Iterator[bytes], pause_seconds: float) -> None:
        self._chunks = chunks
        self.pause_seconds = pause_seconds
        self._next_at = 0.0

    @override
    def __next__(self) -> bytes:
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        chunk = next(self._chunks)
        self._next_at = time.monotonic() + self.pause_seconds
        return chunk

    def close(self) -> None:
        """Close the chunks, which may not have begun."""
        end = getattr(self._chunks, "close", None)
        if end is not None:
            end()
