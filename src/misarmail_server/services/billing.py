"""Plan changes by order. The provider is `local`: an order waits until the operator confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, NotFound
from misarmail_server.services import usage


def subscription(ctx: Context) -> models.Subscription:
    """The account's subscription."""
    ordered = ctx.connection.scalar(select(tables.PlanOrder.plan).where(tables.PlanOrder.account_id == ctx.account_id))
    return models.Subscription(
        plan=ctx.principal.plan,
        status="active" if ordered is None else "pending",
        trial_ends_at=None,
        current_period=usage.period(ctx),
        cancel_at_period_end=False,
        overage_enabled=False,
        ordered_plan=ordered,
    )


def order(ctx: Context, checkout: models.CheckoutCreate) -> str:
    """Order a plan, replacing an earlier order; returns the URL to continue with. Raises Conflict("wrong_state")."""
    if checkout.plan == ctx.principal.plan:
        raise Conflict("wrong_state", f"The account already has the plan {checkout.plan}")
    ctx.connection.execute(delete(tables.PlanOrder).where(tables.PlanOrder.account_id == ctx.account_id))
    row = {"account_id": ctx.account_id, "plan": checkout.plan, "period": checkout.period, "created_at": ctx.now()}
    ctx.connection.execute(insert(tables.PlanOrder).values(row))
    return page(ctx)


def page(ctx: Context) -> str:
    """The URL of the subscription page."""
    return f"{ctx.settings.public_url}/billing"


def waiting(connection: Connection) -> Sequence[Any]:
    """(email, plan, period) of unconfirmed orders, oldest first."""
    ordered, account = tables.PlanOrder, tables.Account
    query = select(account.email, ordered.plan, ordered.period).join(account, account.id == ordered.account_id)
    return connection.execute(query.order_by(ordered.created_at)).all()


def confirm(connection: Connection, account_id: str) -> str:
    """Confirm the order of an account, which then has the ordered plan; returns the plan. Raises NotFound if there is no order."""
    own = tables.PlanOrder.account_id == account_id
    plan: str | None = connection.scalar(select(tables.PlanOrder.plan).where(own))
    if plan is None or connection.execute(delete(tables.PlanOrder).where(own)).rowcount == 0:
        raise NotFound("order of account", account_id)
    connection.execute(update(tables.Account).where(tables.Account.id == account_id).values(plan=plan))
    return plan
