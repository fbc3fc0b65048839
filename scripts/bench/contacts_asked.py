"""`import FILE`: seconds, processor time and peak memory of the command. `ask`: the 95th percentile of requests through the application."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from werkzeug.test import Client

from misarmail_server import settings
from misarmail_server.app import create_app
from misarmail_server.db.store import Store
from misarmail_server.services import keys, tenants

WORDS = ["ka", "mar", "belan", "tindor", "jakob", "ren lo", "sophi", "voish", "kalo", "x"]
TIMES = 40
OK = 200


def import_(file: str) -> None:
    """Run the command as an operator does."""
    began = time.monotonic()
    process = subprocess.Popen([".venv/bin/misarmail", "import", "contacts", file])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    print(f"import: {seconds:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of processor, {used.ru_maxrss // 1024} MB, status {status}")


def middle(client: Client, headers: dict[str, str], filters: str) -> str:
    """The cursor of the page in the middle of a list."""
    count = client.get(f"/api/v1/contacts?limit=1{filters}", headers=headers).json["total"]
    page = client.get(f"/api/v1/contacts?page={max(1, count // 100)}{filters}", headers=headers).json
    return str(page["next_cursor"])


def ask() -> None:
    """Time each kind of request."""
    chosen = settings.load({**os.environ, "MISARMAIL_RATE_LIMITS": "0"})
    store = Store(chosen.database_url)
    account = store.write(lambda connection: tenants.find(connection, None).id)
    secret = store.write(lambda connection: keys.make(connection, account, "Bench", ["contacts"])).secret
    client = Client(create_app(chosen, store).wsgi_app, use_cookies=False)
    headers = {"Authorization": f"Bearer {secret}"}
    luck = random.Random(7)  # noqa: S311 - selects pages and words
    print(f"{(total := client.get('/api/v1/contacts?limit=1', headers=headers).json['total']):,} contacts")

    def segment(*rules: dict[str, Any]) -> str:
        body = {"name": "Bench", "filter_criteria": {"operator": "AND", "rules": list(rules)}}
        began = time.perf_counter()
        made = client.post("/api/v1/segments", json=body, headers=headers).json["segment"]
        print(f"  segment of {made['contact_count']:,} counted in {time.perf_counter() - began:.2f} s: {rules}")
        return f"/api/v1/segments/{made['id']}/preview"

    subscribed = {"field": "status", "operator": "equals", "value": "subscribed"}
    previews = {
        "preview, tag and status": segment({"field": "tags", "operator": "contains", "value": "vip"}, subscribed),
        "preview, name begins": segment({"field": "company", "operator": "starts_with", "value": "kalo"}),
        "preview, custom field": segment({"field": "custom_fields.Plan", "operator": "equals", "value": "gold"}),
        "preview, part of an address": segment({"field": "email", "operator": "contains", "value": "mar"}),
        "preview, nobody, by an index": segment({"field": "first_name", "operator": "equals", "value": "nobody"}),
        "preview, nobody, every contact read": segment({"field": "custom_fields.Plan", "operator": "equals", "value": "none"}),
    }
    cursors = [middle(client, headers, filters) for filters in ("", "&tag=vip")]
    requests: dict[str, Callable[[], str]] = {
        "list, first page": lambda: "/api/v1/contacts",
        "list, any page": lambda: f"/api/v1/contacts?page={luck.randint(1, max(1, total // 50))}",
        "list, status, any page": lambda: f"/api/v1/contacts?status=subscribed&page={luck.randint(1, max(1, total // 50))}",
        "list, status nobody has": lambda: "/api/v1/contacts?status=bounced",
        "list, after a cursor in the middle": lambda: f"/api/v1/contacts?cursor={cursors[0]}",
        "list, tag, after a cursor in the middle": lambda: f"/api/v1/contacts?tag=vip&cursor={cursors[1]}",
        "list, tag": lambda: "/api/v1/contacts?tag=vip",
        "search": lambda: f"/api/v1/contacts?search={luck.choice(WORDS)}",
        **{name: lambda path=path: path for name, path in previews.items()},  # type: ignore[misc]
    }
    for name, path in requests.items():
        times = []
        for _ in range(TIMES if "every" not in name else 5):
            chosen_path = path()
            began = time.perf_counter()
            answer = client.get(chosen_path, headers=headers)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == OK, answer.json
        times.sort()
        print(f"{name:40} p50 {times[len(times) // 2]:7.1f} ms   p95 {times[int(len(times) * 0.95)]:7.1f} ms")
    store.close()


if __name__ == "__main__":
    import_(sys.argv[2]) if sys.argv[1] == "import" else ask()
