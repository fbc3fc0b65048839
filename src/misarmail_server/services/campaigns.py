"""Campaigns: content, audience and schedule. `campaign_states` defines what each state allows."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, insert, select

from misarmail_contract import models
from misarmail_server.context import Context, apply, moment
from misarmail_server.db import tables
from misarmail_server.delivery.queue import backlog
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.services import audiences, campaign_audiences, campaign_states, campaign_totals, plans, senders, templates, topics


def create(ctx: Context, new: models.CampaignCreate) -> models.Campaign:
    """Store a draft.

    Raises Forbidden("plan_limit_exceeded" | "sender_not_verified"), Invalid for an unknown segment, topic or template and invalid tags.
    """
    templates.require_compiled(new)
    plans.require_room(ctx, "campaigns")
    senders.require(ctx, new.from_email)
    _require_references(ctx, new)
    audience = new.audience or None
    id_ = ctx.new_id("camp")
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "name": new.name,
        "subject": new.subject,
        "from_email": new.from_email,
        "from_name": new.from_name or None,
        "reply_to": new.reply_to or None,
        "segment_id": new.segment_id or None,
        "topic_id": new.topic_id or None,
        "audience_json": None if audience is None else campaign_audiences.encoded(ctx, audience),
        "template_id": new.template_id or None,
        "body_html": new.body_html or None,
        "body_text": new.body_text or None,
        "status": "draft",
        "scheduled_at": None if new.scheduled_at is UNSET else moment("scheduled_at", new.scheduled_at),
        "created_at": ctx.now(),
        "updated_at": ctx.now(),
    }
    ctx.connection.execute(insert(tables.Campaign).values(row))
    return get(ctx, id_)


def page(ctx: Context, parameters: models.ListCampaignsParameters) -> tuple[list[models.CampaignSummary], int, int]:
    """(one page, the page size, the total), newest first."""
    size = parameters.per_page if parameters.limit is UNSET else parameters.limit
    only = () if parameters.status is UNSET else (tables.Campaign.status == parameters.status,)
    rows, total = ctx.newest(tables.Campaign, parameters.page, size, *only)
    return campaign_totals.to_models(ctx, rows, models.CampaignSummary), size, total


def get(ctx: Context, id_: str) -> models.Campaign:
    """One campaign. Raises NotFound."""
    return campaign_totals.to_model(ctx, ctx.get(tables.Campaign, id_, "campaign"))


def update(ctx: Context, id_: str, change: models.CampaignUpdate) -> models.Campaign:
    """Change the given fields and return the whole campaign. A scheduled or paused campaign must remain sendable.

    Raises NotFound, Conflict("wrong_state"), Forbidden("sender_not_verified"), Invalid for a contradictory change.
    """
    templates.require_compiled(change)
    row = ctx.lock(tables.Campaign, id_, "campaign")
    campaign_states.require(row, campaign_states.CHANGEABLE, "changed")
    campaign_states.require_free(ctx, row)
    _require_not_begun(row, change)
    _require_references(ctx, change)
    scheduled_at = _changed_time(ctx, row, change)
    if change.from_email is not UNSET:
        senders.require(ctx, change.from_email)
    audience = _changed_audience(ctx, row, change)
    apply(change, row)
    row.scheduled_at = scheduled_at
    row.segment_id, row.audience_json = audience
    row.updated_at = ctx.now()
    _settle_body(row, change)
    if row.status != "draft":
        require_sendable(ctx, row)
    ctx.db.flush()
    return campaign_totals.to_model(ctx, row)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a draft or cancelled campaign and its A/B test. Raises NotFound and Conflict("wrong_state")."""
    row = ctx.lock(tables.Campaign, id_, "campaign")
    campaign_states.require(row, campaign_states.DELETABLE, "deleted")
    campaign_states.require_free(ctx, row)
    test = tables.AbTest
    tested = select(test.id).where(test.campaign_id == id_)
    ctx.connection.execute(delete(tables.Variant).where(tables.Variant.ab_test_id.in_(tested)))
    ctx.connection.execute(delete(test).where(test.campaign_id == id_))
    ctx.remove(tables.Campaign, id_, "campaign")


def send(ctx: Context, id_: str, requested_at: datetime | UnsetType) -> int:
    """Schedule a campaign and return its time: `requested_at`, a draft's planned time, or now; a past time means now.

    Raises NotFound, Conflict("wrong_state"), Forbidden("sender_not_verified"), and Unavailable("queue_full") if the time is now.
    """
    previous_status = ctx.lock(tables.Campaign, id_, "campaign").status
    row = campaign_states.move(ctx, id_, "send")
    planned = row.scheduled_at if previous_status == "draft" else None
    due_at = planned if requested_at is UNSET else moment("scheduled_at", requested_at)
    scheduled_at = max(ctx.now(), due_at or 0)
    _make_due(ctx, row, scheduled_at)
    return scheduled_at


