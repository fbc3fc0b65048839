"""Things over HTTP. Contract: nullable.yaml."""

from __future__ import annotations

from typing import Any

from nullable import models


def update_thing(ctx: Any, body: models.Thing) -> models.Maybe:
    """update_thing."""
    raise NotImplementedError("update_thing has no handler yet")
