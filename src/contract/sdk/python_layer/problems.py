"""Errors as exceptions: error responses, connection failures, and responses that do not match the document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .retries import seconds_of
from .types import JsonValue

MESSAGE_PATHS = (
    *(("error", "message"), ("error_description",), ("message",), ("detail",), ("error",), ("title",)),
    *(("msg",), ("defaultMessage",)),  # in lists of FastAPI and Spring
)
MAX_TEXT = 200  # characters of a text body in a message
MAX_NAMES = 5  # on the path of a message that names only fields
REQUEST_ID_FIELDS = ("request_id", "requestId")
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id")
FIELD_NAMES = ("field", "path", "pointer", "parameter", "param", "loc", "name")


class SdkError(Exception):
    """The base of all errors of this client."""


class InvalidArgumentError(SdkError, ValueError):
    """An argument or a credential that a request cannot carry. Nothing was sent."""


class ConnectionFailedError(SdkError):
    """The server is unreachable, or the connection broke before the response; `__cause__` has the reason."""


class TimedOutError(ConnectionFailedError):
    """The response did not arrive in time."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response as it arrived. Names of headers have any case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")

    @property
    def body(self) -> JsonValue:
        """The content as JSON, or as text if it is not JSON."""
        try:
            value: JsonValue = json.loads(self.content)
        except (ValueError, RecursionError):
            return self.text
        return value


Reason = Literal["status", "media type", "body", "empty"]
REASONS = {"body": "the body cannot be decoded", "empty": "the body is empty"}


class UnexpectedResponseError(SdkError):
    """A success that does not match the document. `reason` is what is not documented, or why the body has no value.

    `response` is the raw response.
    """

    def __init__(self, operation: str, reason: Reason, response: RawResponse, detail: object = None) -> None:
        if reason == "media type":
            detail = response.headers.get("content-type")
        sentence = REASONS.get(reason, f"the {reason} is not documented")
        super().__init__(f"{operation}: {response.status}: {sentence}" + (f": {detail}" if detail is not None else ""))
        self.operation = operation
        self.reason = reason
        self.status = response.status
        self.headers = response.headers
        self.response = response


