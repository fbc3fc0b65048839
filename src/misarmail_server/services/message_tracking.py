"""Opens and clicks: records them, detects bots, and resolves links.

A token is checked before the database is read. An event is one write; if the database cannot accept it, the event is lost and the user
is redirected anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, bindparam, delete, func, select, update

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts_new
from misarmail_server.db.store import Store
from misarmail_server.delivery.message import stored_parts
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.errors import Unavailable
from misarmail_server.events import bots, record
from misarmail_server.events.bots import Action, TrackingRequest
from misarmail_server.events.record import EmailEvent
from misarmail_server.services import message_recipients
from misarmail_server.services.message_recipients import MessageRecipient, Visitor
from misarmail_server.settings import Settings

CACHED_MESSAGES = 128  # a hostile message has a megabyte of links
CACHE_SECONDS = 3_600.0
OPENED, CLICKED = -1, -2  # values of `FirstResponse.response`; others are link numbers

EVENT = tables.Event
FIRST = tables.FirstResponse
INSERT_FIRST_RESPONSE = inserts_new(FIRST, "recipient_id", "what", "at")
SELECT_RECENT_CLICKS = Prepared(
    select(EVENT.id, EVENT.kind, EVENT.url, EVENT.at)
    .where(
        EVENT.account_id == bindparam("account"),
        func.lower(EVENT.recipient) == bindparam("address"),
        EVENT.at >= bindparam("since"),
        EVENT.message_id == bindparam("message"),
        EVENT.type == "clicked",
    )
    .order_by(EVENT.at.desc())
    .limit(100)
)
log = structlog.get_logger("misarmail")


class Tracking:
    """Records opens and clicks. Thread-safe."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._tokens = Tokens(settings)
        self._urls: TtlCache[tuple[str, ...]] = TtlCache(CACHED_MESSAGES)

    def opened(self, token: str, visitor: Visitor) -> None:
        """Record that a mail was opened; ignores an invalid token."""
        claim = self._tokens.read("open", token)
        if claim is not None:
            self._write(claim, lambda connection: _open(connection, claim, visitor))

    def clicked(self, token: str, visitor: Visitor) -> str | None:
        """Record that a link was followed and return its URL; None for an invalid token or a deleted message.

        Raises Unavailable if the database is unreachable and the link is not cached.
        """
        claim = self._tokens.read("click", token)
        if claim is None:
            return None
        urls = self._urls.get(claim.message_id, lambda: (self._links(claim.message_id), CACHE_SECONDS))
        if claim.link >= len(urls):
            return None
        exists = self._write(claim, lambda connection: _click(connection, claim, visitor, urls))
        return urls[claim.link] if exists else None

    def _write(self, claim: TokenClaim, work: Any) -> bool:
        """False if the message was deleted."""
        try:
            return bool(self._store.write(work))
        except Unavailable as error:
            log.warning("open or click not recorded", message_id=claim.message_id, cause=repr(error.__cause__))
            return True

    def _links(self, message_id: str) -> tuple[str, ...]:
        """The URLs of a message's links, as in its mail; empty for a deleted message."""
        with self._store.read() as connection:
            return stored_parts.read_links(connection, [message_id])[message_id]


class _RecordedClick(NamedTuple):
    """A recorded click."""

    id: int
    kind: str | None
    url: str | None
    at: int


class _Click(NamedTuple):
    """A click as if by a human, with the recipient's row id, the link's number and the links of the message."""

    event: EmailEvent
    row: int
    link: int
    urls: Sequence[str]


def _open(connection: Connection, claim: TokenClaim, visitor: Visitor) -> None:
    recipient, at = message_recipients.read(connection, claim, is_locked=True), now()
    if recipient is None:
        return
    event = _as_bot(recipient.event("opened", visitor, at), _bot_reason(recipient, "opened", visitor, at))
    is_first = event.kind == "opened" and _is_first(connection, recipient.row, OPENED, at)
    record.record_events(connection, [event], [event._replace(kind="unique_opened")] if is_first else [])


