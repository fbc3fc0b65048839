"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from defaults_and_constants import models


class Boxes(Protocol):
    """Handlers of `boxes`."""

    def create_box(self, ctx: Any, body: models.Box) -> models.Done:
        """create_box."""

    def update_box(self, ctx: Any, id: int, body: models.BoxPatch) -> models.Done:
        """update_box."""


SIGNATURES: dict[str, Signature] = {
    "create_box": Signature("boxes", body=models.Box),
    "update_box": Signature("boxes", path=("id",), body=models.BoxPatch),
}
