"""Everything that an account holds about the person of a contact (GDPR, articles 15 and 20). `contact_erasure` deletes the same rows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import func, or_, select

from misarmail_contract import models
from misarmail_server.context import Context, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.rows.recipient_states import OPEN_STATES
from misarmail_server.services import contact_events, contacts, suppressions, topics, track_purchases

EVERYTHING = 10_000_000  # a page that holds all activity
RECIPIENT, MESSAGE, EVENT = tables.Recipient, tables.Message, tables.Event


def export(ctx: Context, id_: str) -> models.ContactDataResponse:
    """The data of a contact's person. Raises NotFound."""
    contact = contacts.get(ctx, id_)
    member = tables.SegmentMember
    listed = select(member.segment_id).where(member.contact_id == id_).order_by(member.segment_id)
    return models.ContactDataResponse(
        exported_at=at(ctx.now()),
        contact=contact,
        segment_ids=list(ctx.connection.scalars(listed)),
        topics=topics.of_contact(ctx, id_),
        suppressions=suppressions.of_address(ctx, contact.email),
        activity=contact_events.page(ctx, id_, 1, EVERYTHING)[0],
        messages=_messages(ctx, contact.email),
        purchases=_purchases(ctx, contact.email),
        enrollments=_enrollments(ctx, id_),
        channel_messages=_channel_messages(ctx, id_),
    )


def _messages(ctx: Context, email: str) -> list[models.ContactDataMessage]:
    """The messages that have an event about the address, and those that are still to be delivered."""
    columns = (RECIPIENT.message_id, RECIPIENT.state, RECIPIENT.values_json, RECIPIENT.finished_at)
    of_message = (MESSAGE.subject, MESSAGE.campaign_id, MESSAGE.created_at)
    of_person = (RECIPIENT.account_id == ctx.account_id, func.lower(RECIPIENT.address) == email)
    about = select(EVENT.message_id).where(EVENT.account_id == ctx.account_id, func.lower(EVENT.recipient) == email)
    held = or_(RECIPIENT.message_id.in_(about), RECIPIENT.state.in_(OPEN_STATES))
    query = select(*columns, *of_message).join(MESSAGE, MESSAGE.id == RECIPIENT.message_id).where(*of_person, held)
    return [
        models.ContactDataMessage(
            message_id=row.message_id,
            subject=row.subject,
            campaign_id=row.campaign_id,
            state=row.state,
            values=_decoded(row.values_json),
            created_at=at(row.created_at),
            finished_at=at_or_none(row.finished_at),
        )
        for row in ctx.connection.execute(query.order_by(MESSAGE.created_at, MESSAGE.id))
    ]


def _purchases(ctx: Context, email: str) -> list[models.ContactDataPurchase]:
    purchase = tables.Purchase
    query = select(purchase.__table__).where(purchase.account_id == ctx.account_id, purchase.email == email)
    return [
        models.ContactDataPurchase(
            order_id=row.order_id,
            amount=row.amount_minor / 10 ** track_purchases.decimals(row.currency),
            currency=row.currency,
            items=_decoded(row.items_json),
            campaign_id=row.campaign_id,
            at=at(row.at),
        )
        for row in ctx.connection.execute(query.order_by(purchase.at, purchase.id))
    ]


def _enrollments(ctx: Context, id_: str) -> list[models.ContactDataEnrollment]:
    enrollment = tables.Enrollment
    query = select(enrollment.__table__).where(enrollment.account_id == ctx.account_id, enrollment.contact_id == id_)
    return [
        models.ContactDataEnrollment(
            automation_id=row.automation_id, status=row.status, enrolled_at=at(row.enrolled_at), finished_at=at_or_none(row.finished_at)
        )
        for row in ctx.connection.execute(query.order_by(enrollment.enrolled_at, enrollment.id))
    ]


def _channel_messages(ctx: Context, id_: str) -> list[models.ContactDataChannelMessage]:
    message = tables.ChannelMessage
    query = select(message.__table__).where(message.account_id == ctx.account_id, message.contact_id == id_)
    return [
        models.ContactDataChannelMessage(id=row.id, channel=row.channel, request=_decoded(row.asked_json), created_at=at(row.created_at))
        for row in ctx.connection.execute(query.order_by(message.created_at, message.id))
    ]


def _decoded(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)
