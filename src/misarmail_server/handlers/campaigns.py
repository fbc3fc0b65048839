"""Campaigns over HTTP. Contract: openapi/paths/campaigns.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.services import (
    campaign_audiences,
    campaign_progress,
    campaign_recipients,
    campaign_tests,
    campaigns,
    template_warnings,
)


def list_campaigns(ctx: Context, parameters: models.ListCampaignsParameters) -> models.CampaignList:
    """List campaigns."""
    items, size, total = campaigns.page(ctx, parameters)
    position = models.CampaignPagination(page=parameters.page, per_page=size, total=total)
    return models.CampaignList(campaigns=items, total=total, page=parameters.page, limit=size, pagination=position)


def create_campaign(ctx: Context, body: models.CampaignCreate) -> models.CampaignResponse:
    """Create a campaign."""
    return _to_response(ctx, campaigns.create(ctx, body))


def get_campaign(ctx: Context, campaign_id: str) -> models.CampaignResponse:
    """Get a campaign."""
    return _to_response(ctx, campaigns.get(ctx, campaign_id))


def delete_campaign(ctx: Context, campaign_id: str) -> models.CampaignDeleted:
    """Delete a campaign."""
    campaigns.delete_(ctx, campaign_id)
    return models.CampaignDeleted(id=campaign_id)


def update_campaign(ctx: Context, campaign_id: str, body: models.CampaignUpdate) -> models.CampaignResponse:
    """Update a campaign."""
    return _to_response(ctx, campaigns.update(ctx, campaign_id, body))


def send_campaign(
    ctx: Context,
    campaign_id: str,
    body: models.CampaignSend,
    parameters: models.SendCampaignParameters,  # noqa: ARG001 - the platform reads the idempotency key
) -> models.CampaignSendResponse:
    """Send a campaign."""
    due_at = at(campaigns.send(ctx, campaign_id, body.scheduled_at))
    sentence = f"The campaign is due at {due_at:%Y-%m-%dT%H:%M:%SZ}"
    return models.CampaignSendResponse(message=sentence, campaign_id=campaign_id, scheduled_at=due_at)


def schedule_campaign(ctx: Context, campaign_id: str, body: models.CampaignSchedule) -> models.CampaignResponse:
    """Schedule a campaign."""
    return models.CampaignResponse(campaign=campaigns.schedule(ctx, campaign_id, body.scheduled_at))


def pause_campaign(ctx: Context, campaign_id: str) -> models.CampaignResponse:
    """Pause a campaign."""
    return models.CampaignResponse(campaign=campaigns.move(ctx, campaign_id, "pause"))


def resume_campaign(ctx: Context, campaign_id: str) -> models.CampaignResponse:
    """Resume a campaign."""
    return models.CampaignResponse(campaign=campaigns.move(ctx, campaign_id, "resume"))


def cancel_campaign(ctx: Context, campaign_id: str) -> models.CampaignResponse:
    """Cancel a campaign."""
    return models.CampaignResponse(campaign=campaigns.move(ctx, campaign_id, "cancel"))


def test_campaign(ctx: Context, campaign_id: str, body: models.CampaignTest) -> models.CampaignTestResponse:
    """Send a test of a campaign."""
    return campaign_tests.send_to(ctx, campaign_id, body.emails)


def get_campaign_audience(ctx: Context, campaign_id: str) -> models.CampaignAudienceResponse:
    """Count the audience of a campaign."""
    return campaign_audiences.count(ctx, campaign_id)


def list_campaign_recipients(
    ctx: Context, campaign_id: str, parameters: models.ListCampaignRecipientsParameters
) -> models.CampaignRecipientList:
    """List the recipients of a campaign."""
    recipients, next_cursor = campaign_recipients.page(ctx, campaign_id, parameters)
    return models.CampaignRecipientList(recipients=recipients, next_cursor=next_cursor)


def get_campaign_progress(ctx: Context, campaign_id: str) -> models.CampaignProgressResponse:
    """Get campaign progress."""
    return models.CampaignProgressResponse(progress=campaign_progress.get(ctx, campaign_id))


def stream_campaign(ctx: Context, campaign_id: str) -> Iterator[bytes]:
    """Stream campaign progress."""
    return campaign_progress.follow(ctx, campaign_id)


def _to_response(ctx: Context, campaign: models.Campaign) -> models.CampaignResponse:
    texts = (campaign.subject, campaign.body_html or "", campaign.body_text or "")
    return models.CampaignResponse(campaign=campaign, warnings=template_warnings.of_texts(ctx, texts))
