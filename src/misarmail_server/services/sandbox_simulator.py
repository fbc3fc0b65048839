"""Addresses of the sandbox that play a fault, so that a caller can see what it looks like. Nothing is counted and nobody is suppressed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import update

from misarmail_server.context import SECOND, Context
from misarmail_server.db import tables
from misarmail_server.events import record
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import WAITING, RecipientState

DOMAIN = "sandbox.misarmail.test"  # a name that nobody can have (RFC 6761, section 6.2)
SLOW = 30 * SECOND


class SimulatedFault(NamedTuple):
    """What an address plays: the recipient's state then, the event and how it counts elsewhere, the receiver's reply."""

    state: RecipientState
    type: str | None = None
    kind: str = ""
    code: int | None = None
    text: str | None = None


PARTS = {
    "bounce+hard": SimulatedFault(
        RecipientState.BOUNCED, "bounced", "hard_bounced", 550, "5.1.1 The sandbox plays an address that does not exist"
    ),
    "bounce+soft": SimulatedFault(
        RecipientState.BOUNCED, "bounced", "soft_bounced", 452, "4.2.2 The sandbox plays a mailbox that stays full"
    ),
    "complaint": SimulatedFault(RecipientState.CAPTURED, "complained", "complained", None, "The sandbox plays a complaint"),
    "defer": SimulatedFault(RecipientState.DEFERRED, "deferred", "deferred", 451, "4.7.1 The sandbox plays a receiver that is busy"),
    "slow": SimulatedFault(RecipientState.PENDING),
}


def play(ctx: Context, message_id: str, addresses: Iterable[str]) -> None:
    """Play the faults that recipients of a captured mail ask for, in the unit of work that captured it.

    What is deferred or slow is captured by the worker, after the first delay of MISARMAIL_RETRY_DELAYS or 30 seconds.
    """
    for address in addresses:
        part = _part(address)
        if part is not None:
            _play(ctx, message_id, address, part)


def is_fault(address: str) -> bool:
    """Whether mail for the address is played not to have been captured, at least not yet."""
    part = _part(address)
    return part is not None and part.state != RecipientState.CAPTURED


def _part(address: str) -> SimulatedFault | None:
    local, _, domain = address.lower().rpartition("@")
    return PARTS.get(local) if domain == DOMAIN else None


def _play(ctx: Context, message_id: str, address: str, part: SimulatedFault) -> None:
    recipient = tables.Recipient
    row = update(recipient).where(
        recipient.message_id == message_id, recipient.address == address, recipient.state == RecipientState.CAPTURED
    )
    if ctx.connection.execute(row.values(_values(ctx, part))).rowcount and part.type is not None:
        whose = (message_id, ctx.account_id, address)
        played = EmailEvent(*whose, part.type, part.kind, ctx.now(), reply_code=part.code, reply_text=part.text)
        record.record_uncounted_events(ctx.connection, [played])


def _values(ctx: Context, part: SimulatedFault) -> dict[str, Any]:
    if part.state not in WAITING:
        return {"state": part.state}
    is_deferred = part.state == RecipientState.DEFERRED
    delay = int(ctx.settings.retry_delays[0] * SECOND) if is_deferred else SLOW
    return {"state": part.state, "attempt_count": int(is_deferred), "due_at": ctx.now() + delay, "finished_at": None}
