"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from circular import routes
from circular_handlers import trees

_trees: routes.Trees = trees

HANDLERS: dict[str, Any] = {
    "trees": trees,
}
