"""Forwarding of a request to another WSGI application, and its whole response."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from contract.runtime.application import Environ, Wsgi
from contract.runtime.platform import EncodedResponse

BUFFER_KEY = "contract.kept"
# Headers that the contract sets itself, or that belong to one connection.
NOT_FORWARDED = {"content-type", "content-length", "x-request-id", "connection", "date", "server", "transfer-encoding"}


class BufferedInput:
    """The body of a request. It can be read again after the contract has read it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._parts: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """Read and keep the data."""
        data: bytes = self._stream.read(size)
        self._parts.append(data)
        return data

    def content(self) -> bytes:
        """Everything that was read so far."""
        return b"".join(self._parts)


def buffer_body(environ: Environ) -> None:
    """Buffer the body of this request for `replayed`."""
    environ["wsgi.input"] = environ[BUFFER_KEY] = BufferedInput(environ["wsgi.input"])


def replayed(environ: Mapping[str, Any]) -> Environ:
    """The same request for another application, with its body."""
    body = environ[BUFFER_KEY].content()
    return {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def response_of(app: Wsgi, environ: Environ) -> EncodedResponse:
    """The whole response of an application."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    chunks = app(environ, lambda status, headers, *_: started.append((status, headers)))
    try:
        content = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    status, headers = started[-1]
    media_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    forwarded = [(name, value) for name, value in headers if name.lower() not in NOT_FORWARDED]
    return EncodedResponse(int(status[:3]), media_type.partition("; charset")[0], content, forwarded)
