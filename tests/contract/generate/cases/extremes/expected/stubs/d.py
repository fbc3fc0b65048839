"""D over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any

from extremes import models


def d(ctx: Any, body: models.DBody | bytes | None) -> None:
    """d."""
    raise NotImplementedError("d has no handler yet")
