"""Topics of marketing mail: a name, unique in its account, and the subscriptions of contacts. `events/topics` changes and decides those."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.exc import IntegrityError

from misarmail_contract import models
from misarmail_server.context import Context, apply, as_model, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.events import contact_log
from misarmail_server.events import topics as subscriptions
from misarmail_server.events.contact_log import ContactStatus
from misarmail_server.events.topics import TopicMail

MAX_TOPICS = 200  # of an account: the topics of a contact are one page
ENDED = ("sent", "cancelled", "failed")
TOPIC = tables.Topic


def create(ctx: Context, new: models.TopicCreate) -> models.Topic:
    """Add a topic. Raises Conflict("already_exists" | "wrong_state")."""
    if (ctx.connection.scalar(select(func.count()).select_from(TOPIC).where(TOPIC.account_id == ctx.account_id)) or 0) >= MAX_TOPICS:
        raise Conflict("wrong_state", f"An account can have at most {MAX_TOPICS} topics")
    row = {
        "id": ctx.new_id("top"),
        "account_id": ctx.account_id,
        "name": new.name,
        "description": new.description or None,
        "default": new.default,
        "visibility": new.visibility,
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    if not ctx.insert_new(TOPIC, row):
        raise _taken(new.name)
    return get(ctx, str(row["id"]))


def page(ctx: Context, number: int, limit: int) -> tuple[list[models.Topic], int]:
    """(one page, the total), newest first."""
    rows, total = ctx.newest(TOPIC, number, limit)
    return [as_model(row, models.Topic) for row in rows], total


def get(ctx: Context, id_: str) -> models.Topic:
    """One topic. Raises NotFound."""
    return as_model(ctx.get(TOPIC, id_, "topic"), models.Topic)


def update(ctx: Context, id_: str, change: models.TopicUpdate) -> models.Topic:
    """Change the given fields and return the whole topic. Raises NotFound, Conflict("already_exists")."""
    row = ctx.lock(TOPIC, id_, "topic")
    apply(change, row)
    row.description = row.description or None
    row.updated_at = ctx.now()
    try:
        ctx.db.flush()
    except IntegrityError:
        raise _taken(str(change.name)) from None
    return get(ctx, id_)


def delete(ctx: Context, id_: str) -> None:
    """Delete a topic and the subscriptions to it. Raises NotFound, and Conflict("wrong_state") if an unfinished campaign names it.

    A campaign that names the topic has locked it (`require`), so the two cannot miss each other.
    """
    ctx.lock(TOPIC, id_, "topic")
    campaign = tables.Campaign
    naming = select(campaign.id).where(campaign.account_id == ctx.account_id, campaign.topic_id == id_, campaign.status.not_in(ENDED))
    campaign_id = ctx.connection.scalar(naming.limit(1))
    if campaign_id is not None:
        raise Conflict("wrong_state", f"The campaign {campaign_id} names this topic: change or cancel it first")
    ctx.remove(TOPIC, id_, "topic")


def require(ctx: Context, id_: str, field: str = "topic_id") -> models.TopicDefault:
    """The default of a topic of the account, which cannot be deleted until the unit ends. Raises Invalid on `field`."""
    default = subscriptions.lock(ctx, [id_]).get(id_)
    if default is None:
        raise Invalid(field, f"There is no topic {id_}")
    return default


def of_contact(ctx: Context, contact_id: str) -> list[models.ContactTopic]:
    """All topics with the subscription of a contact, newest first. Raises NotFound."""
    address = ctx.get(tables.Contact, contact_id, "contact").email
    choice = tables.TopicSubscription
    columns = (TOPIC.id, TOPIC.name, TOPIC.visibility, TOPIC.default, choice.is_subscribed, choice.at, choice.source)
    chosen = select(*columns).outerjoin(choice, and_(choice.topic_id == TOPIC.id, choice.address == address))
    own = chosen.where(TOPIC.account_id == ctx.account_id)
    rows: Any = own.order_by(TOPIC.created_at.desc(), TOPIC.id.desc())
    return [_to_contact_topic(row) for row in ctx.connection.execute(rows)]


def choose(ctx: Context, contact_id: str, choices: list[models.ContactTopicChoice]) -> list[models.ContactTopic]:
    """Subscribe a contact to topics or unsubscribe it; all topics. Raises NotFound, and Invalid for unknown or repeated topics."""
    contact = ctx.get(tables.Contact, contact_id, "contact")
    ids = [choice.topic_id for choice in choices]
    known = subscriptions.lock(ctx, ids)
    for number, id_ in enumerate(ids):
        if id_ not in known:
            raise Invalid("topics", f"topics.{number}.topic_id: There is no topic {id_}")
        if id_ in ids[:number]:
            raise Invalid("topics", f"topics.{number}.topic_id: {id_} is listed twice")
    # In a fixed order, so that two calls at once cannot deadlock.
    ordered = sorted(choices, key=lambda choice: choice.topic_id)
    mails = [(TopicMail(choice.topic_id, contact.email), choice.subscribed) for choice in ordered]
    changes = [subscriptions.choose(ctx, mail, "api", is_subscribed=is_subscribed) for mail, is_subscribed in mails]
    if any(changes):
        contact_log.emit(ctx, "contact.updated", [ContactStatus(contact.id, contact.email, contact.status)])
    return of_contact(ctx, contact_id)


def _to_contact_topic(row: Any) -> models.ContactTopic:
    is_default = row.is_subscribed is None
    return models.ContactTopic(
        topic_id=row.id,
        name=row.name,
        visibility=row.visibility,
        subscribed=row.default == "opt_out" if is_default else row.is_subscribed,
        at=at_or_none(row.at),
        source=row.source,
    )


def _taken(name: str) -> Conflict:
    return Conflict("already_exists", f"{name} is already a topic")
