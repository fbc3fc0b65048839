"""Calls of operations on one connection pool, synchronous and asynchronous: credentials, retries, hooks, results and errors.

Redirects are never followed: an HTTP client would send the credentials in their own headers to another host.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar, cast

import httpx

from .auth import ClientCredentials, Credentials, Scheme
from .multipart import Stream as BodyStream
from .operation import Call, Items, Operation, Options
from .problems import (
    ConnectionFailedError,
    ErrorTable,
    InvalidArgumentError,
    RawResponse,
    TimedOutError,
    TokenRefusedError,
    UnexpectedResponseError,
)
from .reading import is_result, items_of, result
from .request import Request, build
from .retries import RETRIED_STATUSES, Retries, seconds_of
from .streams import AsyncDownload, AsyncStream, Download, Splitter, Stream

Result = TypeVar("Result")
UNAUTHORIZED = 401
MAX_LINE_BYTES = 64 * 2**20
OnRequest = Callable[[httpx.Request], None]
OnResponse = Callable[[httpx.Response], None]
AsyncOnRequest = Callable[[httpx.Request], "Awaitable[None] | None"]
AsyncOnResponse = Callable[[httpx.Response], "Awaitable[None] | None"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The values that all calls of a client share. `base_url` is without a final slash."""

    base_url: str
    schemes: Mapping[str, Scheme]
    credentials: Mapping[str, object] = field(repr=False)
    errors: ErrorTable
    retries: Retries
    is_default_server: bool = False
    max_line_bytes: int = MAX_LINE_BYTES
    on_request: AsyncOnRequest | None = None
    on_response: AsyncOnResponse | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # of an HTTP client that is not the client's own


@dataclass(frozen=True, slots=True)
class Attempt:
    """The number of an attempt, from 1, and how many there are at most if the call says so."""

    number: int
    limit: int | None


class _Base:
    """The steps of a call that do not depend on the transport."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._credentials = Credentials(settings.schemes, settings.credentials)
        self._warned: set[str] = set()

    def _prepare(self, operation: Operation[Any], call: Call) -> Request:
        if operation.deprecated:
            self._warn(operation, operation.deprecated)
        try:
            request = build(operation, call)
        except (ValueError, TypeError) as error:
            raise InvalidArgumentError(f"{operation.name}: {error}") from error
        for name, value in self._settings.headers.items():
            if not request.has_header(name):
                request.headers[name] = value
        return request

    def _keywords(self, operation: Operation[Any], request: Request, token: str | None) -> dict[str, Any]:
        """The request with its credentials, as keywords of httpx."""
        signed = Request(request.path, list(request.query), dict(request.headers), list(request.cookies), request.content)
        self._credentials.apply(signed, self._credentials.used_by(operation), token)
        if signed.cookies:
            signed.set_header("Cookie", "; ".join(signed.cookies))
        signed.check_headers()
        url = f"{self._server(operation)}{signed.path}" + (f"?{'&'.join(signed.query)}" if signed.query else "")
        return {"method": operation.method, "url": url, "headers": signed.headers}

    def _server(self, operation: Operation[Any]) -> str:
        """The server of an operation: its own, unless the caller chose another host than the document's."""
        base = httpx.URL(f"{self._settings.base_url}/")
        server = base if operation.server is None else base.join(operation.server)
        is_foreign = (server.scheme, server.host, server.port) != (base.scheme, base.host, base.port)
        return str(base if is_foreign and not self._settings.is_default_server else server).rstrip("/")

    def _wait(self, operation: Operation[Any], request: Request, outcome: httpx.Response | None, state: Attempt) -> float | None:
        """Seconds until the next attempt after a response or, without one, a failure; None for none."""
        if not operation.may_repeat or not request.can_be_sent_again:
            return None
        if outcome is not None and outcome.status_code not in RETRIED_STATUSES:
            return None
        retry_after = seconds_of(outcome.headers.get("retry-after")) if outcome is not None else None
        return self._settings.retries.wait(state.number, retry_after, state.limit)

    def _token_request(self, client: ClientCredentials, scheme: Scheme, timeout: httpx.Timeout) -> httpx.Request:
        """The request for a token, without the headers and cookies of the HTTP client, which are meant for the server of the API.

        The URL of the token endpoint may be relative to that server.
        """
        request = client.request(scheme)
        url = httpx.URL(f"{self._settings.base_url}/").join(request.pop("url"))
        return httpx.Request(url=url, extensions={"timeout": timeout.as_dict()}, **request)

    def _note(self, operation: Operation[Any], response: httpx.Response, options: Options) -> None:
        if options.on_response:
            options.on_response(response)
        if "deprecation" in response.headers and not operation.deprecated:
            self._warn(operation, f"{operation.name} is deprecated; {response.headers.get('sunset') or 'no date is set'}")

    def _warn(self, operation: Operation[Any], sentence: str) -> None:
        """Warn once per operation and client."""
        if operation.name not in self._warned:
            self._warned.add(operation.name)
            warnings.warn(sentence, DeprecationWarning, stacklevel=5)

    def _failure(self, operation: Operation[Any], response: httpx.Response) -> Exception:
        """The error of a response that is an error; its content was read."""
        return self._settings.errors.error(operation.name, raw_of(response))


