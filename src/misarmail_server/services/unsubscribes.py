"""Unsubscribing by the link of a mail, by its button (RFC 8058), or by mail. The recipient's token permits it, any number of times.

Mail of a topic unsubscribes from the topic; its page can also unsubscribe from all marketing mail.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from misarmail_server.context import TenantUnit, Unit
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.events import record, suppress, topics
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.events.topics import Source, TopicMail
from misarmail_server.services import message_recipients
from misarmail_server.services.message_recipients import MessageRecipient, Visitor
from misarmail_server.settings import Settings


class UnsubscribeState(NamedTuple):
    """An address and the sender it unsubscribes from. `address` is masked, since links are forwarded and the address is private."""

    address: str
    sender: str
    is_suppressed: bool
    topic: str | None = None  # the name of the mail's topic
    is_outside: bool = False  # not subscribed to the topic
    is_repeated: bool = False  # the request changed nothing


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
            return recipient and _state(connection, recipient)

    def unsubscribe(self, token: str, visitor: Visitor, *, is_from_all: bool = False) -> UnsubscribeState | None:
        """Unsubscribe at once; the state afterwards. None as `find`. Raises Unavailable, and nothing is changed then."""
        claim = self._tokens.read("unsubscribe", token)
        if claim is None:
            return None
        return self._store.write(lambda connection: self._unsubscribe(connection, claim, visitor, is_from_all=is_from_all))

    def _unsubscribe(self, connection: Connection, claim: TokenClaim, visitor: Visitor, *, is_from_all: bool) -> UnsubscribeState | None:
        recipient = message_recipients.read(connection, claim, is_locked=True)
        if recipient is None:
            return None
        unit = Unit(self._store, self._settings, connection).of(recipient.account_id)
        is_changed = unsubscribe(unit, recipient, visitor, is_from_all=is_from_all)
        return _state(connection, recipient)._replace(is_repeated=not is_changed)


def unsubscribe(
    ctx: TenantUnit, recipient: MessageRecipient, visitor: Visitor, source: Source = "link", *, is_from_all: bool = False
) -> bool:
    """Unsubscribe a locked recipient from the topic of the mail, or from all marketing mail; returns whether it was subscribed.

    A mail without a topic, or with one that was deleted, unsubscribes from all.
    """
    event = recipient.event("unsubscribed", visitor, ctx.now())
    topic_id = None if is_from_all else recipient.topic_id
    if topic_id is None or topic_id not in topics.lock(ctx, [topic_id]):
        cause = SuppressionCause(recipient.account_id, recipient.address, "unsubscribed", event)
        return bool(suppress.apply(ctx.connection, [cause], ctx.now()))
    is_changed = topics.choose(ctx, TopicMail(topic_id, recipient.address.lower()), source, is_subscribed=False)
    if is_changed:
        record.record_events(ctx.connection, [event._replace(topic_id=topic_id)])
    return is_changed


def masked(address: str) -> str:
    """An address that only its owner recognises: `a***@example.com`."""
    local_part, _, domain = address.rpartition("@")
    return f"{local_part[:1]}***@{domain}"


def _state(connection: Connection, recipient: MessageRecipient) -> UnsubscribeState:
    topic = tables.Topic
    name = connection.scalar(select(topic.name).where(topic.id == recipient.topic_id)) if recipient.topic_id else None
    mails = [] if name is None else [TopicMail(str(recipient.topic_id), recipient.address.lower())]
    return UnsubscribeState(
        masked(recipient.address),
        recipient.sender,
        _is_suppressed(connection, recipient),
        name,
        bool(topics.not_receiving(connection, mails)),
    )


def _is_suppressed(connection: Connection, recipient: MessageRecipient) -> bool:
    suppression = tables.Suppression
    of_address = (suppression.account_id == recipient.account_id, suppression.address == recipient.address.lower())
    query = select(suppression.address).where(*of_address, suppression.reason.in_(("unsubscribed", "complained")))
    return connection.scalar(query.limit(1)) is not None
