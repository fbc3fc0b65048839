"""The audience of a campaign: segments to include and to exclude, and rules. It is compiled as the rules of one segment."""

from __future__ import annotations

import re

import msgspec
from msgspec import UNSET
from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, true

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.events import barred, topics
from misarmail_server.services import segments
from misarmail_server.services.segment_rules import IN_SEGMENT, compile_rules

FIELD = "audience"
RULE = re.compile(r"^rules\.(\d)")
CONTACT, SUPPRESSION = tables.Contact, tables.Suppression


def encoded(ctx: Context, audience: models.CampaignAudience) -> str:
    """An audience in its stored form. Raises Invalid("audience") naming the part that is wrong."""
    _condition(ctx, audience)
    return msgspec.json.encode(audience).decode()


def decoded(audience_json: str | None) -> models.CampaignAudience | None:
    """A stored audience; None if there is none."""
    return None if audience_json is None else msgspec.json.decode(audience_json, type=models.CampaignAudience)


def require_complete(ctx: Context, row: tables.Campaign) -> None:
    """Refuse a campaign whose audience names something that was deleted. Raises Conflict("wrong_state")."""
    try:
        contacts_of(ctx, row)
        receives_topic(ctx, row)
    except Invalid as refusal:
        raise Conflict("wrong_state", f"The campaign's {refusal}") from None


def contacts_of(ctx: Context, row: tables.Campaign, *, is_count: bool = False) -> Select[tables.Contact]:
    """The contacts of a campaign's audience, whatever their status. Raises Invalid if it names something that was deleted."""
    audience = decoded(row.audience_json)
    if audience is not None:
        return ctx.own(CONTACT).where(_condition(ctx, audience, is_count=is_count))
    if row.segment_id is None:
        return ctx.own(CONTACT)
    if not segments.exists(ctx, row.segment_id):
        raise Invalid("segment_id", f"The segment {row.segment_id} was deleted")
    return segments.contacts_of(ctx, row.segment_id)


def receives_topic(ctx: Context, row: tables.Campaign) -> ColumnElement[bool]:
    """Whether a contact receives the topic of a campaign; always, if it has none. Raises Invalid if the topic was deleted."""
    if row.topic_id is None:
        return true()
    topic = ctx.db.scalar(ctx.own(tables.Topic).where(tables.Topic.id == row.topic_id))
    if topic is None:
        raise Invalid("topic_id", f"The topic {row.topic_id} was deleted")
    return topics.receives(topic.id, topic.default)


def count(ctx: Context, id_: str) -> models.CampaignAudienceResponse:
    """How many contacts a campaign would be sent to, and why others are left out. Raises NotFound, Conflict("wrong_state")."""
    row = ctx.get(tables.Campaign, id_, "campaign")
    require_complete(ctx, row)
    left_out_by = ((CONTACT.status != "subscribed", CONTACT.status), (_is_barred(ctx), "suppressed"), (~receives_topic(ctx, row), "topic"))
    outcome = case(*left_out_by, else_="count").label("outcome")
    outcomes = contacts_of(ctx, row, is_count=True).with_only_columns(outcome).subquery()
    query = select(outcomes.c.outcome, func.count()).group_by(outcomes.c.outcome)
    counts: dict[str, int] = dict(ctx.connection.execute(query).all())
    mailed = counts.pop("count", 0)
    left_out = msgspec.convert({**dict.fromkeys(models.CampaignLeftOut.__struct_fields__, 0), **counts}, models.CampaignLeftOut)
    return models.CampaignAudienceResponse(campaign_id=id_, count=mailed, left_out=left_out)


def _is_barred(ctx: Context) -> ColumnElement[bool]:
    """Whether a suppression of the address or of its domain bars marketing mail: each bars it, whatever its scope."""
    held = select(SUPPRESSION.address).where(SUPPRESSION.account_id == ctx.account_id, barred.is_active(ctx.now()))
    before_domain = func.rtrim(CONTACT.email, func.replace(CONTACT.email, "@", ""))  # up to the last @
    domain = literal("*@").concat(func.substr(CONTACT.email, func.length(before_domain) + 1))
    return or_(CONTACT.email.in_(held), domain.in_(held))


def _condition(ctx: Context, audience: models.CampaignAudience, *, is_count: bool = False) -> ColumnElement[bool]:
    parts: dict[str, models.SegmentRule] = {}
    if audience.include is not UNSET:
        parts["include"] = models.SegmentRule(field_=IN_SEGMENT, operator="in", value=list(audience.include))
    if audience.exclude is not UNSET:
        parts["exclude"] = models.SegmentRule(field_=IN_SEGMENT, operator="not_in", value=list(audience.exclude))
    if audience.criteria is not UNSET:
        parts["criteria"] = models.SegmentRule(operator=audience.criteria.operator, rules=audience.criteria.rules)
    names = list(parts)
    try:
        return compile_rules(ctx, models.SegmentCriteria(operator="AND", rules=list(parts.values())), is_count=is_count)
    except Invalid as refusal:
        raise Invalid(FIELD, RULE.sub(lambda match: names[int(match[1])], refusal.reason)) from None
