"""The stored targets of tracked links, by number."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts

INSERT_LINK = inserts(tables.MessageLink, "message_id", "number", "target")


def store(connection: Connection, message_id: str, targets: Sequence[str]) -> None:
    """Store the links of a new message."""
    INSERT_LINK.run_many(
        connection, [{"message_id": message_id, "number": number, "target": target} for number, target in enumerate(targets)]
    )


def read(connection: Connection, message_id: str) -> tuple[str, ...]:
    """The links of a message; empty if it has none."""
    return read_many(connection, [message_id])[message_id]


def read_many(connection: Connection, message_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The links of several messages, by message."""
    targets: dict[str, list[str]] = {id_: [] for id_ in message_ids}
    link = tables.MessageLink
    query = select(link.message_id, link.target).where(link.message_id.in_(message_ids)).order_by(link.message_id, link.number)
    for message_id, target in connection.execute(query):
        targets[message_id].append(target)
    return {id_: tuple(listed) for id_, listed in targets.items()}
