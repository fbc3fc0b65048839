"""Messages over channels beside e-mail."""

from __future__ import annotations

from typing import Literal

from misarmail_server.context import Context
from misarmail_server.errors import Forbidden

Channel = Literal["whatsapp", "push"]
WORDS: dict[Channel, str] = {"whatsapp": "WhatsApp", "push": "Push"}


def require_configured(ctx: Context, channel: Channel) -> None:
    """Refuse a channel that has no provider here. Raises Forbidden("feature_unavailable")."""
    url = ctx.settings.whatsapp_url if channel == "whatsapp" else ctx.settings.push_url
    if not url:
        raise Forbidden("feature_unavailable", f"{WORDS[channel]} is not configured on this server", feature=channel)
