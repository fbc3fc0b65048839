"""The rows that belong to a message: the targets of its tracked links by number, its attachments, and a body that stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, select

from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts
from misarmail_server.delivery.message.mime import OriginalBody
from misarmail_server.delivery.message.stored_message import MailTopic, StoredParts

INSERT_LINK = inserts(tables.MessageLink, "message_id", "number", "target")
INSERT_ORIGINAL = inserts(tables.OriginalBody, "message_id", "content_type", "transfer_encoding", "content")
ATTACHMENT = tables.Attachment.__table__


def store_links(connection: Connection, message_id: str, targets: Sequence[str]) -> None:
    """Store the links of a new message."""
    INSERT_LINK.run_many(
        connection, [{"message_id": message_id, "number": number, "target": target} for number, target in enumerate(targets)]
    )


def store_original(connection: Connection, message_id: str, body: OriginalBody) -> None:
    """Store the body of a new message that is sent as it is."""
    INSERT_ORIGINAL.run(connection, {"message_id": message_id, **body._asdict()})


def read(connection: Connection, message: Any) -> StoredParts:
    """The parts of a row of `messages`. Only marketing mail has links and a topic, and only other mail an original body."""
    files = connection.execute(select(ATTACHMENT).where(ATTACHMENT.c.message_id == message.id).order_by(ATTACHMENT.c.id)).all()
    if message.stream == "marketing":
        return StoredParts(files, read_links(connection, [message.id])[message.id], topic=_topic(connection, message.topic_id))
    return StoredParts(files, (), _original(connection, message.id))


def read_links(connection: Connection, message_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The links of messages, by message."""
    targets: dict[str, list[str]] = {id_: [] for id_ in message_ids}
    link = tables.MessageLink
    query = select(link.message_id, link.target).where(link.message_id.in_(message_ids)).order_by(link.message_id, link.number)
    for message_id, target in connection.execute(query):
        targets[message_id].append(target)
    return {id_: tuple(listed) for id_, listed in targets.items()}


def _topic(connection: Connection, id_: str | None) -> MailTopic | None:
    """The topic of a message; None if it has none, or it was deleted."""
    topic = tables.Topic
    name = None if id_ is None else connection.scalar(select(topic.name).where(topic.id == id_))
    return None if id_ is None or name is None else MailTopic(id_, name)


def _original(connection: Connection, message_id: str) -> OriginalBody | None:
    body = tables.OriginalBody
    row = connection.execute(select(body.content_type, body.transfer_encoding, body.content).where(body.message_id == message_id)).first()
    return None if row is None else OriginalBody(*row)
