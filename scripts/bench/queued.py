"""A queue of a million rows: the cost of a lease compared with one of ten thousand, and the memory of a worker that delivers from it.

`queued.py [--rows 1000000] [--seconds 20]`. Nine of ten rows are of one campaign, the others single mails of a hundred accounts.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from misarmail_server import settings
from misarmail_server.context import new_ids, now
from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import admin, lanes, leases
from misarmail_server.delivery.queue.backlog import Backlog
from misarmail_server.services import tenants
from misarmail_server.settings import Settings

SMALL = 10_000
BATCH = 50_000
ACCOUNTS = 100
SINGLES = 10  # one of so many rows is a single mail
LEASED = 300
TIMES = 9
SINK = Path(__file__).resolve().parents[1] / "chaos_sink.py"
MEMORY = 200  # MB, the target


def main() -> int:
    """Fill, measure, fill more, measure again, deliver."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-queued-") as folder:
        chosen = settings.load({"MISARMAIL_STATE": folder})
        store = Store(chosen.database_url)
        migrate.upgrade(store)
        accounts = store.write(make_accounts)
        filled = 0
        for rows in (SMALL, options.rows):
            filled = fill(store, accounts, filled, rows)
            print(
                f"{filled:,} recipients wait: " + ", ".join(f"{name} {cost(store, work):,.1f} ms" for name, work in works(chosen).items())
            )
        return deliver(chosen, store, options.seconds)


def make_accounts(connection: Connection) -> list[str]:
    """The sending accounts, and the message of the campaign, which belongs to the first."""
    ids = [tenants.create(connection, f"owner{number}@example.com", plan="enterprise", senders="any") for number in range(ACCOUNTS)]
    connection.execute(insert(tables.Message), [message("msg_campaign", ids[0], "marketing")])
    return ids


def message(id_: str, account_id: str, stream: str) -> dict[str, object]:
    """A row of `messages`."""
    empty = dict.fromkeys(("to_json", "cc_json", "tags_json"), "[]") | dict.fromkeys(("headers_json", "metadata_json"), "{}")
    given = {
        "id": id_,
        "account_id": account_id,
        "stream": stream,
        "is_sandbox": False,
        "created_at": now(),
        "from_email": "news@example.com",
    }
    return {**empty, **given, "subject": "Hello {{first_name}}", "body_text": "Hello {{first_name}}, everything is 20 % off until Sunday."}


def fill(store: Store, accounts: list[str], filled: int, rows: int) -> int:
    """Fill the queue up to `rows`; the number of waiting rows."""
    for start in range(filled, rows, BATCH):
        store.write(lambda connection, start=start: post(connection, accounts, range(start, min(rows, start + BATCH))))  # type: ignore[misc]  # bound now
    return rows


def post(connection: Connection, accounts: list[str], numbers: range) -> None:
    """Rows as campaigns and the API write them."""
    singles = [number for number in numbers if number % SINGLES == 0]
    ids = dict(zip(singles, new_ids("msg", len(singles)), strict=True))
    owners = {number: accounts[number // SINGLES % ACCOUNTS] for number in singles}
    connection.execute(insert(tables.Message), [message(id_, owners[number], "transactional") for number, id_ in ids.items()])
    shared = {"kind": "to", "state": "pending", "attempt_count": 0, "due_at": now()}
    campaign = {
        "message_id": "msg_campaign",
        "account_id": accounts[0],
        "lane": lanes.of_campaign(accounts[0], "msg_campaign"),
        "priority": 1,
    }
    rows = []
    for number in numbers:
        own = campaign
        if number in ids:
            own = {"message_id": ids[number], "account_id": owners[number], "lane": owners[number], "priority": 0}
        address = f"person{number}@receiver{number % 50}.example"
        rows.append({**shared, **own, "address": address, "values_json": '{"first_name":"Ada"}' if own is campaign else None})
    connection.execute(insert(tables.Recipient), rows)


def works(chosen: Settings) -> dict[str, Callable[[Store], object]]:
    """The repeated queries while mail waits, by name."""
    return {
        f"lease of {LEASED}": lambda store: leases.lease(store, "bench", LEASED, 300),
        "look for work": leases.has_due,
        "count for the limit": lambda store: Backlog(store, chosen.state).seen(),
        "queue status": status,
    }


def status(store: Store) -> object:
    """The query of `misarmail queue status`."""
    with store.read() as connection:
        return admin.status(connection)


def cost(store: Store, work: Callable[[Store], object]) -> float:
    """Milliseconds, the median of several runs."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work(store)
        taken.append(1_000 * (time.perf_counter() - began))
        leases.release(store, "bench")
    return statistics.median(taken)


def deliver(chosen: Settings, store: Store, seconds: float) -> int:
    """Let one worker deliver for `seconds`; 1 when it uses more memory than the target."""
    receiver = subprocess.Popen([sys.executable, str(SINK), os.devnull], stdout=subprocess.PIPE, text=True)
    relay = f"smtp://127.0.0.1:{int(receiver.stdout.readline()) if receiver.stdout else 0}"
    environment = {**os.environ, "MISARMAIL_STATE": str(chosen.state), "MISARMAIL_RELAY": relay}
    worker = subprocess.Popen([sys.executable, "-m", "misarmail_server.operate.work"], env=environment)
    signal.sigtimedwait([], seconds)
    worker.terminate()
    _, _, used = os.wait4(worker.pid, 0)
    receiver.kill()
    receiver.wait()
    with store.read() as connection:
        delivered = connection.scalar(select(func.count()).where(tables.Recipient.state == "delivered")) or 0
    store.close()
    print(f"{delivered:,} delivered in {seconds:.0f} s by one worker, which took {used.ru_maxrss // 1024} MB at most (target {MEMORY})")
    return used.ru_maxrss // 1024 > MEMORY


if __name__ == "__main__":
    sys.exit(main())