class Caller(_Base):
    """Makes calls with an `httpx.Client`."""

    def __init__(self, http: httpx.Client, settings: Settings) -> None:
        super().__init__(settings)
        self.http = http

    def send(self, operation: Operation[Result], call: Call) -> Result:
        """Call the operation and read its result. Raises SdkError."""
        return self.send_with_headers(operation, call)[0]

    def send_with_headers(self, operation: Operation[Result], call: Call) -> tuple[Result, httpx.Headers]:
        """The result of a call and the headers of the response."""
        response = self._open(operation, call)
        items = items_of(operation, response.status_code, response.headers)
        if items is not None:
            return cast("Result", self._stream(operation, response, items)), response.headers
        _guarded(operation, response, response.read)
        return cast("Result", result(operation, raw_of(response))), response.headers

    def download(self, operation: Operation[Any], call: Call) -> Download:
        """Call the operation; its content is read by the caller, in chunks."""
        return Download(self._open(operation, call))

    def _stream(self, operation: Operation[Any], response: httpx.Response, items: Items) -> Stream[Any]:
        return Stream(response, Splitter(items, self._settings.max_line_bytes), lambda step: _guarded(operation, response, step))

    def _open(self, operation: Operation[Any], call: Call) -> httpx.Response:
        """The response of the last attempt, whose content is not read yet. Raises ApiError, ConnectionFailedError."""
        request = self._prepare(operation, call)
        response = self._attempts(operation, request, call.options)
        if not is_result(operation, response.status_code):
            _guarded(operation, response, response.read)
            raise self._failure(operation, response)
        self._note(operation, response, call.options)
        return response

    def _attempts(self, operation: Operation[Any], request: Request, options: Options) -> httpx.Response:
        for number in count(1):
            attempt = Attempt(number, options.attempts)
            try:
                response = self._authorized(operation, request, options)
            except httpx.RequestError as error:
                wait = self._wait(operation, request, None, attempt)
                if wait is None:
                    raise _no_response(operation, error) from error
            else:
                wait = self._wait(operation, request, response, attempt)
                if wait is None:
                    return response
                response.close()
            self._settings.retries.pause(wait)
        raise AssertionError("the last attempt has no wait after it")  # pragma: no cover

    def _authorized(self, operation: Operation[Any], request: Request, options: Options) -> httpx.Response:
        """Send the request once; a second time with a new OAuth 2 token if the server refuses the token."""
        oauth = self._credentials.oauth(self._credentials.used_by(operation))
        token = self._token(*oauth) if oauth else None
        response = self._send(operation, request, token, options)
        if response.status_code == UNAUTHORIZED and oauth and request.can_be_sent_again:
            response.close()
            oauth[0].forget(token)
            response = self._send(operation, request, self._token(*oauth), options)
        return response

    def _token(self, client: ClientCredentials, scheme: Scheme) -> str:
        token = client.token()
        if token is None:
            request = self._token_request(client, scheme, self.http.timeout)
            response = self.http.send(request, auth=None, follow_redirects=False)
            token = _accepted(client, response)
        return token

    def _send(self, operation: Operation[Any], request: Request, token: str | None, options: Options) -> httpx.Response:
        content = iter(request.content) if isinstance(request.content, BodyStream) else request.content
        built = self.http.build_request(**self._keywords(operation, request, token), **_timeout(options), content=content)
        if self._settings.on_request:
            self._settings.on_request(built)
        response = self.http.send(built, stream=True, follow_redirects=False)
        if self._settings.on_response:
            self._settings.on_response(response)
        return response


