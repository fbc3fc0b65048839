"""Whom a campaign, an automation or a message speaks to."""

# Segments and contacts are not stored yet, so every id of one is unknown.
# ruff: noqa: ARG001

from __future__ import annotations

from typing import NoReturn

from misarmail_server.context import Context
from misarmail_server.errors import Invalid


def require_segment(ctx: Context, segment_id: str, field: str) -> None:
    """Refuse a segment that this account does not have. Raises Invalid on `field`."""
    raise Invalid(field, f"There is no segment {segment_id}")


def require_contact(ctx: Context, contact_id: str, field: str) -> None:
    """Refuse a contact that this account does not have. Raises Invalid on `field`."""
    raise Invalid(field, f"There is no contact {contact_id}")


def devices(ctx: Context, contact_id: str, field: str) -> NoReturn:
    """The devices of a contact. Raises Invalid on `field` where there is no such contact."""
    raise Invalid(field, f"There is no contact {contact_id}")
