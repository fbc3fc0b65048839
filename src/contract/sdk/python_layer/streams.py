"""Responses that arrive piece by piece: server-sent events, JSON lines, JSON sequences, and downloads."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar

import httpx
from typing_extensions import Self  # noqa: UP035 - clients run on Python 3.10

from .decoding import convert
from .operation import Items

Item = TypeVar("Item")
END_OF_STREAM = "[DONE]"  # a last event that some servers send
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RECORD_SEPARATOR = b"\x1e"  # RFC 7464
LINE_END = re.compile(rb"\r\n|\r|\n")
Read = Callable[[Callable[[], Any]], Any]  # runs a decoding step; raises the client's errors


class Splitter:
    """Cuts chunks of bytes into the texts of items. Each chunk is searched once."""

    def __init__(self, items: Items, max_line_bytes: int) -> None:
        self._items = items
        self._max_line_bytes = max_line_bytes
        self._pieces: list[bytes] = []  # of a line, or a record, without its end
        self._length = 0
        self._event: dict[str, Any] = {}
        self._is_first = True
        self._ends_in_return = False

    def add(self, chunk: bytes) -> Iterator[Any]:
        """The items that are complete after a chunk. Raises ValueError for a line that is too long."""
        if self._items.framing == "records":
            records = self._complete(chunk.split(RECORD_SEPARATOR))
            yield from (self._json(record.decode("utf-8")) for record in records if record.strip())
            return
        for line in self._lines(chunk):
            yield from self._event_line(line) if self._items.framing == "events" else self._json_line(line)

    def finish(self) -> Iterator[Any]:
        """The item that the end of the stream completes. An event without its empty line is dropped, as the HTML standard requires."""
        rest = b"".join(self._pieces)
        if self._items.framing != "events" and rest.strip():
            yield self._json((rest.removeprefix(BYTE_ORDER_MARK) if self._is_first else rest).decode("utf-8"))

    def _lines(self, chunk: bytes) -> Iterator[str]:
        """The complete lines. They end in CR, LF or CRLF, also if two chunks have the halves of it."""
        if not chunk:
            return
        chunk = chunk.removeprefix(b"\n") if self._ends_in_return else chunk
        self._ends_in_return = chunk.endswith(b"\r")
        for line in self._complete(LINE_END.split(chunk)):
            yield (line.removeprefix(BYTE_ORDER_MARK) if self._is_first else line).decode("utf-8", "replace")
            self._is_first = False

    def _complete(self, pieces: list[bytes]) -> Iterator[bytes]:
        """The pieces that have an end; the last one waits for the next chunk."""
        first, *others = pieces
        self._pieces.append(first)
        self._length += len(first)
        for piece in others:
            yield b"".join(self._pieces)
            self._pieces, self._length = [piece], len(piece)
        if self._length > self._max_line_bytes:
            raise ValueError("a line is too long")

    def _json_line(self, line: str) -> Iterator[Any]:
        if line.strip():
            yield self._json(line)

    def _event_line(self, line: str) -> Iterator[Any]:
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._event.setdefault("data", []).append(value)
            elif name in {"event", "id"}:
                self._event[name] = value
            elif name == "retry" and value.isdecimal():
                self._event[name] = int(value)
            return
        event, self._event = self._event, {}
        if "data" in event and (data := "\n".join(event["data"])) != END_OF_STREAM:
            yield self._data({**event, "data": data})

    def _data(self, event: dict[str, Any]) -> Any:
        if not self._items.has_fields:
            return self._text(event["data"])
        try:
            return convert(event, self._items.type)
        except ValueError:
            return convert({**event, "data": json.loads(event["data"])}, self._items.type)

    def _text(self, text: str) -> Any:
        """The data of an event: JSON, or text where the type allows it and the data is not JSON."""
        try:
            value = json.loads(text)
        except ValueError:
            return convert(text, self._items.type)
        return convert(text if self._items.type is str else value, self._items.type)

    def _json(self, text: str) -> Any:
        return convert(json.loads(text), self._items.type)


class Stream(Generic[Item]):
    """The items of a response, in order of their arrival. Its end closes the connection; to stop before, use `with` or `close`."""

    def __init__(self, response: httpx.Response, splitter: Splitter, read: Read) -> None:
        self.response = response
        self._iterator = self._items(splitter, read)

    def __iter__(self) -> Iterator[Item]:
        return self._iterator

    def __next__(self) -> Item:
        return next(self._iterator)

    def _items(self, splitter: Splitter, read: Read) -> Iterator[Item]:
        try:
            chunks = self.response.iter_bytes()
            while (chunk := read(lambda: next(chunks, None))) is not None:
                yield from read(partial(list, splitter.add(chunk)))
            yield from read(lambda: list(splitter.finish()))
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self.response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class AsyncStream(Generic[Item]):
    """The items of a response, in order of their arrival. Its end closes the connection; to stop before, use `async with` or `aclose`."""

    def __init__(self, response: httpx.Response, splitter: Splitter, read: Read) -> None:
        self.response = response
        self._iterator = self._items(splitter, read)

    def __aiter__(self) -> AsyncIterator[Item]:
        return self._iterator

    async def __anext__(self) -> Item:
        return await anext(self._iterator)

    async def _items(self, splitter: Splitter, read: Read) -> AsyncIterator[Item]:
        try:
            chunks = self.response.aiter_bytes().__aiter__()
            while (chunk := await _next_chunk(chunks, read)) is not None:
                for item in read(partial(list, splitter.add(chunk))):
                    yield item
            for item in read(lambda: list(splitter.finish())):
                yield item
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connection."""
        await self.response.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()


async def _next_chunk(chunks: AsyncIterator[bytes], read: Read) -> bytes | None:
    """The next chunk, None at the end. Errors of the connection are raised by `read`."""
    try:
        return await anext(chunks, None)
    except httpx.RequestError as error:
        failure = error
    read(partial(_fail, failure))
    return None


def _fail(error: Exception) -> None:
    raise error


class Download:
    """A body that is read in chunks. Use `with`; the connection closes at its end."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    def __iter__(self) -> Iterator[bytes]:
        return self.response.iter_bytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.response.close()


class AsyncDownload:
    """A body that is read in chunks. Use `async with`; the connection closes at its end."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self.response.aiter_bytes()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.response.aclose()
