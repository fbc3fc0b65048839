"""The one way in which every operation is called: credentials, idempotency key, retries, typed errors, warnings."""

from __future__ import annotations

import base64
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import httpx

from .problems import ConnectionFailedError, ErrorTable, UnexpectedAnswerError
from .retries import AGAIN, Retries, seconds_of

Answer = TypeVar("Answer")
Read = TypeVar("Read", covariant=True)  # noqa: PLC0105 - named for what it is


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says about an operation. `deprecated` is a sentence for whoever still uses it."""

    name: str
    is_idempotent: bool
    credentials: tuple[str, ...] = ()
    idempotency_header: str | None = None
    deprecated: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a credential goes: `header`, `query` or `cookie`, under a name."""

    location: str
    name: str
    value: str


class Reader(Protocol[Read]):
    """A generated function that turns a success into its model."""

    def __call__(self, *, client: Any, response: httpx.Response) -> Read | None:
        """The model; None for an answer that has no body."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What generated readers want as their client, and what they raise for a status they do not know."""

    client: object
    unexpected: type[Exception]


class Caller:
    """Makes calls on one connection pool."""

    def __init__(
        self, http: httpx.Client, credentials: Mapping[str, Credential | None], *, errors: ErrorTable, retries: Retries, reading: Reading
    ) -> None:
        self.http = http
        self._credentials = {name: one for name, one in credentials.items() if one is not None}
        self._errors = errors
        self._retries = retries
        self._reading = reading
        self._warned: set[str] = set()

    def send(self, operation: Operation, arguments: dict[str, Any], reader: Reader[Answer]) -> Answer:
        """Call and read the answer. Raises ApiError, ConnectionFailedError, UnexpectedAnswerError."""
        response = self.response(operation, arguments)
        try:
            found = reader(client=self._reading.client, response=response)
        except self._reading.unexpected as error:
            raise UnexpectedAnswerError(f"{operation.name}: {response.status_code} is not a documented success") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnexpectedAnswerError(f"{operation.name}: the answer cannot be read: {error!r}") from error
        return cast("Answer", found)  # None only where the document allows it

    def response(self, operation: Operation, arguments: dict[str, Any]) -> httpx.Response:
        """Call and give the success as it came. Raises ApiError, ConnectionFailedError."""
        if operation.deprecated:
            self._warn(operation, operation.deprecated)
        response = self._answered(operation, self._complete(operation, arguments))
        if not response.is_success:
            raise self._errors.error(operation.name, response.status_code, response.headers, _body(response))
        if "deprecation" in response.headers and not operation.deprecated:
            self._warn(operation, f"{operation.name} is deprecated; {response.headers.get('sunset') or 'no date is set'}")
        return response

    def _complete(self, operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments with credentials and, where the operation takes one, an idempotency key."""
        headers = httpx.Headers(arguments.get("headers"))
        params = dict(arguments.get("params") or {})
        for one in (self._credentials[name] for name in operation.credentials if name in self._credentials):
            if one.location == "query":
                params[one.name] = one.value
            elif one.location == "header":
                headers.setdefault(one.name, one.value)
            else:
                headers["Cookie"] = "; ".join(filter(None, (headers.get("Cookie"), f"{one.name}={one.value}")))
        if operation.idempotency_header:
            headers.setdefault(operation.idempotency_header, secrets.token_hex(16))
        return {**arguments, "headers": headers, "params": params or None}

    def _answered(self, operation: Operation, arguments: dict[str, Any]) -> httpx.Response:
        """The answer of the first attempt that is not to be repeated."""
        repeats = (operation.is_idempotent or operation.idempotency_header is not None) and _can_be_sent_again(arguments)
        for tried in range(1, max(1, self._retries.attempts) + 1):
            try:
                response = self.http.request(**arguments)
            except httpx.TransportError as error:
                wait = self._retries.wait(tried, None) if repeats else None
                if wait is None:
                    raise ConnectionFailedError(f"{operation.name}: {str(error) or type(error).__name__}") from error
            else:
                asked = seconds_of(response.headers.get("retry-after"))
                wait = self._retries.wait(tried, asked) if repeats and response.status_code in AGAIN else None
                if wait is None:
                    return response
            self._retries.sleep(wait)
        raise AssertionError("the last attempt has no wait after it")  # pragma: no cover

    def _warn(self, operation: Operation, sentence: str) -> None:
        """Once for each operation of a client."""
        if operation.name not in self._warned:
            self._warned.add(operation.name)
            warnings.warn(sentence, DeprecationWarning, stacklevel=5)


def _can_be_sent_again(arguments: dict[str, Any]) -> bool:
    """A stream is empty after the first attempt."""
    return not arguments.get("files") and isinstance(arguments.get("content"), bytes | str | None)


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text


def basic(name: str, password: str) -> str:
    """The value of `Authorization` for a name and a password (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
