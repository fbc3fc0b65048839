"""The orders contract in FastAPI, as its documentation recommends: constrained pydantic models, async endpoints, typed responses."""

from typing import Annotated, Literal

import orders
from fastapi import FastAPI, Path, Query
from pydantic import BaseModel, ConfigDict, EmailStr, Field

Currency = Literal["EUR", "GBP", "USD", "CHF"]


class Strict(BaseModel):
    """Exactly what is documented: no unknown fields, no strings for numbers."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Customer(Strict):
    """The buyer."""

    email: Annotated[EmailStr, Field(max_length=254)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    phone: Annotated[str, Field(min_length=6, max_length=24)] | None = None


class Address(Strict):
    """The delivery address."""

    line1: Annotated[str, Field(min_length=1, max_length=120)]
    line2: Annotated[str, Field(max_length=120)] | None = None
    city: Annotated[str, Field(min_length=1, max_length=80)]
    postal_code: Annotated[str, Field(min_length=2, max_length=16)]
    country: Annotated[str, Field(min_length=2, max_length=2)]


class Item(Strict):
    """One line of the order."""

    sku: Annotated[str, Field(min_length=3, max_length=32)]
    name: Annotated[str, Field(min_length=1, max_length=160)]
    quantity: Annotated[int, Field(ge=1, le=999)]
    unit_price: Annotated[float, Field(ge=0, le=100_000)]
    gift: bool = False


class OrderCreate(Strict):
    """The body that is posted."""

    reference: Annotated[str, Field(min_length=3, max_length=64)]
    channel: Literal["web", "store", "phone", "partner"]
    currency: Currency
    priority: Literal["standard", "express", "same_day"] = "standard"
    customer: Customer
    shipping_address: Address
    items: Annotated[list[Item], Field(min_length=1, max_length=100)]
    discount_percent: Annotated[float, Field(ge=0, le=100)] = 0
    shipping_price: Annotated[float, Field(ge=0, le=10_000)] = 0
    tags: Annotated[list[Annotated[str, Field(min_length=1, max_length=32)]], Field(max_length=20)] = []
    notes: Annotated[str, Field(max_length=500)] = ""
    accepts_marketing: bool = False


class OrderAnswer(BaseModel):
    """The response to a placed order."""

    id: str
    status: Literal["placed", "shipped", "delivered"]
    item_count: int
    total: float
    currency: Currency


class OrderPage(BaseModel):
    """One page of orders."""

    orders: list[OrderAnswer]
    page: int
    limit: int


app = FastAPI(title="Orders")


@app.post("/v1/orders")
async def create_order(order: OrderCreate) -> OrderAnswer:
    """Place an order."""
    goods = sum(item.quantity * item.unit_price for item in order.items)
    return OrderAnswer(
        id=orders.next_id(),
        status="placed",
        item_count=sum(item.quantity for item in order.items),
        total=round(goods * (100 - order.discount_percent) / 100 + order.shipping_price, 2),
        currency=order.currency,
    )


@app.get("/v1/orders")
async def list_orders(page: Annotated[int, Query(ge=1)] = 1, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> OrderPage:
    """One page of orders."""
    return OrderPage(orders=[], page=page, limit=limit)


@app.get("/v1/orders/{order_id}")
async def get_order(order_id: Annotated[str, Path(min_length=5, max_length=40)]) -> OrderAnswer:
    """One order."""
    return OrderAnswer(**orders.stored(order_id))


orders.settle()
