"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from error_codes import routes
from error_codes_handlers import pets

_pets: routes.Pets = pets

HANDLERS: dict[str, Any] = {
    "pets": pets,
}
