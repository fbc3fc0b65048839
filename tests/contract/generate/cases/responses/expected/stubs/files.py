"""Files over HTTP. Contract: responses.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from responses import models


def get_file(ctx: Any, name: str) -> bytes | Iterator[bytes]:
    """get_file."""
    raise NotImplementedError("get_file has no handler yet")


def update_file(ctx: Any, name: str, body: bytes) -> None:
    """update_file."""
    raise NotImplementedError("update_file has no handler yet")


def delete_file(ctx: Any, name: str) -> None:
    """delete_file."""
    raise NotImplementedError("delete_file has no handler yet")


def list_events(ctx: Any) -> models.ListEventsResponse | bytes | Iterator[bytes]:
    """list_events."""
    raise NotImplementedError("list_events has no handler yet")
