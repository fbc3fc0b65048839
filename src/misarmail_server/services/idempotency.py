"""Repeated calls with one idempotency key are executed once.

The key's row is written in the call's transaction, before its work: of two concurrent calls the database admits one, and a call that
failed leaves no row. The row stores the response for seven days.

A call to external networks runs outside a transaction, so it claims its key in one (`claim`), and stores its response (`store`) or
releases the key (`release`) in another. If the process dies in between, the claim remains: the key is in flight until the claim is five
minutes old, which is longer than any such call takes, and is then available for a new attempt.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select, update

from misarmail_server.context import DAY, SECOND, Context
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.errors import Conflict

RETENTION = 7 * DAY
CLAIM_LIFETIME = 300 * SECOND
RETRY_AFTER = "1"


OF_KEY = (tables.Idempotency.account_id == bindparam("account"), tables.Idempotency.key == bindparam("of_key"))
DELETE_EXPIRED = Prepared(delete(tables.Idempotency).where(*OF_KEY, tables.Idempotency.created_at < bindparam("oldest")))
INSERT_CLAIM = inserts_new(tables.Idempotency, "account_id", "key", "fingerprint", "status", "answer", "created_at")
STORE_ANSWER = Prepared(update(tables.Idempotency).where(*OF_KEY).values(status=bindparam("with_status"), answer=bindparam("with_answer")))
OF_CLAIM = (*OF_KEY, tables.Idempotency.status == 0, tables.Idempotency.created_at == bindparam("claimed_at"))
DELETE_ABANDONED = Prepared(
    delete(tables.Idempotency).where(*OF_KEY, tables.Idempotency.status == 0, tables.Idempotency.created_at < bindparam("oldest"))
)
STORE_CLAIMED_ANSWER = Prepared(
    update(tables.Idempotency).where(*OF_CLAIM).values(status=bindparam("with_status"), answer=bindparam("with_answer"))
)
DELETE_CLAIM = Prepared(delete(tables.Idempotency).where(*OF_CLAIM))
SELECT_FIRST = Prepared(select(tables.Idempotency.fingerprint, tables.Idempotency.status, tables.Idempotency.answer).where(*OF_KEY))


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
    """SHA-256 of the operation and its content, independent of the order of keys."""
    return hashlib.sha256(msgspec.json.encode([operation_id, *content], order="deterministic")).digest()


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


def claim(ctx: Context, call: IdempotentCall) -> int | StoredResponse:
    """Claim a key for an external call: the time of the claim, or the response of the first call with `idempotent: true`.

    Raises Conflict("idempotency_in_flight" | "idempotency_mismatch").
    """
    DELETE_ABANDONED.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - CLAIM_LIFETIME})
    return ctx.now() if _is_first(ctx, call) else _repeated(ctx, call)


def store(ctx: Context, call: IdempotentCall, claimed_at: int, answer: StoredResponse) -> None:
    """Store the response of a call with that claim, unless another call has claimed the key since."""
    values = {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at}
    STORE_CLAIMED_ANSWER.run(ctx.connection, {**values, "with_status": answer.status, "with_answer": answer.body})


def release(ctx: Context, call: IdempotentCall, claimed_at: int) -> None:
    """Release a claimed key: its call failed and may be retried."""
    DELETE_CLAIM.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at})


def _is_first(ctx: Context, call: IdempotentCall) -> bool:
    """Write the key's row; returns False if it exists."""
    row = {
        "account_id": call.account_id,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "status": 0,
        "answer": b"",
        "created_at": ctx.now(),
    }
    DELETE_EXPIRED.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - RETENTION})
    return bool(INSERT_CLAIM.run(ctx.connection, row).rowcount)


def _repeated(ctx: Context, call: IdempotentCall) -> StoredResponse:
    stored_fingerprint, status, answer = SELECT_FIRST.run(ctx.connection, {"account": call.account_id, "of_key": call.key}).fetchone()
    if bytes(stored_fingerprint) != call.fingerprint:
        raise Conflict("idempotency_mismatch", f"The idempotency key {call.key} was used with another request")
    if status == 0:
        raise _in_flight(call)
    return StoredResponse(status, msgspec.json.encode({**msgspec.json.decode(bytes(answer)), "idempotent": True}))


def _in_flight(call: IdempotentCall) -> Conflict:
    refusal = Conflict("idempotency_in_flight", f"A call with the idempotency key {call.key} is in progress")
    refusal.headers["Retry-After"] = RETRY_AFTER
    return refusal
