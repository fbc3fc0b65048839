"""The work of every peer on a valid order, so that the measured difference is the framework's alone."""

from __future__ import annotations

import gc
from itertools import count
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

DOCUMENT = Path(__file__).with_name("document.yaml")
number = count(1)


def load() -> Json:
    """The document as it is written (its references are all local)."""
    document: Json = yaml.safe_load(DOCUMENT.read_text())
    return document


def as_30() -> Json:
    """The document for tools that read OpenAPI 3.0 only. It uses only what both versions write in the same way."""
    return load() | {"openapi": "3.0.3"}


def example() -> Json:
    """The body to post: the example of `create_order`."""
    body: Json = load()["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["example"]
    return body


def settle() -> None:
    """Called by every peer once it is built: existing objects stay, so the garbage collector need not visit them again."""
    gc.collect()
    gc.freeze()


def next_id() -> str:
    """A new order's id."""
    return f"ord_{next(number):08d}"


def answer(order: Json) -> Json:
    """The response to a decoded order."""
    items = order["items"]
    goods = sum(item["quantity"] * item["unit_price"] for item in items)
    return {
        "id": next_id(),
        "status": "placed",
        "item_count": sum(item["quantity"] for item in items),
        "total": round(goods * (100 - order.get("discount_percent", 0)) / 100 + order.get("shipping_price", 0), 2),
        "currency": order["currency"],
    }


def stored(order_id: str) -> Json:
    """The response of `get_order`."""
    return {"id": order_id, "status": "placed", "item_count": 6, "total": 104.65, "currency": "EUR"}
