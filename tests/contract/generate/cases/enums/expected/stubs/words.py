"""Words over HTTP. Contract: enums.yaml."""

from __future__ import annotations

from typing import Any

from enums import models


def get_word(ctx: Any, word: str) -> models.Choices:
    """get_word."""
    raise NotImplementedError("get_word has no handler yet")
