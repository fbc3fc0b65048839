"""A recipient's copy of a message, as the token in its links names it, and what is written down of it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.delivery.outcomes import clean
from misarmail_server.delivery.tokens import TokenClaim
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import RecipientState

TAKEN = frozenset({RecipientState.DELIVERED, RecipientState.CAPTURED})


class Visitor(NamedTuple):
    """Who asks, in his own words: not to be trusted."""

    method: str = "GET"
    user_agent: str = ""
    ip_address: str = ""
    purpose: str = ""  # what Sec-Purpose and its forerunners say


class MessageRecipient(NamedTuple):
    """A row of `recipients` with what is needed of its message."""

    row: int
    message_id: str
    account_id: str
    address: str
    state: str
    finished_at: int | None
    campaign_id: str | None
    sender: str

    def since_delivery(self, at: int) -> int | None:
        """How long ago the mail was taken, in milliseconds; None where that is not known."""
        if self.state == RecipientState.LEASED:  # it was taken just now, and that is not written down yet
            return 0
        return at - self.finished_at if self.state in TAKEN and self.finished_at is not None else None

    def event(self, type_: str, visitor: Visitor, at: int) -> EmailEvent:
        """An event of this copy, by a person."""
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
        *(MESSAGE.campaign_id, MESSAGE.from_email),
    )
    .join(MESSAGE, MESSAGE.id == RECIPIENT.message_id)
    .where(RECIPIENT.id == bindparam("row"), RECIPIENT.message_id == bindparam("message"))
)
READ, LOCK = Prepared(QUERY), Prepared(QUERY.with_for_update(of=RECIPIENT))


def read(connection: Connection, claim: TokenClaim, *, is_locked: bool = False) -> MessageRecipient | None:
    """The copy; None when it is gone. While it is locked nobody else writes down anything of it."""
    query = LOCK if is_locked else READ
    row = query.run(connection, {"row": claim.row, "message": claim.message_id}).fetchone()
    return MessageRecipient(*row) if row else None
