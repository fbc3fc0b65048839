"""The platform behind the contract: who is asking, how much they may ask, and the unit of work their request runs in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import structlog
from msgspec import UNSET
from sqlalchemy import Connection

from contract.openapi.operations import Operation
from contract.runtime.platform import Encoded, Headers, Request, Run
from contract.runtime.problems import Problem
from misarmail_server.context import SECOND, Asked, Context, Principal, new_id, now
from misarmail_server.db.store import Store
from misarmail_server.errors import Refusal, TooMany, Unauthenticated, Unavailable
from misarmail_server.services import audit, idempotency, keys, rate_limits, send, session_tokens
from misarmail_server.services.key_usage import KeyUses
from misarmail_server.settings import Settings

log = structlog.get_logger("misarmail")
NOBODY = Principal("", "free", "verified")
json_bytes = msgspec.json.Encoder().encode


class Platform:
    """What `contract.runtime` asks of this program. `problem_of` is the one mapping from refusals to answers."""

    def __init__(self, settings: Settings, store: Store, limits: rate_limits.RateLimits, problem_of: Callable[[Refusal], Problem]) -> None:
        self._settings = settings
        self._store = store
        self._limits = limits
        self._problem_of = problem_of
        self._in_flight = idempotency.InFlight()
        self._uses = KeyUses(store)

    def request_id(self) -> str:
        """A new id for this exchange."""
        return new_id("req")

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Principal:
        """The account behind an API key or a session."""
        try:
            if "apiKey" in credentials:
                return self._by_key(credentials["apiKey"])
            if "session" in credentials:
                return session_tokens.authenticate(self._store, credentials["session"])
            takes_a_key = any("apiKey" in alternative for alternative in operation.security)
            raise Unauthenticated("unauthenticated", keys.HOW if takes_a_key else session_tokens.HOW)
        except Refusal as refusal:
            raise self._problem_of(refusal) from refusal

    def scopes(self, principal: Principal) -> frozenset[str] | None:
        """What the caller may do, None for everything."""
        return principal.scopes

    def admit(self, operation: Operation, principal: Principal) -> Headers:
        """Count the request against its class. Raises Problem 429."""
        return self._count(principal.key_id or principal.account_id, operation.extensions.get("x-rate-limit", "default"))

    def _count(self, caller: str, name: str) -> Headers:
        """Raises Problem 429."""
        allowance = self._limits.take(caller, name)
        headers = [
            ("X-RateLimit-Limit", str(allowance.limit)),
            ("X-RateLimit-Remaining", str(allowance.remaining)),
            ("X-RateLimit-Reset", str(allowance.reset_at)),
        ]
        if allowance.is_granted:
            return headers
        wait = max(1, allowance.reset_at - now() // SECOND)
        problem = self._problem_of(TooMany("rate_limited", f"More than {allowance.limit} requests this minute", retry_after=wait))
        problem.headers.update(headers)
        raise problem

    def call(self, request: Request, run: Run) -> Encoded:
        """Run the handler in a unit of work: a snapshot where the operation only reads, else a transaction committed before the answer."""
        try:
            if not request.operation.security:
                return self._open(request, run)
            if request.operation.extensions.get("x-calls-out"):
                return self._call_out(request, run)
            if request.operation.method == "get" or request.operation.extensions.get("x-read-only"):
                with self._store.read() as connection:
                    return run(self._context(connection, request))
            return self._write(request, run)
        except Refusal as refusal:
            if isinstance(refusal, Unavailable):  # the operator must learn why, the caller must not
                log.warning("not taken now", request_id=request.request_id, reason=refusal.sentence, cause=repr(refusal.__cause__))
            raise self._problem_of(refusal) from refusal

    def render(self, problem: Problem, request_id: str) -> Encoded:
        """A problem as the contract's `Problem` schema has it."""
        body = {"success": False, "error": problem.sentence, "code": problem.code, "request_id": request_id, **problem.extra}
        return Encoded(problem.status, "application/json", json_bytes(body), tuple(problem.headers.items()))

    def report(self, error: BaseException, request_id: str) -> None:
        """Write a fault to the log, with the id that the caller was given."""
        log.error("request failed", request_id=request_id, exc_info=error)

    def _by_key(self, secret: str) -> Principal:
        principal, last_used_at = keys.authenticate(self._store, secret)
        self._uses.note(principal.key_id or "", last_used_at)
        return principal

    def _context(self, connection: Connection, request: Request) -> Context:
        """A unit's context, for a caller that may still act: a body may arrive long after its request was authenticated."""
        if request.operation.method != "get":
            _require_in_force(connection, request.principal)
        return Context(self._store, self._settings, connection, request.principal)

    def _open(self, request: Request, run: Run) -> Encoded:
        """An operation for anybody belongs to no tenant. Where it names a class it is counted by address and by the e-mail it is about."""
        headers: Headers = ()
        if name := request.operation.extensions.get("x-rate-limit"):
            email = request.sent.get("email") if isinstance(request.sent, dict) else None
            about = [request.environ.get("REMOTE_ADDR", ""), *([str(email).lower()] if email else [])]
            headers = [self._count(f"{request.operation.id}/{one}", name) for one in about][-1]
        ctx = Context(self._store, self._settings, None, NOBODY, _what(request))  # type: ignore[arg-type]  # its service opens its own units
        encoded = run(ctx)
        return encoded._replace(headers=[*encoded.headers, *headers])

    def _call_out(self, request: Request, run: Run) -> Encoded:
        """An operation that asks other people's networks holds no transaction meanwhile; its service opens its own units of work."""
        ctx = Context(self._store, self._settings, None, request.principal)  # type: ignore[arg-type]  # its service opens its own units
        if request.operation.method != "get":
            with ctx.reading() as unit:  # once: what others were asked for must be written down, whatever became of the key meanwhile
                _require_in_force(unit.connection, request.principal)
        call = _call(request)

        def carried_out(ctx: Context) -> Encoded:
            encoded = run(ctx)
            if request.operation.method != "get" and request.operation.extensions.get("x-audit", True):
                ctx.writing(lambda unit: audit.note(unit, _what(request)))
            return encoded

        return carried_out(ctx) if call is None else self._call_out_once(ctx, call, carried_out)

    def _call_out_once(self, ctx: Context, call: idempotency.Call, run: Run) -> Encoded:
        """As `_once`, with the key claimed in a unit of work of its own; see `idempotency`."""
        with self._in_flight.entered(call):
            found = ctx.writing(lambda unit: idempotency.claim(unit, call))
            if isinstance(found, idempotency.Answer):
                return Encoded(found.status, "application/json", found.body)
            try:
                encoded = run(ctx)
            except BaseException:
                ctx.writing(lambda unit: idempotency.release(unit, call, found))
                raise
            answer = idempotency.Answer(encoded.status, encoded.body)
            ctx.writing(lambda unit: idempotency.keep(unit, call, found, answer))
            return encoded

    def _write(self, request: Request, run: Run) -> Encoded:
        call = _call(request)
        if call is None:
            return self._store.write(lambda connection: self._audited(self._context(connection, request), request, run))
        with self._in_flight.entered(call):
            return self._store.write(lambda connection: self._once(self._context(connection, request), request, call, run))

    def _audited(self, ctx: Context, request: Request, run: Run) -> Encoded:
        """Run the change and write it down beside it; `x-audit: false` is for what is recorded anyway, such as mail."""
        encoded = run(ctx)
        if request.operation.extensions.get("x-audit", True):
            audit.note(ctx, _what(request))
        return encoded

    def _once(self, ctx: Context, request: Request, call: idempotency.Call, run: Run) -> Encoded:
        def first() -> idempotency.Answer:
            encoded = self._audited(ctx, request, run)
            return idempotency.Answer(encoded.status, encoded.body)

        status, body = idempotency.once(ctx, call, first)
        return Encoded(status, "application/json", body)


