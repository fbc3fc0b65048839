"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from case_collision import routes
from case_collision_handlers import vlans

_vlans: routes.Vlans = vlans

HANDLERS: dict[str, Any] = {
    "vlans": vlans,
}
