"""Plans and their limits, and the two ways to check them. The limits are those documented for the API's first generation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, select, update

from misarmail_server.context import SECOND, Context, at
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.errors import Forbidden, TooMany
from misarmail_server.events import quota
from misarmail_server.services import tenants

SLOTS = 64  # counters per unlimited account, so that no row is contended on PostgreSQL

Stored = Literal["contacts", "templates", "automations", "custom_domains", "dedicated_ips", "api_keys"]  # counted as rows
Counted = Literal["emails", "campaigns"]  # counted per month: accepted mails, and created campaigns that still exist
Feature = Stored | Counted


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan's name and limits; None is unlimited. `emails` and `campaigns` are per month."""

    name: str
    emails: int | None = None
    contacts: int | None = None
    campaigns: int | None = None
    templates: int | None = None
    automations: int | None = None
    custom_domains: int | None = None
    dedicated_ips: int | None = None
    api_keys: int | None = None


PLANS = {
    "free": Plan("Free", 1_000, 500, 5, templates=10, automations=2, custom_domains=0, dedicated_ips=0, api_keys=1),
    "pro": Plan("Pro", 25_000, 10_000, automations=10, custom_domains=3, dedicated_ips=0, api_keys=5),
    "max": Plan("Max", 100_000, 100_000, custom_domains=10, dedicated_ips=1),
    "enterprise": Plan("Enterprise", dedicated_ips=5),
}
FEATURE_LABELS: dict[Feature, str] = {
    "emails": "e-mails per month",
    "contacts": "contacts",
    "campaigns": "campaigns per month",
    "templates": "templates",
    "automations": "automations",
    "custom_domains": "custom domains",
    "dedicated_ips": "dedicated IP addresses",
    "api_keys": "API keys",
}

COUNTER = (
    update(tables.Usage)
    .where(
        tables.Usage.account_id == bindparam("account"),
        tables.Usage.feature == "emails",
        tables.Usage.period == bindparam("of_period"),
        tables.Usage.slot == bindparam("of_slot"),
    )
    .values(used=tables.Usage.used + bindparam("count", type_=BigInteger))
)
COUNT = Prepared(COUNTER)
COUNT_WITHIN = Prepared(COUNTER.where(tables.Usage.used + bindparam("count", type_=BigInteger) <= bindparam("limit", type_=BigInteger)))


def require_room(ctx: Context, feature: Stored | Literal["campaigns"], *, more: int = 1) -> None:
    """Refuse `more` rows beyond the limit of the account's plan.

    The account's row is locked first, so that two concurrent requests cannot both take the last slot. Raises
    Forbidden("plan_limit_exceeded").
    """
    limit: int | None = getattr(PLANS[ctx.principal.plan], feature)
    if limit is None:
        return
    tenants.lock(ctx)
    count = used(ctx, feature)
    if count + more > limit:
        sentence = f"The {PLANS[ctx.principal.plan].name} plan allows {limit} {FEATURE_LABELS[feature]}"
        refusal = Forbidden(
            "plan_limit_exceeded", sentence, upgrade=_upgrade(ctx, feature, count, limit, resets_at=resets_at(ctx, feature))
        )
        refusal.headers.update(_headers(ctx))
        raise refusal


def used(ctx: Context, feature: Feature) -> int:
    """The used part of an allowance; mails and campaigns are those of this month."""
    own = ctx.account_id
    rows: dict[Feature, ColumnElement[bool]] = {
        "campaigns": (tables.Campaign.account_id == own) & (tables.Campaign.created_at >= month_began_at(ctx)),
        "templates": tables.Template.account_id == own,
        "automations": tables.Automation.account_id == own,
        "custom_domains": tables.Domain.account_id == own,
        "dedicated_ips": tables.DedicatedIp.account_id == own,
        "api_keys": (tables.Key.account_id == own) & tables.Key.revoked_at.is_(None),
    }
    if feature == "emails":
        return _used(ctx, _period(ctx))
    if feature == "contacts":
        contact_count = tables.ContactCount
        return int(ctx.connection.scalar(select(func.sum(contact_count.count)).where(contact_count.account_id == own)) or 0)
    return ctx.connection.scalar(select(func.count()).where(rows[feature])) or 0


