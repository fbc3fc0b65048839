"""Feedback from receivers and relays about sent mail, with its effects in one place for all sources.

A bounce, complaint or unsubscribe suppresses the address (see `events/suppress`) and is recorded once, however often it is reported:
bounces and complaints per message, an unsubscribe with the message that caused it, as with the link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update

from misarmail_server.context import TenantUnit
from misarmail_server.db import tables
from misarmail_server.events import record, soft_bounces, suppress
from misarmail_server.events.record import EmailEvent
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.received.relay_reports import FeedbackReport
from misarmail_server.rows.recipient_states import BOUNCEABLE, RecipientState

SUPPRESSION_REASONS = {"hard_bounced": "bounced", "complained": "complained"}
LEFT = (RecipientState.DELIVERED, RecipientState.AMBIGUOUS)  # counted as sent already
EVENT_TYPES = {"hard_bounced": "bounced", "soft_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}


class _ReportedRecipient(NamedTuple):
    """A recipient of a message of the account."""

    row: int
    address: str
    campaign_id: str | None
    state: RecipientState
    finished_at: int | None


def apply(ctx: TenantUnit, reports: Sequence[FeedbackReport]) -> None:
    """Suppress addresses, change contacts and recipients, and record the events. Reports that match no message are not recorded."""
    recipients = _recipients(ctx, reports)
    for report in reports:
        recipient = recipients.get((report.message_id or "", report.email.lower()))
        event = None if recipient is None else _event(ctx, report, recipient)
        if report.kind == "unsubscribed":
            _suppress(ctx, SuppressionCause(ctx.account_id, report.email, "unsubscribed", event))
            continue
        if recipient is not None and event is not None:
            _record(ctx, recipient, event)
        if report.kind in SUPPRESSION_REASONS:
            _suppress(ctx, SuppressionCause(ctx.account_id, report.email, SUPPRESSION_REASONS[report.kind]))
        elif soft_bounces.are_too_many(ctx.connection, ctx.account_id, report.email, ctx.now()):
            _suppress(ctx, SuppressionCause(ctx.account_id, report.email, "bounced"))


def _suppress(ctx: TenantUnit, cause: SuppressionCause) -> None:
    suppress.apply(ctx.connection, [cause], ctx.now())


def _event(ctx: TenantUnit, report: FeedbackReport, recipient: _ReportedRecipient) -> EmailEvent:
    key = (report.message_id or "", ctx.account_id, recipient.address)
    return EmailEvent(
        *key, EVENT_TYPES[report.kind], report.kind, ctx.now(), recipient.campaign_id, reply_code=report.code, reply_text=report.text
    )


def _record(ctx: TenantUnit, recipient: _ReportedRecipient, event: EmailEvent) -> None:
    """Record the event unless it exists, and update the recipient's row."""
    if event.type == "bounced":
        bounced = update(tables.Recipient).where(tables.Recipient.id == recipient.row, tables.Recipient.state.in_(BOUNCEABLE))
        ctx.connection.execute(bounced.values(state=RecipientState.BOUNCED, finished_at=ctx.now()))
    if _is_recorded(ctx, event.message_id, recipient.address, event.type):
        return
    if event.type == "bounced" and recipient.state in LEFT and recipient.finished_at is not None:
        record.record_late_bounce(ctx.connection, event, recipient.state, recipient.finished_at)
    else:
        record.record_events(ctx.connection, [event])


def _is_recorded(ctx: TenantUnit, message_id: str, address: str, type_: str) -> bool:
    event = tables.Event
    query = select(event.id).where(event.message_id == message_id, event.recipient == address, event.type == type_)
    return ctx.connection.scalar(query.limit(1)) is not None


def _recipients(ctx: TenantUnit, reports: Sequence[FeedbackReport]) -> dict[tuple[str, str], _ReportedRecipient]:
    """(message id, lower-case address) -> the recipient, for reports about mail of this account. The rows are locked."""
    recipient, message = tables.Recipient, tables.Message
    ids = {report.message_id for report in reports if report.message_id is not None}
    if not ids:
        return {}
    columns = (recipient.id, recipient.message_id, recipient.address, message.campaign_id, recipient.state, recipient.finished_at)
    rows = select(*columns).join(message, message.id == recipient.message_id)
    emails = {report.email.lower() for report in reports}
    own = rows.where(recipient.account_id == ctx.account_id, recipient.message_id.in_(ids), func.lower(recipient.address).in_(emails))
    locked = own.order_by(recipient.id).with_for_update(of=recipient)
    return {
        (row.message_id, row.address.lower()): _ReportedRecipient(row.id, row.address, row.campaign_id, row.state, row.finished_at)
        for row in ctx.connection.execute(locked)
    }
