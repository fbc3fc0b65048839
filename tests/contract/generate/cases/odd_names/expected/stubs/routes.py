"""Routes over HTTP. Contract: odd_names.yaml."""

from __future__ import annotations

from typing import Any

from odd_names import models


def models_(ctx: Any) -> models.NoneModel:
    """models_."""
    raise NotImplementedError("models_ has no handler yet")
