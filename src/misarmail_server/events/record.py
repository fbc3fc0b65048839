"""What happens to mail: appended to `events`, and counted by hour and day in the same transaction, so that the counts never lie.

Analytics read only the counts: a hundred days of an account are a thousand rows, however much mail it had. Each event counts once for
its account (`campaign_id` empty) and once for its campaign. On PostgreSQL the counters are spread over slots, so that
workers do not queue for one row.
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
from sqlalchemy import Connection

from misarmail_contract import models
from misarmail_server.context import DAY, HOUR, at
from misarmail_server.db import dialects, tables
from misarmail_server.db.prepared import Prepared, inserts
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_outbox import Happened

SLOTS = 16
SPANS = {"hour": HOUR, "day": DAY}
# An event's kind is what it counts as; others, such as deferred, are only written down.
COUNTED = frozenset(
    {
        *("delivered", "hard_bounced", "soft_bounced", "complained", "unsubscribed"),
        *("opened", "unique_opened", "machine_opened", "clicked", "unique_clicked", "machine_clicked"),
    }
)
UNIQUE_OF_LINK = frozenset({"unique_clicked", "link_clicked"})  # the latter: the first click on a link, maybe not the first of the mail
# The webhook events that say only which mail it was.
TOLD_AS = {
    "delivered": ("email.sent", "email.delivered"),  # one moment where mail goes straight to its receiver or relay
    "complained": ("email.complained",),
    "unsubscribed": ("email.unsubscribed",),
}


class Happening(NamedTuple):
    """One event. `type` is the word of the contract, `kind` what analytics count it as."""

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


def _adds(table: type[tables.Table], *counters: str) -> Prepared:
    """An INSERT of counters that adds to those that are there."""

    def statement(name: str) -> Any:
        added = dialects.insert(name, table)
        sums = {column: getattr(table, column) + added.excluded[column] for column in counters}
        return added.on_conflict_do_update(index_elements=list(table.__table__.primary_key), set_=sums)

    return Prepared(statement, table.__table__.columns.keys())


COLUMNS = Happening._fields  # which are those of the row
INSERT = inserts(tables.Event, *COLUMNS)
ADD = _adds(tables.EventCount, "count")
ADD_LINKS = _adds(tables.LinkCount, "clicks", "unique_clicks")


def record(
    connection: Connection, happenings: Sequence[Happening], also: Sequence[Happening] = (), taken_back: Sequence[Happening] = ()
) -> None:
    """Append events and count them. `also` are only counted, such as the first open of a mail; `taken_back` are counted no more."""
    if happenings:
        INSERT.run_rows(connection, COLUMNS, [_row(happening) for happening in happenings])
        count(connection, [*happenings, *also], taken_back)
        _tell(connection, happenings)


def record_uncounted(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Append events that were only played, and hand them on."""
    INSERT.run_rows(connection, COLUMNS, [happening._replace(kind=None) for happening in happenings])
    _tell(connection, happenings)


def _tell(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Hand the events on to the webhooks of their accounts."""
    by_account: defaultdict[str, list[Happening]] = defaultdict(list)
    for happening in happenings:
        by_account[happening.account_id].append(happening)
    for account_id, theirs in by_account.items():
        webhook_outbox.emit(connection, account_id, chain.from_iterable(map(_happened, theirs)))


def _happened(one: Happening) -> list[Happened]:
    email, when = one.recipient or "", at(one.at)
    if one.type in TOLD_AS:
        mail = models.EmailEventDetails(message_id=one.message_id, email=email, campaign_id=one.campaign_id, timestamp=when)
        return [Happened(type_, mail) for type_ in TOLD_AS[one.type]]
    if one.type == "bounced":
        bounce = models.EmailBouncedEventDetails(
            message_id=one.message_id,
            email=email,
            campaign_id=one.campaign_id,
            timestamp=when,
            bounce_type="hard" if one.kind == "hard_bounced" else "soft",
            bounce_code=None if one.reply_code is None else str(one.reply_code),
            bounce_message=one.reply_text,
        )
        return [Happened("email.bounced", bounce)]
    return _visited(one, when)


def _visited(one: Happening, when: datetime) -> list[Happened]:
    """What is told of an open or a click: those of people."""
    whose = {"message_id": one.message_id, "email": one.recipient or "", "campaign_id": one.campaign_id}
    if one.kind == "opened":
        return [
            Happened(
                "email.opened", msgspec.convert({**whose, "timestamp": when, "user_agent": one.user_agent}, models.EmailOpenedEventDetails)
            )
        ]
    if one.kind == "clicked":
        seen = {**whose, "timestamp": when, "user_agent": one.user_agent, "url": one.url or ""}
        return [Happened("email.clicked", msgspec.convert(seen, models.EmailClickedEventDetails))]
    return []


def count(connection: Connection, happenings: Sequence[Happening], taken_back: Sequence[Happening] = ()) -> None:
    """Count events that are already written, and count others no more."""
    slot = 0 if connection.dialect.name == "sqlite" else random.randrange(SLOTS)  # noqa: S311 - spreads load
    totals = _totals(happenings)
    totals.subtract(_totals(taken_back))
    spans = ("account_id", "campaign_id", "span", "began_at", "kind")
    # In one order, so that two transactions that count the same spans cannot wait for each other in a circle.
    rows = [{**dict(zip(spans, key, strict=True)), "slot": slot, "count": number} for key, number in sorted(totals.items()) if number]
    ADD.run_many(connection, rows)
    clicks = _clicks(happenings)
    clicks.subtract(_clicks(taken_back))
    links = sorted({key[:3] for key in clicks})
    ADD_LINKS.run_many(connection, [{**_link(link, clicks), "slot": slot} for link in links])


def _totals(happenings: Iterable[Happening]) -> Counter[tuple[str, str, str, int, str]]:
    return Counter(key for happening in happenings if happening.kind in COUNTED for key in _keys(happening))


def _clicks(happenings: Iterable[Happening]) -> Counter[Any]:
    return Counter(
        (happening.campaign_id, happening.url, happening.account_id, happening.kind)
        for happening in happenings
        if happening.url and happening.campaign_id
    )


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


def _keys(one: Happening) -> Iterator[tuple[str, str, str, int, str]]:
    for campaign_id in ("", one.campaign_id) if one.campaign_id else ("",):
        for span, length in SPANS.items():
            yield one.account_id, campaign_id, span, one.at // length * length, str(one.kind)


def _row(one: Happening) -> tuple[Any, ...]:
    """A row of `events`, in the order of COLUMNS."""
    return one if one.kind in COUNTED else one._replace(kind=None)
