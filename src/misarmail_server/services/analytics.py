"""What became of the mail of a time, from the counts by hour and day of `events/record`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, func, select

from misarmail_contract import models
from misarmail_server.context import SECOND, Context, at, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Invalid

MAX_LENGTH = 366 * 2  # days
MAX_LINKS = 100


class Days(NamedTuple):
    """A first and a last day, both counted, in UTC."""

    first: date
    last: date

    @property
    def began_at(self) -> int:
        """The first moment, in milliseconds since 1970."""
        return _began_at(self.first)

    @property
    def ended_at(self) -> int:
        """The first moment after it."""
        return _began_at(self.last + timedelta(days=1))


def days(ctx: Context, asked: Mapping[str, str | UnsetType], before: int) -> Days:
    """The days that two parameters ask for: without a first one `before` days before the last, without a last one up to today.

    Raises Invalid naming the parameter.
    """
    names = tuple(asked)
    first, last = asked.values()
    until = at(ctx.now()).date() if last is UNSET else _day(last)
    if first is not UNSET:
        since = _day(first)
    elif until.toordinal() > before:
        since = until - timedelta(days=before)
    else:
        raise Invalid(names[1], "Is too early")
    if since > until:
        raise Invalid(names[0], f"Must not be after {names[1]}")
    if (until - since).days >= MAX_LENGTH:
        raise Invalid(names[0], f"Must be at most {MAX_LENGTH} days before {names[1]}")
    return Days(since, until)


def overview(ctx: Context, of: Days, campaign_id: str | UnsetType, group_by: str | UnsetType) -> models.AnalyticsResponse:
    """The numbers of some days, of one campaign or of all mail. Raises NotFound for a campaign that is none of the account's."""
    if campaign_id is not UNSET:
        ctx.get(tables.Campaign, campaign_id, "campaign")
    campaign = "" if campaign_id is UNSET else campaign_id
    timeline: list[models.TimelineBucket] | UnsetType = UNSET if group_by is UNSET else _timeline(ctx, of, campaign, group_by)
    return models.AnalyticsResponse(period=_span(of), metrics=metrics(_counts(ctx, of, campaign)), timeline=timeline)


def campaign(ctx: Context, id_: str, span: str) -> models.CampaignAnalyticsResponse:
    """Everything of one campaign. Raises NotFound."""
    row = ctx.get(tables.Campaign, id_, "campaign")
    of = Days(at(row.created_at).date(), at(ctx.now()).date())
    return models.CampaignAnalyticsResponse(
        campaign=models.AnalyticsCampaign(id=row.id, name=row.name, status=row.status, sent_at=at_or_none(row.sent_at)),
        metrics=_campaign_metrics(row, metrics(_counts(ctx, of, id_))),
        links=_links(ctx, id_),
        timeline=_timeline(ctx, of, id_, span),
    )


def metrics(counts: Mapping[str, int]) -> models.AnalyticsMetrics:
    """The contract's numbers from the counts by kind."""
    delivered, bounces = counts.get("delivered", 0), counts.get("hard_bounced", 0) + counts.get("soft_bounced", 0)
    sends = delivered + bounces

    def rate(of: int) -> float:
        return round(of / sends, 4) if sends else 0.0

    return models.AnalyticsMetrics(
        sends=sends,
        delivered=delivered,
        opens=counts.get("opened", 0),
        unique_opens=counts.get("unique_opened", 0),
        clicks=counts.get("clicked", 0),
        unique_clicks=counts.get("unique_clicked", 0),
        machine_opens=counts.get("machine_opened", 0),
        machine_clicks=counts.get("machine_clicked", 0),
        bounces=bounces,
        hard_bounces=counts.get("hard_bounced", 0),
        soft_bounces=counts.get("soft_bounced", 0),
        complaints=counts.get("complained", 0),
        unsubscribes=counts.get("unsubscribed", 0),
        open_rate=rate(counts.get("unique_opened", 0)),
        click_rate=rate(counts.get("unique_clicked", 0)),
        bounce_rate=rate(bounces),
        complaint_rate=rate(counts.get("complained", 0)),
        unsubscribe_rate=rate(counts.get("unsubscribed", 0)),
    )


def _counts(ctx: Context, of: Days, campaign_id: str) -> dict[str, int]:
    counts = tables.EventCount
    found = select(counts.kind, func.sum(counts.count)).where(*_within(ctx, of, campaign_id, "day")).group_by(counts.kind)
    return {kind: int(number) for kind, number in ctx.connection.execute(found)}


def _timeline(ctx: Context, of: Days, campaign_id: str, span: str) -> list[models.TimelineBucket]:
    counts = tables.EventCount
    found = select(counts.began_at, counts.kind, func.sum(counts.count)).where(*_within(ctx, of, campaign_id, span))
    rows: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for began_at, kind, number in ctx.connection.execute(found.group_by(counts.began_at, counts.kind)):
        rows[began_at][kind] = int(number)
    return [_timeline_row(began_at, metrics(kinds)) for began_at, kinds in sorted(rows.items())]


def _timeline_row(began: int, of: models.AnalyticsMetrics) -> models.TimelineBucket:
    return models.TimelineBucket(
        at=at(began),
        sends=of.sends,
        delivered=of.delivered,
        opens=of.opens,
        unique_opens=of.unique_opens,
        clicks=of.clicks,
        unique_clicks=of.unique_clicks,
        bounces=of.bounces,
        complaints=of.complaints,
        unsubscribes=of.unsubscribes,
    )


def _campaign_metrics(row: tables.Campaign, of: models.AnalyticsMetrics) -> models.CampaignMetrics:
    return models.CampaignMetrics(
        total_recipients=row.total_recipients,
        total_sent=of.sends,
        total_delivered=of.delivered,
        total_opened=of.opens,
        total_clicked=of.clicks,
        total_bounced=of.bounces,
        total_complained=of.complaints,
        total_unsubscribed=of.unsubscribes,
        unique_opens=of.unique_opens,
        unique_clicks=of.unique_clicks,
        machine_opens=of.machine_opens,
        machine_clicks=of.machine_clicks,
        open_rate=of.open_rate,
        click_rate=of.click_rate,
        bounce_rate=of.bounce_rate,
        complaint_rate=of.complaint_rate,
        unsubscribe_rate=of.unsubscribe_rate,
    )


def _links(ctx: Context, campaign_id: str) -> list[models.LinkMetrics]:
    link = tables.LinkCount
    clicks, unique = func.sum(link.clicks), func.sum(link.unique_clicks)
    found = select(link.url, clicks, unique).where(link.campaign_id == campaign_id, link.account_id == ctx.account_id)
    rows = ctx.connection.execute(found.group_by(link.url).order_by(clicks.desc(), link.url).limit(MAX_LINKS))
    return [models.LinkMetrics(url=url, clicks=int(all_), unique_clicks=int(first)) for url, all_, first in rows]


def _within(ctx: Context, of: Days, campaign_id: str, span: str) -> tuple[ColumnElement[bool], ...]:
    counts = tables.EventCount
    own = (counts.account_id == ctx.account_id, counts.campaign_id == campaign_id, counts.span == span)
    return *own, counts.began_at >= of.began_at, counts.began_at < of.ended_at


def _span(of: Days) -> models.AnalyticsPeriod:
    return models.AnalyticsPeriod(from_=at(of.began_at), to=at(of.ended_at - SECOND))


def _day(text: str) -> date:
    """The day that a text of the contract's `Day` names in UTC; its pattern takes days that exist only."""
    if len(text) == len("2026-03-07"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC).date()


def _began_at(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * SECOND
