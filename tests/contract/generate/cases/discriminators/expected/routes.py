"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from discriminators import models


class Pets(Protocol):
    """Handlers of `pets`."""

    def create_pet(self, ctx: Any, body: models.Pet) -> models.CreatePetResponse:
        """create_pet."""


SIGNATURES: dict[str, Signature] = {
    "create_pet": Signature("pets", body=models.Pet),
}
