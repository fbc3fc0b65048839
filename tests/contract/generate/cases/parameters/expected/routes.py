"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from parameters import models


class Items(Protocol):
    """Handlers of `items`."""

    def get_item(
        self,
        ctx: Any,
        shop: str,
        item_id: int,
        flags: list[bool],
        parameters: models.GetItemParameters,
    ) -> models.GetItemResponse:
        """Get an item."""


SIGNATURES: dict[str, Signature] = {
    "get_item": Signature(
        "items",
        path=(
            "shop",
            "item_id",
            "flags",
        ),
        parameters=models.GetItemParameters,
    ),
}
