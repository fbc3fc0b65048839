"""Messages with their recipients and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from misarmail_contract import models
from misarmail_server.context import Context, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.rows.recipient_states import OPEN_STATES, RecipientState

_mailbox_list = msgspec.json.Decoder(list[models.Mailbox])
_words = msgspec.json.Decoder(list[str])
_map = msgspec.json.Decoder(dict[str, str])


def get(ctx: Context, id_: str) -> models.Message:
    """A message with its recipients and events. Raises NotFound."""
    row = ctx.get(tables.Message, id_, "message")
    recipients = ctx.connection.execute(
        select(tables.Recipient.__table__).where(tables.Recipient.message_id == id_).order_by(tables.Recipient.id)
    ).all()
    events = ctx.connection.execute(select(tables.Event.__table__).where(tables.Event.message_id == id_).order_by(tables.Event.id)).all()
    sender = models.Mailbox(email=row.from_email, name=row.from_name if row.from_name is not None else msgspec.UNSET)
    return models.Message(
        id=row.id,
        state=state(row, [recipient.state for recipient in recipients], ctx.now()),
        stream=row.stream,
        sandbox=row.is_sandbox,
        from_=sender,
        to=_mailbox_list.decode(row.to_json),
        cc=_mailbox_list.decode(row.cc_json),
        subject=row.subject,
        template_id=row.template_id,
        tags=_words.decode(row.tags_json),
        metadata=_map.decode(row.metadata_json),
        scheduled_at=at_or_none(row.scheduled_at),
        created_at=at(row.created_at),
        recipients=[_recipient(recipient) for recipient in recipients],
        events=[_accepted(row), *map(_event, events)],
    )


def state(row: tables.Message, states: Sequence[RecipientState], now: int) -> models.MessageState:
    """The state of a message as a whole: that of its least advanced recipient, ignoring suppressed and cancelled ones."""
    kinds = set(states) - {RecipientState.SUPPRESSED, RecipientState.CANCELLED}
    if not kinds:
        return "suppressed"
    if kinds & {*OPEN_STATES}:
        return "scheduled" if row.scheduled_at is not None and row.scheduled_at > now and kinds == {RecipientState.PENDING} else "queued"
    if kinds == {RecipientState.CAPTURED}:
        return "captured"
    if kinds == {RecipientState.DELIVERED}:
        return "delivered"
    if kinds == {RecipientState.AMBIGUOUS}:
        return "ambiguous"
    return "partly_delivered" if kinds & {RecipientState.DELIVERED, RecipientState.AMBIGUOUS} else "bounced"


def _recipient(row: Any) -> models.MessageRecipient:
    return models.MessageRecipient(
        email=row.address,
        kind=row.kind,
        state=row.state,
        attempt_count=row.attempt_count,
        next_attempt_at=at(row.due_at) if row.state in OPEN_STATES else None,
        finished_at=at_or_none(row.finished_at),
    )


def _accepted(row: tables.Message) -> models.MessageEvent:
    """The first event of every message; its time is that of the row, so it is not stored twice."""
    return models.MessageEvent(type="accepted", at=at(row.created_at), recipient=None, reply_code=None, reply_text=None)


def _event(row: Any) -> models.MessageEvent:
    return models.MessageEvent(type=row.type, at=at(row.at), recipient=row.recipient, reply_code=row.reply_code, reply_text=row.reply_text)