def month_began_at(ctx: Context) -> int:
    """The beginning of the current month, in milliseconds since 1970."""
    return int(at(ctx.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp()) * SECOND


def month_ends(ctx: Context) -> datetime:
    """The beginning of the next month."""
    return _next_month(at(ctx.now()))


def resets_at(ctx: Context, feature: Feature) -> datetime | None:
    """The time at which an allowance is reset; None if it is not monthly."""
    return month_ends(ctx) if feature in get_args(Counted) else None


def spend_emails(ctx: Context, count: int) -> None:
    """Take `count` from this month's allowance; the counter itself refuses. Raises TooMany("plan_limit_exceeded")."""
    limit = PLANS[ctx.principal.plan].emails
    period = _period(ctx)
    slot = 0 if limit is not None or ctx.connection.dialect.name == "sqlite" else random.randrange(SLOTS)  # noqa: S311 - spreads load
    if _counted(ctx, period, slot, count, limit=limit):
        return
    ctx.insert_new(tables.Usage, {"account_id": ctx.account_id, "feature": "emails", "period": period, "slot": slot, "used": 0})
    if not _counted(ctx, period, slot, count, limit=limit):
        raise _limit_reached(ctx, period, limit or 0)


def require_emails(ctx: Context, count: int) -> None:
    """Refuse if `count` more mails would exceed this month's allowance, without taking any. Raises TooMany."""
    limit, period = PLANS[ctx.principal.plan].emails, _period(ctx)
    if limit is not None and _used(ctx, period) + count > limit:
        raise _limit_reached(ctx, period, limit)


def _counted(ctx: Context, period: str, slot: int, count: int, *, limit: int | None) -> bool:
    values = {"account": ctx.account_id, "of_period": period, "of_slot": slot, "count": count}
    if limit is None:
        return bool(COUNT.run(ctx.connection, values).rowcount == 1)
    return bool(COUNT_WITHIN.run(ctx.connection, {**values, "limit": limit}).rowcount == 1)


def _used(ctx: Context, period: str) -> int:
    usage = tables.Usage
    total = select(func.sum(usage.used)).where(usage.account_id == ctx.account_id, usage.feature == "emails", usage.period == period)
    return int(ctx.connection.scalar(total) or 0)


def _period(ctx: Context) -> str:
    return quota.period(ctx.now())


def _limit_reached(ctx: Context, period: str, limit: int) -> TooMany:
    ends = month_ends(ctx)
    wait = max(1, int(ends.timestamp()) - ctx.now() // SECOND)
    sentence = f"The {PLANS[ctx.principal.plan].name} plan allows {limit:,} {FEATURE_LABELS['emails']}"
    upgrade = _upgrade(ctx, "emails", _used(ctx, period), limit, resets_at=ends)
    refusal = TooMany("plan_limit_exceeded", sentence, retry_after=wait, upgrade=upgrade)
    refusal.headers.update(_headers(ctx))
    return refusal


def _next_month(day: datetime) -> datetime:
    return datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)


def _upgrade(ctx: Context, feature: Feature, used: int, limit: int, *, resets_at: datetime | None) -> dict[str, Any]:
    return {
        "feature": feature,
        "current_plan": {"slug": ctx.principal.plan, "name": PLANS[ctx.principal.plan].name},
        "usage": {
            "used": used,
            "limit": limit,
            "remaining": max(0, limit - used),
            "period": "month" if resets_at else "total",
            "resets_at": resets_at,
        },
        "urls": {"pricing": _pricing(ctx)},
    }


def _headers(ctx: Context) -> dict[str, str]:
    return {"X-Misar-Plan": ctx.principal.plan, "X-Misar-Upgrade-Url": _pricing(ctx)}


def _pricing(ctx: Context) -> str:
    return f"{ctx.settings.public_url}/pricing"
