"""The overview of an account with many events: the rows are written as the worker writes them, then the API is called in process.

`analytics.py [--events 10000000]`. Prints how long writing took, whether a recount gives the hourly counts, and the overview's times.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select
from werkzeug.test import Client

from misarmail_server import settings
from misarmail_server.app import create_app
from misarmail_server.context import DAY, HOUR, now
from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.events import record
from misarmail_server.events.record import EmailEvent
from misarmail_server.services import keys, tenants

BATCH = 20_000
DAYS = 90
KINDS = (
    "delivered",
    "opened",
    "unique_opened",
    "clicked",
    "unique_clicked",
    "machine_opened",
    "soft_bounced",
    "hard_bounced",
    "complained",
)
WEIGHTS = (50, 20, 12, 5, 4, 6, 2, 0.9, 0.1)
CAMPAIGNS = 40
ASKED = ("period=90d", "period=30d", "period=90d&group_by=day", "period=90d&group_by=hour", "period=90d&campaign_id=camp_7&group_by=day")
REPEATS = 60


def main() -> None:
    """Write, recount, measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        chosen = settings.load({"MISARMAIL_STATE": folder, "MISARMAIL_RATE_LIMITS": "off"})
        store = Store(chosen.database_url)
        migrate.upgrade(store)
        account_id, key = store.write(prepare)
        write(store, account_id, count)
        print(f"counts are what a recount gives: {recount(store)}")
        ask(Client(create_app(chosen, store).wsgi_app), key)
        print(f"database: {Path(folder, 'misarmail.db').stat().st_size / 1e9:.1f} GB")
        store.close()


def prepare(connection: object) -> tuple[str, str]:
    """An account with a key."""
    account_id = tenants.create(connection, "bench@example.com", plan="enterprise", senders="any")  # type: ignore[arg-type]
    return account_id, keys.make(connection, account_id, "Bench", keys.ALL_SCOPES).secret  # type: ignore[arg-type]


def write(store: Store, account_id: str, count: int) -> None:
    """Events of ninety days in chronological order, as a worker settles them."""
    draw, first, began = random.Random(1), now() - DAYS * DAY, time.perf_counter()  # noqa: S311 - the same events every time
    store.write(lambda connection: connection.execute(tables.Message.__table__.insert(), message(account_id)).rowcount)
    for start in range(0, count, BATCH):
        rows = [event(account_id, draw, first + (start + number) * DAYS * DAY // count) for number in range(min(BATCH, count - start))]
        store.write(lambda connection, rows=rows: record.record_events(connection, rows))  # type: ignore[misc]
    seconds = time.perf_counter() - began
    print(f"{count:,} events written and counted in {seconds:.0f} s ({count / seconds:,.0f} a second)")


def message(account_id: str) -> dict[str, object]:
    """The message of all events."""
    empty = {"from_email": "a@example.com", "to_json": "[]", "cc_json": "[]", "subject": "", "headers_json": "{}", "tags_json": "[]"}
    return {
        "id": "msg_1",
        "account_id": account_id,
        "stream": "marketing",
        "is_sandbox": False,
        "metadata_json": "{}",
        "created_at": 1,
    } | empty


def event(account_id: str, draw: random.Random, at: int) -> EmailEvent:
    """One event of some kind and campaign."""
    kind = draw.choices(KINDS, WEIGHTS)[0]
    campaign = f"camp_{draw.randrange(CAMPAIGNS)}" if draw.random() < 0.7 else None  # noqa: PLR2004 - most mail is of campaigns
    return EmailEvent("msg_1", account_id, "user@example.com", kind, kind, at, campaign)


def recount(store: Store) -> bool:
    """Whether the hourly counts of the account match the rows."""
    rows, counts = tables.Event, tables.EventCount
    hour = (rows.at - rows.at % HOUR).label("hour")
    with store.read() as connection:
        counted = connection.execute(select(hour, rows.kind, func.count()).group_by(hour, rows.kind)).all()
        kept = connection.execute(
            select(counts.began_at, counts.kind, counts.count).where(counts.campaign_id == "", counts.span == "hour")
        ).all()
    return sorted(map(tuple, counted)) == sorted(map(tuple, kept))


def ask(client: Client, key: str) -> None:
    """The time of each request, in process."""
    headers = {"Authorization": f"Bearer {key}"}
    for query in ASKED:
        times = []
        for _ in range(REPEATS):
            began = time.perf_counter()
            answer = client.get(f"/api/v1/analytics/overview?{query}", headers=headers)
            times.append((time.perf_counter() - began) * 1_000)
            if answer.status_code != 200:  # noqa: PLR2004 - OK
                raise SystemExit(answer.text)
        percentiles = statistics.quantiles(times, n=20)
        print(f"{query:45} median {percentiles[9]:5.1f} ms  p95 {percentiles[18]:5.1f} ms  {len(answer.data):,} bytes")


if __name__ == "__main__":
    main()
