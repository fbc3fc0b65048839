"""Pets over HTTP. Contract: no_operation_ids.yaml."""

from __future__ import annotations

from typing import Any

from no_operation_ids import models


def get_pets(ctx: Any) -> models.GetPetsResponseDefault:
    """get_pets."""
    raise NotImplementedError("get_pets has no handler yet")


def post_pets(ctx: Any, body: models.PostPetsBody | None) -> None:
    """post_pets."""
    raise NotImplementedError("post_pets has no handler yet")


def get_pets_pet_id_json(ctx: Any, pet_id: str) -> models.GetPetsPetIdJsonResponse:
    """get_pets_pet_id_json."""
    raise NotImplementedError("get_pets_pet_id_json has no handler yet")
