"""Running campaigns: a due campaign becomes a message, its audience becomes recipients, and the queue delivers them.

Each step is one transaction that first locks the campaign and checks its state, so workers may run steps concurrently, may be killed at
any point, and see a pause or cancellation at the next step. UNIQUE (message, address) prevents duplicates when a step is repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, CursorResult, Select, exists, insert, or_, select, tuple_, update

from misarmail_contract import models
from misarmail_server.context import Context, Principal, at, new_id, now
from misarmail_server.db import tables
from misarmail_server.db.prepared import inserts_new
from misarmail_server.db.store import Store
from misarmail_server.delivery.message import marketing, stored_parts
from misarmail_server.delivery.queue import backlog, lanes
from misarmail_server.delivery.queue.leased_row import RECIPIENT, RECIPIENTS
from misarmail_server.errors import Invalid, Refusal, TooMany, Unavailable
from misarmail_server.events import quota, record, webhook_outbox
from misarmail_server.events.record import EmailEvent
from misarmail_server.events.webhook_outbox import EventPayload
from misarmail_server.rows.recipient_states import MARKETING, OPEN_STATES, WAITING, RecipientState
from misarmail_server.services import campaign_audiences, campaigns, contact_field_values, plans
from misarmail_server.settings import Settings

BATCH_SIZE = 1_000  # contacts per transaction
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
    """Runs campaigns for a worker, one step at a time."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def run(self) -> bool:
        """Run one step of every campaign that needs one; returns whether there was any. Raises Unavailable."""
        return any(
            [
                self._run_step(self._begin, _due_query()),
                self._run_step(self._fill, _filling_query()),
                self._run_step(self._finish, _finishing_query()),
            ]
        )

    def _run_step(self, step: Step, query: Select[Any]) -> bool:
        with self._store.read() as connection:
            rows = connection.scalars(query.with_only_columns(CAMPAIGN.id)).all()
        return sum(self._run_campaign(step, query.where(CAMPAIGN.id == id_), id_) for id_ in rows) > 0

    def _run_campaign(self, step: Step, query: Select[Any], id_: str) -> bool:
        try:
            return self._store.write(lambda connection: self._run_locked(connection, step, query))
        except Unavailable:
            raise
        except Exception:  # an unexpected fault in one campaign must not stop the others
            log.exception("campaign step failed", campaign_id=id_)
            return False

    def _run_locked(self, connection: Connection, step: Step, query: Select[Any]) -> bool:
        """Run a step of a campaign that still matches the step's query."""
        account = tables.Account
        owner = connection.execute(
            query.with_only_columns(account.id, account.plan, account.senders)
            .select_from(CAMPAIGN)
            .join(account, account.id == CAMPAIGN.account_id)
        ).one_or_none()
        if owner is None:
            return False
        ctx = Context.of_principal(self._store, self._settings, connection, Principal(*owner))
        row = ctx.db.scalar(query.with_for_update())
        return row is not None and step(ctx, row)

    def _begin(self, ctx: Context, row: tables.Campaign) -> bool:
        """Create a due campaign's message. A campaign that can no longer be sent fails."""
        try:
            campaigns.require_sendable(ctx, row)
        except Refusal as refusal:
            return _set_status(ctx, row, "failed", completed_at=now(), reason=str(refusal))
        message_id = new_id("msg")
        message = _message(ctx, row, message_id)
        ctx.connection.execute(insert(tables.Message).values(message))
        stored_parts.store_links(ctx.connection, message_id, marketing.links(message["body_html"], is_template=True))
        return _set_status(ctx, row, "sending", message_id=message_id, started_at=now())

    def _fill(self, ctx: Context, row: tables.Campaign) -> bool:
        """Queue the next contacts of the audience. Already queued mail is sent even if a segment is deleted meanwhile."""
        if not _has_room(ctx):  # continues as the queue drains
            return False
        try:
            rows = ctx.connection.execute(_audience(ctx, row)).all()
        except Invalid as refusal:  # it names something that was deleted
            return _set_status(ctx, row, "failed", completed_at=now(), reason=f"The campaign's {refusal}")
        reached = (rows[-1].created_at, rows[-1].id) if rows else (None, None)
        try:
            plans.spend_emails(ctx, len(rows))
        except TooMany as refusal:  # the campaign can be resumed next month or with a larger plan
            lanes.hold(ctx.connection, lanes.of_campaign(ctx.account_id, str(row.message_id)))
            return _set_status(ctx, row, "paused", reason=str(refusal))
        backlog.add(ctx.store, ctx.settings, len(rows))
        defaults = contact_field_values.defaults(contact_field_values.declared(ctx))
        inserted = INSERT.run_rows(ctx.connection, COLUMNS, [_recipient(row, contact, defaults) for contact in rows])
        quota.give_back(ctx.connection, {ctx.account_id: len(rows) - inserted}, ctx.now())  # queued by an earlier step already
        is_last = len(rows) < BATCH_SIZE
        if is_last:
            _emit(ctx, row, "campaign.sent")
        values = {"filled_at": now(), "sent_at": now()} if is_last else {"reached_at": reached[0], "reached_id": reached[1]}
        return _set_status(ctx, row, "sending", total_recipients=row.total_recipients + inserted, **values)

    def _finish(self, ctx: Context, row: tables.Campaign) -> bool:
        """Mark a campaign without open recipients as sent; cancel the waiting recipients of a cancelled one."""
        of_campaign = (RECIPIENT.priority == MARKETING, RECIPIENT.lane == lanes.of_campaign(ctx.account_id, str(row.message_id)))
        if row.status == "sending":
            return not _any_in(ctx, OPEN_STATES, of_campaign) and _complete(ctx, row)
        batch = select(RECIPIENT.id).where(RECIPIENT.state.in_(WAITING), *of_campaign).limit(BATCH_SIZE)
        # On PostgreSQL a worker may lease a row of the batch meanwhile: the update checks the state again.
        change = update(RECIPIENTS).where(RECIPIENT.id.in_(batch), RECIPIENT.state.in_(WAITING))
        _count_cancelled(ctx, row, ctx.connection.execute(change.values(state=RecipientState.CANCELLED, finished_at=now())).rowcount)
        if _any_in(ctx, WAITING, of_campaign):
            return True
        if _any_in(ctx, (RecipientState.LEASED,), of_campaign):
            return False  # its lane is held until workers have given back what they leased
        lanes.free(ctx.connection, lanes.of_campaign(ctx.account_id, str(row.message_id)))
        return _set_status(ctx, row, "cancelled", completed_at=now())


