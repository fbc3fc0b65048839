"""Messages over channels other than e-mail."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from misarmail_server.rows.table import Owned


class ChannelMessage(Owned):
    """A message to a provider, written before the call and updated after it.

    `state`: sending, then sent, failed, or unknown if the provider did not answer. A message that stays `sending` was interrupted.
    """

    __tablename__ = "channel_messages"
    __table_args__ = (Index("ix_channel_messages_account_created", "account_id", "created_at"),)

    key_id: Mapped[str | None]
    channel: Mapped[str]
    contact_id: Mapped[str | None]
    asked_json: Mapped[str]  # the request body
    state: Mapped[str]
    outcomes_json: Mapped[str]  # [[kind, the provider's id or reason]], one per device
    created_at: Mapped[int]
    finished_at: Mapped[int | None]
