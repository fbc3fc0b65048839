"""Leaving: by the link of a mail, by its button (RFC 8058), or by a mail. Whoever holds a copy's token may do it, again and again."""

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
    """Who leaves whom. `address` is masked: links are forwarded, and the address is the recipient's own business."""

    address: str
    sender: str
    is_over: bool  # there is no more mail


class UnsubscribeLinks:
    """What the way out of a mail leads to. Safe to use from several threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._tokens = Tokens(settings)

    def look(self, token: str) -> UnsubscribeState | None:
        """Who would leave; changes nothing. None for a token that is none and a mail that is gone. Raises Unavailable."""
        claim = self._tokens.read("unsubscribe", token)
        if claim is None:
            return None
        with self._store.read() as connection:
            copy = message_recipients.read(connection, claim)
            return copy and UnsubscribeState(masked(copy.address), copy.sender, _is_suppressed(connection, copy))

    def leave(self, token: str, visitor: Visitor) -> UnsubscribeState | None:
        """Unsubscribe at once; `is_over` when it was so before. None as `look`. Raises Unavailable, and nothing is changed then."""
        claim = self._tokens.read("unsubscribe", token)
        return None if claim is None else self._store.write(lambda connection: self._leave(connection, claim, visitor))

    def _leave(self, connection: Connection, claim: TokenClaim, visitor: Visitor) -> UnsubscribeState | None:
        copy = message_recipients.read(connection, claim, is_locked=True)
        if copy is None:
            return None
        unit = Unit(self._store, self._settings, connection).of(copy.account_id)
        return UnsubscribeState(masked(copy.address), copy.sender, is_over=not unsubscribe(unit, copy, visitor))


def unsubscribe(ctx: TenantUnit, copy: MessageRecipient, visitor: Visitor) -> bool:
    """Suppress the recipient of a locked copy for its account, which is `ctx`'s, and tell everybody; False where it was so before."""
    told = copy.event("unsubscribed", visitor, ctx.now())
    return bool(suppress.apply(ctx.connection, [SuppressionCause(copy.account_id, copy.address, "unsubscribed", told)], ctx.now()))


def masked(address: str) -> str:
    """Enough of an address for its owner: `a***@example.com`."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part[:1]}***@{domain}"


def _is_suppressed(connection: Connection, copy: MessageRecipient) -> bool:
    suppression = tables.Suppression
    wanted = select(suppression.address).where(suppression.account_id == copy.account_id, suppression.address == copy.address.lower())
    return connection.scalar(wanted) is not None
