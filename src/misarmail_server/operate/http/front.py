"""The HTTP server's application (ASGI): reads a request completely, then runs the platform (WSGI) on a thread.

A slow client occupies no thread. Liveness is answered on the event loop, and readiness on a separate thread, so that neither waits for
other requests.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from io import BytesIO
from typing import Any, NamedTuple

from contract.runtime.application import REFUSAL, Contract, Wsgi, close
from contract.runtime.compiled_operations import OperationRoute
from contract.runtime.problems import Problem
from misarmail_server.external import client_networks
from misarmail_server.external.trusted_proxies import TrustedProxies, resolve_client
from misarmail_server.operate.http.bodies import (
    BodyDeadlines,
    BodyMemory,
    BodyReader,
    BodyTooSlowError,
    DisconnectedError,
    NoRoomError,
    Receive,
    discard,
)
from misarmail_server.operate.http.compression import compressed
from misarmail_server.operate.http.connections import Connections
from misarmail_server.operate.http.environ import Environ, environ_of
from misarmail_server.operate.http.observation import OPERATION, Observer, Response
from misarmail_server.operate.http.threads import BusyError, SlowLane, Threads

PAGE_BODY_LIMIT = 4_000  # outside the contract
READINESS_SECONDS = 2.0
LINGER_SECONDS = 5.0  # in which a client that sends a body that nobody reads can take the response
MAX_WAITING = 2_000
CLOSE = (b"connection", b"close")
Send = Callable[[dict[str, Any]], Awaitable[None]]
Fields = list[tuple[bytes, bytes]]


class Started(NamedTuple):
    """The response of the application: its chunks are a list if it is complete, otherwise an iterator."""

    status: int
    headers: Fields
    chunks: list[bytes] | Iterator[bytes]


@dataclass(frozen=True, slots=True)
class FrontLimits:
    """The resources that clients share, and the proxies behind which they are told apart."""

    threads: int
    body_memory: int
    proxies: TrustedProxies
    requests_per_client: int  # at once, of a client behind one of the proxies
    body_deadlines: BodyDeadlines = field(default_factory=BodyDeadlines)


class Probes(NamedTuple):
    """The paths of the probes."""

    alive: frozenset[str]
    ready: frozenset[str]


class Front:
    """An ASGI application around a WSGI application with a contract.

    `unavailable` makes the refusal of a request that the server has no room for.
    """

    def __init__(
        self,
        app: Wsgi,
        contract: Contract,
        limits: FrontLimits,
        unavailable: Callable[[], Problem],
        *,
        probes: Probes,
        observer: Observer,
    ) -> None:
        self._app = app
        self._contract = contract
        self._observer = observer
        self._proxies = limits.proxies
        self._proxied = Connections(limits.requests_per_client, sys.maxsize)
        self._deadlines = limits.body_deadlines
        self._unavailable = unavailable
        self._alive = probes.alive
        self._ready = probes.ready
        self._memory = BodyMemory(limits.body_memory)
        self._threads = Threads(limits.threads, max_waiting=MAX_WAITING)
        self._readiness = Threads(1, max_waiting=MAX_WAITING)
        self._slow_lane = SlowLane(max(1, limits.threads // 2), max(1, limits.threads // 4))
        self.is_stopping: Callable[[], bool] = lambda: False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request. A client that is too slow or gone gets no response."""
        environ = environ_of(scope)
        response = Response(send)
        try:
            with suppress(DisconnectedError):
                if self._proxies and resolve_client(self._proxies, environ):
                    await self._handle_proxied(environ, receive, response)
                else:
                    await self._handle(environ, receive, response)
        finally:
            self._observer.note(environ, response)

    async def _handle_proxied(self, environ: Environ, receive: Receive, send: Send) -> None:
        """A request of a client behind a proxy. Their connections are the proxy's, so their requests at once are limited instead."""
        client = client_networks.network_or_text(environ["REMOTE_ADDR"])
        is_probe = environ["PATH_INFO"] in self._alive | self._ready  # of the proxy itself, perhaps
        if not self._proxied.enter(client, is_proxy=is_probe):
            await self._respond(self._refuse(environ), receive, send, is_read=not _has_body(environ))
            return
        try:
            await self._handle(environ, receive, send)
        finally:
            self._proxied.leave(client)

    async def _handle(self, environ: Environ, receive: Receive, send: Send) -> None:
        path = environ["PATH_INFO"]
        if not _names_one_host(environ):
            refusal = _plain(400, "The request must have one Host field")
            await self._respond(refusal, receive, send, is_read=not _has_body(environ))
        elif path in self._alive and not _has_body(environ):
            await self._respond(self._start(environ), receive, send)
        elif path in self._ready and not _has_body(environ):
            await self._respond(await self._check_readiness(environ), receive, send)
        elif _has_body(environ):
            await self._with_body(environ, receive, send)
        else:
            await self._respond(await self._run(environ, self._route(environ)), receive, send)

    def _route(self, environ: Environ) -> OperationRoute | None:
        route = self._contract.route_of(environ)
        if route is not None:
            environ[OPERATION] = route.operation.id
        return route

    async def _with_body(self, environ: Environ, receive: Receive, send: Send) -> None:
        route = self._route(environ)
        with self._memory.share() as share:
            reader = BodyReader(receive, share, self._deadlines, lambda: self._caller(route, environ))
            limit = self._contract.body_limit(route, environ) if route else PAGE_BODY_LIMIT
            try:
                body = await reader.read(_declared(environ), limit)
            except NoRoomError:
                started = self._refuse(environ)
            except BodyTooSlowError:
                started = _plain(408, "The request did not arrive in time")
            else:
                environ["wsgi.input"] = BytesIO(body)
                del body
                started = await self._run(environ, route)
                environ["wsgi.input"] = None
        await self._respond(started, receive, send, is_read=reader.is_whole)

    async def _run(self, environ: Environ, route: OperationRoute | None) -> Started:
        """Run the application on a thread; an operation that calls other networks waits for its turn first."""
        try:
            if route is not None and route.operation.extensions.get("x-calls-out"):
                async with self._slow_lane.turn(_credentials(environ)):
                    return await self._threads.call(self._start, environ)
            return await self._threads.call(self._start, environ)
        except BusyError:
            return self._refuse(environ)

    async def _check_readiness(self, environ: Environ) -> Started:
        """The check may wait for the database; a load balancer must not."""
        check = asyncio.ensure_future(self._readiness.call(self._start, environ))
        done, _ = await asyncio.wait({check}, timeout=READINESS_SECONDS)
        return check.result() if done else self._refuse(environ)

    def _refuse(self, environ: Environ) -> Started:
        """503 without a thread: a refusal needs no database."""
        if self._contract.route_of(environ) is None:
            return _plain(503, "The server is busy")
        return self._start({**environ, "wsgi.input": BytesIO(), REFUSAL: self._unavailable()})

    async def _caller(self, route: OperationRoute | None, environ: Environ) -> str | None:
        """The account that a long body belongs to; None if nobody is authenticated."""
        if route is None:
            return None
        try:
            principal = await self._threads.call(self._contract.principal_of, route, environ)
        except (Problem, BusyError):
            return None  # the application says why
        return f"open/{client_networks.network_or_text(environ['REMOTE_ADDR'])}" if principal is None else str(principal.account_id)

    def _start(self, environ: Environ) -> Started:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        chunks: Any = self._app(environ, lambda status, headers, *_: started.append((status, headers)))
        if not isinstance(chunks, list) and not hasattr(chunks, "pause_seconds"):  # a page of Flask
            try:
                chunks = list(chunks)
            finally:
                close(chunks)
        status, headers = started[-1]
        fields = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if not isinstance(chunks, list):
            return Started(int(status[:3]), fields, chunks)
        fields, body = compressed(environ, int(status[:3]), fields, b"".join(chunks))
        return Started(int(status[:3]), fields, [body])

    async def _respond(self, started: Started, receive: Receive, send: Send, *, is_read: bool = True) -> None:
        status, headers, chunks = started
        if not is_read and CLOSE not in headers:
            headers = [*headers, CLOSE]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if not isinstance(chunks, list):
            await self._stream(chunks, receive, send)
        elif is_read:
            await send({"type": "http.response.body", "body": b"".join(chunks)})
        else:
            await send({"type": "http.response.body", "body": b"".join(chunks), "more_body": True})
            await discard(receive, LINGER_SECONDS)
            await send({"type": "http.response.body", "body": b""})

    async def _stream(self, chunks: Iterator[bytes], receive: Receive, send: Send) -> None:
        """Send the chunks; each takes a thread only while it is made. A response that breaks off is not completed."""
        pause: float = getattr(chunks, "pause_seconds", 0.0)
        gone = asyncio.ensure_future(_disconnection(receive))
        try:
            chunk = await self._threads.call(next, chunks, None)
            while chunk is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if pause:
                    await asyncio.wait({gone}, timeout=pause)
                if gone.done() or (pause and self.is_stopping()):
                    return
                chunk = await self._threads.call(next, chunks, None)
            await send({"type": "http.response.body", "body": b""})
        except Exception:  # noqa: BLE001 - reported by the contract, or no thread was free; the client sees that the response breaks off
            return
        finally:
            gone.cancel()
            await self._end(chunks)

    async def _end(self, chunks: Iterator[bytes]) -> None:
        try:
            await self._threads.call(close, chunks)
        except BusyError:
            close(chunks)


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _names_one_host(environ: Environ) -> bool:
    """Whether there is exactly one Host field, which only HTTP/1.0 may omit (RFC 9112, section 3.2)."""
    host = environ.get("HTTP_HOST")
    return environ["SERVER_PROTOCOL"] == "HTTP/1.0" if host is None else "," not in host


def _has_body(environ: Environ) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


def _declared(environ: Environ) -> int | None:
    """The declared length; the parser accepts digits only."""
    return int(environ["CONTENT_LENGTH"]) if "CONTENT_LENGTH" in environ else None


def _credentials(environ: Environ) -> str:
    """Names the caller of a request by what it presents, or by its address."""
    presented = environ.get("HTTP_AUTHORIZATION") or environ.get("HTTP_COOKIE")
    if presented:
        return blake2b(presented.encode("latin-1")).hexdigest()
    return client_networks.network_or_text(environ["REMOTE_ADDR"])


def _plain(status: int, sentence: str) -> Started:
    body = f"{sentence}\n".encode()
    fields = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    return Started(status, [*fields, (b"retry-after", b"5")] if status == 503 else fields, [body])  # noqa: PLR2004 - as RFC 9110 says
