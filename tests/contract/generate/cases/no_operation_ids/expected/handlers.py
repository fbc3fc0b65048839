"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from no_operation_ids import routes
from no_operation_ids_handlers import pets, root

_pets: routes.Pets = pets
_root: routes.Root = root

HANDLERS: dict[str, Any] = {
    "pets": pets,
    "root": root,
}