def _what(request: Request) -> Asked:
    return Asked(request.operation.id, request.environ["PATH_INFO"], request.request_id)


def _require_in_force(connection: Connection, principal: Principal) -> None:
    """Raises Unauthenticated for a key or a session that ended since it was authenticated, as while a slow body arrived."""
    if principal.key_id is not None:
        keys.require_in_force(connection, principal.key_id)
    if principal.session_hash is not None:
        session_tokens.require_in_force(connection, principal.session_hash)


def _call(request: Request) -> idempotency.Call | None:
    """What makes a repeat of this request the same call, None where the caller named it by no key."""
    key = _idempotency_key(request)
    if key is None:
        return None
    asked = idempotency.fingerprint(request.operation.id, _asked(request), _is_captured(request), *request.path)
    return idempotency.Call(request.principal.account_id, key, asked)


def _asked(request: Request) -> tuple[Any, str]:
    """The body without its key, which the header can carry just as well, and the query. A body that is no object counts by its digest."""
    query = request.environ.get("QUERY_STRING", "")
    if not isinstance(request.sent, dict):
        return hashlib.sha256(request.sent or b"").hexdigest(), query
    return {name: value for name, value in request.sent.items() if name != "idempotency_key"}, query


def _is_captured(request: Request) -> bool:
    """The same body, captured for one caller and mailed for another, is not the same call."""
    return send.is_captured(request.principal, asks_for_it=getattr(request.parameters, "x_misar_mail_sandbox", False))


def _idempotency_key(request: Request) -> str | None:
    """The body's key, else the header's; only for operations that have the header."""
    of_header: Any = getattr(request.parameters, "idempotency_key", None)
    if of_header is None:
        return None
    of_body: str | None = request.sent.get("idempotency_key") if isinstance(request.sent, dict) else None
    return of_body or (None if of_header is UNSET else of_header)
