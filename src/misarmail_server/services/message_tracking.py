"""Opens and clicks: whose they were, whether a person did it, and where a link leads.

A token is checked before anything is read. An event is one write; one that the store cannot take is lost, and nobody is kept from
where he wants to go.
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
from misarmail_server.delivery.message import marketing
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.delivery.ttl_cache import TtlCache
from misarmail_server.errors import Unavailable
from misarmail_server.events import bots, record
from misarmail_server.events.bots import Action, TrackingRequest
from misarmail_server.events.record import EmailEvent
from misarmail_server.services import message_recipients
from misarmail_server.services.message_recipients import MessageRecipient, Visitor
from misarmail_server.settings import Settings

KEPT_MESSAGES = 128  # a hostile one has a megabyte of links
KEPT_SECONDS = 3_600.0
OPENED, CLICKED = -1, -2  # `what` of a first response; others are links

EVENT = tables.Event
FIRST = tables.FirstResponse
RESPOND = inserts_new(FIRST, "recipient_id", "what", "at")
RECENT = Prepared(
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
    """Notes opens and clicks. Safe to use from several threads."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._tokens = Tokens(settings)
        self._urls: TtlCache[tuple[str, ...]] = TtlCache(KEPT_MESSAGES)

    def opened(self, token: str, visitor: Visitor) -> None:
        """Note that a mail was opened; nothing for a token that is none."""
        claim = self._tokens.read("open", token)
        if claim is not None:
            self._write(claim, lambda connection: _open(connection, claim, visitor))

    def clicked(self, token: str, visitor: Visitor) -> str | None:
        """Note that a link was followed, and say where it leads; None for a token that is none and a mail that is gone.

        Raises Unavailable when the store is away and the link is not known by heart.
        """
        claim = self._tokens.read("click", token)
        if claim is None:
            return None
        urls = self._urls.get(claim.message_id, lambda: (self._links(claim.message_id), KEPT_SECONDS))
        if claim.link >= len(urls):
            return None
        is_there = self._write(claim, lambda connection: _click(connection, claim, visitor, urls))
        return urls[claim.link] if is_there else None

    def _write(self, claim: TokenClaim, work: Any) -> bool:
        """False when the mail is gone."""
        try:
            return bool(self._store.write(work))
        except Unavailable as error:
            log.warning("an open or a click is lost", message_id=claim.message_id, cause=repr(error.__cause__))
            return True

    def _links(self, message_id: str) -> tuple[str, ...]:
        """Where the links of a message lead, as its mails were made; none for one that is gone."""
        message = tables.Message
        with self._store.read() as connection:
            row = connection.execute(select(message.body_html, message.campaign_id).where(message.id == message_id)).first()
        return () if row is None else marketing.urls(row.body_html or "", is_template=row.campaign_id is not None)


class _Recent(NamedTuple):
    """A click that was written down."""

    id: int
    kind: str | None
    url: str | None
    at: int


class _Click(NamedTuple):
    """A click as a person's, and what is needed of its copy: the row of `recipients`, the link's number, the links of the message."""

    event: EmailEvent
    row: int
    link: int
    urls: Sequence[str]


def _open(connection: Connection, claim: TokenClaim, visitor: Visitor) -> bool:
    copy, at = message_recipients.read(connection, claim, is_locked=True), now()
    if copy is None:
        return False
    one = _judged(copy.event("opened", visitor, at), _sign(copy, "opened", visitor, at))
    is_first = one.kind == "opened" and _is_first(connection, copy.row, OPENED, at)
    record.record_events(connection, [one], [one._replace(kind="unique_opened")] if is_first else [])
    return True


def _click(connection: Connection, claim: TokenClaim, visitor: Visitor, urls: Sequence[str]) -> bool:
    copy, at = message_recipients.read(connection, claim, is_locked=True), now()
    if copy is None:
        return False
    sign = _sign(copy, "clicked", visitor, at)
    click = _Click(copy.event("clicked", visitor, at)._replace(url=urls[claim.link]), copy.row, claim.link, urls)
    if sign is not None:
        record.record_events(connection, [_judged(click.event, sign)])
        return True
    recent = _recent(connection, click.event)
    if bots.is_burst(len({click.event.url, *(one.url for one in recent)}), len(urls)):
        _record_burst(connection, click, [one for one in recent if one.kind == "clicked"])
    else:
        record.record_events(connection, [click.event], _firsts(connection, click))
    return True


def _sign(copy: MessageRecipient, action: Action, visitor: Visitor, at: int) -> str | None:
    return bots.bot_reason(TrackingRequest(action, visitor.method, visitor.user_agent, visitor.purpose, copy.since_delivery(at)))


def _judged(event: EmailEvent, sign: str | None) -> EmailEvent:
    return event if sign is None else event._replace(kind=f"machine_{event.type}", reply_text=f"Not a person: {sign}")


def _firsts(connection: Connection, click: _Click) -> list[EmailEvent]:
    """What a click counts as beside itself."""
    found = []
    if _is_first(connection, click.row, CLICKED, click.event.at):
        found.append(click.event._replace(kind="unique_clicked", url=None))
    if _is_first(connection, click.row, click.link, click.event.at):
        found.append(click.event._replace(kind="link_clicked"))
    return found


def _is_first(connection: Connection, row: int, what: int, at: int) -> bool:
    """Whether it was not so before; the primary key decides."""
    return bool(RESPOND.run(connection, {"recipient_id": row, "what": what, "at": at}).rowcount)


def _recent(connection: Connection, clicked: EmailEvent) -> list[_Recent]:
    """The clicks on the same copy that may be one burst with this one."""
    of_copy = {"account": clicked.account_id, "address": (clicked.recipient or "").lower(), "message": clicked.message_id}
    return [_Recent(*row) for row in RECENT.run(connection, {**of_copy, "since": clicked.at - bots.BURST}).fetchall()]


def _record_burst(connection: Connection, click: _Click, believed: Sequence[_Recent]) -> None:
    """Note a click that shows, with those before it, that a machine follows the links; what was believed of these is taken back."""
    one = _judged(click.event, bots.BURST_REASON)
    change = update(EVENT).where(EVENT.id.in_([row.id for row in believed])).values(kind=one.kind, reply_text=one.reply_text)
    connection.execute(change)
    human = [click.event._replace(url=row.url, at=row.at) for row in believed]
    machine = [one._replace(url=row.url, at=row.at) for row in believed]
    record.record_events(connection, [one], machine, [*human, *_forgotten(connection, click)])


def _forgotten(connection: Connection, click: _Click) -> list[EmailEvent]:
    """What the clicks of a burst were the first of; who follows a link next is the first."""
    since = click.event.at - bots.BURST
    first = delete(FIRST).where(FIRST.recipient_id == click.row, FIRST.what != OPENED, FIRST.at >= since)
    rows = connection.execute(first.returning(FIRST.what, FIRST.at)).all()
    of_mail = [click.event._replace(kind="unique_clicked", url=None, at=at) for what, at in rows if what == CLICKED]
    return of_mail + [click.event._replace(kind="link_clicked", url=click.urls[what], at=at) for what, at in rows if what != CLICKED]
