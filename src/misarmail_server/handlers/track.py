"""Track over HTTP. Contract: openapi/paths/track.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import track_events, track_purchases


def track_event(ctx: Context, body: models.EventTrack) -> models.EventTrackResponse:
    """Track an event."""
    return models.EventTrackResponse(event_id=track_events.record(ctx, body))


def track_purchase(
    ctx: Context,
    body: models.PurchaseTrack,
    parameters: models.TrackPurchaseParameters,  # noqa: ARG001 - the platform reads the idempotency key
) -> models.PurchaseTrackResponse:
    """Track a purchase."""
    return track_purchases.record(ctx, body)
