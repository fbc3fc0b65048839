"""What receivers and relays tell of mail that left: one place for its effects, whoever brings the news.

A bounce, complaint or unsubscription ends the mailing of the address, and stands once with its message however often it is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import func, select, update

from misarmail_server import tables
from misarmail_server.context import Context, Principal
from misarmail_server.delivery import happenings, soft_bounces
from misarmail_server.delivery.happenings import Happening
from misarmail_server.delivery.relay_reports import Report
from misarmail_server.services import contacts, suppressions

REASONS = {"hard_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}
TYPES = {"hard_bounced": "bounced", "soft_bounced": "bounced", "complained": "complained", "unsubscribed": "unsubscribed"}
LEFT = ("delivered", "ambiguous", "deferred", "pending")  # states of a row that news of a bounce ends


class _Copy(NamedTuple):
    """A recipient's copy of a message of the account."""

    row: int
    address: str
    campaign_id: str | None


def of(ctx: Context, account_id: str) -> Context:
    """The same unit of work as that account's own."""
    return replace(ctx, principal=Principal(account_id, "free", "verified"))


def keep(ctx: Context, found: Sequence[Report]) -> None:
    """Suppress, change contacts and ledger, and note what is reported of this account's mail. What names no message of it is not noted."""
    copies = _copies(ctx, found)
    for one in found:
        copy = copies.get((one.message_id or "", one.email.lower()))
        if copy is not None:
            _note(ctx, one, copy)
        if one.kind in REASONS:
            suppress(ctx, one.email, REASONS[one.kind])
        elif soft_bounces.are_too_many(ctx.connection, ctx.account_id, one.email, ctx.now()):
            suppress(ctx, one.email, "bounced")


def suppress(ctx: Context, email: str, reason: str) -> None:
    """Mail the address no more, and say so of its contact. The first reason of a suppression stays."""
    address = email.lower()
    suppressions.add(ctx, address, reason)
    contact = contacts.find(ctx, address)
    if contact is not None and (contact.status == "subscribed" or reason == "complained"):
        contacts.set_status(ctx, ctx.lock(tables.Contact, contact.id, "contact"), reason)


def _note(ctx: Context, one: Report, copy: _Copy) -> None:
    """The event, unless it stands there already, and what it makes of the recipient's row."""
    type_ = TYPES[one.kind]
    is_new = not _stands(ctx, one.message_id or "", copy.address, type_)
    if type_ == "bounced":
        ended = update(tables.Recipient).where(tables.Recipient.id == copy.row, tables.Recipient.state.in_(LEFT))
        ctx.connection.execute(ended.values(state="bounced", finished_at=ctx.now()))
    if is_new:
        whose = (one.message_id or "", ctx.account_id, copy.address)
        told = Happening(*whose, type_, one.kind, ctx.now(), copy.campaign_id, reply_code=one.code, reply_text=one.text)
        happenings.record(ctx.connection, [told])


def _stands(ctx: Context, message_id: str, address: str, type_: str) -> bool:
    event = tables.Event
    known = select(event.id).where(event.message_id == message_id, event.recipient == address, event.type == type_)
    return ctx.connection.scalar(known.limit(1)) is not None


def _copies(ctx: Context, found: Sequence[Report]) -> dict[tuple[str, str], _Copy]:
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
    return {(row.message_id, row.address.lower()): _Copy(row.id, row.address, row.campaign_id) for row in ctx.connection.execute(locked)}
