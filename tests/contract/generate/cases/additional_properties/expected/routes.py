"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from additional_properties import models
from contract.runtime.binding import Signature


class Things(Protocol):
    """Handlers of `things`."""

    def create_thing(self, ctx: Any, body: models.Thing) -> models.Thing:
        """create_thing."""

    def create_shapes(self, ctx: Any, body: models.CreateShapesBody) -> models.CreateShapesResponse:
        """create_shapes."""


SIGNATURES: dict[str, Signature] = {
    "create_thing": Signature("things", body=models.Thing),
    "create_shapes": Signature("things", body=models.CreateShapesBody),
}
