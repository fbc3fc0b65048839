"""Trees over HTTP. Contract: circular.yaml."""

from __future__ import annotations

from typing import Any

from circular import models


def create_tree(ctx: Any, body: models.Tree) -> models.Owner:
    """create_tree."""
    raise NotImplementedError("create_tree has no handler yet")
