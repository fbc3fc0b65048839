"""A call that is repeated under one key happens once.

The key's row is written in the call's own transaction, before its work: of two calls at once the database lets one through, and
a call that failed or died leaves no row. The row keeps the answer for seven days.

A call that asks other people's networks has no transaction around it, so it claims its key in one (`claim`), and stores its answer
(`store`) or lets the key go (`release`) in another. A process that dies in between leaves the claim: the key is in flight until the claim is
five minutes old, which is longer than any such call takes, and free for a new attempt then.
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


class Call(NamedTuple):
    """What makes two calls the same: the account, the key, and the SHA-256 of what was asked."""

    account_id: str
    key: str
    fingerprint: bytes


class StoredResponse(NamedTuple):
    """A stored answer."""

    status: int
    body: bytes


def fingerprint(operation_id: str, *content: Any) -> bytes:
    """SHA-256 over the operation and what was asked, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode([operation_id, *content], order="deterministic")).digest()


class InFlight:
    """The calls this process is at work on. It only spares a second call the wait; the database decides."""

    def __init__(self) -> None:
        self._calls: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, call: Call) -> Iterator[None]:
        """Holds the key while the call runs. Raises Conflict("idempotency_in_flight")."""
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


def once(ctx: Context, call: Call, run: Callable[[], StoredResponse]) -> StoredResponse:
    """Run the call, or give the answer of the first one with `idempotent: true`. Raises Conflict("idempotency_mismatch")."""
    if not _is_first(ctx, call):
        return _repeated(ctx, call)
    answer = run()
    STORE_ANSWER.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "with_status": answer.status, "with_answer": answer.body})
    return answer


def claim(ctx: Context, call: Call) -> int | StoredResponse:
    """Claim a key for a call that asks the network: when it was claimed, or the answer of the first call with `idempotent: true`.

    Raises Conflict("idempotency_in_flight" | "idempotency_mismatch").
    """
    DELETE_ABANDONED.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - CLAIM_LIFETIME})
    return ctx.now() if _is_first(ctx, call) else _repeated(ctx, call)


def store(ctx: Context, call: Call, claimed_at: int, answer: StoredResponse) -> None:
    """Store the answer of a call whose key was claimed then, unless somebody else has claimed it since."""
    values = {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at}
    STORE_CLAIMED_ANSWER.run(ctx.connection, {**values, "with_status": answer.status, "with_answer": answer.body})


def release(ctx: Context, call: Call, claimed_at: int) -> None:
    """Let a key go that was claimed then: its call failed, and may be tried again."""
    DELETE_CLAIM.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at})


def _is_first(ctx: Context, call: Call) -> bool:
    """Write the key's row; False when it is there already."""
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


def _repeated(ctx: Context, call: Call) -> StoredResponse:
    stored_fingerprint, status, answer = SELECT_FIRST.run(ctx.connection, {"account": call.account_id, "of_key": call.key}).fetchone()
    if bytes(stored_fingerprint) != call.fingerprint:
        raise Conflict("idempotency_mismatch", f"The idempotency key {call.key} was used with another request")
    if status == 0:
        raise _in_flight(call)
    return StoredResponse(status, msgspec.json.encode({**msgspec.json.decode(bytes(answer)), "idempotent": True}))


def _in_flight(call: Call) -> Conflict:
    refusal = Conflict("idempotency_in_flight", f"A call with the idempotency key {call.key} is at work")
    refusal.headers["Retry-After"] = RETRY_AFTER
    return refusal
