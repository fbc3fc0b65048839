"""C over HTTP. Contract: extremes.yaml."""

from __future__ import annotations

from typing import Any


def c(ctx: Any, d: str, d_2: str, body: bytes | None) -> None:
    """c."""
    raise NotImplementedError("c has no handler yet")
