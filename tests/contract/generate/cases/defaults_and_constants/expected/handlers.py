"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from defaults_and_constants import routes
from defaults_and_constants_handlers import boxes

_boxes: routes.Boxes = boxes

HANDLERS: dict[str, Any] = {
    "boxes": boxes,
}
