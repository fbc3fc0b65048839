"""The call of an operation: credentials, idempotency key, retries, typed errors, deprecation warnings."""

from __future__ import annotations

import base64
import secrets
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import httpx

from .problems import ConnectionFailedError, ErrorTable, UnexpectedResponseError
from .retries import RETRIED_STATUSES, Retries, seconds_of

Model = TypeVar("Model")
Read = TypeVar("Read", covariant=True)  # noqa: PLC0105 - named after its use


@dataclass(frozen=True, slots=True)
class OperationInfo:
    """The properties of an operation. `deprecated` is a message for its callers."""

    name: str
    is_idempotent: bool
    credentials: tuple[str, ...] = ()
    idempotency_header: str | None = None
    deprecated: str | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential in a request: in a `header`, in the `query` or in a `cookie`, under a name."""

    location: str
    name: str
    value: str


class ResponseReader(Protocol[Read]):
    """A generated function that converts a success to its model."""

    def __call__(self, *, client: Any, response: httpx.Response) -> Read | None:
        """The model; None for a response without a body."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The client that generated readers expect, and their exception for an undocumented status."""

    client: object
    unexpected: type[Exception]


class Caller:
    """Makes calls on one connection pool."""

    def __init__(
        self, http: httpx.Client, credentials: Mapping[str, Credential | None], *, errors: ErrorTable, retries: Retries, reading: Reading
    ) -> None:
        self.http = http
        self._credentials = {name: credential for name, credential in credentials.items() if credential is not None}
        self._errors = errors
        self._retries = retries
        self._reading = reading
        self._warned: set[str] = set()

    def send(self, operation: OperationInfo, arguments: dict[str, Any], reader: ResponseReader[Model]) -> Model:
        """Call the operation and read its response. Raises ApiError, ConnectionFailedError, UnexpectedResponseError."""
        response = self.response(operation, arguments)
        try:
            model = reader(client=self._reading.client, response=response)
        except self._reading.unexpected as error:
            raise UnexpectedResponseError(f"{operation.name}: {response.status_code} is not a documented success") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnexpectedResponseError(f"{operation.name}: the response cannot be read: {error!r}") from error
        return cast("Model", model)  # None only if the document allows it

    def response(self, operation: OperationInfo, arguments: dict[str, Any]) -> httpx.Response:
        """Call the operation and return its success. Raises ApiError, ConnectionFailedError."""
        if operation.deprecated:
            self._warn(operation, operation.deprecated)
        response = self._send_with_retries(operation, self._complete(operation, arguments))
        if not response.is_success:
            raise self._errors.error(operation.name, response.status_code, response.headers, _body(response))
        if "deprecation" in response.headers and not operation.deprecated:
            self._warn(operation, f"{operation.name} is deprecated; {response.headers.get('sunset') or 'no date is set'}")
        return response

    def _complete(self, operation: OperationInfo, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments with credentials and, if the operation accepts one, an idempotency key."""
        headers = httpx.Headers(arguments.get("headers"))
        params = dict(arguments.get("params") or {})
        for credential in (self._credentials[name] for name in operation.credentials if name in self._credentials):
            if credential.location == "query":
                params[credential.name] = credential.value
            elif credential.location == "header":
                headers.setdefault(credential.name, credential.value)
            else:
                headers["Cookie"] = "; ".join(filter(None, (headers.get("Cookie"), f"{credential.name}={credential.value}")))
        if operation.idempotency_header:
            headers.setdefault(operation.idempotency_header, secrets.token_hex(16))
        return {**arguments, "headers": headers, "params": params or None}

    def _send_with_retries(self, operation: OperationInfo, arguments: dict[str, Any]) -> httpx.Response:
        """The response of the first attempt that needs no retry."""
        may_retry = (operation.is_idempotent or operation.idempotency_header is not None) and _can_be_sent_again(arguments)
        for attempt in range(1, max(1, self._retries.attempts) + 1):
            try:
                response = self.http.request(**arguments)
            except httpx.TransportError as error:
                wait = self._retries.wait(attempt, None) if may_retry else None
                if wait is None:
                    raise ConnectionFailedError(f"{operation.name}: {str(error) or type(error).__name__}") from error
            else:
                retry_after = seconds_of(response.headers.get("retry-after"))
                wait = self._retries.wait(attempt, retry_after) if may_retry and response.status_code in RETRIED_STATUSES else None
                if wait is None:
                    return response
            self._retries.sleep(wait)
        raise AssertionError("the last attempt has no wait after it")  # pragma: no cover

    def _warn(self, operation: OperationInfo, sentence: str) -> None:
        """Warn once per operation and client."""
        if operation.name not in self._warned:
            self._warned.add(operation.name)
            warnings.warn(sentence, DeprecationWarning, stacklevel=5)


def _can_be_sent_again(arguments: dict[str, Any]) -> bool:
    """Whether the body can be sent again. A stream is empty after the first attempt."""
    return not arguments.get("files") and isinstance(arguments.get("content"), bytes | str | None)


def _body(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text


def basic(name: str, password: str) -> str:
    """The value of `Authorization` for a user name and a password (RFC 7617)."""
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
