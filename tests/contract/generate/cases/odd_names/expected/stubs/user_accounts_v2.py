"""User accounts v2 over HTTP. Contract: odd_names.yaml."""

from __future__ import annotations

from typing import Any

from odd_names import models


def users_create_one(
    ctx: Any,
    user_id: int,
    user_id_2: str,
    body_2: float,
    body: models.MyOddSchema,
    parameters: models.UsersCreateOneParameters,
) -> models.MyOddSchema2:
    "Says \"hello\" \\ \"\"\" to everyone."
    raise NotImplementedError("users_create_one has no handler yet")
