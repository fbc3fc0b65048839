"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from plain_unions import routes
from plain_unions_handlers import shapes

_shapes: routes.Shapes = shapes

HANDLERS: dict[str, Any] = {
    "shapes": shapes,
}
