"""Boxes over HTTP. Contract: defaults_and_constants.yaml."""

from __future__ import annotations

from typing import Any

from defaults_and_constants import models


def create_box(ctx: Any, body: models.Box) -> models.Done:
    """create_box."""
    raise NotImplementedError("create_box has no handler yet")


def update_box(ctx: Any, id: int, body: models.BoxPatch) -> models.Done:
    """update_box."""
    raise NotImplementedError("update_box has no handler yet")
