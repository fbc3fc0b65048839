"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from nullable import models


class Things(Protocol):
    """Handlers of `things`."""

    def update_thing(self, ctx: Any, body: models.Thing) -> models.Maybe:
        """update_thing."""


SIGNATURES: dict[str, Signature] = {
    "update_thing": Signature("things", body=models.Thing),
}
