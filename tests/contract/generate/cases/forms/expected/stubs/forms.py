"""Forms over HTTP. Contract: forms.yaml."""

from __future__ import annotations

from typing import Any

from forms import models


def create_login(ctx: Any, body: models.Login) -> None:
    """create_login."""
    raise NotImplementedError("create_login has no handler yet")


def create_photo(ctx: Any, body: models.Photo | models.CreatePhotoBody) -> None:
    """create_photo."""
    raise NotImplementedError("create_photo has no handler yet")


def create_note(ctx: Any, body: models.CreateNoteBody | bytes | None) -> None:
    """create_note."""
    raise NotImplementedError("create_note has no handler yet")


def create_ping(ctx: Any, body: models.CreatePingBody) -> None:
    """create_ping."""
    raise NotImplementedError("create_ping has no handler yet")
