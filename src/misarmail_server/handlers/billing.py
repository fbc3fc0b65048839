"""Billing over HTTP. Contract: openapi/paths/billing.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import billing, usage


def get_subscription(ctx: Context) -> models.SubscriptionAnswer:
    """Get the subscription."""
    return models.SubscriptionAnswer(subscription=billing.subscription(ctx), limits=usage.limits(ctx), usage=usage.usage(ctx))


def create_checkout(ctx: Context, body: models.Checkout) -> models.BillingPageAnswer:
    """Ask for another plan."""
    return models.BillingPageAnswer(url=billing.order(ctx, body))


def create_portal(ctx: Context) -> models.BillingPageAnswer:
    """Open the billing page."""
    return models.BillingPageAnswer(url=billing.page(ctx))
