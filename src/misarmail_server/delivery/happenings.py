"""What happens to mail: appended to `events`, and counted by hour and day in the same transaction, so that the counts never lie.

Analytics read only the counts: a hundred days of an account are a thousand rows, however much mail it had. Each event counts once for
its account (`campaign_id` empty) and once for its campaign. On PostgreSQL the counters are spread over slots, so that
workers do not queue for one row.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert

from misarmail_contract import models
from misarmail_server import dialects, tables
from misarmail_server.context import DAY, HOUR, at
from misarmail_server.delivery import webhooks
from misarmail_server.delivery.webhooks import Happened

SLOTS = 16
SPANS = {"hour": HOUR, "day": DAY}
# An event's kind is what it counts as; others, such as deferred, are only written down.
COUNTED = frozenset(
    {
        *("delivered", "hard_bounced", "soft_bounced", "complained", "unsubscribed"),
        *("opened", "unique_opened", "machine_opened", "clicked", "unique_clicked", "machine_clicked"),
    }
)
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
    kind: str
    at: int
    campaign_id: str | None = None
    reply_code: int | None = None
    reply_text: str | None = None
    url: str | None = None


def record(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Append events and count them."""
    if happenings:
        connection.execute(insert(tables.Event), [_row(one) for one in happenings])
        count(connection, happenings)
        _tell(connection, happenings)


def record_uncounted(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Append events that were only played, and hand them on."""
    connection.execute(insert(tables.Event), [{**_row(one), "kind": None} for one in happenings])
    _tell(connection, happenings)


def _tell(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Hand the events on to the webhooks of their accounts."""
    by_account: defaultdict[str, list[Happened]] = defaultdict(list)
    for one in happenings:
        by_account[one.account_id] += _happened(one)
    for account_id, happened in by_account.items():
        if happened:
            webhooks.emit(connection, account_id, happened)


def _happened(one: Happening) -> list[Happened]:
    email, when = one.recipient or "", at(one.at)
    if one.type in TOLD_AS:
        mail = models.MailHappening(message_id=one.message_id, email=email, campaign_id=one.campaign_id, timestamp=when)
        return [Happened(type_, mail) for type_ in TOLD_AS[one.type]]
    if one.type == "bounced":
        bounce = models.BounceHappening(
            message_id=one.message_id,
            email=email,
            campaign_id=one.campaign_id,
            timestamp=when,
            bounce_type="hard" if one.kind == "hard_bounced" else "soft",
            bounce_code=None if one.reply_code is None else str(one.reply_code),
            bounce_message=one.reply_text,
        )
        return [Happened("email.bounced", bounce)]
    return []


def count(connection: Connection, happenings: Sequence[Happening]) -> None:
    """Count events that are already written."""
    slot = 0 if connection.dialect.name == "sqlite" else random.randrange(SLOTS)  # noqa: S311 - spreads load
    totals = Counter(key for one in happenings if one.kind in COUNTED for key in _keys(one))
    spans = ("account_id", "campaign_id", "span", "began_at", "kind")
    # In one order, so that two transactions that count the same spans cannot wait for each other in a circle.
    rows = [{**dict(zip(spans, key, strict=True)), "slot": slot, "count": number} for key, number in sorted(totals.items())]
    _add(connection, tables.EventCount, rows, ("count",))
    clicks = Counter((one.campaign_id, one.url, one.account_id, one.kind) for one in happenings if one.url and one.campaign_id)
    links = sorted({key[:3] for key in clicks})
    _add(connection, tables.LinkCount, [{**_link(link, clicks), "slot": slot} for link in links], ("clicks", "unique_clicks"))


def _link(link: tuple[str, str, str], clicks: Counter[Any]) -> dict[str, Any]:
    campaign_id, url, account_id = link
    return {
        "campaign_id": campaign_id,
        "url_hash": hashlib.sha256(url.encode()).digest(),
        "account_id": account_id,
        "url": url,
        "clicks": clicks[*link, "clicked"],
        "unique_clicks": clicks[*link, "unique_clicked"],
    }


def _add(connection: Connection, table: type[tables.Table], rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    """Insert counters, or add to those that are there."""
    if not rows:
        return
    added = dialects.insert(connection.dialect.name, table)
    sums = {column: getattr(table, column) + added.excluded[column] for column in columns}
    connection.execute(added.on_conflict_do_update(index_elements=list(table.__table__.primary_key), set_=sums), rows)


def _keys(one: Happening) -> Iterator[tuple[str, str, str, int, str]]:
    for campaign_id in ("", one.campaign_id) if one.campaign_id else ("",):
        for span, length in SPANS.items():
            yield one.account_id, campaign_id, span, one.at // length * length, one.kind


def _row(one: Happening) -> dict[str, Any]:
    row = one._asdict()
    row["kind"] = one.kind if one.kind in COUNTED else None
    return row
