"""Unsubscribing by the link of a mail, by its button (RFC 8058), or by mail. The recipient's token permits it, any number of times."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from misarmail_server.context import TenantUnit, Unit
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.events import suppress
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.services import message_recipients
from misarmail_server.services.message_recipients import MessageRecipient, Visitor
from misarmail_server.settings import Settings


class UnsubscribeState(NamedTuple):
    """An address and the sender it unsubscribes from. `address` is masked, since links are forwarded and the address is private."""

    address: str
    sender: str
    is_suppressed: bool


class UnsubscribeLinks:
    """Handles the unsubscribe links of mail. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._tokens = Tokens(settings)

    def find(self, token: str) -> UnsubscribeState | None:
        """The state of a link, without changing it. None for an invalid token or a deleted message. Raises Unavailable."""
        claim = self._tokens.read("unsubscribe", token)
        if claim is None:
            return None
        with self._store.read() as connection:
            recipient = message_recipients.read(connection, claim)
            return recipient and UnsubscribeState(masked(recipient.address), recipient.sender, _is_suppressed(connection, recipient))

    def unsubscribe(self, token: str, visitor: Visitor) -> UnsubscribeState | None:
        """Unsubscribe at once; `is_suppressed` if it already was. None as `find`. Raises Unavailable, and nothing is changed then."""
        claim = self._tokens.read("unsubscribe", token)
        return None if claim is None else self._store.write(lambda connection: self._unsubscribe(connection, claim, visitor))

    def _unsubscribe(self, connection: Connection, claim: TokenClaim, visitor: Visitor) -> UnsubscribeState | None:
        recipient = message_recipients.read(connection, claim, is_locked=True)
        if recipient is None:
            return None
        unit = Unit(self._store, self._settings, connection).of(recipient.account_id)
        return UnsubscribeState(masked(recipient.address), recipient.sender, is_suppressed=not unsubscribe(unit, recipient, visitor))


def unsubscribe(ctx: TenantUnit, recipient: MessageRecipient, visitor: Visitor) -> bool:
    """Suppress a locked recipient for the account of `ctx` and emit the events; returns False if it was already suppressed."""
    event = recipient.event("unsubscribed", visitor, ctx.now())
    return bool(
        suppress.apply(ctx.connection, [SuppressionCause(recipient.account_id, recipient.address, "unsubscribed", event)], ctx.now())
    )


def masked(address: str) -> str:
    """An address that only its owner recognises: `a***@example.com`."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part[:1]}***@{domain}"


def _is_suppressed(connection: Connection, recipient: MessageRecipient) -> bool:
    suppression = tables.Suppression
    of_address = (suppression.account_id == recipient.account_id, suppression.address == recipient.address.lower())
    query = select(suppression.address).where(*of_address, suppression.reason.in_(("unsubscribed", "complained")))
    return connection.scalar(query.limit(1)) is not None
