"""When soft bounces of an address add up to a hard one: three mails in a row, over two days at least."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from misarmail_server.context import DAY, HOUR
from misarmail_server.db import tables

MIN_BOUNCES = 3
MIN_SPAN = 48 * HOUR
LOOK_BACK = 60 * DAY
MAX_EVENTS = 200


def are_too_many(connection: Connection, account_id: str, address: str, at: int) -> bool:
    """Whether the newest mails to an address bounced, three or more of them, the first 48 hours or longer before the last.

    A delivered mail in between resets the count.
    """
    event = tables.Event
    newest = (
        select(event.message_id, event.type, event.at)
        .where(event.account_id == account_id, func.lower(event.recipient) == address.lower(), event.at > at - LOOK_BACK)
        .where(event.type.in_(("delivered", "bounced")))
        .order_by(event.at.desc(), event.id.desc())
        .limit(MAX_EVENTS)
    )
    bounced: dict[str, int] = {}
    for row in connection.execute(newest):  # newest first: the last event of a mail counts
        if row.type == "bounced":
            bounced.setdefault(row.message_id, row.at)
        elif row.message_id not in bounced:
            break
    return len(bounced) >= MIN_BOUNCES and max(bounced.values()) - min(bounced.values()) >= MIN_SPAN
