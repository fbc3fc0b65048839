"""People over HTTP. Contract: aliases.yaml."""

from __future__ import annotations

from typing import Any

from aliases import models


def create_person(ctx: Any, body: models.PersonCreate) -> models.Person:
    """Add a person."""
    raise NotImplementedError("create_person has no handler yet")
