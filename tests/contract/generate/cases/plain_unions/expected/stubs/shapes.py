"""Shapes over HTTP. Contract: plain_unions.yaml."""

from __future__ import annotations

from typing import Any

from plain_unions import models


def create_shape(ctx: Any, body: models.Shape) -> models.Values:
    """create_shape."""
    raise NotImplementedError("create_shape has no handler yet")
