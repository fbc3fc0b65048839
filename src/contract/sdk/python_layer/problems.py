"""What goes wrong, as exceptions: the server refused, it could not be reached, or its answer is not what its document says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .retries import seconds_of

SENTENCES = (("error", "message"), ("error_description",), ("message",), ("detail",), ("error",), ("title",))
REQUEST_IDS = ("request_id", "requestId")
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id")
FIELD_NAMES = ("field", "path", "pointer", "parameter", "param", "loc", "name")


class SdkError(Exception):
    """Any failure of a call."""


class ConnectionFailedError(SdkError):
    """The server could not be reached, or the connection broke before the answer; `__cause__` says why."""


class UnexpectedAnswerError(SdkError):
    """A success whose body is not what the document says."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is not a success, as it came. `body` is the decoded JSON, or the text where it is none.

    `places` has the keys of what is in the body, by role, where the document declares them.
    """

    operation: str
    status: int
    headers: Mapping[str, str]
    body: Any
    code: str | None = None
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def declared(self, role: str) -> Any:
        """What the document says has this role, None where it says nothing."""
        return look(self.body, self.places[role]) if role in self.places else None


class ApiError(SdkError):
    """The server refused. Subclasses are named after the documented statuses and error codes.

    `field_errors` has sentences by field, `form_errors` those that belong to none; `retry_after` is in seconds.
    """

    def __init__(self, refusal: Refusal) -> None:
        self.operation = refusal.operation
        self.status = refusal.status
        self.code = refusal.code
        self.headers = refusal.headers
        self.body = refusal.body
        self.message = _text(refusal.declared("detail")) or _sentence(refusal.body) or f"HTTP {refusal.status}"
        self.request_id = _request_id(refusal)
        self.field_errors, self.form_errors = _details(refusal)
        self.retry_after = _retry_after(refusal)
        super().__init__(": ".join(filter(None, (refusal.operation, str(refusal.status), refusal.code, self.message))))


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """Which class stands for which documented status (`"404"`, `"4XX"`) and for which (status, code); where bodies keep what."""

    by_status: Mapping[str, type[ApiError]] = field(default_factory=dict)
    by_code: Mapping[tuple[str, str], type[ApiError]] = field(default_factory=dict)
    code_paths: tuple[tuple[str, ...], ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def error(self, operation: str, status: int, headers: Mapping[str, str], body: Any) -> ApiError:
        """The most exact error there is for an answer."""
        statuses = (str(status), f"{status // 100}XX", "default")
        found = [code for path in self.code_paths if isinstance(code := look(body, path), str)]
        refusal = Refusal(operation, status, headers, body, next(iter(found), None), self.places)
        by_code = [self.by_code[one, code] for one in statuses for code in found if (one, code) in self.by_code]
        by_status = [self.by_status[one] for one in statuses if one in self.by_status]
        return next(iter([*by_code, *by_status]), ApiError)(refusal)


def look(value: Any, path: tuple[str, ...]) -> Any:
    """The value that a path of keys leads to, None where it leads nowhere."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _sentence(body: Any) -> str | None:
    return next(filter(None, (_text(look(body, path)) for path in SENTENCES)), None)


def _request_id(refusal: Refusal) -> str | None:
    found = [refusal.declared("request_id"), *(look(refusal.body, (key,)) for key in REQUEST_IDS)]
    return next((one for one in [*found, *map(refusal.headers.get, REQUEST_ID_HEADERS)] if isinstance(one, str)), None)


def _retry_after(refusal: Refusal) -> float | None:
    waits = [seconds_of(refusal.headers.get("retry-after")), refusal.declared("retry_after")]
    return next((float(one) for one in waits if isinstance(one, int | float)), None)


def _details(refusal: Refusal) -> tuple[dict[str, list[str]], list[str]]:
    """(sentences by field, other sentences): where the document declares them, else `errors`, or a list of objects in `details`."""
    found = refusal.declared("field_errors") or refusal.declared("errors") or look(refusal.body, ("errors",))
    listed = (value for key in ("details", "detail") if isinstance(value := look(refusal.body, (key,)), list))
    return _by_field(found or next(listed, None)), _texts(refusal.declared("form_errors"))


def _by_field(found: Any) -> dict[str, list[str]]:
    if isinstance(found, dict):
        return {str(name): _texts(sentences) for name, sentences in found.items()}
    sorted_: dict[str, list[str]] = {}
    for one in found if isinstance(found, list) else ():
        place = next((one[key] for key in FIELD_NAMES if key in one), "") if isinstance(one, dict) else ""
        name = ".".join(map(str, place)) if isinstance(place, list) else str(place)
        sorted_.setdefault(name, []).append(_sentence(one) or str(look(one, ("msg",)) or one))
    return sorted_


def _texts(found: Any) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else [] if found is None else [str(found)]
