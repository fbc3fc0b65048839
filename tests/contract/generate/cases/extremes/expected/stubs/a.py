"""A over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any

from extremes import models


def get_a(ctx: Any) -> models.GetAResponse:
    """get_a."""
    raise NotImplementedError("get_a has no handler yet")
