"""Requests: arguments as a URL, headers and a body."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from msgspec import UNSET

from .encoding import (
    FIELD_TEXT,
    TOKEN,
    content_text,
    encode_cookie,
    encode_form,
    encode_header,
    encode_path,
    encode_query,
    expand_path,
)
from .multipart import Stream, encode_multipart
from .operation import Body, Call, Operation
from .problems import InvalidArgumentError
from .values import plain


@dataclass(slots=True)
class Request:
    """A request before its credentials. `query` has encoded pieces; a body that is a stream may not be repeatable."""

    path: str
    query: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)
    content: bytes | Stream | None = None

    @property
    def can_be_sent_again(self) -> bool:
        """Whether the body is the same when it is sent again."""
        return not isinstance(self.content, Stream) or self.content.is_repeatable

    def check_headers(self) -> None:
        """Raises InvalidArgumentError for a header that would break the request, without its value, which may be a credential."""
        for name, value in self.headers.items():
            if not TOKEN.fullmatch(name) or not FIELD_TEXT.fullmatch(value) or value != value.strip():
                raise InvalidArgumentError(f'the header "{name}" has a character that cannot be sent')

    def set_header(self, name: str, value: str) -> None:
        """Set a header, whatever the case of its name."""
        for known in [known for known in self.headers if known.lower() == name.lower()]:
            del self.headers[known]
        self.headers[name] = value

    def has_header(self, name: str) -> bool:
        """Whether a header is set."""
        return name.lower() in {known.lower() for known in self.headers}


def build(operation: Operation[Any], call: Call) -> Request:
    """The request of a call. Raises ValueError or TypeError for arguments that cannot be written."""
    options = call.options
    request = _with_parameters(operation, {name: plain(value) for name, value in call.arguments.items() if value is not UNSET})
    if call.body is not UNSET and operation.bodies:
        _write_body(request, operation, call)
    if operation.idempotency_header and not request.has_header(operation.idempotency_header):
        request.headers[operation.idempotency_header] = secrets.token_hex(16)
    for name, value in options.headers.items():
        request.set_header(name, value)
    if options.query_string is not None:
        request.query = [options.query_string] if options.query_string else []
    request.query += [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in options.query.items()]
    return request


def _with_parameters(operation: Operation[Any], values: Mapping[str, Any]) -> Request:
    given = [(style, values[argument]) for argument, style in operation.parameters if argument in values]
    path = {style.name: encode_path(style, value) for style, value in given if style.location == "path"}
    request = Request(expand_path(operation.path, path), headers={"Accept": operation.accept})
    for style, value in given:
        if style.location == "query":
            request.query += encode_query(style, value)
        elif style.location == "cookie":
            request.cookies += encode_cookie(style, value)
        elif style.location == "header":
            request.set_header(style.name, encode_header(style, value))
    return request


def _write_body(request: Request, operation: Operation[Any], call: Call) -> None:
    media_type = call.content_type or _chosen(operation.bodies, call.body)
    described = next((kind for name, kind in operation.bodies.items() if name == media_type), None)
    kind = described or next((kind for name, kind in operation.bodies.items() if "*" in name), Body("raw"))
    media_type, request.content = WRITERS[kind.kind](media_type, call.body, kind)
    request.set_header("Content-Type", media_type)
    if isinstance(request.content, Stream) and request.content.length is not None:
        request.headers["Content-Length"] = str(request.content.length)


def _chosen(bodies: Mapping[str, Body], body: Any) -> str:
    """The media type of a body without a declared one: text, bytes and files are not JSON if the operation accepts them as they are."""
    is_raw = isinstance(body, str | bytes) or hasattr(body, "read") or hasattr(body, "__next__") or hasattr(body, "__anext__")
    fitting = [name for name, kind in bodies.items() if (kind.kind == "raw") == is_raw]
    name = next(iter(fitting or bodies))
    if bodies[name].kind == "json":
        return "application/json" if "*" in name else name
    return name if "*" not in name else "text/plain" if name.startswith("text/") else "application/octet-stream"


def _json(media_type: str, body: Any, _: Body) -> tuple[str, bytes]:
    return media_type, json.dumps(plain(body), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _form(media_type: str, body: Any, kind: Body) -> tuple[str, bytes]:
    return media_type, encode_form(plain(body), kind.styles)


def _multipart(_: str, body: Any, kind: Body) -> tuple[str, bytes | Stream]:
    return encode_multipart(plain(body), kind.parts)


def _raw(media_type: str, body: Any, _: Body) -> tuple[str, bytes | Stream]:
    if isinstance(body, str):
        charset = media_type if "charset=" in media_type.lower() or not media_type.startswith("text/") else f"{media_type}; charset=utf-8"
        return charset, body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return media_type, bytes(body)
    if hasattr(body, "read") or hasattr(body, "__iter__") or hasattr(body, "__aiter__"):
        value = plain(body)
        return (
            (media_type, content_text(media_type, value).encode())
            if isinstance(value, dict | list | tuple)
            else (media_type, Stream([body]))
        )
    return media_type, content_text(media_type, plain(body)).encode()


WRITERS: dict[str, Callable[[str, Any, Body], tuple[str, bytes | Stream]]] = {
    "json": _json,
    "form": _form,
    "multipart": _multipart,
    "raw": _raw,
}
