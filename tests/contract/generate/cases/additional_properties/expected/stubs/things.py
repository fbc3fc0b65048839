"""Things over HTTP. Contract: additional_properties.yaml."""

from __future__ import annotations

from typing import Any

from additional_properties import models


def create_thing(ctx: Any, body: models.Thing) -> models.Thing:
    """create_thing."""
    raise NotImplementedError("create_thing has no handler yet")


def create_shapes(
    ctx: Any,
    body: models.CreateShapesBody,
) -> models.CreateShapesResponse:
    """create_shapes."""
    raise NotImplementedError("create_shapes has no handler yet")
