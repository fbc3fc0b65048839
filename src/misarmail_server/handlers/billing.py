"""Billing over HTTP. Contract: openapi/paths/billing.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import billing, usage


def get_subscription(ctx: Context) -> models.SubscriptionResponse:
    """Get the subscription."""
    return models.SubscriptionResponse(subscription=billing.subscription(ctx), limits=usage.limits(ctx), usage=usage.usage(ctx))


def create_checkout(ctx: Context, body: models.CheckoutCreate) -> models.BillingUrlResponse:
    """Create a checkout."""
    return models.BillingUrlResponse(url=billing.order(ctx, body))


def create_portal(ctx: Context) -> models.BillingUrlResponse:
    """Create a billing portal link."""
    return models.BillingUrlResponse(url=billing.page(ctx))
