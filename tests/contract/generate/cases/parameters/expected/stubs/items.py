"""Items over HTTP. Contract: parameters.yaml."""

from __future__ import annotations

from typing import Any

from parameters import models


def get_item(
    ctx: Any,
    shop: str,
    item_id: int,
    flags: list[bool],
    parameters: models.GetItemParameters,
) -> models.GetItemResponse:
    """Get an item."""
    raise NotImplementedError("get_item has no handler yet")
