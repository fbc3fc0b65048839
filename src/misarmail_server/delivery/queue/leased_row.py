"""A leased row of the queue."""

from __future__ import annotations

from typing import NamedTuple, cast

from sqlalchemy import Table

from misarmail_server.db import tables
from misarmail_server.delivery.queue.journal import AttemptKey
from misarmail_server.setting_types import relays

RECIPIENTS = cast("Table", tables.Recipient.__table__)
RECIPIENT = RECIPIENTS.c


class Leased(NamedTuple):
    """A recipient that its owner may try until `lease_until`. `due_since` is when its message was first due; times are milliseconds."""

    id: int
    message_id: str
    account_id: str
    address: str
    attempt: int
    owner: str
    lease_until: int
    due_since: int
    is_sandbox: bool
    priority: int
    campaign_id: str | None = None
    values_json: str | None = None  # the values of a campaign's merge tags
    lane: str = ""
    delivery_method: str | None = None  # as of its message
    accepted_at: int = 0
    is_platform_mail: bool | None = None
    topic_id: str | None = None

    @property
    def is_captured(self) -> bool:
        """Whether it was accepted for the sandbox inbox, not for delivery."""
        return self.is_sandbox or self.delivery_method == relays.CAPTURE

    @property
    def key(self) -> AttemptKey:
        """The key of this attempt in the journal."""
        return AttemptKey(self.id, self.lease_until)
