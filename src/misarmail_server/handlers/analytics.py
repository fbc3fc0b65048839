"""Analytics over HTTP. Contract: openapi/paths/analytics.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import analytics

DEFAULT_DAYS = 30


def get_analytics(ctx: Context, parameters: models.GetAnalyticsParameters) -> models.AnalyticsResponse:
    """Get analytics between two dates."""
    days = analytics.days(ctx, {"start_date": parameters.start_date, "end_date": parameters.end_date}, DEFAULT_DAYS)
    return analytics.overview(ctx, days, parameters.campaign_id, parameters.group_by)


def get_analytics_overview(ctx: Context, parameters: models.GetAnalyticsOverviewParameters) -> models.AnalyticsResponse:
    """Get analytics for a period."""
    days = analytics.days(ctx, {"from": parameters.from_, "to": parameters.to}, int(parameters.period.removesuffix("d")))
    return analytics.overview(ctx, days, parameters.campaign_id, parameters.group_by)


def get_campaign_analytics(
    ctx: Context, campaign_id: str, parameters: models.GetCampaignAnalyticsParameters
) -> models.CampaignAnalyticsResponse:
    """Get analytics for a campaign."""
    return analytics.campaign(ctx, campaign_id, parameters.group_by)
