"""Records the events of mail: appends them to `events` and counts them by hour and day in the same transaction.

Analytics read only the counts: a hundred days of an account are a thousand rows, whatever the volume of mail. Each event counts once for
its account (`campaign_id` empty) and once for its campaign. On PostgreSQL the counters are spread over slots, so that workers do not
contend for one row.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection

from misarmail_contract import models
from misarmail_server.context import DAY, HOUR, at
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared, inserts
from misarmail_server.events import behaviors, webhook_outbox
from misarmail_server.events.behaviors import Behavior
from misarmail_server.events.webhook_outbox import EventPayload

SLOTS = 16
SPANS = {"hour": HOUR, "day": DAY}
# An event is counted by its kind; other kinds, such as deferred, are recorded without a count.
COUNTED = frozenset(
    {
        *("delivered", "ambiguous", "hard_bounced", "soft_bounced", "complained", "unsubscribed"),
        *("suppressed", "captured", "cancelled"),  # mail that did not leave
        *("opened", "unique_opened", "machine_opened", "clicked", "unique_clicked", "machine_clicked"),
    }
)
UNIQUE_OF_LINK = frozenset(
    {"unique_clicked", "link_clicked"}
)  # the latter: the first click on this link, which may not be the first of the mail
# Events whose webhook payload only identifies the mail.
WEBHOOK_TYPES = {
    "delivered": ("email.sent", "email.delivered"),  # both at once: the receiver or the relay has accepted the mail
    "complained": ("email.complained",),
    "unsubscribed": ("email.unsubscribed",),
}


class EmailEvent(NamedTuple):
    """One event of a mail. `type` is the contract's event type, `kind` is what analytics count it as."""

    message_id: str
    account_id: str
    recipient: str | None
    type: str
    kind: str | None
    at: int
    campaign_id: str | None = None
    reply_code: int | None = None
    reply_text: str | None = None
    url: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
    topic_id: str | None = None  # of an unsubscription from one topic


def _adds(table: type[tables.Table], *counters: str) -> Prepared:
    """An INSERT that adds to existing counters."""

    def statement(name: str) -> Any:
        added = dialects.insert(name, table)
        sums = {column: getattr(table, column) + added.excluded[column] for column in counters}
        return added.on_conflict_do_update(index_elements=list(table.__table__.primary_key), set_=sums)

    return Prepared(statement, table.__table__.columns.keys())


COLUMNS = EmailEvent._fields  # the same as the columns of `events`
INSERT = inserts(tables.Event, *COLUMNS)
ADD = _adds(tables.EventCount, "count")
ADD_LINKS = _adds(tables.LinkCount, "clicks", "unique_clicks")


def record_events(
    connection: Connection, events: Sequence[EmailEvent], also: Sequence[EmailEvent] = (), taken_back: Sequence[EmailEvent] = ()
) -> None:
    """Append events and count them. `also` are only counted, such as the first open of a mail; `taken_back` are subtracted."""
    if events:
        INSERT.run_rows(connection, COLUMNS, [_row(event) for event in events])
        count_events(connection, [*events, *also], taken_back)
        behaviors.add(connection, _behaviors(events))
        behaviors.withdraw(connection, _behaviors(taken_back))
        _emit(connection, events)


def record_late_bounce(connection: Connection, event: EmailEvent, left_as: str, left_at: int) -> None:
    """Append the bounce of a mail that left before as `left_as`: delivered or ambiguous.

    It is counted in place of that, in the hour and day in which the mail left: what was sent stays the same, and less of it was delivered.
    """
    INSERT.run_rows(connection, COLUMNS, [_row(event)])
    count_events(connection, [event._replace(at=left_at)], [event._replace(kind=left_as, at=left_at)])
    of_mail = Behavior(event.account_id, "bounced", (event.recipient or "").lower(), event.at)
    behaviors.add(connection, [of_mail])
    if left_as == "delivered":
        behaviors.withdraw(connection, [of_mail._replace(kind="delivered", at=left_at)])
    _emit(connection, [event])


def take_back(connection: Connection, events: Sequence[EmailEvent]) -> None:
    """Subtract the final state of mails that are delivered again; their events remain."""
    count_events(connection, [], events)
    behaviors.withdraw(connection, _behaviors(events))


def record_uncounted_events(connection: Connection, events: Sequence[EmailEvent]) -> None:
    """Append simulated events without counting them, and emit them to webhooks."""
    INSERT.run_rows(connection, COLUMNS, [event._replace(kind=None) for event in events])
    _emit(connection, events)


