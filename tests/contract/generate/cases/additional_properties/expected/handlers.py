"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from additional_properties import routes
from additional_properties_handlers import things

_things: routes.Things = things

HANDLERS: dict[str, Any] = {
    "things": things,
}
