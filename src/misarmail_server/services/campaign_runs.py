"""The running of campaigns: a due one becomes a message, its audience rows of the ledger, and the queue does the rest.

Each step is one transaction that begins by locking the campaign and looking at its state, so workers may do this side by side, be killed
anywhere, and meet a pause or a cancellation at the next step. The ledger's UNIQUE (message, address) keeps a repeated step from doubling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import Connection, CursorResult, Select, exists, insert, or_, select, tuple_, update

from misarmail_server.context import Context, Principal, new_id, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts_new
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import backlog, lanes
from misarmail_server.delivery.queue.leases import RECIPIENT, RECIPIENTS
from misarmail_server.errors import Refusal, TooMany, Unavailable
from misarmail_server.rows.recipient_states import MARKETING, OPEN, WAITING, RecipientState
from misarmail_server.services import campaigns, plans, segments
from misarmail_server.settings import Settings

BATCH = 1_000  # contacts to a transaction
COLUMNS = (
    *("message_id", "account_id", "address", "kind", "state", "priority", "lane"),
    *("attempt_count", "due_at", "contact_id", "values_json"),
)
INSERT = inserts_new(tables.Recipient, *COLUMNS)
CAMPAIGN = tables.Campaign
encode = msgspec.json.Encoder().encode
log = structlog.get_logger()
Step = Callable[[Context, tables.Campaign], bool]


class CampaignRuns:
    """What a worker does for campaigns, a step at a time."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def run(self) -> bool:
        """One step of every campaign that has one to take; whether there was any. Raises Unavailable."""
        return any([self._each(self._begin, _due()), self._each(self._fill, _filling()), self._each(self._end, _ending())])

    def _each(self, step: Step, which: Select[Any]) -> bool:
        with self._store.read() as connection:
            rows = connection.scalars(which.with_only_columns(CAMPAIGN.id)).all()
        return sum(self._take(step, which.where(CAMPAIGN.id == id_), id_) for id_ in rows) > 0

    def _take(self, step: Step, which: Select[Any], id_: str) -> bool:
        try:
            return self._store.write(lambda connection: self._locked(connection, step, which))
        except Unavailable:
            raise
        except Exception:  # one campaign with a fault that nobody foresaw must not stop all others
            log.exception("a campaign could not be worked on", campaign_id=id_)
            return False

    def _locked(self, connection: Connection, step: Step, which: Select[Any]) -> bool:
        """Take a step of a campaign that is still as it must be for it."""
        account = tables.Account
        owner = connection.execute(
            which.with_only_columns(account.id, account.plan, account.senders)
            .select_from(CAMPAIGN)
            .join(account, account.id == CAMPAIGN.account_id)
        ).one_or_none()
        if owner is None:
            return False
        ctx = Context.of_principal(self._store, self._settings, connection, Principal(*owner))
        row = ctx.db.scalar(which.with_for_update())
        return row is not None and step(ctx, row)

    def _begin(self, ctx: Context, row: tables.Campaign) -> bool:
        """Make a due campaign's message. One that may not be sent any more fails."""
        try:
            campaigns.require_sendable(ctx, row)
        except Refusal:
            return _enter(ctx, row, "failed", completed_at=now())
        message_id = new_id("msg")
        ctx.connection.execute(insert(tables.Message).values(_message(ctx, row, message_id)))
        return _enter(ctx, row, "sending", message_id=message_id, started_at=now())

    def _fill(self, ctx: Context, row: tables.Campaign) -> bool:
        """Put the next contacts of the audience into the ledger. What is queued already goes on where the segment is gone meanwhile."""
        if row.segment_id is not None and not segments.exists(ctx, row.segment_id):
            return _enter(ctx, row, "failed", completed_at=now())
        if not _has_room(ctx):  # it goes on as the queue empties
            return False
        rows = ctx.connection.execute(_audience(ctx, row)).all()
        reached = (rows[-1].created_at, rows[-1].id) if rows else (None, None)
        try:
            plans.spend_emails(ctx, len(rows))
        except TooMany:  # what is queued already goes on; next month, or with a larger plan, it can be resumed
            lanes.hold(ctx.connection, lanes.of_campaign(ctx.account_id, str(row.message_id)))
            return _enter(ctx, row, "paused")
        backlog.add(ctx.store, ctx.settings, len(rows))
        inserted = INSERT.run_rows(ctx.connection, COLUMNS, [_recipient(row, one) for one in rows])
        is_last = len(rows) < BATCH
        values = {"filled_at": now(), "sent_at": now()} if is_last else {"reached_at": reached[0], "reached_id": reached[1]}
        return _enter(ctx, row, "sending", total_recipients=row.total_recipients + inserted, **values)

    def _end(self, ctx: Context, row: tables.Campaign) -> bool:
        """A campaign none of whose mails is open any more is sent; what a cancelled one has left is cancelled with it."""
        of_campaign = (RECIPIENT.priority == MARKETING, RECIPIENT.lane == lanes.of_campaign(ctx.account_id, str(row.message_id)))
        if row.status == "sending":
            is_open = ctx.connection.scalar(select(or_(*(exists().where(RECIPIENT.state == one, *of_campaign) for one in OPEN))))
            return not is_open and _enter(ctx, row, "sent", completed_at=now())
        some = select(RECIPIENT.id).where(RECIPIENT.state.in_(WAITING), *of_campaign).limit(BATCH)
        change = update(RECIPIENTS).where(RECIPIENT.id.in_(some)).values(state=RecipientState.CANCELLED, finished_at=now())
        if ctx.connection.execute(change).rowcount == BATCH:
            return True
        lanes.free(ctx.connection, lanes.of_campaign(ctx.account_id, str(row.message_id)))
        return _enter(ctx, row, "cancelled", completed_at=now())


