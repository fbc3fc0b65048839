"""G over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any

from extremes import models


def g(ctx: Any, parameters: models.GParameters) -> models.GResponse:
    """g."""
    raise NotImplementedError("g has no handler yet")
