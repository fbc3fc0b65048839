"""Signature over HTTP. Contract: odd_names.yaml."""

from __future__ import annotations

from typing import Any


def import_(ctx: Any) -> None:
    """import_."""
    raise NotImplementedError("import_ has no handler yet")
