"""Pets over HTTP. Contract: error_codes.yaml."""

from __future__ import annotations

from typing import Any

from error_codes import models


def list_pets(ctx: Any) -> models.ListPetsResponse:
    """list_pets."""
    raise NotImplementedError("list_pets has no handler yet")
