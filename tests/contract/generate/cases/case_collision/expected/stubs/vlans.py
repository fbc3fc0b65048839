"""Vlans over HTTP. Contract: case_collision.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case_collision import models


def list_vlans(ctx: Any) -> models.ListVlansResponse:
    """list_vlans."""
    raise NotImplementedError("list_vlans has no handler yet")


def replace_image(ctx: Any, body: bytes) -> bytes | Iterator[bytes]:
    """replace_image."""
    raise NotImplementedError("replace_image has no handler yet")
