"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from aliases import models
from contract.runtime.binding import Signature


class People(Protocol):
    """Handlers of `people`."""

    def create_person(self, ctx: Any, body: models.PersonCreate) -> models.Person:
        """Add a person."""


SIGNATURES: dict[str, Signature] = {
    "create_person": Signature("people", body=models.PersonCreate),
}