class AsyncCaller(_Base):
    """Makes calls with an `httpx.AsyncClient`."""

    def __init__(self, http: httpx.AsyncClient, settings: Settings) -> None:
        super().__init__(settings)
        self.http = http

    async def send(self, operation: Operation[Result], call: Call) -> Result:
        """Call the operation and read its result. Raises SdkError."""
        return (await self.send_with_headers(operation, call))[0]

    async def send_with_headers(self, operation: Operation[Result], call: Call) -> tuple[Result, httpx.Headers]:
        """The result of a call and the headers of the response."""
        response = await self._open(operation, call)
        items = items_of(operation, response.status_code, response.headers)
        if items is not None:
            return cast("Result", self._stream(operation, response, items)), response.headers
        await _read(operation, response)
        return cast("Result", result(operation, raw_of(response))), response.headers

    async def download(self, operation: Operation[Any], call: Call) -> AsyncDownload:
        """Call the operation; its content is read by the caller, in chunks."""
        return AsyncDownload(await self._open(operation, call))

    def _stream(self, operation: Operation[Any], response: httpx.Response, items: Items) -> AsyncStream[Any]:
        return AsyncStream(response, Splitter(items, self._settings.max_line_bytes), lambda step: _guarded(operation, response, step))

    async def _open(self, operation: Operation[Any], call: Call) -> httpx.Response:
        """The response of the last attempt, whose content is not read yet. Raises ApiError, ConnectionFailedError."""
        request = self._prepare(operation, call)
        response = await self._attempts(operation, request, call.options)
        if not is_result(operation, response.status_code):
            await _read(operation, response)
            raise self._failure(operation, response)
        self._note(operation, response, call.options)
        return response

    async def _attempts(self, operation: Operation[Any], request: Request, options: Options) -> httpx.Response:
        for number in count(1):
            attempt = Attempt(number, options.attempts)
            try:
                response = await self._authorized(operation, request, options)
            except httpx.RequestError as error:
                wait = self._wait(operation, request, None, attempt)
                if wait is None:
                    raise _no_response(operation, error) from error
            else:
                wait = self._wait(operation, request, response, attempt)
                if wait is None:
                    return response
                await response.aclose()
            await self._settings.retries.pause_async(wait)
        raise AssertionError("the last attempt has no wait after it")  # pragma: no cover

    async def _authorized(self, operation: Operation[Any], request: Request, options: Options) -> httpx.Response:
        """Send the request once; a second time with a new OAuth 2 token if the server refuses the token."""
        oauth = self._credentials.oauth(self._credentials.used_by(operation))
        token = await self._token(*oauth) if oauth else None
        response = await self._send(operation, request, token, options)
        if response.status_code == UNAUTHORIZED and oauth and request.can_be_sent_again:
            await response.aclose()
            oauth[0].forget(token)
            response = await self._send(operation, request, await self._token(*oauth), options)
        return response

    async def _token(self, client: ClientCredentials, scheme: Scheme) -> str:
        token = client.token()
        if token is None:
            request = self._token_request(client, scheme, self.http.timeout)
            response = await self.http.send(request, auth=None, follow_redirects=False)
            token = _accepted(client, response)
        return token

    async def _send(self, operation: Operation[Any], request: Request, token: str | None, options: Options) -> httpx.Response:
        content = _chunks(request.content) if isinstance(request.content, BodyStream) else request.content
        built = self.http.build_request(**self._keywords(operation, request, token), **_timeout(options), content=content)
        if self._settings.on_request and (waiting := self._settings.on_request(built)) is not None:
            await waiting
        response = await self.http.send(built, stream=True, follow_redirects=False)
        if self._settings.on_response and (waiting := self._settings.on_response(response)) is not None:
            await waiting
        return response


def _timeout(options: Options) -> dict[str, Any]:
    return {} if options.timeout is None else {"timeout": options.timeout}


def raw_of(response: httpx.Response) -> RawResponse:
    """A response whose content was read."""
    return RawResponse(response.status_code, response.headers, response.content)


def _guarded(operation: Operation[Any], response: httpx.Response, step: Callable[[], Any]) -> Any:
    """Run a step of reading. Raises ConnectionFailedError, UnexpectedResponseError."""
    try:
        return step()
    except httpx.TransportError as error:
        raise _no_response(operation, error) from error
    except (httpx.DecodingError, ValueError) as error:
        raise _unreadable(operation, response, error) from error


async def _read(operation: Operation[Any], response: httpx.Response) -> None:
    try:
        await response.aread()
    except httpx.TransportError as error:
        raise _no_response(operation, error) from error
    except (httpx.DecodingError, ValueError) as error:
        raise _unreadable(operation, response, error) from error


def _no_response(operation: Operation[Any], error: httpx.RequestError) -> ConnectionFailedError:
    if isinstance(error, httpx.TimeoutException):
        return TimedOutError(f"{operation.name}: no response in time")
    return ConnectionFailedError(f"{operation.name}: {str(error) or type(error).__name__}")


def _unreadable(operation: Operation[Any], response: httpx.Response, error: Exception) -> UnexpectedResponseError:
    raw = RawResponse(response.status_code, response.headers, b"")
    return UnexpectedResponseError(operation.name, "body", raw, error)


async def _chunks(stream: BodyStream) -> AsyncIterator[bytes]:
    async for chunk in stream:
        yield chunk


def _accepted(client: ClientCredentials, response: httpx.Response) -> str:
    """The token of a token endpoint's response. Raises TokenRefusedError."""
    raw = raw_of(response)
    token = client.accept(raw.body) if response.is_success else None
    if token is None:
        raise TokenRefusedError(raw)
    return token
