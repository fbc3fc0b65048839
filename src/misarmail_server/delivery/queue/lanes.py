"""The order of the queue: due rows are in lanes, one for an account's single mails and one for each of its campaigns.

Each lane with due mail gets its share of a lease, so that one tenant's million mails do not delay another's single mail. Held lanes are
skipped; pausing a campaign or suspending an account is only that, and takes effect with the next lease, however many rows wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Integer, Select, Table, bindparam, delete, func, select
from sqlalchemy.orm import aliased

from misarmail_server.context import now
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.rows.recipient_states import PRIORITIES, WAITING, RecipientState

RETRY_SHARE = 4  # a quarter of a lease is offered to retries first, so that new mail cannot starve them
ALL = ""  # a hold on everything

RECIPIENTS = cast("Table", tables.Recipient.__table__)
ROW = RECIPIENTS.c
HOLD = tables.QueueHold


def of_campaign(account_id: str, message_id: str) -> str:
    """The lane of a campaign's mail; the lane of single mails is the id of their account."""
    return f"{account_id}/{message_id}"


def claim(connection: Connection, limit: int, at: int) -> list[int]:
    """The ids of at most `limit` due rows: transactional first, each lane its share, oldest first.

    PostgreSQL locks the rows and skips those that others have locked; SQLite has one writer at a time.
    """
    claim_ = _Claim(connection, limit)
    for state, priority, share in () if ALL in claim_.held else _turns(limit):
        claim_.add(_Range(state, priority, at), share)
    return claim_.ids


def count_due(connection: Connection, most: int) -> int:
    """How many rows a claim would return, counted up to `most`."""
    held = holds(connection)
    count = 0
    for range_ in () if ALL in held else _ranges(now()):
        for lane in _due_lanes(connection, range_, held):
            due = DUE.limit(most - count).subquery()
            count += connection.scalar(select(func.count()).select_from(due), {**range_.values, "lane": lane}) or 0
            if count >= most:
                return count
    return count


def hold(connection: Connection, lane: str) -> None:
    """Lease nothing from a lane, from an account (its id), or at all (ALL)."""
    new = dialects.insert(connection.dialect.name, HOLD).values(lane=lane, since=now())
    connection.execute(new.on_conflict_do_nothing())


def free(connection: Connection, lane: str) -> bool:
    """End a hold; returns whether there was one."""
    return bool(connection.execute(delete(HOLD).where(HOLD.lane == lane)).rowcount)


def holds(connection: Connection) -> frozenset[str]:
    """The held lanes and accounts."""
    return frozenset(connection.scalars(select(HOLD.lane)))


def is_held(lane: str, held: Collection[str]) -> bool:
    """Whether a lane, its account, or everything is held."""
    return lane in held or lane.partition("/")[0] in held or ALL in held


class _Range:
    """The due rows of one state and priority: a range of ix_recipients_due in each lane."""

    def __init__(self, state: str, priority: int, at: int) -> None:
        self.values = {"state": state, "priority": priority, "now": at}


def _ranges(at: int) -> list[_Range]:
    return [_Range(state, priority, at) for state in WAITING for priority in PRIORITIES.values()]


def _turns(limit: int) -> Iterator[tuple[str, int, int]]:
    """(state, priority, how many rows it may take), in the order they are served."""
    for priority in PRIORITIES.values():
        yield RecipientState.DEFERRED, priority, limit // RETRY_SHARE
        yield RecipientState.PENDING, priority, limit
        yield RecipientState.DEFERRED, priority, limit


class _Claim:
    """The rows claimed so far."""

    def __init__(self, connection: Connection, limit: int) -> None:
        self.held = holds(connection)
        self.ids: list[int] = []
        self._taken: dict[tuple[object, str], set[int]] = {}
        self._connection = connection
        self._limit = limit

    def add(self, of: _Range, share: int) -> None:
        """Claim at most `share` more rows, from all lanes in turn: first an equal share each, then the remaining rows."""
        goal = min(self._limit, len(self.ids) + share)
        due = list(_due_lanes(self._connection, of, self.held)) if goal > len(self.ids) else []
        for most in (max(1, share // len(due)), share) if due else ():
            for lane in due:
                self._take(of, lane, min(most, goal - len(self.ids)))

    def _take(self, of: _Range, lane: str, most: int) -> None:
        if most <= 0:
            return
        taken = self._taken.setdefault((of.values["state"], lane), set())
        rows = TAKE.run(self._connection, {**of.values, "lane": lane, "most": most + len(taken)}).fetchall()
        new = [id_ for (id_,) in rows if id_ not in taken][:most]
        taken.update(new)
        self.ids += new


def _due_lanes(connection: Connection, of: _Range, held: Collection[str]) -> Iterator[str]:
    """The lanes with due rows, ordered by their oldest row."""
    rows: Sequence[Any] = LANES.run(connection, of.values).fetchall()
    lanes = sorted((since, lane) for lane, since in rows if lane is not None and since is not None and since <= of.values["now"])
    return (lane for _, lane in lanes if not is_held(lane, held))


def _lanes_query() -> Select[Any, Any]:
    """Each lane with its oldest due time: one index seek for each lane, whatever its number of rows."""
    state, priority = ROW.state == bindparam("state"), ROW.priority == bindparam("priority")
    first = select(select(func.min(ROW.lane)).where(state, priority).scalar_subquery().label("lane")).cte("lanes", recursive=True)
    beyond = aliased(RECIPIENTS)
    following = (
        select(func.min(beyond.c.lane))
        .where(beyond.c.state == bindparam("state"), beyond.c.priority == bindparam("priority"), beyond.c.lane > first.c.lane)
        .scalar_subquery()
    )
    lanes = first.union_all(select(following).where(first.c.lane.is_not(None)))
    oldest = select(func.min(ROW.due_at)).where(state, priority, ROW.lane == lanes.c.lane).scalar_subquery()
    return select(lanes.c.lane, oldest)


LANES = Prepared(_lanes_query())
DUE = (
    select(ROW.id)
    .where(
        ROW.state == bindparam("state"),
        ROW.priority == bindparam("priority"),
        ROW.lane == bindparam("lane"),
        ROW.due_at <= bindparam("now"),
    )
    .order_by(ROW.due_at, ROW.id)
)
TAKE = Prepared(DUE.limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True))
