"""Results of mail in a period, from the hourly and daily counts of `events/record`."""

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

MAX_DAYS = 366 * 2  # days
MAX_LINKS = 100


class Days(NamedTuple):
    """A first and a last day, both included, in UTC."""

    first: date
    last: date

    @property
    def began_at(self) -> int:
        """The first moment of the first day, in milliseconds since 1970."""
        return _began_at(self.first)

    @property
    def ended_at(self) -> int:
        """The first moment after the last day."""
        return _began_at(self.last + timedelta(days=1))


def days(ctx: Context, parameters: Mapping[str, str | UnsetType], default_days: int) -> Days:
    """The period of two parameters. `last` defaults to today, `first` to `default_days` before the last day.

    Raises Invalid naming the parameter.
    """
    names = tuple(parameters)
    first, last = parameters.values()
    until = at(ctx.now()).date() if last is UNSET else _day(last)
    since = until - timedelta(days=default_days) if first is UNSET else _day(first)  # the contract's years begin at 1000
    if since > until:
        raise Invalid(names[0], f"Must not be after {names[1]}")
    if (until - since).days >= MAX_DAYS:
        raise Invalid(names[0], f"Must be at most {MAX_DAYS} days before {names[1]}")
    return Days(since, until)


def overview(ctx: Context, period: Days, campaign_id: str | UnsetType, group_by: str | UnsetType) -> models.AnalyticsResponse:
    """The metrics of a period, of one campaign or of all mail. Raises NotFound for a campaign that does not belong to the account."""
    if campaign_id is not UNSET:
        ctx.get(tables.Campaign, campaign_id, "campaign")
    campaign = "" if campaign_id is UNSET else campaign_id
    timeline: list[models.TimelineBucket] | UnsetType = UNSET if group_by is UNSET else _timeline(ctx, period, campaign, group_by)
    return models.AnalyticsResponse(period=_span(period), metrics=metrics(_counts(ctx, period, campaign)), timeline=timeline)


def campaign(ctx: Context, id_: str, span: str) -> models.CampaignAnalyticsResponse:
    """All metrics of one campaign. Raises NotFound."""
    row = ctx.get(tables.Campaign, id_, "campaign")
    period = Days(at(row.created_at).date(), at(ctx.now()).date())
    return models.CampaignAnalyticsResponse(
        campaign=models.AnalyticsCampaign(id=row.id, name=row.name, status=row.status, sent_at=at_or_none(row.sent_at)),
        metrics=_campaign_metrics(row, metrics(_counts(ctx, period, id_))),
        links=_links(ctx, id_),
        timeline=_timeline(ctx, period, id_, span),
    )


def metrics(counts: Mapping[str, int]) -> models.AnalyticsMetrics:
    """The contract's metrics from the counts by kind."""
    delivered, bounces = counts.get("delivered", 0), counts.get("hard_bounced", 0) + counts.get("soft_bounced", 0)
    sends = delivered + bounces + counts.get("ambiguous", 0)

    def rate(count: int) -> float:
        return round(count / sends, 4) if sends else 0.0

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


def _counts(ctx: Context, period: Days, campaign_id: str) -> dict[str, int]:
    counts = tables.EventCount
    query = select(counts.kind, func.sum(counts.count)).where(*_within(ctx, period, campaign_id, "day")).group_by(counts.kind)
    return {kind: int(number) for kind, number in ctx.connection.execute(query)}


def _timeline(ctx: Context, period: Days, campaign_id: str, span: str) -> list[models.TimelineBucket]:
    counts = tables.EventCount
    query = select(counts.began_at, counts.kind, func.sum(counts.count)).where(*_within(ctx, period, campaign_id, span))
    rows: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for began_at, kind, number in ctx.connection.execute(query.group_by(counts.began_at, counts.kind)):
        rows[began_at][kind] = int(number)
    return [_timeline_row(began_at, metrics(kinds)) for began_at, kinds in sorted(rows.items())]


def _timeline_row(began_at: int, totals: models.AnalyticsMetrics) -> models.TimelineBucket:
    return models.TimelineBucket(
        at=at(began_at),
        sends=totals.sends,
        delivered=totals.delivered,
        opens=totals.opens,
        unique_opens=totals.unique_opens,
        clicks=totals.clicks,
        unique_clicks=totals.unique_clicks,
        bounces=totals.bounces,
        complaints=totals.complaints,
        unsubscribes=totals.unsubscribes,
    )


def _campaign_metrics(row: tables.Campaign, totals: models.AnalyticsMetrics) -> models.CampaignMetrics:
    return models.CampaignMetrics(
        total_recipients=row.total_recipients,
        total_sent=totals.sends,
        total_delivered=totals.delivered,
        total_opened=totals.unique_opens,
        total_clicked=totals.unique_clicks,
        total_bounced=totals.bounces,
        total_complained=totals.complaints,
        total_unsubscribed=totals.unsubscribes,
        opens=totals.opens,
        clicks=totals.clicks,
        unique_opens=totals.unique_opens,
        unique_clicks=totals.unique_clicks,
        machine_opens=totals.machine_opens,
        machine_clicks=totals.machine_clicks,
        open_rate=totals.open_rate,
        click_rate=totals.click_rate,
        bounce_rate=totals.bounce_rate,
        complaint_rate=totals.complaint_rate,
        unsubscribe_rate=totals.unsubscribe_rate,
    )


def _links(ctx: Context, campaign_id: str) -> list[models.LinkMetrics]:
    link = tables.LinkCount
    clicks, unique = func.sum(link.clicks), func.sum(link.unique_clicks)
    query = select(link.url, clicks, unique).where(link.campaign_id == campaign_id, link.account_id == ctx.account_id)
    rows = ctx.connection.execute(query.group_by(link.url).order_by(clicks.desc(), link.url).limit(MAX_LINKS))
    return [models.LinkMetrics(url=url, clicks=int(count), unique_clicks=int(unique_count)) for url, count, unique_count in rows]


def _within(ctx: Context, period: Days, campaign_id: str, span: str) -> tuple[ColumnElement[bool], ...]:
    counts = tables.EventCount
    own = (counts.account_id == ctx.account_id, counts.campaign_id == campaign_id, counts.span == span)
    return *own, counts.began_at >= period.began_at, counts.began_at < period.ended_at


def _span(period: Days) -> models.AnalyticsPeriod:
    return models.AnalyticsPeriod(from_=at(period.began_at), to=at(period.ended_at - SECOND))


def _day(text: str) -> date:
    """The day of a `Day` of the contract, in UTC; its pattern accepts only existing days."""
    if len(text) == len("2026-03-07"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC).date()


def _began_at(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * SECOND
