"""The states of a campaign and their transitions.

The database decides: each transition is one UPDATE that names the states it starts from.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, case, select, update

from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.delivery.queue import lanes
from misarmail_server.errors import Conflict

Status = Literal["draft", "scheduled", "sending", "paused", "sent", "cancelled", "failed"]
Verb = Literal["send", "schedule", "pause", "resume", "cancel"]


class Move(NamedTuple):
    """A transition: the states it starts from, the state it leads to, and the verb's participle for error messages."""

    from_states: frozenset[Status]
    to_state: Status | ColumnElement[str]
    participle: str


HAD_BEGUN = tables.Campaign.started_at.is_not(None)
MOVES: dict[Verb, Move] = {
    "send": Move(frozenset({"draft", "scheduled"}), "scheduled", "sent"),
    "schedule": Move(frozenset({"draft", "scheduled"}), "scheduled", "scheduled"),
    "pause": Move(frozenset({"scheduled", "sending"}), "paused", "paused"),
    "resume": Move(frozenset({"paused"}), case((HAD_BEGUN, "sending"), else_="scheduled"), "resumed"),
    "cancel": Move(frozenset({"scheduled", "sending", "paused"}), "cancelled", "cancelled"),
}
CHANGEABLE: frozenset[Status] = frozenset({"draft", "scheduled", "paused"})
DELETABLE: frozenset[Status] = frozenset({"draft", "cancelled"})
RESTING: frozenset[Status] = frozenset({"draft", "paused", "sent", "cancelled", "failed"})  # these do not change without a request


UNDERWAY = ("scheduled", "running")  # the states of an A/B test that lock its campaign


def move(ctx: Context, id_: str, verb: Verb) -> tables.Campaign:
    """Change a campaign's state and return it; its row is locked. Raises NotFound and Conflict("wrong_state")."""
    from_states, to_state, participle = MOVES[verb]
    campaign = tables.Campaign
    change = update(campaign).where(campaign.id == id_, campaign.account_id == ctx.account_id, campaign.status.in_(from_states))
    moved: CursorResult[Any] = ctx.connection.execute(change.values(status=to_state, reason=None, updated_at=ctx.now()))
    ctx.db.expire_all()  # the row may have been loaded before
    row = ctx.get(campaign, id_, "campaign")
    if moved.rowcount == 0:
        raise wrong_state(row, participle)
    if row.message_id is not None:
        steer = lanes.hold if row.status in {"paused", "cancelled"} else lanes.free
        steer(ctx.connection, lanes.of_campaign(row.account_id, row.message_id))
    return row


def require(row: tables.Campaign, states: frozenset[Status], participle: str) -> None:
    """Refuse an action outside certain states. The row must be locked. Raises Conflict("wrong_state")."""
    if row.status not in states:
        raise wrong_state(row, participle)


def require_free(ctx: Context, row: tables.Campaign) -> None:
    """Refuse a campaign that an A/B test locks. Its row must be locked, as when a test is started. Raises Conflict("wrong_state")."""
    test = tables.AbTest
    if ctx.connection.scalar(select(test.id).where(test.campaign_id == row.id, test.status.in_(UNDERWAY))) is not None:
        raise Conflict("wrong_state", "An A/B test is running on this campaign; choose its winner first")


def wrong_state(row: tables.Campaign, participle: str) -> Conflict:
    """The refusal that names the current state."""
    return Conflict("wrong_state", f"A campaign that is {row.status} cannot be {participle}")
