"""F over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any


def f(ctx: Any, a: str, b: str, c: str) -> None:
    """f."""
    raise NotImplementedError("f has no handler yet")
