"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from plain_unions import models


class Shapes(Protocol):
    """Handlers of `shapes`."""

    def create_shape(self, ctx: Any, body: models.Shape) -> models.Values:
        """create_shape."""


SIGNATURES: dict[str, Signature] = {
    "create_shape": Signature("shapes", body=models.Shape),
}
