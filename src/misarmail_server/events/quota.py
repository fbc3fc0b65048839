"""Mails that were counted against a plan when they were accepted, and did not leave."""

from __future__ import annotations

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
    """Give mails back to the allowance of the month in which they were accepted; `counts` has a number for each account.

    The counters of an account are summed, so that of one slot may be negative.
    """
    usage = tables.Usage
    statement = dialects.insert(connection.dialect.name, usage)
    added = statement.on_conflict_do_update(
        index_elements=list(usage.__table__.primary_key), set_={"used": usage.used + statement.excluded.used}
    )
    # In a fixed order, so that two transactions cannot deadlock.
    rows = [
        {"account_id": account_id, "feature": EMAILS, "period": period(accepted_at), "slot": 0, "used": -count}
        for account_id, count in sorted(counts.items())
        if count
    ]
    if rows:
        connection.execute(added, rows)


def charge(connection: Connection, counts: Mapping[str, int], moment: int) -> None:
    """Count mails that leave after all against the allowance of a month, even beyond it; `counts` has a number for each account."""
    give_back(connection, {account_id: -count for account_id, count in counts.items()}, moment)


def give_back_each(connection: Connection, mails: Iterable[tuple[str, int]]) -> None:
    """As `give_back`, for (account, when it was accepted) of each mail."""
    by_period: dict[str, dict[str, int]] = {}
    moments: dict[str, int] = {}
    for account_id, accepted_at in mails:
        month = period(accepted_at)
        moments[month] = accepted_at
        counts = by_period.setdefault(month, {})
        counts[account_id] = counts.get(account_id, 0) + 1
    for month in sorted(by_period):
        give_back(connection, by_period[month], moments[month])
