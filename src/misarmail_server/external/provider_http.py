"""Asking a channel's provider over HTTP: JSON there and back, one connection a call, a time-out on everything, redirects not followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

TIMEOUT_SECONDS = 10.0  # to connect, and again for each wait
ANSWER_LIMIT = 65_536  # bytes
REASON_LIMIT = 300  # characters
REFUSAL_STATUSES = {400, 404, 409, 410, 413, 422}  # what is wrong with the message; every other status is about the server or its token


class Provider(NamedTuple):
    """Where it listens, and the bearer token it knows this server by, empty for none."""

    url: str
    token: str


class ProviderResult(NamedTuple):
    """The result for a message. `text` is the provider's id if it was accepted, else the reason.

    `unreached`: it was not accepted. `unanswered`: it was sent, and its result is unknown.
    """

    kind: Literal["taken", "refused", "unreached", "unanswered"]
    text: str


def post_json(provider: Provider, message: Mapping[str, Any], id_of: Callable[[Any], object]) -> ProviderResult:
    """Hand over a message. `id_of` finds the provider's id in its answer; what it finds there may be anything."""
    parts = urlsplit(provider.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.connect()
    except OSError as error:
        return ProviderResult("unreached", f"it cannot be reached ({type(error).__name__})")
    try:
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request("POST", path, msgspec.json.encode(message), _headers(provider))
        response = connection.getresponse()
        return _judged(response.status, _decoded(response.read(ANSWER_LIMIT)), id_of)
    except (OSError, HTTPException) as error:
        return ProviderResult("unanswered", f"it did not answer ({type(error).__name__})")
    finally:
        connection.close()


def _headers(provider: Provider) -> dict[str, str]:
    known = {"Authorization": f"Bearer {provider.token}"} if provider.token else {}
    return {"Content-Type": "application/json", "Accept": "application/json", **known}


def _judged(status: int, answer: Any, id_of: Callable[[Any], object]) -> ProviderResult:
    if status in REFUSAL_STATUSES:
        return ProviderResult("refused", _reason(answer) or f"it answered {status}")
    if not 200 <= status < 300:  # noqa: PLR2004 - the class of successes
        return ProviderResult("unreached", f"it answered {status}")
    id_ = _read(id_of, answer)
    return ProviderResult("taken", id_) if isinstance(id_, str) and id_ else ProviderResult("unanswered", "its answer names no message")


def _decoded(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _reason(answer: Any) -> str:
    """The sentence in `{"error": {"message": ...}}`, as it may be shown."""
    text = _read(lambda response: response["error"]["message"], answer)
    return "".join(character for character in text[:REASON_LIMIT] if character.isprintable()) if isinstance(text, str) else ""


def _read(look: Callable[[Any], object], answer: Any) -> object:
    try:
        return look(answer)
    except (TypeError, KeyError, IndexError):
        return None
