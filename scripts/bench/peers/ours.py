"""The orders contract behind this project's runtime: the contract in front of a Flask application, models as the generator writes them."""

from typing import Any, Literal

import msgspec
import orders
from flask import Flask
from msgspec import UNSET, Struct, UnsetType

from contract.runtime.application import Contract
from contract.runtime.binding import BoundOperation, Signature
from contract.runtime.platform import OpenPlatform

Currency = Literal["EUR", "GBP", "USD", "CHF"]


class Customer(Struct):
    """The buyer."""

    email: str
    name: str
    phone: str | UnsetType = UNSET


class Address(Struct):
    """The delivery address."""

    line1: str
    city: str
    postal_code: str
    country: str
    line2: str | UnsetType = UNSET


class Item(Struct):
    """One line of the order."""

    sku: str
    name: str
    quantity: int
    unit_price: float
    gift: bool | UnsetType = UNSET


class OrderCreate(Struct):
    """The posted body; it is validated before it is decoded into this model."""

    reference: str
    channel: Literal["web", "store", "phone", "partner"]
    currency: Currency
    customer: Customer
    shipping_address: Address
    items: list[Item]
    priority: Literal["standard", "express", "same_day"] | UnsetType = UNSET
    discount_percent: float | UnsetType = UNSET
    shipping_price: float | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    notes: str | UnsetType = UNSET
    accepts_marketing: bool | UnsetType = UNSET


class OrderAnswer(Struct):
    """The response to a placed order."""

    id: str
    status: Literal["placed", "shipped", "delivered"]
    item_count: int
    total: float
    currency: Currency


class OrderPage(Struct):
    """One page of orders."""

    orders: list[OrderAnswer]
    page: int
    limit: int


class ListOrdersParameters(Struct):
    """The query of `list_orders`."""

    page: int = 1
    limit: int = 20


def create_order(_ctx: Any, order: OrderCreate) -> OrderAnswer:
    """Place an order."""
    goods = sum(item.quantity * item.unit_price for item in order.items)
    return OrderAnswer(
        id=orders.next_id(),
        status="placed",
        item_count=sum(item.quantity for item in order.items),
        total=round(goods * (100 - (order.discount_percent or 0)) / 100 + (order.shipping_price or 0), 2),
        currency=order.currency,
    )


def list_orders(_ctx: Any, query: ListOrdersParameters) -> OrderPage:
    """One page of orders."""
    return OrderPage(orders=[], page=query.page, limit=query.limit)


def get_order(_ctx: Any, order_id: str) -> OrderAnswer:
    """One order."""
    return msgspec.convert(orders.stored(order_id), OrderAnswer)


bound = {
    "create_order": BoundOperation(Signature("orders", body=OrderCreate), create_order),
    "list_orders": BoundOperation(Signature("orders", parameters=ListOrdersParameters), list_orders),
    "get_order": BoundOperation(Signature("orders", path=("order_id",)), get_order),
}
app = Flask(__name__)
app.wsgi_app = Contract(orders.load(), bound, OpenPlatform()).wrap(app.wsgi_app)  # type: ignore[method-assign]  # as Flask documents it
orders.settle()