def schedule(ctx: Context, id_: str, requested_at: datetime) -> models.Campaign:
    """Schedule a campaign for a future time. Raises as `send`, and Invalid for a time that is not in the future."""
    scheduled_at = moment("scheduled_at", requested_at)
    if scheduled_at <= ctx.now():
        raise Invalid("scheduled_at", "Must be in the future")
    row = campaign_states.move(ctx, id_, "schedule")
    _make_due(ctx, row, scheduled_at)
    return campaign_totals.to_model(ctx, row)


def move(ctx: Context, id_: str, verb: campaign_states.Verb) -> models.Campaign:
    """Pause, resume or cancel a campaign. Raises NotFound and Conflict("wrong_state"); resuming, also as `require_sendable`."""
    row = campaign_states.move(ctx, id_, verb)
    if verb == "resume":
        require_sendable(ctx, row)
    return campaign_totals.to_model(ctx, row)


def require_body(ctx: Context, row: tables.Campaign) -> None:
    """Refuse a campaign without a body. Raises Conflict("wrong_state")."""
    if row.template_id is not None and not templates.exists(ctx, row.template_id):
        raise Conflict("wrong_state", f"The campaign's template {row.template_id} was deleted")
    if not (row.template_id or row.body_html or row.body_text):
        raise Conflict("wrong_state", "The campaign has no body: set template_id, body_html or body_text")


def require_sendable(ctx: Context, row: tables.Campaign) -> None:
    """Refuse a campaign that cannot be sent in its current form. Raises Conflict("wrong_state"), Forbidden("sender_not_verified")."""
    senders.require(ctx, row.from_email)
    require_body(ctx, row)
    if row.filled_at is None:
        campaign_audiences.require_complete(ctx, row)


def _make_due(ctx: Context, row: tables.Campaign, scheduled_at: int) -> None:
    campaign_states.require_free(ctx, row)
    require_sendable(ctx, row)
    if scheduled_at <= ctx.now():
        backlog.require_room(ctx.store, ctx.settings, 1, is_marketing=True)
    row.scheduled_at = scheduled_at
    ctx.db.flush()


def _require_references(ctx: Context, named: models.CampaignCreate | models.CampaignUpdate) -> None:
    if named.segment_id:
        audiences.require_segment(ctx, named.segment_id, "segment_id")
    if named.template_id:
        templates.require(ctx, named.template_id, "template_id")
    if named.topic_id:
        topics.require(ctx, named.topic_id)


def _require_not_begun(row: tables.Campaign, change: models.CampaignUpdate) -> None:
    """Refuse to change what some recipients have got already; only the name may. Raises Conflict("wrong_state")."""
    fields = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET and name != "name"}
    present = {"audience": campaign_audiences.decoded(row.audience_json)}
    changed = sorted(
        name for name, value in fields.items() if name == "scheduled_at" or value != present.get(name, getattr(row, name, None))
    )
    if row.started_at is not None and changed:
        raise Conflict("wrong_state", f"The campaign has begun: {', '.join(changed)} cannot be changed for the rest of its recipients")


def _changed_audience(ctx: Context, row: tables.Campaign, change: models.CampaignUpdate) -> tuple[str | None, str | None]:
    """(segment, encoded audience) after the change: one replaces the other. Raises Invalid("audience")."""
    if change.audience is UNSET:
        return (row.segment_id, row.audience_json) if change.segment_id is UNSET else (change.segment_id, None)
    if change.audience is None:
        return row.segment_id if change.segment_id is UNSET else change.segment_id, None
    return None, campaign_audiences.encoded(ctx, change.audience)


def _changed_time(ctx: Context, row: tables.Campaign, change: models.CampaignUpdate) -> int | None:
    """The scheduled time after the change; a scheduled campaign always has one."""
    if change.scheduled_at is UNSET:
        return row.scheduled_at
    if change.scheduled_at is not None:
        requested_at = moment("scheduled_at", change.scheduled_at)
        return max(requested_at, ctx.now()) if row.status == "scheduled" else requested_at
    if row.status == "scheduled":
        raise Invalid("scheduled_at", "A scheduled campaign must have a time; pause or cancel it instead")
    return None


def _settle_body(row: tables.Campaign, change: models.CampaignUpdate) -> None:
    """A template replaces the bodies, and a body replaces the template. Raises Invalid for both at once."""
    if not (change.body_html or change.body_text):
        if change.template_id:
            row.body_html = row.body_text = None
    elif change.template_id:
        raise Invalid("template_id", "Give template_id or body_html and body_text, not both")
    else:
        row.template_id = None
