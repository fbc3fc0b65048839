"""Mails that were counted against a plan when they were accepted, and did not leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from misarmail_server.context import at
from misarmail_server.db import dialects, tables

EMAILS = "emails"  # the feature of the counters in `usage`


def period(moment: int) -> str:
    """The period of a moment in milliseconds since 1970: its month in UTC, such as 2026-11."""
    day = at(moment)
    return f"{day.year:04}-{day.month:02}"


def give_back(connection: Connection, counts: Mapping[str, int], accepted_at: int) -> None:
    """Give mails back to the allowance of the month in which they were accepted; `counts` has a number for each account."""
    _add(connection, {(account_id, period(accepted_at)): -count for account_id, count in counts.items()})


def give_back_each(connection: Connection, mails: Iterable[tuple[str, int]]) -> None:
    """As `give_back`, for (account, when it was accepted) of each mail."""
    counts = Counter((account_id, period(accepted_at)) for account_id, accepted_at in mails)
    _add(connection, {key: -count for key, count in counts.items()})


def charge(connection: Connection, counts: Mapping[str, int], moment: int) -> None:
    """Count mails that leave after all against the allowance of a month, even beyond it; `counts` has a number for each account."""
    _add(connection, {(account_id, period(moment)): count for account_id, count in counts.items()})


def _add(connection: Connection, counts: Mapping[tuple[str, str], int]) -> None:
    """Add to the counters of (account, period). The slots of an account are summed, so that one slot may be negative."""
    usage = tables.Usage
    statement = dialects.insert(connection.dialect.name, usage)
    added = statement.on_conflict_do_update(
        index_elements=list(usage.__table__.primary_key), set_={"used": usage.used + statement.excluded.used}
    )
    # In a fixed order, so that two transactions cannot deadlock.
    rows = [
        {"account_id": account_id, "feature": EMAILS, "period": month, "slot": 0, "used": count}
        for (account_id, month), count in sorted(counts.items())
        if count
    ]
    if rows:
        connection.execute(added, rows)
