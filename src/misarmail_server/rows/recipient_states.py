"""The states of a recipient, which may follow which, and the order in which streams are served. The database refuses everything else."""

from __future__ import annotations

from enum import StrEnum
from itertools import chain
from typing import Literal

Stream = Literal["transactional", "marketing"]
STREAMS: tuple[Stream, ...] = ("transactional", "marketing")  # by priority: the first is always served before the second
PRIORITIES: dict[Stream, int] = {stream: priority for priority, stream in enumerate(STREAMS)}
MARKETING = PRIORITIES["marketing"]


class RecipientState(StrEnum):
    """What has become of a message for one of its recipients."""

    PENDING = "pending"  # waits for its first attempt
    LEASED = "leased"  # a worker is trying it, until the lease runs out
    DEFERRED = "deferred"  # waits for another attempt
    DELIVERED = "delivered"  # the receiver or the relay has taken it
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    CAPTURED = "captured"  # lies in the sandbox inbox
    CANCELLED = "cancelled"  # with its campaign
    AMBIGUOUS = "ambiguous"  # marketing mail that the receiver may have: the final dot had no reply


_ = RecipientState
WAITING = (_.PENDING, _.DEFERRED)  # a lease may take these
OPEN = (*WAITING, _.LEASED)  # something is still to come
FINAL = tuple(state for state in RecipientState if state not in OPEN)
INITIAL = (_.PENDING, _.SUPPRESSED, _.CAPTURED)

# An attempt leads from LEASED to anything but CANCELLED; one that was not made leads back to where the row waited.
TRANSITIONS: dict[RecipientState, tuple[RecipientState, ...]] = {
    _.PENDING: (_.LEASED, _.CANCELLED, _.BOUNCED),
    _.LEASED: (_.PENDING, _.DEFERRED, _.DELIVERED, _.BOUNCED, _.SUPPRESSED, _.CAPTURED, _.AMBIGUOUS),
    _.DEFERRED: (_.LEASED, _.CANCELLED, _.BOUNCED),
    _.DELIVERED: (_.BOUNCED,),  # a bounce that comes by mail, or as a relay's report
    _.AMBIGUOUS: (_.BOUNCED, _.DEFERRED),  # the operator has it sent again
    _.CAPTURED: (_.PENDING, _.DEFERRED, _.BOUNCED),  # the sandbox simulator, in the unit of work that captured it
    _.BOUNCED: (),
    _.SUPPRESSED: (),
    _.CANCELLED: (),
}
BOUNCEABLE = tuple(state for state, following in TRANSITIONS.items() if _.BOUNCED in following and state not in {_.LEASED, _.CAPTURED})


def _quoted(*words: str) -> str:
    return ", ".join(f"'{word}'" for word in words)


IS_STATE = f"state IN ({_quoted(*RecipientState)})"
IS_PRIORITY = f"priority IN ({', '.join(str(priority) for priority in PRIORITIES.values())})"
IS_STREAM = f"stream IN ({_quoted(*STREAMS)})"
_PAIRS = chain.from_iterable([(f"{state}>{following}") for following in allowed] for state, allowed in TRANSITIONS.items())
_IS_FORBIDDEN = f"old.state <> new.state AND old.state || '>' || new.state NOT IN ({_quoted(*_PAIRS)})"
# `WHEN` is judged by the database's own engine, so an allowed change costs about a microsecond.
_TRIGGER = "CREATE TRIGGER recipients_state BEFORE UPDATE OF state ON recipients FOR EACH ROW WHEN"
_REFUSE_ON_SQLITE = "BEGIN SELECT RAISE(ABORT, 'this state of a recipient does not follow the one before'); END"
_REFUSE_ON_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION refuse_recipient_state() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the state % of a recipient does not follow %', new.state, old.state USING ERRCODE = 'check_violation'; END $$"
)
TRIGGERS: dict[str, tuple[str, ...]] = {
    "sqlite": (f"{_TRIGGER} {_IS_FORBIDDEN} {_REFUSE_ON_SQLITE}",),
    "postgresql": (_REFUSE_ON_POSTGRESQL, f"{_TRIGGER} ({_IS_FORBIDDEN}) EXECUTE FUNCTION refuse_recipient_state()"),
}
