"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from circular import models
from contract.runtime.binding import Signature


class Trees(Protocol):
    """Handlers of `trees`."""

    def create_tree(self, ctx: Any, body: models.Tree) -> models.Owner:
        """create_tree."""


SIGNATURES: dict[str, Signature] = {
    "create_tree": Signature("trees", body=models.Tree),
}
