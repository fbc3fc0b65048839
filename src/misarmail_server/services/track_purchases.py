"""What people bought, each order once, and the mail that led to it."""

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
from misarmail_server.services.track_events import moment_told

# (kinds of events, how long before a purchase they count): what people do; what machines do has kinds of its own.
CLICKS = ("clicked", "unique_clicked"), 7 * DAY
OPENS = ("opened", "unique_opened"), 3 * DAY

# How many decimals a currency has (ISO 4217) where they are not 2.
DECIMALS = {
    code: decimals
    for decimals, codes in (
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"),
    )
    for code in codes.split()
}


def record(ctx: Context, told: models.PurchaseTrack) -> models.PurchaseTrackResponse:
    """Write a purchase down with the mail that led to it. The unique constraint decides that an order is one purchase.

    An order that is there already gives what was answered then. Raises Invalid for an amount that the currency does not have or a time
    that is too far ahead, Conflict("already_exists") where the order is there with another sum.
    """
    amount, when = _minor(told), moment_told(ctx, told.timestamp)
    email = told.email.lower()
    row = {
        "id": ctx.new_id("pur"),
        "account_id": ctx.account_id,
        "email": email,
        "order_id": told.order_id,
        "amount_minor": amount,
        "currency": told.currency,
        "items_json": msgspec.json.encode(told.items or []).decode(),
        **_attributed(ctx, email, when),
        "at": when,
        "created_at": ctx.now(),
    }
    is_new = ctx.insert_new(tables.Purchase, row)
    kept = ctx.connection.execute(
        select(tables.Purchase.__table__).where(tables.Purchase.account_id == ctx.account_id, tables.Purchase.order_id == told.order_id)
    ).one()
    if (kept.amount_minor, kept.currency) != (amount, told.currency):
        raise Conflict("already_exists", f"The order {told.order_id} is recorded already, with another amount or currency")
    return _to_model(kept, duplicate=UNSET if is_new else True)


def _minor(told: models.PurchaseTrack) -> int:
    """The sum in the currency's minor unit. Raises Invalid where it is no whole number of it."""
    if told.amount is UNSET:
        return told.total_cents or 0
    decimals = DECIMALS.get(told.currency, 2)
    amount = Decimal(str(told.amount)).scaleb(decimals)  # by its shortest spelling, which is the one that was sent
    if amount != int(amount):
        raise Invalid("amount", f"Must have at most {decimals} decimals in {told.currency}")
    return int(amount)


def _attributed(ctx: Context, email: str, when: int) -> dict[str, Any]:
    """The columns that tell which mail led to a purchase."""
    click = _last(ctx, email, when, CLICKS)
    if click is not None:
        return {"source": "click", "campaign_id": click.campaign_id, "message_id": click.message_id, "clicked_at": click.at}
    opened = _last(ctx, email, when, OPENS)
    if opened is not None:
        return {"source": "open", "campaign_id": opened.campaign_id, "message_id": opened.message_id, "clicked_at": None}
    return {"source": "none", "campaign_id": None, "message_id": None, "clicked_at": None}


def _last(ctx: Context, email: str, when: int, of: tuple[tuple[str, ...], int]) -> Any:
    """The last event of some kinds in their window before a purchase, None where there is none."""
    event, (kinds, window) = tables.Event, of
    found = select(event.campaign_id, event.message_id, event.at).where(
        event.account_id == ctx.account_id,
        func.lower(event.recipient) == email,
        event.at.between(when - window, when),
        event.kind.in_(kinds),
    )
    return ctx.connection.execute(found.order_by(event.at.desc(), event.id.desc()).limit(1)).first()


def _to_model(row: Any, *, duplicate: bool | msgspec.UnsetType) -> models.PurchaseTrackResponse:
    attribution = models.Attribution(
        source=row.source,
        campaign_id=row.campaign_id,
        automation_id=None,  # no event of mail says so
        message_id=row.message_id,
        click_timestamp=at_or_none(row.clicked_at),
    )
    return models.PurchaseTrackResponse(purchase_id=row.id, attribution=attribution, duplicate=duplicate)
