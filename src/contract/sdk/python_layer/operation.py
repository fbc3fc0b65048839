"""Operations as data: how a request is written, and how each documented response is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import httpx
from msgspec import UNSET

from .encoding import Style
from .multipart import Part

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Body:
    """A media type of a request. `kind` is `json`, `form` (urlencoded), `multipart` or `raw`."""

    kind: str
    styles: Mapping[str, Style] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)


class Text:
    """The type of a response that is text, in contrast to a text in JSON."""


@dataclass(frozen=True, slots=True)
class Items:
    """A response that is a sequence of items of a type. `framing` is `events`, `lines` or `records`.

    With `has_fields`, the type describes a whole server-sent event with its `event`, `data` and `id`, otherwise its data.
    """

    framing: str
    type: Any
    has_fields: bool = False


@dataclass(frozen=True, slots=True)
class Operation(Generic[Result]):
    """One operation. `responses` has the documented successes, and for each its media types with the type of their content.

    `security` lists the alternatives, each with the credentials that it needs together. `deprecated` is a message for callers.
    `server` replaces the document's server, not a base URL of the caller that is on another host.
    """

    name: str
    method: str
    path: str
    responses: Mapping[str, Mapping[str, Any]]
    accept: str = "*/*"
    parameters: tuple[tuple[str, Style], ...] = ()  # (argument, style)
    bodies: Mapping[str, Body] = field(default_factory=dict)
    security: tuple[tuple[str, ...], ...] = ()
    idempotency_header: str | None = None
    deprecated: str | None = None
    server: str | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether a retry is harmless: by the method (RFC 9110, section 9.2.2) or by an idempotency key."""
        return self.method not in {"POST", "PATCH"} or self.idempotency_header is not None

    def response(self, status: int) -> Mapping[str, Any] | None:
        """The media types of a documented status."""
        names = (str(status), f"{status // 100}XX", "default")
        return next((self.responses[name] for name in names if name in self.responses), None)


@dataclass(frozen=True, slots=True)
class Options:
    """The changes of one call: its timeout in seconds, additional headers and query parameters, and the number of attempts.

    `query_string` replaces the query that the arguments make. `on_response` receives the response of a success, for its status and its
    headers, such as the `Location` of a redirection; its content is read by the client.
    """

    timeout: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    attempts: int | None = None
    query_string: str | None = None
    on_response: Callable[[httpx.Response], None] | None = None


NO_OPTIONS = Options()


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call, by the operation's names; absent ones are UNSET."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    body: Any = UNSET
    content_type: str | None = None
    options: Options = NO_OPTIONS
