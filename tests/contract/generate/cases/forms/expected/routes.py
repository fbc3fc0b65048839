"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from forms import models


class Forms(Protocol):
    """Handlers of `forms`."""

    def create_login(self, ctx: Any, body: models.Login) -> None:
        """create_login."""

    def create_photo(self, ctx: Any, body: models.Photo | models.CreatePhotoBody) -> None:
        """create_photo."""

    def create_note(self, ctx: Any, body: models.CreateNoteBody | bytes | None) -> None:
        """create_note."""

    def create_ping(self, ctx: Any, body: models.CreatePingBody) -> None:
        """create_ping."""


SIGNATURES: dict[str, Signature] = {
    "create_login": Signature("forms", body=models.Login, status=204),
    "create_photo": Signature("forms", body=models.Photo, form=models.CreatePhotoBody, status=204),
    "create_note": Signature("forms", body=models.CreateNoteBody, status=204),
    "create_ping": Signature("forms", body=models.CreatePingBody, status=204),
}
