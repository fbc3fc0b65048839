"""Purchases, each order once, attributed to the mail that led to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import func, select

from misarmail_contract import models
from misarmail_server.context import DAY, Context, at_or_none
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, Invalid
from misarmail_server.events import behaviors
from misarmail_server.events.behaviors import Behavior
from misarmail_server.services.track_events import event_time

# (event kinds, the window before a purchase in which they count). Only events of humans count; bots have separate kinds.
CLICKS = ("clicked", "unique_clicked"), 7 * DAY
OPENS = ("opened", "unique_opened"), 3 * DAY

# The number of decimals of a currency (ISO 4217) if not 2.
DECIMALS = {
    code: decimals
    for decimals, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for code in codes.split()
}


def record(ctx: Context, body: models.PurchaseTrack) -> models.PurchaseTrackResponse:
    """Record a purchase, attributed to the mail that led to it. The unique constraint makes an order one purchase.

    A known order returns the earlier response. Raises Invalid for an amount that the currency does not have or a time too far in the
    future, Conflict("already_exists") if the order is recorded with another amount.
    """
    amount, at = _minor(body), event_time(ctx, body.timestamp)
    email = body.email.lower()
    row = {
        "id": ctx.new_id("pur"),
        "account_id": ctx.account_id,
        "email": email,
        "order_id": body.order_id,
        "amount_minor": amount,
        "currency": body.currency,
        "items_json": msgspec.json.encode(body.items or []).decode(),
        **_attributed(ctx, email, at),
        "at": at,
        "created_at": ctx.now(),
    }
    is_new = ctx.insert_new(tables.Purchase, row)
    if is_new:
        behaviors.add(ctx.connection, [Behavior(ctx.account_id, behaviors.PURCHASED, email, at)])
    purchase = ctx.connection.execute(
        select(tables.Purchase.__table__).where(tables.Purchase.account_id == ctx.account_id, tables.Purchase.order_id == body.order_id)
    ).one()
    if (purchase.amount_minor, purchase.currency) != (amount, body.currency):
        raise Conflict("already_exists", f"The order {body.order_id} is already recorded with another amount or currency")
    return _to_model(purchase, duplicate=UNSET if is_new else True)


def decimals(currency: str) -> int:
    """The number of decimals of a currency."""
    return DECIMALS.get(currency, 2)


def _minor(body: models.PurchaseTrack) -> int:
    """The amount in the currency's minor unit. Raises Invalid if it is not a whole number of units."""
    if body.amount is UNSET:
        return body.total_cents or 0
    amount = Decimal(str(body.amount)).scaleb(decimals(body.currency))  # from the shortest spelling, which is the one that was sent
    if amount != int(amount):
        raise Invalid("amount", f"Must have at most {decimals(body.currency)} decimals in {body.currency}")
    return int(amount)


def _attributed(ctx: Context, email: str, at: int) -> dict[str, Any]:
    """The columns that attribute a purchase to a mail."""
    click = _last(ctx, email, at, CLICKS)
    if click is not None:
        return {"source": "click", "campaign_id": click.campaign_id, "message_id": click.message_id, "clicked_at": click.at}
    opened = _last(ctx, email, at, OPENS)
    if opened is not None:
        return {"source": "open", "campaign_id": opened.campaign_id, "message_id": opened.message_id, "clicked_at": None}
    return {"source": "none", "campaign_id": None, "message_id": None, "clicked_at": None}


def _last(ctx: Context, email: str, at: int, rule: tuple[tuple[str, ...], int]) -> Any:
    """The last event of certain kinds in their window before a purchase; None if there is none."""
    event, (kinds, window) = tables.Event, rule
    query = select(event.campaign_id, event.message_id, event.at).where(
        event.account_id == ctx.account_id,
        func.lower(event.recipient) == email,
        event.at.between(at - window, at),
        event.kind.in_(kinds),
    )
    return ctx.connection.execute(query.order_by(event.at.desc(), event.id.desc()).limit(1)).first()


def _to_model(row: Any, *, duplicate: bool | msgspec.UnsetType) -> models.PurchaseTrackResponse:
    attribution = models.Attribution(
        source=row.source,
        campaign_id=row.campaign_id,
        automation_id=None,  # mail events do not name an automation
        message_id=row.message_id,
        click_timestamp=at_or_none(row.clicked_at),
    )
    return models.PurchaseTrackResponse(purchase_id=row.id, attribution=attribution, duplicate=duplicate)
