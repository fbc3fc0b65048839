"""Pets over HTTP. Contract: discriminators.yaml."""

from __future__ import annotations

from typing import Any

from discriminators import models


def create_pet(ctx: Any, body: models.Pet) -> models.CreatePetResponse:
    """create_pet."""
    raise NotImplementedError("create_pet has no handler yet")
