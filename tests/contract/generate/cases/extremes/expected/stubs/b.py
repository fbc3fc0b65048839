"""B over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any


def b(ctx: Any) -> None:
    """b."""
    raise NotImplementedError("b has no handler yet")
