"""Errors as exceptions: error responses, connection failures, and responses that do not match the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .retries import seconds_of

MESSAGE_PATHS = (("error", "message"), ("error_description",), ("message",), ("detail",), ("error",), ("title",))
REQUEST_ID_FIELDS = ("request_id", "requestId")
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id")
FIELD_NAMES = ("field", "path", "pointer", "param", "loc", "name")


class SdkError(Exception):
    """The base of all errors of this client."""


class ConnectionFailedError(SdkError):
    """The server is unreachable, or the connection broke before the response; `__cause__` has the reason."""


class UnexpectedResponseError(SdkError):
    """A success whose body does not match the document."""


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error response. `body` is the decoded JSON, or text if it is not JSON."""

    operation: str
    status: int
    headers: Mapping[str, str]
    body: Any
    code: str | None = None


class ApiError(SdkError):
    """An error response. Subclasses are named after the documented statuses and error codes.

    `field_errors` has messages by field, `form_errors` the other messages; `retry_after` is in seconds.
    """

    def __init__(self, response: ErrorResponse) -> None:
        self.operation = response.operation
        self.status = response.status
        self.code = response.code
        self.headers = response.headers
        self.body = response.body
        self.message = _message(response.body) or f"HTTP {response.status}"
        self.request_id = _request_id(response)
        self.field_errors, self.form_errors = _details(response.body)
        self.retry_after = _retry_after(response)
        super().__init__(": ".join(filter(None, (response.operation, str(response.status), response.code, self.message))))


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The classes of documented statuses (`"404"`, `"4XX"`) and of (status, code) pairs; and the paths of codes in bodies."""

    by_status: Mapping[str, type[ApiError]] = field(default_factory=dict)
    by_code: Mapping[tuple[str, str], type[ApiError]] = field(default_factory=dict)
    code_paths: tuple[tuple[str, ...], ...] = ()

    def error(self, operation: str, status: int, headers: Mapping[str, str], body: Any) -> ApiError:
        """The most specific error for a response."""
        statuses = (str(status), f"{status // 100}XX", "default")
        codes = [code for path in self.code_paths if isinstance(code := value_at(body, path), str)]
        response = ErrorResponse(operation, status, headers, body, next(iter(codes), None))
        by_code = [self.by_code[candidate, code] for candidate in statuses for code in codes if (candidate, code) in self.by_code]
        by_status = [self.by_status[candidate] for candidate in statuses if candidate in self.by_status]
        return next(iter([*by_code, *by_status]), ApiError)(response)


def value_at(value: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of keys, None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _message(body: Any) -> str | None:
    messages = (value_at(body, path) for path in MESSAGE_PATHS)
    return next((message for message in messages if isinstance(message, str) and message), None)


def _request_id(response: ErrorResponse) -> str | None:
    candidates = [
        *(value_at(response.body, (key,)) for key in REQUEST_ID_FIELDS),
        *(response.headers.get(name) for name in REQUEST_ID_HEADERS),
    ]
    return next((candidate for candidate in candidates if isinstance(candidate, str)), None)


def _retry_after(response: ErrorResponse) -> float | None:
    waits = [seconds_of(response.headers.get("retry-after")), *(value_at(response.body, (key,)) for key in ("retryAfter", "retry_after"))]
    return next((float(wait) for wait in waits if isinstance(wait, int | float)), None)


def _details(body: Any) -> tuple[dict[str, list[str]], list[str]]:
    """(messages by field, other messages), from `details.fieldErrors`, or from `errors` as a mapping or a list of objects."""
    details = value_at(body, ("details",))
    errors = value_at(details, ("fieldErrors",)) or value_at(body, ("errors",)) or (details if isinstance(details, list) else None)
    form_errors = value_at(details, ("formErrors",))
    return _by_field(errors), _as_texts(form_errors)


def _by_field(errors: Any) -> dict[str, list[str]]:
    if isinstance(errors, dict):
        return {str(name): _as_texts(sentences) for name, sentences in errors.items()}
    by_field: dict[str, list[str]] = {}
    for error in errors if isinstance(errors, list) else ():
        field_path = next((error[key] for key in FIELD_NAMES if key in error), "") if isinstance(error, dict) else ""
        name = ".".join(map(str, field_path)) if isinstance(field_path, list) else str(field_path)
        by_field.setdefault(name, []).append(_message(error) or str(value_at(error, ("msg",)) or error))
    return by_field


def _as_texts(value: Any) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else [] if value is None else [str(value)]
