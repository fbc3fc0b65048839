"""Dogs over HTTP. Contract: inheritance.yaml."""

from __future__ import annotations

from typing import Any

from inheritance import models


def create_dog(ctx: Any, body: models.Puppy) -> models.Dog:
    """create_dog."""
    raise NotImplementedError("create_dog has no handler yet")
