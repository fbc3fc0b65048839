"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from aliases import routes
from aliases_handlers import people

_people: routes.People = people

HANDLERS: dict[str, Any] = {
    "people": people,
}
