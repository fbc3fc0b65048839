"""The behavior of an address, summarized: a row for each kind with the number of times, the first and the last.

Segments read it. It is kept in the transactions that record the events. A mail is `sent` when it leaves, and no longer `delivered` once it
bounces; opens and clicks are those of people.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, case, delete, exists, func, not_, or_, select, update
from sqlalchemy.orm import aliased

from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared

PURCHASED = "purchased"
# Kind of an event of mail -> kinds of behavior that it is. Others, such as suppressed, mean none.
OF_EVENTS = {
    "delivered": ("sent", "delivered"),
    "ambiguous": ("sent",),
    "hard_bounced": ("sent", "bounced"),
    "soft_bounced": ("sent", "bounced"),
    "opened": ("opened",),
    "clicked": ("clicked",),
}
BEHAVIOR, EVENT = tables.Behavior, tables.Event


class Behavior(NamedTuple):
    """One time that something happened to an address, which is in lower case."""

    account_id: str
    kind: str
    address: str
    at: int


def _adds(name: str) -> Any:
    """An INSERT that adds to an existing row."""
    added = dialects.insert(name, BEHAVIOR)
    new, row = added.excluded, BEHAVIOR
    return added.on_conflict_do_update(
        index_elements=list(BEHAVIOR.__table__.primary_key),
        set_={
            "count": row.count + new["count"],
            "first_at": case((new.first_at < row.first_at, new.first_at), else_=row.first_at),
            "last_at": case((new.last_at > row.last_at, new.last_at), else_=row.last_at),
        },
    )


COLUMNS = ("account_id", "kind", "address", "count", "first_at", "last_at")
ADD = Prepared(_adds, COLUMNS)


def tracked(event: str) -> str:
    """The kind of a tracked event of that name."""
    return f"event:{event}"


def add(connection: Connection, happened: Iterable[Behavior]) -> None:
    """Add what happened, in a fixed order, so that two transactions about the same addresses cannot deadlock."""
    times: dict[tuple[str, str, str], list[int]] = {}
    for account_id, kind, address, at in happened:
        times.setdefault((account_id, kind, address), []).append(at)
    ADD.run_rows(connection, COLUMNS, [(*key, len(ats), min(ats), max(ats)) for key, ats in sorted(times.items())])


def withdraw(connection: Connection, withdrawn: Iterable[Behavior]) -> None:
    """Take back what did not happen after all, such as the clicks of a program. The events tell it already."""
    for account_id, kind, address, at in sorted(withdrawn):
        of_row = (BEHAVIOR.account_id == account_id, BEHAVIOR.kind == kind, BEHAVIOR.address == address)
        left = (EVENT.account_id == account_id, func.lower(EVENT.recipient) == address, *conditions(kind))
        edges = ((func.min, BEHAVIOR.first_at), (func.max, BEHAVIOR.last_at))
        first, last = (_remaining(edge(EVENT.at), column, at, left) for edge, column in edges)
        connection.execute(update(BEHAVIOR).where(*of_row).values(count=BEHAVIOR.count - 1, first_at=first, last_at=last))
        connection.execute(delete(BEHAVIOR).where(*of_row, BEHAVIOR.count <= 0))


def erase(connection: Connection, account_id: str, address: str) -> None:
    """Delete the rows of an address. Rows are ordered by kind, so it is looked up in each kind that the account has."""
    kind = ""
    while True:
        next_ = connection.scalar(select(func.min(BEHAVIOR.kind)).where(BEHAVIOR.account_id == account_id, BEHAVIOR.kind > kind))
        if next_ is None:
            return
        kind = next_
        connection.execute(delete(BEHAVIOR).where(BEHAVIOR.account_id == account_id, BEHAVIOR.kind == kind, BEHAVIOR.address == address))


def conditions(kind: str) -> list[ColumnElement[bool]]:
    """The conditions under which a row of `events` is behavior of a kind."""
    is_kind = EVENT.kind.in_([event for event, kinds in OF_EVENTS.items() if kind in kinds])
    if kind == "sent":
        return [is_kind, or_(EVENT.type != "bounced", not_(_has_other("delivered", "ambiguous")))]  # a late bounce is not another mail
    return [is_kind, not_(_has_other("bounced"))] if kind == "delivered" else [is_kind]


def _has_other(*types: str) -> ColumnElement[bool]:
    """Whether the same mail has another event of these types. Looked up by address: a message may have a million events."""
    other = aliased(EVENT)
    same = (other.account_id == EVENT.account_id, func.lower(other.recipient) == func.lower(EVENT.recipient))
    return exists().where(*same, other.message_id == EVENT.message_id, other.type.in_(types), other.kind.is_not(None))


def _remaining(edge: Any, column: Any, withdrawn_at: int, left: tuple[ColumnElement[bool], ...]) -> Any:
    """The first or last time without the withdrawn one; older events may be deleted, so it is read only if that was the edge."""
    return case((column == withdrawn_at, func.coalesce(select(edge).where(*left).scalar_subquery(), column)), else_=column)
