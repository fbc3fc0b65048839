"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from nullable import routes
from nullable_handlers import things

_things: routes.Things = things

HANDLERS: dict[str, Any] = {
    "things": things,
}
