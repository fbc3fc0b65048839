"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from inheritance import routes
from inheritance_handlers import dogs

_dogs: routes.Dogs = dogs

HANDLERS: dict[str, Any] = {
    "dogs": dogs,
}
