"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from parameters import routes
from parameters_handlers import items

_items: routes.Items = items

HANDLERS: dict[str, Any] = {
    "items": items,
}
