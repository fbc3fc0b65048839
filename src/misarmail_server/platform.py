"""The platform behind the contract: authentication, rate limits, and the unit of work that each request runs in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from msgspec import UNSET
from sqlalchemy import Connection

from contract.openapi.operations import Operation
from contract.openapi.problem_shape import problem_shape
from contract.runtime.platform import EncodedResponse, HandlerRequest, Headers, RunHandler
from contract.runtime.problems import Problem, as_json
from misarmail_server import document
from misarmail_server.context import SECOND, Context, DetachedContext, OpenContext, Principal, RequestedOperation, new_id, now
from misarmail_server.db.store import Store
from misarmail_server.errors import Refusal, TooMany, Unauthenticated, Unavailable
from misarmail_server.external import client_networks
from misarmail_server.services import audit, email_addresses, idempotency, keys, rate_limits, session_tokens, sign_in_networks
from misarmail_server.services.key_usage import KeyUses
from misarmail_server.services.open_streams import HeldStream, OpenStreams
from misarmail_server.settings import Settings

log = structlog.get_logger("misarmail")
IDEMPOTENCY_HEADER = "Idempotency-Key"
json_bytes = msgspec.json.Encoder().encode

Facet = Callable[[HandlerRequest], object]


@dataclass(frozen=True, slots=True)
class OperationPolicy:
    """How an operation runs, as the document declares it; see `policy_of`."""

    is_open: bool  # without authentication: there is no principal
    calls_out: bool
    only_reads: bool
    checks_principal: bool  # whether the key or session is checked again inside the unit of work
    is_audited: bool
    is_idempotent: bool  # repeats under one Idempotency-Key are the same call
    varies_by: Facet | None  # distinguishes calls with equal bodies
    rate_limit: str  # the class
    counted_field: str | None  # of an open operation: the body field with the address of an account that it is also counted by


def policy_of(operation: Operation, facets: Mapping[str, Facet]) -> OperationPolicy:
    """The policy of an operation, from its method, security, parameters and extensions.

    `x-calls-out`: it calls external networks, so it runs outside every transaction. `x-read-only`: a POST that changes nothing.
    `x-audit: false`: its changes are recorded elsewhere, such as mail. `x-idempotency-varies-by`: the name of a facet.
    `x-rate-limit`: its class. `x-rate-limit-field`: see `OperationPolicy.counted_field`; the classes `<class>_client` and `<class>_account`
    have the limits of a client and of an account.
    """
    extensions, is_get = operation.extensions, operation.method == "get"
    facet = extensions.get("x-idempotency-varies-by")
    return OperationPolicy(
        is_open=not operation.security,
        calls_out=bool(extensions.get("x-calls-out")),
        only_reads=is_get or bool(extensions.get("x-read-only")),
        checks_principal=not is_get,
        is_audited=not is_get and bool(extensions.get("x-audit", True)),
        is_idempotent=any(parameter.name == IDEMPOTENCY_HEADER for parameter in operation.parameters),
        varies_by=None if facet is None else facets[facet],
        rate_limit=extensions.get("x-rate-limit", "" if not operation.security else "default"),
        counted_field=extensions.get("x-rate-limit-field"),
    )


class ServerPlatform:
    """Implements the platform of `contract.runtime`. Operations are handled by what the document declares, never by name.

    `problem_of` maps refusals to responses; `facets` are the names that `x-idempotency-varies-by` may use.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        limits: rate_limits.RateLimits,
        problem_of: Callable[[Refusal], Problem],
        *,
        facets: Mapping[str, Facet],
    ) -> None:
        self._settings = settings
        self._store = store
        self._limits = limits
        self._problem_of = problem_of
        self._facets = facets
        self._shape = problem_shape(document.bundle())
        self._policies: dict[str, OperationPolicy] = {}
        self._streams = OpenStreams(settings.streams)
        self._in_flight = idempotency.InFlight()
        self._uses = KeyUses(store)

    def request_id(self) -> str:
        """A new request id."""
        return new_id("req")

    def authenticate(self, operation: Operation, credentials: Mapping[str, str]) -> Principal:
        """The account behind an API key or a session."""
        try:
            if "apiKey" in credentials:
                return self._by_key(credentials["apiKey"])
            if "session" in credentials:
                return session_tokens.authenticate(self._store, credentials["session"])
            takes_a_key = any("apiKey" in alternative for alternative in operation.security)
            raise Unauthenticated("unauthenticated", keys.HINT if takes_a_key else session_tokens.HINT)
        except Refusal as refusal:
            raise self._problem_of(refusal) from refusal

    def scopes(self, principal: Principal) -> frozenset[str] | None:
        """The scopes of the caller; None allows everything."""
        return principal.scopes

    def admit(self, operation: Operation, principal: Principal) -> Headers:
        """Count the request against the limit of its class. Raises Problem 429."""
        return self._count(principal.key_id or principal.account_id, self._policy(operation).rate_limit)

    def _policy(self, operation: Operation) -> OperationPolicy:
        policy = self._policies.get(operation.id)
        if policy is None:
            policy = self._policies[operation.id] = policy_of(operation, self._facets)
        return policy

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

    def call(self, request: HandlerRequest, run: RunHandler) -> EncodedResponse:
        """Run the handler in a unit of work: a snapshot for reads, otherwise a transaction that commits before the response."""
        policy = self._policy(request.operation)
        try:
            encoded = self._call(request, policy, run)
            return encoded if encoded.stream is None else self._hold(request, encoded, encoded.stream)
        except Refusal as refusal:
            if isinstance(refusal, Unavailable):  # the cause is for the operator only
                log.warning("request refused", request_id=request.request_id, reason=refusal.sentence, cause=repr(refusal.__cause__))
            raise self._problem_of(refusal) from refusal

    def _call(self, request: HandlerRequest, policy: OperationPolicy, run: RunHandler) -> EncodedResponse:
        if policy.is_open:
            return self._open(request, policy, run)
        if policy.calls_out:
            return self._call_out(request, policy, run)
        if policy.only_reads:
            with self._store.read() as connection:
                return run(self._context(connection, request, policy))
        return self._write(request, policy, run)

    def _hold(self, request: HandlerRequest, encoded: EncodedResponse, stream: Iterable[bytes]) -> EncodedResponse:
        """The response with a stream that counts for its account, and ends with the caller's key or session. Raises TooMany."""
        principal: Principal | None = request.principal
        if principal is None:
            return encoded
        give_back = self._streams.take(principal.account_id)
        return encoded._replace(stream=HeldStream(stream, give_back, lambda: self._require_in_force(principal)))

    def _require_in_force(self, principal: Principal) -> None:
        """Raises Problem 401, 503."""
        try:
            with self._store.read() as connection:
                _require_in_force(connection, principal)
        except Refusal as refusal:
            raise self._problem_of(refusal) from refusal

    def render(self, problem: Problem, request_id: str) -> EncodedResponse:
        """A problem in the shape that the contract declares."""
        body = json_bytes(as_json(problem, self._shape, request_id))
        return EncodedResponse(problem.status, self._shape.media_type, body, tuple(problem.headers.items()))

    def report(self, error: BaseException, request_id: str) -> None:
        """Log a fault with the request id that the caller received."""
        log.error("request failed", request_id=request_id, exc_info=error)

    def _by_key(self, secret: str) -> Principal:
        principal, last_used_at = keys.authenticate(self._store, secret)
        self._uses.note(principal.key_id or "", last_used_at)
        return principal

    def _context(self, connection: Connection, request: HandlerRequest, policy: OperationPolicy) -> Context:
        """The context of a unit of work. The principal is checked again: a body may arrive long after authentication."""
        if policy.checks_principal:
            _require_in_force(connection, request.principal)
        return Context.of_principal(self._store, self._settings, connection, request.principal)

    def _open(self, request: HandlerRequest, policy: OperationPolicy, run: RunHandler) -> EncodedResponse:
        """An open operation has no tenant."""
        headers = self._count_open(request, policy) if policy.rate_limit else ()
        encoded = run(OpenContext(self._store, self._settings, _requested(request)))
        return encoded._replace(headers=[*encoded.headers, *headers])

    def _count_open(self, request: HandlerRequest, policy: OperationPolicy) -> Headers:
        """Count a request by its client. With an account's address in a field: by both together, by the client, and by the account.

        The last does not hold for clients in networks that the account has signed in from. Raises Problem 429, 503.
        """
        id_ = request.operation.id
        client = client_networks.network_or_text(request.environ.get("REMOTE_ADDR", ""))
        sent = request.sent if isinstance(request.sent, dict) else {}
        account = email_addresses.key(str(sent.get(policy.counted_field, ""))) if policy.counted_field else ""
        if not account:
            return self._count(f"{id_}/{client}", policy.rate_limit)
        headers = self._count(f"{id_}/{client}/{account}", policy.rate_limit)
        self._count(f"{id_}/{client}", f"{policy.rate_limit}_client")
        try:
            self._count(f"{id_}//{account}", f"{policy.rate_limit}_account")
        except Problem:
            if not self._is_known(account, client):
                raise
        return headers

    def _is_known(self, account: str, client: str) -> bool:
        try:
            with self._store.read() as connection:
                return sign_in_networks.is_known(connection, account, client)
        except Refusal as refusal:
            raise self._problem_of(refusal) from refusal

    def _call_out(self, request: HandlerRequest, policy: OperationPolicy, run: RunHandler) -> EncodedResponse:
        """An operation that calls external networks holds no transaction meanwhile; its service opens separate units of work."""
        ctx = DetachedContext(self._store, self._settings, request.principal)
        if policy.checks_principal:  # only once: results of external calls must be stored even if the key was revoked meanwhile
            with self._store.read() as connection:
                _require_in_force(connection, request.principal)

        def carried_out(ctx: DetachedContext) -> EncodedResponse:
            encoded = run(ctx)
            if policy.is_audited:
                ctx.writing(lambda unit: audit.record(unit, _requested(request)))
            return encoded

        call = _call(request, policy)
        return carried_out(ctx) if call is None else self._call_out_once(ctx, call, carried_out)

    def _call_out_once(self, ctx: DetachedContext, call: idempotency.IdempotentCall, run: RunHandler) -> EncodedResponse:
        """As `_once`, with the key claimed in a separate unit of work; see `idempotency`."""
        with self._in_flight.entered(call):
            lease = ctx.writing(lambda unit: idempotency.claim(unit, call))
            if isinstance(lease, idempotency.StoredResponse):
                return EncodedResponse(lease.status, "application/json", lease.body)
            try:
                with lease.renewed(self._store):
                    encoded = run(replace(ctx, progress=lease))
            except BaseException:
                ctx.writing(lease.release)
                raise
            answer = idempotency.StoredResponse(encoded.status, encoded.body)
            ctx.writing(lambda unit: lease.store(unit, answer))
            return encoded

    def _write(self, request: HandlerRequest, policy: OperationPolicy, run: RunHandler) -> EncodedResponse:
        call = _call(request, policy)
        if call is None:
            return self._store.write(lambda connection: self._audited(self._context(connection, request, policy), request, policy, run))
        with self._in_flight.entered(call):
            return self._store.write(
                lambda connection: self._once(self._context(connection, request, policy), request, policy, call=call, run=run)
            )

    def _audited(self, ctx: Context, request: HandlerRequest, policy: OperationPolicy, run: RunHandler) -> EncodedResponse:
        """Run the change and record it in the audit trail."""
        encoded = run(ctx)
        if policy.is_audited:
            audit.record(ctx, _requested(request))
        return encoded

    def _once(
        self, ctx: Context, request: HandlerRequest, policy: OperationPolicy, *, call: idempotency.IdempotentCall, run: RunHandler
    ) -> EncodedResponse:
        def first() -> idempotency.StoredResponse:
            encoded = self._audited(ctx, request, policy, run)
            return idempotency.StoredResponse(encoded.status, encoded.body)

        status, body = idempotency.once(ctx, call, first)
        return EncodedResponse(status, "application/json", body)


