"""Leaving: what a recipient's own wish to get no more does, whichever way it comes."""

from __future__ import annotations

from misarmail_server.context import Context
from misarmail_server.delivery.relay_reports import Report
from misarmail_server.services import feedback


def leave(ctx: Context, message_id: str, address: str) -> None:
    """Unsubscribe the recipient of a message of this account; a second time changes nothing."""
    feedback.keep(ctx, [Report("unsubscribed", address, message_id, None, None)])
