"""Behavioral segments on a million contacts with ten million events: the processor time of counts and previews, 95th percentile.

Run from a checkout on an idle machine: `.venv/bin/python scripts/bench/segments.py [--contacts N] [--state FOLDER]`. SQL writes the rows
in the proportions of a newsletter: each contact got seven mails, 40 % opened, 12 % clicked, half of them tracked events, a fifth ordered.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from functools import reduce
from pathlib import Path
from typing import Any

from sqlalchemy import text
from werkzeug.test import Client

from misarmail_server import settings
from misarmail_server.app import create_app
from misarmail_server.context import DAY, now
from misarmail_server.db.store import Store
from misarmail_server.services import keys, tenants

OK, TIMES = 200, 20
WORDS = {
    "<numbers>": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :contacts)",
    "<past>": "(:now - abs(random()) % (365 * 86400000))",
    "<address>": "'p' || ((n.i * 48271) % 2147483647) || '@example.com'",  # an order that looks random, the same in each run
}
FILL = [
    """<numbers> INSERT INTO contacts (id, account_id, email, status, custom_json, created_at, updated_at)
        SELECT 'cct_' || printf('%026d', i), :account, <address>, CASE WHEN i % 20 = 0 THEN 'unsubscribed' ELSE 'subscribed' END,
        json_object('plan', CASE i % 4 WHEN 0 THEN 'gold' ELSE 'plain' END, 'country', CASE i % 5 WHEN 0 THEN 'DE' ELSE 'FR' END),
        :now - i, :now FROM n""",
    """<numbers> INSERT INTO messages (id, account_id, stream, is_sandbox, from_email, to_json, cc_json, subject, headers_json, tags_json,
        metadata_json, created_at, campaign_id)
        SELECT 'msg_' || i, :account, 'marketing', 0, 'a@b.example', '[]', '[]', 'Hi', '{}', '[]', '{}', :now, NULL FROM n WHERE i <= 10""",
    """<numbers> INSERT INTO events (message_id, account_id, recipient, type, kind, at)
        SELECT 'msg_' || m.i, :account, <address>, k.kind, k.kind, <past> FROM n
        JOIN (SELECT 1 AS i UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7) m
        JOIN (SELECT 'delivered' AS kind, 100 AS share UNION SELECT 'opened', 35 UNION SELECT 'clicked', 8) k
        WHERE (abs(random()) % 1000003 + n.i + m.i) % 100 < k.share AND (k.share = 100 OR n.i % 100 < 40)""",
    """<numbers> INSERT INTO tracked_events (id, account_id, email, event, properties_json, at)
        SELECT 'evt_' || printf('%010d', n.i) || e.i, :account, <address>, e.event, json_object('seats', n.i % 10), <past> FROM n
        JOIN (SELECT 1 AS i, 'viewed' AS event UNION SELECT 2, 'viewed' UNION SELECT 3, 'signed_up') e
        WHERE n.i % 2 = 0 AND (e.event = 'viewed' OR n.i % 50 = 0)""",
    """<numbers> INSERT INTO purchases (id, account_id, email, order_id, amount_minor, currency, items_json, source, at, created_at)
        SELECT 'pur_' || i, :account, <address>, 'o' || i, abs(random()) % 10000, 'EUR', json_array(json_object('id', 'sku-' || (i % 7),
        'name', 'Cup', 'quantity', 1, 'price', 1)), 'none', <past>, :now FROM n WHERE i % 5 = 0""",
    """INSERT INTO behaviors SELECT account_id, 'sent', lower(recipient), count(*), min(at), max(at) FROM events
        WHERE kind = 'delivered' GROUP BY 1, 2, 3""",
    "INSERT INTO behaviors SELECT account_id, kind, lower(recipient), count(*), min(at), max(at) FROM events GROUP BY 1, 2, 3",
    "INSERT INTO behaviors SELECT account_id, 'event:' || event, email, count(*), min(at), max(at) FROM tracked_events GROUP BY 1, 2, 3",
    "INSERT INTO behaviors SELECT account_id, 'purchased', email, count(*), min(at), max(at) FROM purchases GROUP BY 1, 2, 3",
    "ANALYZE",
]
SUBSCRIBED = {"field": "status", "operator": "equals", "value": "subscribed"}
SEGMENTS: dict[str, list[dict[str, Any]]] = {
    "clicked in 30 days": [{"field": "email.clicked", "operator": "did", "within": {"days": 30}}],
    "opened in 30 days": [{"field": "email.opened", "operator": "did", "within": {"days": 30}}],
    "subscribed, opened in 90 days": [SUBSCRIBED, {"field": "email.opened", "operator": "did", "within": {"days": 90}}],
    "opened 3 times ever": [{"field": "email.opened", "operator": "did", "count": {"at_least": 3}}],
    "opened twice in 30 days": [{"field": "email.opened", "operator": "did", "count": {"at_least": 2}, "within": {"days": 30}}],
    "signed up, never ordered": [
        {"field": "event", "operator": "did", "name": "signed_up"},
        {"field": "purchase", "operator": "did_not"},
    ],
    "never opened": [{"field": "email.opened", "operator": "did_not"}],
    "viewed with 9 seats in 30 days": [
        {
            "field": "event",
            "operator": "did",
            "name": "viewed",
            "within": {"days": 30},
            "properties": [{"field": "seats", "operator": "equals", "value": 9}],
        }
    ],
    "ordered sku-3 in 90 days": [{"field": "purchase", "operator": "did", "product": "sku-3", "within": {"days": 90}}],
    "ordered for 90 EUR": [{"field": "purchase", "operator": "did", "currency": "EUR", "sum": {"at_least": 90}}],
    "customers in Germany who clicked, without buyers of this week": [
        {"field": "custom_fields.country", "operator": "equals", "value": "DE"},
        {"field": "email.clicked", "operator": "did", "within": {"days": 30}},
        {"field": "purchase", "operator": "did_not", "within": {"days": 7}},
    ],
}


def main() -> None:
    """Fill a state folder unless it is full, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--state", type=Path, help="a folder that is kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segments-") as folder:
        state = options.state or Path(folder)
        is_new = not (state / "misarmail.db").exists()
        environment = {**os.environ, "MISARMAIL_STATE": str(state), "MISARMAIL_RATE_LIMITS": "off"}
        if is_new:
            create = [".venv/bin/misarmail", "accounts", "create", "ada@example.com", "--plan", "enterprise"]
            subprocess.run(create, env=environment, check=True, stdout=subprocess.DEVNULL)
        chosen = settings.load(environment)
        store = Store(chosen.database_url)
        account = store.write(lambda connection: tenants.find(connection, None).id)
        if is_new:
            fill(store, account, options.contacts)
        secret = store.write(lambda connection: keys.make(connection, account, "Bench", ["contacts"])).secret
        measure(Client(create_app(chosen, store).wsgi_app, use_cookies=False), {"Authorization": f"Bearer {secret}"})
        store.close()


