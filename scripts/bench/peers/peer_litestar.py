"""The orders contract in Litestar with msgspec structs, its fastest form. msgspec knows no e-mail format: a pattern replaces it."""

from typing import Annotated, Literal

import msgspec
import orders
from litestar import Litestar, get, post
from litestar.params import Parameter
from msgspec import Meta

Currency = Literal["EUR", "GBP", "USD", "CHF"]
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


class Customer(msgspec.Struct, forbid_unknown_fields=True):
    """The buyer."""

    email: Annotated[str, Meta(pattern=EMAIL, max_length=254)]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    phone: Annotated[str, Meta(min_length=6, max_length=24)] | msgspec.UnsetType = msgspec.UNSET


class Address(msgspec.Struct, forbid_unknown_fields=True):
    """The delivery address."""

    line1: Annotated[str, Meta(min_length=1, max_length=120)]
    city: Annotated[str, Meta(min_length=1, max_length=80)]
    postal_code: Annotated[str, Meta(min_length=2, max_length=16)]
    country: Annotated[str, Meta(min_length=2, max_length=2)]
    line2: Annotated[str, Meta(max_length=120)] | msgspec.UnsetType = msgspec.UNSET


class Item(msgspec.Struct, forbid_unknown_fields=True):
    """One line of the order."""

    sku: Annotated[str, Meta(min_length=3, max_length=32)]
    name: Annotated[str, Meta(min_length=1, max_length=160)]
    quantity: Annotated[int, Meta(ge=1, le=999)]
    unit_price: Annotated[float, Meta(ge=0, le=100_000)]
    gift: bool = False


class OrderCreate(msgspec.Struct, forbid_unknown_fields=True):
    """The body that is posted."""

    reference: Annotated[str, Meta(min_length=3, max_length=64)]
    channel: Literal["web", "store", "phone", "partner"]
    currency: Currency
    customer: Customer
    shipping_address: Address
    items: Annotated[list[Item], Meta(min_length=1, max_length=100)]
    priority: Literal["standard", "express", "same_day"] = "standard"
    discount_percent: Annotated[float, Meta(ge=0, le=100)] = 0
    shipping_price: Annotated[float, Meta(ge=0, le=10_000)] = 0
    tags: Annotated[list[Annotated[str, Meta(min_length=1, max_length=32)]], Meta(max_length=20)] = msgspec.field(default_factory=list)
    notes: Annotated[str, Meta(max_length=500)] = ""
    accepts_marketing: bool = False


class OrderAnswer(msgspec.Struct):
    """The response to a placed order."""

    id: str
    status: Literal["placed", "shipped", "delivered"]
    item_count: int
    total: float
    currency: Currency


class OrderPage(msgspec.Struct):
    """One page of orders."""

    orders: list[OrderAnswer]
    page: int
    limit: int


@post("/v1/orders", status_code=200)
async def create_order(data: OrderCreate) -> OrderAnswer:
    """Place an order."""
    goods = sum(item.quantity * item.unit_price for item in data.items)
    return OrderAnswer(
        id=orders.next_id(),
        status="placed",
        item_count=sum(item.quantity for item in data.items),
        total=round(goods * (100 - data.discount_percent) / 100 + data.shipping_price, 2),
        currency=data.currency,
    )


@get("/v1/orders")
async def list_orders(page: Annotated[int, Parameter(ge=1)] = 1, limit: Annotated[int, Parameter(ge=1, le=100)] = 20) -> OrderPage:
    """One page of orders."""
    return OrderPage(orders=[], page=page, limit=limit)


@get("/v1/orders/{order_id:str}")
async def get_order(order_id: Annotated[str, Parameter(min_length=5, max_length=40)]) -> OrderAnswer:
    """One order."""
    return OrderAnswer(**orders.stored(order_id))


app = Litestar([create_order, list_orders, get_order])
orders.settle()
