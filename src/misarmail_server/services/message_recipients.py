"""The recipient of a message that the token of a link identifies, and its events."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.delivery.outcomes import clean
from misarmail_server.delivery.tokens import TokenClaim
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import RecipientState

ACCEPTED = frozenset({RecipientState.DELIVERED, RecipientState.CAPTURED})


class Visitor(NamedTuple):
    """The client, as it describes itself: not trustworthy."""

    method: str = "GET"
    user_agent: str = ""
    ip_address: str = ""
    purpose: str = ""  # the values of Sec-Purpose and its predecessors


class MessageRecipient(NamedTuple):
    """A row of `recipients` with the required fields of its message."""

    row: int
    message_id: str
    account_id: str
    address: str
    state: str
    finished_at: int | None
    campaign_id: str | None
    sender: str
    topic_id: str | None = None

    def since_delivery(self, at: int) -> int | None:
        """The time since the mail was accepted, in milliseconds; None if unknown."""
        if self.state == RecipientState.LEASED:  # just accepted, and not yet recorded
            return 0
        return at - self.finished_at if self.state in ACCEPTED and self.finished_at is not None else None

    def event(self, type_: str, visitor: Visitor, at: int) -> EmailEvent:
        """An event of this recipient, attributed to a human."""
        return EmailEvent(
            self.message_id,
            self.account_id,
            self.address,
            type_,
            type_,
            at,
            self.campaign_id,
            user_agent=clean(visitor.user_agent) or None,
            ip_address=visitor.ip_address or None,
        )


RECIPIENT, MESSAGE = tables.Recipient, tables.Message
QUERY = (
    select(
        *(RECIPIENT.id, RECIPIENT.message_id, RECIPIENT.account_id, RECIPIENT.address, RECIPIENT.state, RECIPIENT.finished_at),
        *(MESSAGE.campaign_id, MESSAGE.from_email, MESSAGE.topic_id),
    )
    .join(MESSAGE, MESSAGE.id == RECIPIENT.message_id)
    .where(RECIPIENT.id == bindparam("row"), RECIPIENT.message_id == bindparam("message"))
)
READ, LOCK = Prepared(QUERY), Prepared(QUERY.with_for_update(of=RECIPIENT))


def read(connection: Connection, claim: TokenClaim, *, is_locked: bool = False) -> MessageRecipient | None:
    """The recipient; None if it was deleted. With `is_locked`, the row is locked until the unit ends."""
    query = LOCK if is_locked else READ
    row = query.run(connection, {"row": claim.row, "message": claim.message_id}).fetchone()
    return MessageRecipient(*row) if row else None
