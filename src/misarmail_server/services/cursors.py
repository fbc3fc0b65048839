"""Cursors: a place in a list, with a proof that this platform made it for that account and that list.

The proof covers what defines the list (its filters and order), so a cursor cannot continue another one.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import NamedTuple

import msgspec

from misarmail_server import vault
from misarmail_server.context import TenantUnit
from misarmail_server.errors import Invalid

FIELD = "cursor"
PROOF_BYTES = 12


class Position(NamedTuple):
    """The last row of a page, by creation time and id, and how many rows the list had at its first page."""

    at: int
    id: str
    total: int


def make(ctx: TenantUnit, list_: bytes, position: Position) -> str:
    """The cursor of a position. `list_` is the operation with everything that must not change from page to page."""
    payload = msgspec.json.encode(position)
    return f"{_text(payload)}.{_text(_proof(ctx, list_, payload))}"


def read(ctx: TenantUnit, list_: bytes, cursor: str) -> Position:
    """The position of a cursor. Raises Invalid for a cursor that was not made for this list."""
    payload, _, proof = cursor.partition(".")
    try:
        content = base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        content = b""
    if not content or not hmac.compare_digest(_text(_proof(ctx, list_, content)).encode(), proof.encode()):
        raise Invalid(FIELD, "Must be the next_cursor of a previous page, with the same filters and order")
    return msgspec.json.decode(content, type=Position)


def _proof(ctx: TenantUnit, list_: bytes, payload: bytes) -> bytes:
    message = msgspec.json.encode([ctx.account_id, list_, payload])  # an array, so that no part can continue in the next
    return hmac.digest(vault.derived(ctx.settings, "cursors"), message, "sha256")[:PROOF_BYTES]


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