def _has_room(ctx: Context) -> bool:
    """Whether another batch may begin; the last one may go beyond the limit."""
    try:
        backlog.require_room(ctx.store, ctx.settings, 1, is_marketing=True)
    except Unavailable:
        return False
    return True


def _due() -> Select[Any]:
    return select(CAMPAIGN).where(CAMPAIGN.status == "scheduled", CAMPAIGN.scheduled_at <= now())


def _filling() -> Select[Any]:
    return select(CAMPAIGN).where(CAMPAIGN.status == "sending", CAMPAIGN.message_id.is_not(None), CAMPAIGN.filled_at.is_(None))


def _ending() -> Select[Any]:
    is_ending = or_(CAMPAIGN.filled_at.is_not(None) & (CAMPAIGN.status == "sending"), CAMPAIGN.status == "cancelled")
    return (
        select(CAMPAIGN)
        .where(CAMPAIGN.status.in_(("sending", "cancelled")), is_ending, CAMPAIGN.message_id.is_not(None))
        .where(CAMPAIGN.completed_at.is_(None))
    )


def _enter(ctx: Context, row: tables.Campaign, status: str, **values: Any) -> bool:
    change = update(CAMPAIGN).where(CAMPAIGN.id == row.id).values(status=status, updated_at=now(), **values)
    result: CursorResult[Any] = ctx.connection.execute(change)
    return result.rowcount == 1


def _audience(ctx: Context, row: tables.Campaign) -> Any:
    """The next subscribed contacts of the segment, after the last one that was reached, in the order they were made."""
    contact = tables.Contact
    people = segments.subscribed(ctx) if row.segment_id is None else segments.contacts_of(ctx, row.segment_id)
    if row.segment_id is not None:
        people = people.where(contact.status == "subscribed")
    if row.reached_at is not None:
        people = people.where(tuple_(contact.created_at, contact.id) > tuple_(row.reached_at, row.reached_id))
    columns = (contact.id, contact.created_at, contact.email, contact.first_name, contact.last_name, contact.phone, contact.company)
    rows: Any = people.with_only_columns(*columns, contact.custom_json)
    return rows.order_by(contact.created_at, contact.id).limit(BATCH)


def _message(ctx: Context, row: tables.Campaign, message_id: str) -> dict[str, Any]:
    """The message that all recipients share; its texts keep their tags, which are filled for each."""
    html, text = row.body_html, row.body_text
    if row.template_id is not None:
        template = ctx.get(tables.Template, row.template_id, "template")
        html, text = template.body_html, template.body_text
    empty: Sequence[str] = ("to_json", "cc_json", "tags_json")
    return {
        **dict.fromkeys(empty, "[]"),
        "id": message_id,
        "account_id": row.account_id,
        "campaign_id": row.id,
        "stream": "marketing",
        "is_sandbox": False,
        "from_email": row.from_email,
        "from_name": row.from_name,
        "reply_to_json": None if row.reply_to is None else encode({"email": row.reply_to}).decode(),
        "subject": row.subject,
        "body_html": html,
        "body_text": text,
        "headers_json": "{}",
        "metadata_json": "{}",
        "template_id": row.template_id,
        "created_at": now(),
    }


def _recipient(row: tables.Campaign, contact: Any) -> tuple[Any, ...]:
    """A contact's row of the ledger, in the order of `COLUMNS`."""
    known = {"email": contact.email, "first_name": contact.first_name, "last_name": contact.last_name, "phone": contact.phone}
    custom = msgspec.json.decode(contact.custom_json)
    fields = {**custom, **known, "company": contact.company, "company_name": contact.company}
    plain = (row.message_id, row.account_id, contact.email, "to", RecipientState.PENDING, MARKETING)
    lane = lanes.of_campaign(row.account_id, str(row.message_id))
    return (*plain, lane, 0, now(), contact.id, encode({**fields, "contact": {**fields, "custom_fields": custom}}).decode())