def _behaviors(events: Iterable[EmailEvent]) -> list[Behavior]:
    """The behavior that the events are for their recipients."""
    return [
        Behavior(event.account_id, kind, event.recipient.lower(), event.at)
        for event in events
        if event.recipient is not None
        for kind in behaviors.OF_EVENTS.get(event.kind or "", ())
    ]


def _emit(connection: Connection, events: Sequence[EmailEvent]) -> None:
    """Emit the events to the webhooks of their accounts."""
    by_account: defaultdict[str, list[EmailEvent]] = defaultdict(list)
    for event in events:
        by_account[event.account_id].append(event)
    for account_id, theirs in by_account.items():
        webhook_outbox.emit(connection, account_id, chain.from_iterable(map(_webhook_payloads, theirs)))


def _webhook_payloads(event: EmailEvent) -> list[EventPayload]:
    email, when = event.recipient or "", at(event.at)
    if event.type in WEBHOOK_TYPES:
        mail = models.EmailEventDetails(
            message_id=event.message_id, email=email, campaign_id=event.campaign_id, timestamp=when, topic_id=event.topic_id or UNSET
        )
        return [EventPayload(type_, mail) for type_ in WEBHOOK_TYPES[event.type]]
    if event.type == "bounced":
        bounce = models.EmailBouncedEventDetails(
            message_id=event.message_id,
            email=email,
            campaign_id=event.campaign_id,
            timestamp=when,
            bounce_type="hard" if event.kind == "hard_bounced" else "soft",
            bounce_code=None if event.reply_code is None else str(event.reply_code),
            bounce_message=event.reply_text,
        )
        return [EventPayload("email.bounced", bounce)]
    return _open_or_click(event, when)


def _open_or_click(event: EmailEvent, when: datetime) -> list[EventPayload]:
    """The payload of an open or a click; bots have none."""
    whose = {"message_id": event.message_id, "email": event.recipient or "", "campaign_id": event.campaign_id}
    if event.kind == "opened":
        return [
            EventPayload(
                "email.opened",
                msgspec.convert({**whose, "timestamp": when, "user_agent": event.user_agent}, models.EmailOpenedEventDetails),
            )
        ]
    if event.kind == "clicked":
        seen = {**whose, "timestamp": when, "user_agent": event.user_agent, "url": event.url or ""}
        return [EventPayload("email.clicked", msgspec.convert(seen, models.EmailClickedEventDetails))]
    return []


def count_events(connection: Connection, events: Sequence[EmailEvent], taken_back: Sequence[EmailEvent] = ()) -> None:
    """Count events that are already recorded, and subtract `taken_back`."""
    slot = 0 if connection.dialect.name == "sqlite" else random.randrange(SLOTS)  # noqa: S311 - spreads load
    totals = _totals(events)
    totals.subtract(_totals(taken_back))
    spans = ("account_id", "campaign_id", "span", "began_at", "kind")
    # A fixed order, so that two transactions that count the same spans cannot deadlock.
    rows = [{**dict(zip(spans, key, strict=True)), "slot": slot, "count": number} for key, number in sorted(totals.items()) if number]
    ADD.run_many(connection, rows)
    clicks = _clicks(events)
    clicks.subtract(_clicks(taken_back))
    links = sorted({key[:3] for key in clicks})
    ADD_LINKS.run_many(connection, [{**_link(link, clicks), "slot": slot} for link in links])


def _totals(events: Iterable[EmailEvent]) -> Counter[tuple[str, str, str, int, str]]:
    return Counter(key for event in events if event.kind in COUNTED for key in _keys(event))


def _clicks(events: Iterable[EmailEvent]) -> Counter[Any]:
    return Counter((event.campaign_id, event.url, event.account_id, event.kind) for event in events if event.url and event.campaign_id)


def _link(link: tuple[str, str, str], clicks: Counter[Any]) -> dict[str, Any]:
    campaign_id, url, account_id = link
    return {
        "campaign_id": campaign_id,
        "url_hash": hashlib.sha256(url.encode()).digest(),
        "account_id": account_id,
        "url": url,
        "clicks": clicks[*link, "clicked"],
        "unique_clicks": sum(clicks[*link, kind] for kind in UNIQUE_OF_LINK),
    }


def _keys(event: EmailEvent) -> Iterator[tuple[str, str, str, int, str]]:
    for campaign_id in ("", event.campaign_id) if event.campaign_id else ("",):
        for span, length in SPANS.items():
            yield event.account_id, campaign_id, span, event.at // length * length, str(event.kind)


def _row(event: EmailEvent) -> tuple[Any, ...]:
    """A row of `events`, in the order of COLUMNS."""
    return event if event.kind in COUNTED else event._replace(kind=None)
