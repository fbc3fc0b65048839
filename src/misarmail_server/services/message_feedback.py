"""What receivers and relays tell of mail that left: one place for its effects, whoever brings the news.

A bounce, complaint or unsubscription ends the mailing of the address (see `endings`), and stands once however often it is reported: the
first two with each message, an unsubscription with the message that brought it about, as by the link.
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

REASONS = {"hard_bounced": "bounced", "complained": "complained"}
TYPES = {"hard_bounced": "bounced", "soft_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}


class _ReportedRecipient(NamedTuple):
    """A recipient's copy of a message of the account."""

    row: int
    address: str
    campaign_id: str | None


def keep(ctx: TenantUnit, found: Sequence[FeedbackReport]) -> None:
    """Suppress, change contacts and ledger, and note what is reported of this account's mail. What names no message of it is not noted."""
    copies = _copies(ctx, found)
    for one in found:
        copy = copies.get((one.message_id or "", one.email.lower()))
        told = None if copy is None else _event(ctx, one, copy)
        if one.kind == "unsubscribed":
            _end(ctx, SuppressionCause(ctx.account_id, one.email, "unsubscribed", told))
            continue
        if copy is not None and told is not None:
            _note(ctx, copy, told)
        if one.kind in REASONS:
            _end(ctx, SuppressionCause(ctx.account_id, one.email, REASONS[one.kind]))
        elif soft_bounces.are_too_many(ctx.connection, ctx.account_id, one.email, ctx.now()):
            _end(ctx, SuppressionCause(ctx.account_id, one.email, "bounced"))


def _end(ctx: TenantUnit, ending: SuppressionCause) -> None:
    suppress.apply(ctx.connection, [ending], ctx.now())


def _event(ctx: TenantUnit, report: FeedbackReport, copy: _ReportedRecipient) -> EmailEvent:
    whose = (report.message_id or "", ctx.account_id, copy.address)
    return EmailEvent(*whose, TYPES[report.kind], report.kind, ctx.now(), copy.campaign_id, reply_code=report.code, reply_text=report.text)


def _note(ctx: TenantUnit, copy: _ReportedRecipient, told: EmailEvent) -> None:
    """The event, unless it stands there already, and what it makes of the recipient's row."""
    if told.type == "bounced":
        ended = update(tables.Recipient).where(tables.Recipient.id == copy.row, tables.Recipient.state.in_(BOUNCEABLE))
        ctx.connection.execute(ended.values(state=RecipientState.BOUNCED, finished_at=ctx.now()))
    if not _stands(ctx, told.message_id, copy.address, told.type):
        record.record_events(ctx.connection, [told])


def _stands(ctx: TenantUnit, message_id: str, address: str, type_: str) -> bool:
    event = tables.Event
    known = select(event.id).where(event.message_id == message_id, event.recipient == address, event.type == type_)
    return ctx.connection.scalar(known.limit(1)) is not None


def _copies(ctx: TenantUnit, found: Sequence[FeedbackReport]) -> dict[tuple[str, str], _ReportedRecipient]:
    """(message id, address in lower case) -> the copy, for the reports that are about mail of this account. Its rows are locked."""
    recipient, message = tables.Recipient, tables.Message
    ids = {one.message_id for one in found if one.message_id is not None}
    if not ids:
        return {}
    columns = (recipient.id, recipient.message_id, recipient.address, message.campaign_id)
    rows = select(*columns).join(message, message.id == recipient.message_id)
    wanted = {one.email.lower() for one in found}
    own = rows.where(recipient.account_id == ctx.account_id, recipient.message_id.in_(ids), func.lower(recipient.address).in_(wanted))
    locked = own.order_by(recipient.id).with_for_update(of=recipient)
    return {
        (row.message_id, row.address.lower()): _ReportedRecipient(row.id, row.address, row.campaign_id)
        for row in ctx.connection.execute(locked)
    }
