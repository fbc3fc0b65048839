"""Request bodies, read on the event loop before a thread is taken: within a size, a time and the memory of the process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

SMALL_BYTES = 65_536  # read from any client; a longer body must belong to an authenticated caller
Receive = Callable[[], Awaitable[dict[str, Any]]]


class BodyTooSlowError(Exception):
    """A body that does not arrive in time."""


class NoRoomError(Exception):
    """The process, or this caller, already has too many bytes of bodies in memory."""


class DisconnectedError(Exception):
    """The client is gone."""


@dataclass(frozen=True, slots=True)
class BodyDeadlines:
    """A body may take `start_seconds`, and a second for each `bytes_per_second` that arrived, but never more than `whole_seconds`."""

    start_seconds: float = 10.0
    bytes_per_second: int = 10_000
    whole_seconds: float = 600.0

    def allowed(self, size: int) -> float:
        """The seconds in which the byte after the first `size` must arrive."""
        return min(self.start_seconds + size / self.bytes_per_second, self.whole_seconds)


class BodyMemory:
    """Bytes of bodies that one process holds.

    Long bodies may take three quarters of the limit, those of one caller half, so that short ones always find room.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._long_held = 0
        self._by_caller: Counter[str] = Counter()

    def share(self) -> BodyShare:
        """The share of one request."""
        return BodyShare(self)

    def take(self, caller: str | None, size: int) -> None:
        """Hold bytes; those of a known `caller` are of a long body. Raises NoRoomError."""
        if self._held + size > self._limit:
            raise NoRoomError
        if caller is not None:
            if self._long_held + size > self._limit * 3 // 4 or self._by_caller[caller] + size > self._limit // 2:
                raise NoRoomError
            self._long_held += size
            self._by_caller[caller] += size
        self._held += size

    def give_back(self, caller: str | None, size: int) -> None:
        """Release what `take` held."""
        self._held -= size
        if caller is not None:
            self._long_held -= size
            self._by_caller[caller] -= size
            if not self._by_caller[caller]:
                del self._by_caller[caller]


class BodyShare:
    """The part of the memory that one request holds; a context manager that gives it back."""

    def __init__(self, memory: BodyMemory) -> None:
        self._memory = memory
        self._caller: str | None = None
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()

    def take(self, size: int) -> None:
        """Hold more bytes. Raises NoRoomError."""
        self._memory.take(self._caller, size)
        self._size += size

    def belongs_to(self, caller: str) -> None:
        """Count this body as a long one of a caller. Raises NoRoomError."""
        size = self._size
        self.give_back()
        self._caller = caller
        self.take(size)

    def give_back(self) -> None:
        """Release everything."""
        self._memory.give_back(self._caller, self._size)
        self._size = 0


class BodyReader:
    """Reads one body. `identify` gives the caller of a long body; None if it is unknown, and then nothing more is read."""

    def __init__(self, receive: Receive, share: BodyShare, deadlines: BodyDeadlines, identify: Callable[[], Awaitable[str | None]]) -> None:
        self._receive = receive
        self._share = share
        self._deadlines = deadlines
        self._identify = identify
        self.is_whole = False

    async def read(self, declared: int | None, limit: int) -> bytes:
        """The body, or its beginning if it is longer than `limit` bytes or its caller is unknown.

        Raises BodyTooSlowError, NoRoomError or DisconnectedError.
        """
        if declared is not None and declared > limit:
            return b""
        is_long = (declared or 0) > SMALL_BYTES
        if is_long and not await self._is_known():
            return b""
        parts: list[bytes] = []
        size, began_at = 0, asyncio.get_running_loop().time()
        while size <= limit:
            if size > SMALL_BYTES and not is_long:
                is_long = True
                if not await self._is_known():
                    break
            part, has_more = await self._part(began_at + self._deadlines.allowed(size))
            parts.append(part)
            size += len(part)
            if not has_more:
                self.is_whole = True
                break
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _part(self, deadline: float) -> tuple[bytes, bool]:
        try:
            async with asyncio.timeout_at(deadline):
                message = await self._receive()
        except TimeoutError as error:
            raise BodyTooSlowError from error
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        part: bytes = message.get("body", b"")
        self._share.take(len(part))
        return part, bool(message.get("more_body"))

    async def _is_known(self) -> bool:
        caller = await self._identify()
        if caller is None:
            return False
        self._share.belongs_to(caller)
        return True


async def discard(receive: Receive, seconds: float) -> None:
    """Read and drop the rest of a body: a connection that is closed with unread data is reset, and its response may be lost."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body"):
                    return
    except TimeoutError:
        return
