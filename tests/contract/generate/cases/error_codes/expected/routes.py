"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from error_codes import models


class Pets(Protocol):
    """Handlers of `pets`."""

    def list_pets(self, ctx: Any) -> models.ListPetsResponse:
        """list_pets."""


SIGNATURES: dict[str, Signature] = {
    "list_pets": Signature("pets"),
}