class TokenRefusedError(SdkError):
    """The token endpoint refused the client. `response` is the raw response."""

    def __init__(self, response: RawResponse) -> None:
        super().__init__(f"The token endpoint answered {response.status}: {response.text[:MAX_TEXT]}")
        self.status = response.status
        self.response = response


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An error response, with its JSON decoded once.

    `role_paths` are the paths of members of the body, by role, if the document declares them.
    """

    operation: str
    raw: RawResponse
    body: JsonValue
    code: str | None = None
    role_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def by_role(self, role: str) -> Any:
        """The member of the body with this role; None if the document declares none."""
        return value_at(self.body, self.role_paths[role]) if role in self.role_paths else None


class ApiError(SdkError):
    """An error response. Subclasses are named after the documented statuses and error codes.

    `field_errors` has messages by field, `form_errors` the other messages; `retry_after` is in seconds. `response` is the raw response.
    """

    def __init__(self, response: ErrorResponse) -> None:
        self.operation = response.operation
        self.response = response.raw
        self.status = response.raw.status
        self.code = response.code
        self.headers = response.raw.headers
        self.body = response.body
        self.message = _text(response.by_role("detail")) or _message(response.body) or _start(response.body) or f"HTTP {self.status}"
        self.request_id = _request_id(response)
        self.field_errors, self.form_errors = _details(response)
        self.retry_after = _retry_after(response)
        Exception.__init__(self, self._sentence())

    def _sentence(self) -> str:
        """`422 validation_failed: email: Must be an e-mail address`."""
        fields = [f"{name}: {message}" if name else message for name, messages in self.field_errors.items() for message in messages]
        return f"{' '.join(filter(None, (str(self.status), self.code)))}: {'; '.join([*fields, *self.form_errors]) or self.message}"


class UnexpectedStatusError(ApiError):
    """An error status that the document does not describe, such as the 502 of a proxy."""


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """The classes of documented statuses (`"404"`, `"4XX"`) and of (status, code) pairs; and the paths of members of bodies."""

    by_status: Mapping[str, type[ApiError]] = field(default_factory=dict)
    by_code: Mapping[tuple[str, str], type[ApiError]] = field(default_factory=dict)
    code_paths: tuple[tuple[str, ...], ...] = ()
    role_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def error(self, operation: str, raw: RawResponse) -> ApiError:
        """The most specific error for a response."""
        body = raw.body
        statuses = (str(raw.status), f"{raw.status // 100}XX", "default")
        codes = [code for path in self.code_paths if isinstance(code := value_at(body, path), str)]
        response = ErrorResponse(operation, raw, body, next(iter(codes), None), self.role_paths)
        by_code = [self.by_code[candidate, code] for candidate in statuses for code in codes if (candidate, code) in self.by_code]
        by_status = [self.by_status[candidate] for candidate in statuses if candidate in self.by_status]
        return next(iter([*by_code, *by_status]), UnexpectedStatusError)(response)


def value_at(value: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of keys, None if there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _start(body: Any) -> str | None:
    """The first characters of a body that is text, without those that a terminal would not print."""
    text = body[: 10 * MAX_TEXT] if isinstance(body, str) else ""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())[:MAX_TEXT] or None


def _message(body: Any) -> str | None:
    return next(filter(None, (_text(value_at(body, path)) for path in MESSAGE_PATHS)), None)


def _request_id(response: ErrorResponse) -> str | None:
    in_body = [response.by_role("request_id"), *(value_at(response.body, (key,)) for key in REQUEST_ID_FIELDS)]
    candidates = [*in_body, *map(response.raw.headers.get, REQUEST_ID_HEADERS)]
    return next((candidate for candidate in candidates if isinstance(candidate, str)), None)


def _retry_after(response: ErrorResponse) -> float | None:
    waits = [seconds_of(response.raw.headers.get("retry-after")), response.by_role("retry_after")]
    return next((float(wait) for wait in waits if isinstance(wait, int | float)), None)


def _details(response: ErrorResponse) -> tuple[dict[str, list[str]], list[str]]:
    """(messages by field, other messages): as the document declares them, else `errors`, a list in `details`, or the whole body."""
    errors = response.by_role("field_errors") or response.by_role("errors") or value_at(response.body, ("errors",))
    lists = (value for key in ("details", "detail") if isinstance(value := value_at(response.body, (key,)), list))
    by_field = _by_field(errors or next(lists, None) or dict(_named(response.body)))
    general = by_field.pop("non_field_errors", [])  # the name of Django
    return by_field, _as_texts(response.by_role("form_errors")) + general


def _named(body: Any, *names: str) -> list[tuple[str, list[str]]]:
    """The messages of a body of lists of texts only, by their path, as Django REST Framework writes it; otherwise none."""
    if isinstance(body, list) and names and all(isinstance(text, str) for text in body):
        return [(".".join(names), body)]
    members = dict(enumerate(body)) if isinstance(body, list) else body
    if not isinstance(members, dict) or len(names) > MAX_NAMES:
        return []
    by_member = [_named(member, *names, str(name)) for name, member in members.items() if member != {}]
    return [pair for pairs in by_member for pair in pairs] if all(by_member) else []


def _by_field(errors: Any) -> dict[str, list[str]]:
    if isinstance(errors, dict):
        return {str(name): _as_texts(sentences) for name, sentences in errors.items()}
    by_field: dict[str, list[str]] = {}
    for error in errors if isinstance(errors, list) else ():
        field_path = next((error[key] for key in FIELD_NAMES if key in error), "") if isinstance(error, dict) else ""
        name = ".".join(map(str, field_path)) if isinstance(field_path, list) else str(field_path)
        by_field.setdefault(name, []).append(_message(error) or str(error))
    return by_field


def _as_texts(value: Any) -> list[str]:
    return [str(text) for text in value] if isinstance(value, list) else [] if value is None else [str(value)]