def fill(store: Store, account: str, contacts: int) -> None:
    """Write all rows."""
    began = time.perf_counter()
    for template in FILL:
        statement = reduce(lambda sql, word: sql.replace(*word), WORDS.items(), template)
        values = {"account": account, "contacts": contacts, "now": now() - DAY}
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        store.write(lambda connection, statement=statement, used=used: connection.execute(text(statement), used).rowcount)  # type: ignore[misc]
    print(f"filled in {time.perf_counter() - began:.0f} s")


def measure(client: Client, headers: dict[str, str]) -> None:
    """Time the count and the preview of each segment."""
    for name, rules in SEGMENTS.items():
        body = {"name": "Bench", "filter_criteria": {"operator": "AND", "rules": rules}}
        made = client.post("/api/v1/segments", json=body, headers=headers).json["segment"]
        path = f"/api/v1/segments/{made['id']}"
        count = percentile(lambda path=path: client.post(f"{path}/refresh", headers=headers))  # type: ignore[misc]
        preview = percentile(lambda path=path: client.get(f"{path}/preview", headers=headers))  # type: ignore[misc]
        print(f"{name:62} {made['contact_count']:>9,}   count {count:7.0f} ms   preview {preview:7.0f} ms", flush=True)


def percentile(request: Any) -> float:
    """The 95th percentile of the processor time of some requests, in milliseconds: other work on the machine does not count."""
    times = []
    for _ in range(TIMES):
        began = time.process_time()
        assert request().status_code == OK
        times.append((time.process_time() - began) * 1_000)
    return sorted(times)[int(TIMES * 0.95) - 1]


if __name__ == "__main__":
    main()
