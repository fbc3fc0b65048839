"""Analytics over HTTP. Contract: openapi/paths/analytics.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import analytics

USUAL_DAYS = 30


def get_analytics(ctx: Context, parameters: models.GetAnalyticsParameters) -> models.AnalyticsResponse:
    """See what became of the mail between two days."""
    days = analytics.days(ctx, {"start_date": parameters.start_date, "end_date": parameters.end_date}, USUAL_DAYS)
    return analytics.overview(ctx, days, parameters.campaign_id, parameters.group_by)


def get_analytics_overview(ctx: Context, parameters: models.GetAnalyticsOverviewParameters) -> models.AnalyticsResponse:
    """See what became of the mail of a time."""
    days = analytics.days(ctx, {"from": parameters.from_, "to": parameters.to}, int(parameters.period.removesuffix("d")))
    return analytics.overview(ctx, days, parameters.campaign_id, parameters.group_by)


def get_campaign_analytics(
    ctx: Context, campaign_id: str, parameters: models.GetCampaignAnalyticsParameters
) -> models.CampaignAnalyticsResponse:
    """See what became of a campaign."""
    return analytics.campaign(ctx, campaign_id, parameters.group_by)