def _complete(ctx: Context, row: tables.Campaign) -> bool:
    _emit(ctx, row, "campaign.completed")
    return _set_status(ctx, row, "sent", completed_at=now())


def _emit(ctx: Context, row: tables.Campaign, type_: str) -> None:
    details = models.CampaignEventDetails(campaign_id=row.id, name=row.name, timestamp=at(ctx.now()))
    webhook_outbox.emit(ctx.connection, ctx.account_id, [EventPayload(type_, details)])


def _count_cancelled(ctx: Context, row: tables.Campaign, count: int) -> None:
    """Count recipients that will get nothing, and give their mails back to the plan."""
    event = EmailEvent(str(row.message_id), ctx.account_id, None, "cancelled", "cancelled", ctx.now(), row.id)
    record.count_events(ctx.connection, [event] * count)
    quota.give_back(ctx.connection, {ctx.account_id: count}, row.started_at or ctx.now())


def _any_in(ctx: Context, states: Sequence[RecipientState], of_campaign: Sequence[ColumnElement[bool]]) -> bool:
    """Whether a recipient of the campaign is in one of the states; one index entry is read for each."""
    return bool(ctx.connection.scalar(select(or_(*(exists().where(RECIPIENT.state == state, *of_campaign) for state in states)))))


def _has_room(ctx: Context) -> bool:
    """Whether another batch may begin; the last batch may exceed the limit."""
    try:
        backlog.require_room(ctx.store, ctx.settings, 1, is_marketing=True)
    except Unavailable:
        return False
    return True


def _due_query() -> Select[Any]:
    return select(CAMPAIGN).where(CAMPAIGN.status == "scheduled", CAMPAIGN.scheduled_at <= now())


def _filling_query() -> Select[Any]:
    return select(CAMPAIGN).where(CAMPAIGN.status == "sending", CAMPAIGN.message_id.is_not(None), CAMPAIGN.filled_at.is_(None))


def _finishing_query() -> Select[Any]:
    is_finishing = or_(CAMPAIGN.filled_at.is_not(None) & (CAMPAIGN.status == "sending"), CAMPAIGN.status == "cancelled")
    return (
        select(CAMPAIGN)
        .where(CAMPAIGN.status.in_(("sending", "cancelled")), is_finishing, CAMPAIGN.message_id.is_not(None))
        .where(CAMPAIGN.completed_at.is_(None))
    )


def _set_status(ctx: Context, row: tables.Campaign, status: str, **values: Any) -> bool:
    change = update(CAMPAIGN).where(CAMPAIGN.id == row.id).values(status=status, updated_at=now(), **values)
    result: CursorResult[Any] = ctx.connection.execute(change)
    return result.rowcount == 1


def _audience(ctx: Context, row: tables.Campaign) -> Any:
    """The next subscribed contacts of the audience who receive the topic, after the last queued one, in order of creation."""
    contact = tables.Contact
    contacts = campaign_audiences.contacts_of(ctx, row).where(contact.status == "subscribed", campaign_audiences.receives_topic(ctx, row))
    if row.reached_at is not None:
        contacts = contacts.where(tuple_(contact.created_at, contact.id) > tuple_(row.reached_at, row.reached_id))
    columns = (contact.id, contact.created_at, contact.email, contact.first_name, contact.last_name, contact.phone, contact.company)
    rows: Any = contacts.with_only_columns(*columns, contact.timezone, contact.locale, contact.custom_json)
    return rows.order_by(contact.created_at, contact.id).limit(BATCH_SIZE)


def _message(ctx: Context, row: tables.Campaign, message_id: str) -> dict[str, Any]:
    """The message that all recipients share; its texts keep their merge tags, which are filled per recipient."""
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
        "topic_id": row.topic_id,
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
        "delivery_method": ctx.settings.delivery_methods["marketing"].kind,
    }


def _recipient(row: tables.Campaign, contact: Any, defaults: dict[str, Any]) -> tuple[Any, ...]:
    """A contact's recipient row, in the order of `COLUMNS`; `defaults` are those of declared fields."""
    known = {"email": contact.email, "first_name": contact.first_name, "last_name": contact.last_name, "phone": contact.phone}
    known |= {"timezone": contact.timezone, "locale": contact.locale}
    custom = defaults | msgspec.json.decode(contact.custom_json)
    fields = {**custom, **known, "company": contact.company, "company_name": contact.company}
    plain = (row.message_id, row.account_id, contact.email, "to", RecipientState.PENDING, MARKETING)
    lane = lanes.of_campaign(row.account_id, str(row.message_id))
    return (*plain, lane, 0, now(), contact.id, encode({**fields, "contact": {**fields, "custom_fields": custom}}).decode())
