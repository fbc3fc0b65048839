"""Usage over HTTP. Contract: openapi/paths/usage.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import usage


def get_usage(ctx: Context) -> models.UsageResponse:
    """Get usage."""
    return models.UsageResponse(plan=ctx.principal.plan, billing_period=usage.period(ctx), usage=usage.usage(ctx), limits=usage.limits(ctx))


def get_plan(ctx: Context) -> models.PlanResponse:
    """Get the plan."""
    return usage.plan(ctx)
