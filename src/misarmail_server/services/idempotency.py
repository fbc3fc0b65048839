"""Repeated calls with one idempotency key are executed once.

The key's row is written in the call's transaction, before its work: of two concurrent calls the database admits one, and a call that
failed leaves no row. The row stores the response for seven days.

A call to external networks runs outside a transaction, so it claims its key in one (`claim`), and stores its response (`store`) or
releases the key (`release`) in another. It holds the key by a lease, which is renewed while it runs (`Lease`). If the process dies, the
key is in flight until the lease ends, which `Retry-After` tells, and is then available for a new attempt. A call that stores its progress
with its work (`Lease.save`) is continued by that attempt.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import structlog
from sqlalchemy import bindparam, delete, func, select, update

from misarmail_server.context import DAY, SECOND, Context, Unit, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.db.store import Store
from misarmail_server.errors import Conflict, Refusal

log = structlog.get_logger()
RETENTION = 7 * DAY
RETRY_AFTER = 1  # seconds, if this process executes the call
LEASE = 30 * SECOND  # longer than any call waits for the database
RENEWAL_SECONDS = 5.0

OF_KEY = (tables.Idempotency.account_id == bindparam("account"), tables.Idempotency.key == bindparam("of_key"))
DELETE_EXPIRED = Prepared(delete(tables.Idempotency).where(*OF_KEY, tables.Idempotency.created_at < bindparam("oldest")))
INSERT_CLAIM = inserts_new(tables.Idempotency, "account_id", "key", "fingerprint", "status", "answer", "created_at", "lease_until")
STORE_ANSWER = Prepared(update(tables.Idempotency).where(*OF_KEY).values(status=bindparam("with_status"), answer=bindparam("with_answer")))
OF_CLAIM = (*OF_KEY, tables.Idempotency.status == 0, tables.Idempotency.created_at == bindparam("claimed_at"))
TAKE_OVER = Prepared(
    update(tables.Idempotency)
    .where(*OF_KEY, tables.Idempotency.status == 0, func.coalesce(tables.Idempotency.lease_until, 0) < bindparam("at"))
    .where(tables.Idempotency.fingerprint == bindparam("same"))
    .values(created_at=bindparam("claimed_at"), lease_until=bindparam("until"))
)
RENEW = Prepared(update(tables.Idempotency).where(*OF_CLAIM).values(lease_until=bindparam("until")))
SAVE_PROGRESS = Prepared(update(tables.Idempotency).where(*OF_CLAIM).values(answer=bindparam("progress"), lease_until=bindparam("until")))
STORE_CLAIMED_ANSWER = Prepared(
    update(tables.Idempotency).where(*OF_CLAIM).values(status=bindparam("with_status"), answer=bindparam("with_answer"), lease_until=None)
)
DELETE_CLAIM = Prepared(delete(tables.Idempotency).where(*OF_CLAIM, tables.Idempotency.answer == b""))
END_LEASE = Prepared(update(tables.Idempotency).where(*OF_CLAIM).values(lease_until=0))
SELECT_FIRST = Prepared(
    select(tables.Idempotency.fingerprint, tables.Idempotency.status, tables.Idempotency.answer, tables.Idempotency.lease_until).where(
        *OF_KEY
    )
)


class IdempotentCall(NamedTuple):
    """The identity of a call: the account, the key, and the SHA-256 of its content."""

    account_id: str
    key: str
    fingerprint: bytes


class StoredResponse(NamedTuple):
    """A stored response."""

    status: int
    body: bytes


def fingerprint(operation_id: str, *content: Any) -> bytes:
    """SHA-256 of the operation and its content: the same for the same meaning.

    Neither the order of keys nor the way in which a time, a default or a deprecated name is written makes a difference.
    """
    plain = _plain(msgspec.to_builtins([operation_id, *content], builtin_types=(datetime,)))
    return hashlib.sha256(msgspec.json.encode(plain, order="deterministic")).digest()


def _plain(value: Any) -> Any:
    """A value with its times in UTC."""
    match value:
        case datetime():
            return value.timestamp()
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


class InFlight:
    """The calls that this process is executing. This only spares a second call the wait; the database decides."""

    def __init__(self) -> None:
        self._calls: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, call: IdempotentCall) -> Iterator[None]:
        """Hold the key while the call runs. Raises Conflict("idempotency_in_flight")."""
        name = (call.account_id, call.key)
        with self._lock:
            if name in self._calls:
                raise _in_flight(call)
            self._calls.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._calls.discard(name)


def once(ctx: Context, call: IdempotentCall, run: Callable[[], StoredResponse]) -> StoredResponse:
    """Run the call, or return the response of the first one with `idempotent: true`. Raises Conflict("idempotency_mismatch")."""
    if not _is_first(ctx, call):
        return _repeated(ctx, call)
    answer = run()
    STORE_ANSWER.run(
        ctx.connection, {"account": call.account_id, "of_key": call.key, "with_status": answer.status, "with_answer": answer.body}
    )
    return answer


class Lease:
    """The hold of a running call on its key. `progress` is what an earlier attempt with the same content has saved, else empty."""

    def __init__(self, call: IdempotentCall, claimed_at: int, progress: bytes) -> None:
        self.progress = progress
        self._values: dict[str, Any] = {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at}

    def save(self, unit: Unit, progress: bytes) -> None:
        """Save the call's progress in the unit of work that achieves it. Raises Conflict if another call has taken over."""
        values = {**self._values, "progress": progress, "until": now() + LEASE}
        if SAVE_PROGRESS.run(unit.connection, values).rowcount == 0:
            raise Conflict("idempotency_in_flight", "Another call with this idempotency key has taken over")

    def store(self, unit: Unit, answer: StoredResponse) -> None:
        """Store the response, unless another call has taken over."""
        STORE_CLAIMED_ANSWER.run(unit.connection, {**self._values, "with_status": answer.status, "with_answer": answer.body})

    def release(self, unit: Unit) -> None:
        """Release the key: its call failed and may be retried, from its progress if there is any."""
        if DELETE_CLAIM.run(unit.connection, self._values).rowcount == 0:
            END_LEASE.run(unit.connection, self._values)

    @contextmanager
    def renewed(self, store: Store) -> Iterator[None]:
        """Renew the lease from a thread while the call runs."""
        has_ended = threading.Event()

        def renew() -> None:
            while not has_ended.wait(RENEWAL_SECONDS):
                try:
                    store.write(lambda connection: RENEW.run(connection, {**self._values, "until": now() + LEASE}).rowcount)
                except Refusal as refusal:  # the next renewal may succeed
                    log.warning("an idempotency key's lease cannot be renewed", cause=repr(refusal))

        thread = threading.Thread(target=renew, daemon=True)
        thread.start()
        try:
            yield
        finally:
            has_ended.set()
            thread.join()