def _requested(request: HandlerRequest) -> RequestedOperation:
    return RequestedOperation(
        request.operation.id, request.environ["PATH_INFO"], request.request_id, request.environ.get("REMOTE_ADDR") or None
    )


def _require_in_force(connection: Connection, principal: Principal) -> None:
    """Raises Unauthenticated for a key or session that ended since authentication, for instance while a slow body arrived."""
    if principal.key_id is not None:
        keys.require_in_force(connection, principal.key_id)
    if principal.session_hash is not None:
        session_tokens.require_in_force(connection, principal.session_hash)


def _call(request: HandlerRequest, policy: OperationPolicy) -> idempotency.IdempotentCall | None:
    """The call that repeats of this request belong to; None without an idempotency key."""
    key = _idempotency_key(request) if policy.is_idempotent else None
    if key is None:
        return None
    facet = policy.varies_by(request) if policy.varies_by else None
    fingerprint = idempotency.fingerprint(request.operation.id, _content(request), facet, *request.path)
    return idempotency.IdempotentCall(request.principal.account_id, key, fingerprint)


def _content(request: HandlerRequest) -> tuple[Any, list[tuple[str, str]]]:
    """The body without its key, which the header may carry instead, and the query. Bytes count by their digest.

    The body counts as its model, in which values have one form whatever the way they were written in.
    """
    query = sorted(parse_qsl(request.environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if not isinstance(request.sent, dict):
        return hashlib.sha256(request.sent or b"").hexdigest(), query
    body = msgspec.to_builtins(request.body, builtin_types=(datetime,))
    return {name: value for name, value in body.items() if name != "idempotency_key"}, query


def _idempotency_key(request: HandlerRequest) -> str | None:
    """The key in the body, otherwise the one in the header."""
    in_body: str | None = request.sent.get("idempotency_key") if isinstance(request.sent, dict) else None
    in_header = request.parameters.idempotency_key
    return in_body or (None if in_header is UNSET else in_header)
