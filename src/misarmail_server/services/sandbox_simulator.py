"""Sandbox addresses that simulate a fault. Nothing is counted, and no address is suppressed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import update

from misarmail_server.context import SECOND, Context
from misarmail_server.db import tables
from misarmail_server.events import record
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import WAITING, RecipientState

DOMAIN = "sandbox.misarmail.test"  # a reserved name (RFC 6761, section 6.2)
SLOW_DELAY = 30 * SECOND


class SimulatedFault(NamedTuple):
    """The simulated result of an address: the recipient's state, the event and its kind, and the receiver's reply."""

    state: RecipientState
    type: str | None = None
    kind: str = ""
    code: int | None = None
    text: str | None = None


FAULTS = {
    "bounce+hard": SimulatedFault(
        RecipientState.BOUNCED, "bounced", "hard_bounced", 550, "5.1.1 The sandbox simulates an address that does not exist"
    ),
    "bounce+soft": SimulatedFault(
        RecipientState.BOUNCED, "bounced", "soft_bounced", 452, "4.2.2 The sandbox simulates a mailbox that stays full"
    ),
    "complaint": SimulatedFault(RecipientState.CAPTURED, "complained", "complained", None, "The sandbox simulates a complaint"),
    "defer": SimulatedFault(RecipientState.DEFERRED, "deferred", "deferred", 451, "4.7.1 The sandbox simulates a receiver that is busy"),
    "slow": SimulatedFault(RecipientState.PENDING),
}


def simulate(ctx: Context, message_id: str, addresses: Iterable[str]) -> None:
    """Simulate the faults of a captured mail's recipients, in the unit of work that captured it.

    Deferred and slow mail is captured by the worker, after the first delay of MISARMAIL_RETRY_DELAYS or after 30 seconds.
    """
    for address in addresses:
        fault = _fault(address)
        if fault is not None:
            _simulate(ctx, message_id, address, fault)


def is_fault(address: str) -> bool:
    """Whether mail for the address is simulated as not captured, at least not yet."""
    fault = _fault(address)
    return fault is not None and fault.state != RecipientState.CAPTURED


def _fault(address: str) -> SimulatedFault | None:
    local, _, domain = address.lower().rpartition("@")
    return FAULTS.get(local) if domain == DOMAIN else None


def _simulate(ctx: Context, message_id: str, address: str, fault: SimulatedFault) -> None:
    recipient = tables.Recipient
    change = update(recipient).where(
        recipient.message_id == message_id, recipient.address == address, recipient.state == RecipientState.CAPTURED
    )
    if ctx.connection.execute(change.values(_values(ctx, fault))).rowcount and fault.type is not None:
        key = (message_id, ctx.account_id, address)
        event = EmailEvent(*key, fault.type, fault.kind, ctx.now(), reply_code=fault.code, reply_text=fault.text)
        record.record_uncounted_events(ctx.connection, [event])


def _values(ctx: Context, fault: SimulatedFault) -> dict[str, Any]:
    if fault.state not in WAITING:
        return {"state": fault.state}
    is_deferred = fault.state == RecipientState.DEFERRED
    delay = int(ctx.settings.retry_delays[0] * SECOND) if is_deferred else SLOW_DELAY
    return {"state": fault.state, "attempt_count": int(is_deferred), "due_at": ctx.now() + delay, "finished_at": None}
