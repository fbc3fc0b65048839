"""Root over HTTP. Contract: no_operation_ids.yaml."""

from __future__ import annotations

from typing import Any

from no_operation_ids import models


def get(ctx: Any) -> models.GetResponse:
    """get."""
    raise NotImplementedError("get has no handler yet")
