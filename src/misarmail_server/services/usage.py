"""An account's usage of its plan, as the contract models it."""

from __future__ import annotations

from datetime import datetime

from misarmail_contract import models
from misarmail_server.context import Context, at
from misarmail_server.services import plans
from misarmail_server.services.plans import Feature


def used(ctx: Context) -> dict[Feature, int]:
    """The used part of each allowance."""
    return {feature: plans.used(ctx, feature) for feature in plans.FEATURE_LABELS}


def usage(ctx: Context) -> models.PlanUsage:
    """The usage of all features."""
    counts = used(ctx)
    return models.PlanUsage(
        emails_sent=counts["emails"],
        contacts=counts["contacts"],
        campaigns=counts["campaigns"],
        templates=counts["templates"],
        automations=counts["automations"],
        custom_domains=counts["custom_domains"],
        dedicated_ips=counts["dedicated_ips"],
        api_keys=counts["api_keys"],
    )


def limits(ctx: Context) -> models.PlanLimits:
    """The limits of the plan."""
    plan = plans.PLANS[ctx.principal.plan]
    return models.PlanLimits(
        emails_per_month=plan.emails,
        contacts=plan.contacts,
        campaigns_per_month=plan.campaigns,
        templates=plan.templates,
        automations=plan.automations,
        custom_domains=plan.custom_domains,
        dedicated_ips=plan.dedicated_ips,
        api_keys=plan.api_keys,
    )


def period(ctx: Context) -> models.BillingPeriod:
    """The current month of counting."""
    return models.BillingPeriod(start=at(plans.month_began_at(ctx)), end=plans.month_ends(ctx))


def allowances(ctx: Context) -> list[models.PlanAllowance]:
    """Every allowance of the plan."""
    plan = plans.PLANS[ctx.principal.plan]
    return [_allowance(feature, count, getattr(plan, feature), plans.resets_at(ctx, feature)) for feature, count in used(ctx).items()]


def plan(ctx: Context) -> models.PlanResponse:
    """The plan and its allowances."""
    slug = ctx.principal.plan
    return models.PlanResponse(plan=models.Plan(slug=slug, name=plans.PLANS[slug].name), usage=allowances(ctx))


def _allowance(feature: Feature, count: int, limit: int | None, resets_at: datetime | None) -> models.PlanAllowance:
    remaining = None if limit is None else max(0, limit - count)
    return models.PlanAllowance(feature=feature, used=count, limit=limit, remaining=remaining, resets_at=resets_at)