def claim(ctx: Context, call: IdempotentCall) -> Lease | StoredResponse:
    """Claim a key for a call outside a transaction: the lease, or the response of the first call with `idempotent: true`.

    Raises Conflict("idempotency_in_flight" | "idempotency_mismatch").
    """
    at = ctx.now()
    if _is_first(ctx, call, lease_until=at + LEASE):
        return Lease(call, at, b"")
    values = {"account": call.account_id, "of_key": call.key, "at": at, "same": call.fingerprint, "claimed_at": at, "until": at + LEASE}
    if TAKE_OVER.run(ctx.connection, values).rowcount == 0:
        return _repeated(ctx, call)
    _, _, progress, _ = SELECT_FIRST.run(ctx.connection, {"account": call.account_id, "of_key": call.key}).fetchone()
    return Lease(call, at, bytes(progress))


def _is_first(ctx: Context, call: IdempotentCall, *, lease_until: int | None = None) -> bool:
    """Write the key's row; returns False if it exists."""
    row = {
        "account_id": call.account_id,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "status": 0,
        "answer": b"",
        "created_at": ctx.now(),
        "lease_until": lease_until,
    }
    DELETE_EXPIRED.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - RETENTION})
    return bool(INSERT_CLAIM.run(ctx.connection, row).rowcount)


def _repeated(ctx: Context, call: IdempotentCall) -> StoredResponse:
    stored_fingerprint, status, answer, lease_until = SELECT_FIRST.run(
        ctx.connection, {"account": call.account_id, "of_key": call.key}
    ).fetchone()
    if bytes(stored_fingerprint) != call.fingerprint:
        raise Conflict("idempotency_mismatch", f"The idempotency key {call.key} was used with another request")
    if status == 0:
        raise _in_flight(call, max(1, -(-((lease_until or 0) - ctx.now()) // SECOND)))
    return StoredResponse(status, msgspec.json.encode({**msgspec.json.decode(bytes(answer)), "idempotent": True}))


def _in_flight(call: IdempotentCall, retry_after: int = RETRY_AFTER) -> Conflict:
    refusal = Conflict("idempotency_in_flight", f"A call with the idempotency key {call.key} is in progress")
    refusal.headers["Retry-After"] = str(retry_after)
    return refusal
