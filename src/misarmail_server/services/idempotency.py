"""A call that is repeated under one key happens once.

The key's row is written in the call's own transaction, before its work: of two calls at once the database lets one through, and
a call that failed or died leaves no row. The row keeps the answer for seven days.

A call that asks other people's networks has no transaction around it, so it claims its key in one (`claim`), and stores its answer
(`keep`) or lets the key go (`release`) in another. A process that dies in between leaves the claim: the key is in flight until the claim is
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

KEPT = 7 * DAY
CLAIMED = 300 * SECOND
RETRY_AFTER = "1"


OWN = (tables.Idempotency.account_id == bindparam("account"), tables.Idempotency.key == bindparam("of_key"))
FORGET = Prepared(delete(tables.Idempotency).where(*OWN, tables.Idempotency.created_at < bindparam("oldest")))
CLAIM = inserts_new(tables.Idempotency, "account_id", "key", "fingerprint", "status", "answer", "created_at")
KEEP = Prepared(update(tables.Idempotency).where(*OWN).values(status=bindparam("with_status"), answer=bindparam("with_answer")))
CLAIM_OF = (*OWN, tables.Idempotency.status == 0, tables.Idempotency.created_at == bindparam("claimed_at"))
ABANDONED = Prepared(
    delete(tables.Idempotency).where(*OWN, tables.Idempotency.status == 0, tables.Idempotency.created_at < bindparam("oldest"))
)
KEEP_CLAIMED = Prepared(
    update(tables.Idempotency).where(*CLAIM_OF).values(status=bindparam("with_status"), answer=bindparam("with_answer"))
)
RELEASE = Prepared(delete(tables.Idempotency).where(*CLAIM_OF))
FIRST = Prepared(select(tables.Idempotency.fingerprint, tables.Idempotency.status, tables.Idempotency.answer).where(*OWN))


class Call(NamedTuple):
    """What makes two calls the same: the account, the key, and the SHA-256 of what was asked."""

    account_id: str
    key: str
    fingerprint: bytes


class Answer(NamedTuple):
    """A stored answer."""

    status: int
    body: bytes


def fingerprint(operation_id: str, *asked: Any) -> bytes:
    """SHA-256 over the operation and what was asked, whatever the order of its keys."""
    return hashlib.sha256(msgspec.json.encode([operation_id, *asked], order="deterministic")).digest()


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


def once(ctx: Context, call: Call, run: Callable[[], Answer]) -> Answer:
    """Run the call, or give the answer of the first one with `idempotent: true`. Raises Conflict("idempotency_mismatch")."""
    if not _is_first(ctx, call):
        return _repeated(ctx, call)
    answer = run()
    KEEP.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "with_status": answer.status, "with_answer": answer.body})
    return answer


def claim(ctx: Context, call: Call) -> int | Answer:
    """Claim a key for a call that asks the network: when it was claimed, or the answer of the first call with `idempotent: true`.

    Raises Conflict("idempotency_in_flight" | "idempotency_mismatch").
    """
    ABANDONED.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - CLAIMED})
    return ctx.now() if _is_first(ctx, call) else _repeated(ctx, call)


def keep(ctx: Context, call: Call, claimed_at: int, answer: Answer) -> None:
    """Store the answer of a call whose key was claimed then, unless somebody else has claimed it since."""
    values = {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at}
    KEEP_CLAIMED.run(ctx.connection, {**values, "with_status": answer.status, "with_answer": answer.body})


def release(ctx: Context, call: Call, claimed_at: int) -> None:
    """Let a key go that was claimed then: its call failed, and may be tried again."""
    RELEASE.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "claimed_at": claimed_at})


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
    FORGET.run(ctx.connection, {"account": call.account_id, "of_key": call.key, "oldest": ctx.now() - KEPT})
    return bool(CLAIM.run(ctx.connection, row).rowcount)


def _repeated(ctx: Context, call: Call) -> Answer:
    asked, status, answer = FIRST.run(ctx.connection, {"account": call.account_id, "of_key": call.key}).fetchone()
    if bytes(asked) != call.fingerprint:
        raise Conflict("idempotency_mismatch", f"The idempotency key {call.key} was used with another request")
    if status == 0:
        raise _in_flight(call)
    return Answer(status, msgspec.json.encode({**msgspec.json.decode(bytes(answer)), "idempotent": True}))


def _in_flight(call: Call) -> Conflict:
    refusal = Conflict("idempotency_in_flight", f"A call with the idempotency key {call.key} is at work")
    refusal.headers["Retry-After"] = RETRY_AFTER
    return refusal
