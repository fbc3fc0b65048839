"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from enums import models


class Words(Protocol):
    """Handlers of `words`."""

    def get_word(self, ctx: Any, word: str) -> models.Choices:
        """get_word."""


SIGNATURES: dict[str, Signature] = {
    "get_word": Signature("words", path=("word",)),
}
