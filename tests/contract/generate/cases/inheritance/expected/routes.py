"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from inheritance import models


class Dogs(Protocol):
    """Handlers of `dogs`."""

    def create_dog(self, ctx: Any, body: models.Puppy) -> models.Dog:
        """create_dog."""


SIGNATURES: dict[str, Signature] = {
    "create_dog": Signature("dogs", body=models.Puppy),
}
