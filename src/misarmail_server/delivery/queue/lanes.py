"""Whose mail goes next: due rows stand in lanes, one for an account's single mails and one for each of its campaigns.

Each lane with due mail gets its share of a lease, so that nobody's million mails keep another's one waiting. A lane that is held is
passed over, which is all that pausing a campaign or suspending an account does: the next lease heeds it, however many rows wait.
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

RETRY_SHARE = 4  # a quarter of a lease is offered to retries first, so that fresh mail cannot starve them
ALL = ""  # the hold of everything

RECIPIENTS = cast("Table", tables.Recipient.__table__)
ROW = RECIPIENTS.c
HOLD = tables.QueueHold


def of_campaign(account_id: str, message_id: str) -> str:
    """The lane of a campaign's mails; single mails have their account's id."""
    return f"{account_id}/{message_id}"


def claim(connection: Connection, limit: int, at: int) -> list[int]:
    """The ids of at most `limit` rows that are due, transactional first, each lane its share, oldest first.

    PostgreSQL locks them and passes by what others hold; on SQLite nobody else writes meanwhile.
    """
    claim_ = _Claim(connection, limit)
    for state, priority, share in () if ALL in claim_.held else _turns(limit):
        claim_.add(_Range(state, priority, at), share)
    return claim_.ids


def count_due(connection: Connection, most: int) -> int:
    """How many rows a claim would find, counted up to `most`."""
    held = holds(connection)
    found = 0
    for one in () if ALL in held else _ranges(now()):
        for lane in _due_lanes(connection, one, held):
            due = DUE.limit(most - found).subquery()
            found += connection.scalar(select(func.count()).select_from(due), {**one.values, "lane": lane}) or 0
            if found >= most:
                return found
    return found


def hold(connection: Connection, lane: str) -> None:
    """Lease nothing of that lane, of that account (its id), or of anybody (ALL)."""
    new = dialects.insert(connection.dialect.name, HOLD).values(lane=lane, since=now())
    connection.execute(new.on_conflict_do_nothing())


def free(connection: Connection, lane: str) -> bool:
    """End a hold; whether there was one."""
    return bool(connection.execute(delete(HOLD).where(HOLD.lane == lane)).rowcount)


def holds(connection: Connection) -> frozenset[str]:
    """The lanes and accounts that are held."""
    return frozenset(connection.scalars(select(HOLD.lane)))


def is_held(lane: str, held: Collection[str]) -> bool:
    """Whether nothing of a lane may go: it is held itself, or its account is, or everything."""
    return lane in held or lane.partition("/")[0] in held or ALL in held


class _Range:
    """The due rows of one state and priority: one range of ix_recipients_due for each lane."""

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
    """The rows taken so far."""

    def __init__(self, connection: Connection, limit: int) -> None:
        self.held = holds(connection)
        self.ids: list[int] = []
        self._taken: dict[tuple[object, str], set[int]] = {}
        self._connection = connection
        self._limit = limit

    def add(self, of: _Range, share: int) -> None:
        """At most so many more, of all lanes in turn: first an equal share each, then whatever is left."""
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
    """The lanes with due rows, in the order of their oldest."""
    found: Sequence[Any] = LANES.run(connection, of.values).fetchall()
    lanes = sorted((since, lane) for lane, since in found if lane is not None and since is not None and since <= of.values["now"])
    return (lane for _, lane in lanes if not is_held(lane, held))


def _lanes_query() -> Select[Any, Any]:
    """Each lane with its oldest due time: a seek in the index for each, however many rows it has."""
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
