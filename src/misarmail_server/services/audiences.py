"""Whom a campaign or an automation speaks to."""

from __future__ import annotations

from misarmail_server.context import Context
from misarmail_server.errors import Invalid


def require_segment(ctx: Context, segment_id: str, field: str) -> None:  # noqa: ARG001 - every segment is unknown while there are none
    """Refuse a segment that this account does not have. Raises Invalid on `field`."""
    raise Invalid(field, f"There is no segment {segment_id}")