def _click(connection: Connection, claim: TokenClaim, visitor: Visitor, urls: Sequence[str]) -> bool:
    recipient, at = message_recipients.read(connection, claim, is_locked=True), now()
    if recipient is None:
        return False
    bot_reason = _bot_reason(recipient, "clicked", visitor, at)
    click = _Click(recipient.event("clicked", visitor, at)._replace(url=urls[claim.link]), recipient.row, claim.link, urls)
    if bot_reason is not None:
        record.record_events(connection, [_as_bot(click.event, bot_reason)])
        return True
    recent = _recent_clicks(connection, click.event)
    if bots.is_burst(len({click.event.url, *(earlier.url for earlier in recent)}), len(urls)):
        _record_burst(connection, click, [earlier for earlier in recent if earlier.kind == "clicked"])
    else:
        record.record_events(connection, [click.event], _first_events(connection, click))
    return True


def _bot_reason(recipient: MessageRecipient, action: Action, visitor: Visitor, at: int) -> str | None:
    return bots.bot_reason(TrackingRequest(action, visitor.method, visitor.user_agent, visitor.purpose, recipient.since_delivery(at)))


def _as_bot(event: EmailEvent, bot_reason: str | None) -> EmailEvent:
    return event if bot_reason is None else event._replace(kind=f"machine_{event.type}", reply_text=f"Not a person: {bot_reason}")


def _first_events(connection: Connection, click: _Click) -> list[EmailEvent]:
    """The additional events that a click counts as."""
    events = []
    if _is_first(connection, click.row, CLICKED, click.event.at):
        events.append(click.event._replace(kind="unique_clicked", url=None))
    if _is_first(connection, click.row, click.link, click.event.at):
        events.append(click.event._replace(kind="link_clicked"))
    return events


def _is_first(connection: Connection, row: int, response: int, at: int) -> bool:
    """Whether this response is the first; the primary key decides."""
    return bool(INSERT_FIRST_RESPONSE.run(connection, {"recipient_id": row, "what": response, "at": at}).rowcount)


def _recent_clicks(connection: Connection, clicked: EmailEvent) -> list[_RecordedClick]:
    """The recipient's clicks that may form a burst with this one."""
    parameters = {"account": clicked.account_id, "address": (clicked.recipient or "").lower(), "message": clicked.message_id}
    return [
        _RecordedClick(*row) for row in SELECT_RECENT_CLICKS.run(connection, {**parameters, "since": clicked.at - bots.BURST}).fetchall()
    ]


def _record_burst(connection: Connection, click: _Click, earlier: Sequence[_RecordedClick]) -> None:
    """Record a click that reveals a bot, and reclassify the earlier clicks of the burst."""
    event = _as_bot(click.event, bots.BURST_REASON)
    change = update(EVENT).where(EVENT.id.in_([row.id for row in earlier])).values(kind=event.kind, reply_text=event.reply_text)
    connection.execute(change)
    human = [click.event._replace(url=row.url, at=row.at) for row in earlier]
    bot = [event._replace(url=row.url, at=row.at) for row in earlier]
    record.record_events(connection, [event], bot, [*human, *_withdrawn(connection, click)])


def _withdrawn(connection: Connection, click: _Click) -> list[EmailEvent]:
    """Withdraw the first responses of a burst, so that the next click of a human is the first."""
    since = click.event.at - bots.BURST
    first = delete(FIRST).where(FIRST.recipient_id == click.row, FIRST.response != OPENED, FIRST.at >= since)
    rows = connection.execute(first.returning(FIRST.response, FIRST.at)).all()
    of_mail = [click.event._replace(kind="unique_clicked", url=None, at=at) for response, at in rows if response == CLICKED]
    return of_mail + [
        click.event._replace(kind="link_clicked", url=click.urls[response], at=at) for response, at in rows if response != CLICKED
    ]
