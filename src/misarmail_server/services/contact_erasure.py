"""Erasing a person: the contact, and every trace of its address but suppressions, topics that it left, and a keyed hash.

Without the first two the person could be mailed again, and without the hash an import could bring them back.

Rows that have an index are erased in the unit of work of the request. Logs, which can only be read through, are searched by a background
task of the worker (`continue_one`), in small batches. Counts remain; orders remain without the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from misarmail_server.context import Context, now
from misarmail_server.db import tables
from misarmail_server.events import barred, behaviors, quota, record, topics
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import FINAL, WAITING, RecipientState
from misarmail_server.services import contacts, erased_addresses, message_content

NOBODY = "erased@erased.invalid"  # a reserved name (RFC 2606)
BATCH_SIZE = 500  # rows per unit of work
ADDRESS_CHARACTER = r"[\w!#$%&'*+=?^`{|}~.-]"  # without the slash of paths
RECIPIENT = tables.Recipient
Search = Callable[[Connection, Any, re.Pattern[str]], str | None]  # the last row searched; None at the end


def erase(ctx: Context, id_: str) -> bool:
    """Erase the person of a contact; whether the address remains suppressed. Raises NotFound."""
    email = ctx.lock(tables.Contact, id_, "contact").email
    contacts.delete_(ctx, id_)
    erased_addresses.remember(ctx, email)
    event = tables.Event
    of_address = (event.account_id == ctx.account_id, func.lower(event.recipient) == email)
    message_ids = list(ctx.connection.scalars(select(event.message_id).where(*of_address).distinct()))
    _cancel(ctx.connection, ctx.account_id, email)
    for first in range(0, len(message_ids), BATCH_SIZE):
        _erase_from(ctx.connection, email, message_ids[first : first + BATCH_SIZE])
    ctx.connection.execute(delete(event).where(*of_address))
    behaviors.erase(ctx.connection, ctx.account_id, email)
    topics.erase(ctx, email)
    channel, enrollment = tables.ChannelMessage, tables.Enrollment
    of_contact = update(channel).where(channel.account_id == ctx.account_id, channel.contact_id == id_)
    ctx.connection.execute(of_contact.values(contact_id=None, asked_json="{}"))
    ctx.connection.execute(delete(enrollment).where(enrollment.account_id == ctx.account_id, enrollment.contact_id == id_))
    tracked, purchase = tables.TrackedEvent, tables.Purchase
    ctx.connection.execute(delete(tracked).where(tracked.account_id == ctx.account_id, tracked.email == email))
    orders = update(purchase).where(purchase.account_id == ctx.account_id, purchase.email == email)
    ctx.connection.execute(orders.values(email=NOBODY, items_json="[]"))
    again = {"account_id": ctx.account_id, "email": email, "step": 0, "position": "", "created_at": ctx.now()}
    if not ctx.insert_new(tables.Erasure, again):
        erasure = tables.Erasure
        of_row = (erasure.account_id == ctx.account_id, erasure.email == email)
        ctx.connection.execute(update(erasure).where(*of_row).values(step=0, position=""))
    suppression = tables.Suppression
    remaining = select(suppression.address).where(suppression.account_id == ctx.account_id, suppression.address == email)
    return ctx.connection.scalar(remaining.where(barred.is_active(ctx.now())).limit(1)) is not None


def continue_one(connection: Connection) -> bool:
    """Search one batch for the oldest erased address; whether there is more to search."""
    erasure = tables.Erasure
    row = connection.execute(select(erasure.__table__).order_by(erasure.created_at).limit(1)).first()
    if row is None:
        return False
    pattern = re.compile(rf"(?<!{ADDRESS_CHARACTER}){re.escape(row.email)}(?![\w-]|\.\w)", re.IGNORECASE)
    last = SEARCHES[row.step](connection, row, pattern)
    of_row = (erasure.account_id == row.account_id, erasure.email == row.email, erasure.step == row.step)
    if last is not None:
        connection.execute(update(erasure).where(*of_row).values(position=last))
    elif row.step + 1 < len(SEARCHES):
        connection.execute(update(erasure).where(*of_row).values(step=row.step + 1, position=""))
    else:
        connection.execute(delete(erasure).where(*of_row))
    return True


def _cancel(connection: Connection, account_id: str, email: str) -> None:
    """Cancel mail to the address that waits, and give it back to the plan."""
    message = tables.Message
    waiting = (
        select(RECIPIENT.id, RECIPIENT.message_id, message.campaign_id, message.created_at, message.is_sandbox)
        .join(message, message.id == RECIPIENT.message_id)
        .where(RECIPIENT.state.in_(WAITING), RECIPIENT.account_id == account_id, func.lower(RECIPIENT.address) == email)
    )
    for row in connection.execute(waiting).all():
        change = update(RECIPIENT).where(RECIPIENT.id == row.id, RECIPIENT.state.in_(WAITING))
        if connection.execute(change.values(state=RecipientState.CANCELLED, finished_at=now())).rowcount and not row.is_sandbox:
            cancelled = EmailEvent(row.message_id, account_id, None, "cancelled", "cancelled", now(), row.campaign_id)
            record.count_events(connection, [cancelled])
            quota.give_back_each(connection, [(account_id, row.created_at)])
        _erase_from(connection, email, [row.message_id])


def _erase_from(connection: Connection, email: str, message_ids: Sequence[str]) -> None:
    """Erase the address from messages; those that were sent to it alone, or with others, lose their content once they are finished."""
    of_person = (RECIPIENT.message_id.in_(message_ids), func.lower(RECIPIENT.address) == email, RECIPIENT.state.in_(FINAL))
    connection.execute(update(RECIPIENT).where(*of_person).values(address=RECIPIENT.erased_address(), contact_id=None, values_json=None))
    message = tables.Message
    own = select(message.id, message.to_json, message.cc_json).where(message.id.in_(message_ids), message.campaign_id.is_(None))
    rows = connection.execute(own).all()
    for row in rows:
        remaining = {"to_json": _without(row.to_json, email), "cc_json": _without(row.cc_json, email)}
        connection.execute(update(message).where(message.id == row.id).values(remaining))
    _erase_from_links(connection, email, [row.id for row in rows])
    message_content.delete_once_finished(connection, [row.id for row in rows])


def _erase_from_links(connection: Connection, email: str, message_ids: Sequence[str]) -> None:
    """Erase the address from the targets of links that remain, because others have the mail."""
    link = tables.MessageLink
    address = re.escape(email).replace("@", "(?:@|%40)")
    pattern = re.compile(rf"(?<![\w.+-]){address}(?![\w-]|\.\w)", re.IGNORECASE)
    query = select(link.message_id, link.number, link.target).where(link.message_id.in_(message_ids))
    for id_, number, target in connection.execute(query).all():
        if pattern.search(target):
            of_row = (link.message_id == id_, link.number == number)
            connection.execute(update(link).where(*of_row).values(target=pattern.sub(NOBODY, target)))


def _without(mailboxes_json: str, email: str) -> str:
    mailboxes = [mailbox for mailbox in msgspec.json.decode(mailboxes_json) if mailbox["email"].lower() != email]
    return msgspec.json.encode(mailboxes).decode()


def _search_recipients(connection: Connection, row: Any, _: re.Pattern[str]) -> str | None:
    """Recipients without an event, such as those that were being delivered when the person was erased."""
    after = int(row.position or 0)
    columns = (RECIPIENT.id, RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.state)
    batch = connection.execute(select(*columns).where(RECIPIENT.id > after).order_by(RECIPIENT.id).limit(BATCH_SIZE)).all()
    matching = [each for each in batch if each.account_id == row.account_id and each.address.lower() == row.email]
    if any(each.state in WAITING for each in matching):
        _cancel(connection, row.account_id, row.email)
    _erase_from(connection, row.email, [each.message_id for each in matching])
    event = tables.Event
    connection.execute(delete(event).where(event.account_id == row.account_id, func.lower(event.recipient) == row.email))
    behaviors.erase(connection, row.account_id, row.email)  # of a delivery that ended meanwhile
    if any(each.state == RecipientState.LEASED for each in matching):
        return str(after)  # its delivery ends soon
    return str(batch[-1].id) if batch else None


def _search_webhooks(connection: Connection, row: Any, pattern: re.Pattern[str]) -> str | None:
    delivery = tables.WebhookDelivery
    query = select(delivery.id, delivery.account_id, delivery.body).where(delivery.id > row.position)
    batch = connection.execute(query.order_by(delivery.id).limit(BATCH_SIZE)).all()
    own = [each for each in batch if each.account_id == row.account_id]
    matching = [each.id for each in own if pattern.search(bytes(each.body).decode("utf-8", "replace"))]
    connection.execute(delete(delivery).where(delivery.id.in_(matching)))
    return batch[-1].id if batch else None


def _search_answers(connection: Connection, row: Any, pattern: re.Pattern[str]) -> str | None:
    """Stored responses keep their key: without it, a repeat would be executed again."""
    stored = tables.Idempotency
    query = select(stored.key, stored.answer).where(stored.account_id == row.account_id, stored.key > row.position, stored.status != 0)
    batch = connection.execute(query.order_by(stored.key).limit(BATCH_SIZE)).all()
    for key, answer in batch:
        text = bytes(answer).decode("utf-8", "replace")
        if pattern.search(text):
            of_row = (stored.account_id == row.account_id, stored.key == key)
            connection.execute(update(stored).where(*of_row).values(answer=pattern.sub(NOBODY, text).encode()))
    return batch[-1].key if batch else None


def _search_audit(connection: Connection, row: Any, pattern: re.Pattern[str]) -> str | None:
    entry = tables.AuditEntry
    query = select(entry.id, entry.target).where(entry.account_id == row.account_id, entry.id > int(row.position or 0))
    batch = connection.execute(query.order_by(entry.id).limit(BATCH_SIZE)).all()
    for id_, target in batch:
        if pattern.search(target):
            connection.execute(update(entry).where(entry.id == id_).values(target=pattern.sub(NOBODY, target)))
    return str(batch[-1].id) if batch else None


SEARCHES: tuple[Search, ...] = (_search_recipients, _search_webhooks, _search_answers, _search_audit)
