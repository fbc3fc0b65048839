"""Deleting the content of messages, of which the record and the counts remain."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from misarmail_server.db import dialects, tables
from misarmail_server.rows.recipient_states import OPEN_STATES, RecipientState

RECIPIENT = tables.Recipient
BATCH_SIZE = 500  # rows per statement
RECEIVED = (RecipientState.DELIVERED, RecipientState.AMBIGUOUS)  # their recipients have, or may have, the mail


def delete_content(connection: Connection, message_ids: Sequence[str]) -> None:
    """Delete subject, bodies, header fields and files. The links in delivered mail still work."""
    for table in (tables.Attachment, tables.OriginalBody):
        connection.execute(delete(table).where(table.message_id.in_(message_ids)))
    nothing = {"subject": "", "body_html": None, "body_text": None, "headers_json": "{}", "metadata_json": "{}", "has_content": False}
    connection.execute(update(tables.Message).where(tables.Message.id.in_(message_ids)).values(nothing))


def _delete_unused_links(connection: Connection, message_ids: Sequence[str]) -> None:
    """Delete the links of messages that nobody has got, except persons who were erased."""
    link = tables.MessageLink
    has_got = (RECIPIENT.state.in_(RECEIVED), RECIPIENT.address != RECIPIENT.erased_address())
    is_used = exists().where(RECIPIENT.message_id == link.message_id, *has_got)
    connection.execute(delete(link).where(link.message_id.in_(message_ids), ~is_used))


def delete_values(connection: Connection, message_id: str) -> bool:
    """Delete a batch of the personal values of a campaign's recipients; False once there are none."""
    batch = select(RECIPIENT.id).where(RECIPIENT.message_id == message_id, RECIPIENT.values_json.is_not(None)).limit(BATCH_SIZE)
    return connection.execute(update(RECIPIENT).where(RECIPIENT.id.in_(batch.scalar_subquery())).values(values_json=None)).rowcount > 0


def delete_message(connection: Connection, message_id: str) -> None:
    """Delete a message that was sent to the sandbox, with everything that belongs to it."""
    for table in (tables.Attachment, tables.OriginalBody, tables.MessageLink, tables.Event, tables.Capture, tables.Recipient):
        connection.execute(delete(table).where(table.message_id == message_id))
    connection.execute(delete(tables.Message).where(tables.Message.id == message_id))


def lock_finished(connection: Connection, message_ids: Sequence[str]) -> list[str]:
    """Those of the messages that have no open recipients, locked: until the transaction ends, no recipient can become open again."""
    message = tables.Message
    connection.execute(select(message.id).where(message.id.in_(message_ids)).order_by(message.id).with_for_update()).all()
    is_open = exists().where(RECIPIENT.message_id == message.id, RECIPIENT.state.in_(OPEN_STATES))
    return list(connection.scalars(select(message.id).where(message.id.in_(message_ids), ~is_open)))


def delete_once_finished(connection: Connection, message_ids: Sequence[str]) -> None:
    """Have the content and unused links of messages deleted once they have no open recipients: by `delete_finished`, in the background."""
    if message_ids:
        new = dialects.insert(connection.dialect.name, tables.ContentDeletion).on_conflict_do_nothing()
        connection.execute(new, [{"message_id": id_} for id_ in message_ids])
    delete_finished(connection, tables.ContentDeletion.message_id.in_(message_ids))


def delete_finished(connection: Connection, *only: ColumnElement[bool]) -> bool:
    """Delete a batch of what `delete_once_finished` asked for; whether there may be more."""
    deletion = tables.ContentDeletion
    is_open = exists().where(RECIPIENT.message_id == deletion.message_id, RECIPIENT.state.in_(OPEN_STATES))
    batch = list(connection.scalars(select(deletion.message_id).where(~is_open, *only).limit(BATCH_SIZE)))
    ids = lock_finished(connection, batch)
    delete_content(connection, ids)
    _delete_unused_links(connection, ids)
    connection.execute(delete(deletion).where(deletion.message_id.in_(ids)))
    return len(batch) == BATCH_SIZE
