"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from contract.runtime.binding import Signature
from responses import models


class Files(Protocol):
    """Handlers of `files`."""

    def get_file(self, ctx: Any, name: str) -> bytes | Iterator[bytes]:
        """get_file."""

    def update_file(self, ctx: Any, name: str, body: bytes) -> None:
        """update_file."""

    def delete_file(self, ctx: Any, name: str) -> None:
        """delete_file."""

    def list_events(self, ctx: Any) -> models.ListEventsResponse | bytes | Iterator[bytes]:
        """list_events."""


SIGNATURES: dict[str, Signature] = {
    "get_file": Signature("files", path=("name",)),
    "update_file": Signature("files", path=("name",), body=bytes, status=204),
    "delete_file": Signature("files", path=("name",), status=302),
    "list_events": Signature("files"),
}
