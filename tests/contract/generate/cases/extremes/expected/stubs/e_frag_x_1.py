"""E frag x 1 over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any


def e(ctx: Any) -> None:
    """e."""
    raise NotImplementedError("e has no handler yet")
