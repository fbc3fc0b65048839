"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from case_collision import models
from contract.runtime.binding import Signature


class Vlans(Protocol):
    """Handlers of `vlans`."""

    def list_vlans(self, ctx: Any) -> models.ListVlansResponse:
        """list_vlans."""

    def replace_image(self, ctx: Any, body: bytes) -> bytes | Iterator[bytes]:
        """replace_image."""


SIGNATURES: dict[str, Signature] = {
    "list_vlans": Signature("vlans"),
    "replace_image": Signature("vlans", body=bytes),
}
