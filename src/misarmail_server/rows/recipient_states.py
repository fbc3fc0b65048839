"""The states of a recipient, their transitions, and the priorities of streams. The database refuses other words and other transitions."""

from __future__ import annotations

from enum import StrEnum
from itertools import chain
from typing import Literal

Stream = Literal["transactional", "marketing"]
STREAMS: tuple[Stream, ...] = ("transactional", "marketing")  # by priority: the first is always served first
PRIORITIES: dict[Stream, int] = {stream: priority for priority, stream in enumerate(STREAMS)}
MARKETING = PRIORITIES["marketing"]


class RecipientState(StrEnum):
    """The delivery state of a message for one recipient."""

    PENDING = "pending"  # waiting for the first attempt
    LEASED = "leased"  # a worker attempts delivery, until the lease expires
    DEFERRED = "deferred"  # waiting for another attempt
    DELIVERED = "delivered"  # accepted by the receiver or the relay
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    CAPTURED = "captured"  # in the sandbox inbox
    CANCELLED = "cancelled"  # with its campaign
    AMBIGUOUS = "ambiguous"  # marketing mail that may have been delivered: the final dot had no reply


WAITING = (RecipientState.PENDING, RecipientState.DEFERRED)  # can be leased
OPEN_STATES = (*WAITING, RecipientState.LEASED)  # not final
FINAL = tuple(state for state in RecipientState if state not in OPEN_STATES)


def _states(words: str) -> tuple[RecipientState, ...]:
    return tuple(map(RecipientState, words.split()))


# An attempt leads from LEASED to any state but CANCELLED; an attempt that was not made leads back to the previous state.
TRANSITIONS: dict[RecipientState, tuple[RecipientState, ...]] = {
    RecipientState.PENDING: _states("leased cancelled bounced"),
    RecipientState.LEASED: _states("pending deferred delivered bounced suppressed captured ambiguous"),
    RecipientState.DEFERRED: _states("leased cancelled bounced"),
    RecipientState.DELIVERED: _states("bounced"),  # by a later bounce message or a relay's report
    RecipientState.AMBIGUOUS: _states("bounced deferred"),  # the operator can resend it
    RecipientState.CAPTURED: _states("pending deferred bounced"),  # by the sandbox simulator at once, or by `queue release`
    RecipientState.BOUNCED: (),
    RecipientState.SUPPRESSED: (),
    RecipientState.CANCELLED: (),
}
# The states that a later bounce message changes.
BOUNCEABLE = (RecipientState.PENDING, RecipientState.DEFERRED, RecipientState.DELIVERED, RecipientState.AMBIGUOUS)


def _quoted(*words: str) -> str:
    return ", ".join(f"'{word}'" for word in words)


IS_STATE = f"state IN ({_quoted(*RecipientState)})"
IS_PRIORITY = f"priority IN ({', '.join(str(priority) for priority in PRIORITIES.values())})"
IS_STREAM = f"stream IN ({_quoted(*STREAMS)})"
_PAIRS = chain.from_iterable([(f"{state}>{following}") for following in allowed] for state, allowed in TRANSITIONS.items())
_IS_FORBIDDEN = f"old.state <> new.state AND old.state || '>' || new.state NOT IN ({_quoted(*_PAIRS)})"
# The database engine evaluates `WHEN`, so an allowed change costs about a microsecond.
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
