"""Passing a request on to another WSGI application and taking its whole answer."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from contract.runtime.application import Environ, Wsgi
from contract.runtime.platform import EncodedResponse

KEPT = "contract.kept"
# What the contract in front writes itself, or what belongs to one connection only.
NOT_FORWARDED = {"content-type", "content-length", "x-request-id", "connection", "date", "server", "transfer-encoding"}


class Kept:
    """A request's body that can be read again after the contract has read it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._parts: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """Read on, and keep it."""
        data: bytes = self._stream.read(size)
        self._parts.append(data)
        return data

    def again(self) -> bytes:
        """All that was read so far."""
        return b"".join(self._parts)


def keep(environ: Environ) -> None:
    """Keep the body of this request for `again`."""
    environ["wsgi.input"] = environ[KEPT] = Kept(environ["wsgi.input"])


def again(environ: Mapping[str, Any]) -> Environ:
    """The same request for another application, its kept body included."""
    body = environ[KEPT].again()
    return {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def exchange(app: Wsgi, environ: Environ) -> EncodedResponse:
    """The application's whole answer."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []
    answer = app(environ, lambda status, headers, *_: begun.append((status, headers)))
    try:
        content = b"".join(answer)
    finally:
        if close := getattr(answer, "close", None):
            close()
    status, headers = begun[-1]
    media_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    others = [(name, value) for name, value in headers if name.lower() not in NOT_FORWARDED]
    return EncodedResponse(int(status[:3]), media_type.partition("; charset")[0], content, others)
