"""The promise of the mail engine, tried: kill -9 at random points of a run, then the ledger against the receiver's own log.

Nothing is lost: what the ledger calls delivered the receiver has, and what the receiver has not is listed as in doubt. What came twice is
listed too, and there is at most one such mail for each connection that was open at a kill. Exit code 1 when any of that is not so.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import Connection, insert, select

from misarmail_server import migrate, settings, tables
from misarmail_server.context import new_ids, now
from misarmail_server.delivery import lanes
from misarmail_server.delivery.transports import CONNECTIONS
from misarmail_server.services import tenants
from misarmail_server.store import Store

OPEN = ("pending", "leased", "deferred")
PATIENCE = 300.0  # seconds for the last run
BATCH = 2_000
SINK = Path(__file__).with_name("chaos_sink.py")


def main() -> int:
    """Run, kill, run to the end, judge."""
    asked = arguments()
    print(f"seed {asked.seed}")
    draw = random.Random(asked.seed)  # noqa: S311 - when to kill, the same again for the same seed
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        log = Path(folder, "received")
        receiver = subprocess.Popen([sys.executable, str(SINK), str(log)], stdout=subprocess.PIPE, text=True)
        try:
            run = Run(folder, int(receiver.stdout.readline()) if receiver.stdout else 0, log, asked.database)
            run.fill(asked.mails)
            kills = sum(run.kill_one(draw.random() * 1.5) for _ in range(asked.kills))
            run.finish()
            faults = judge(run.store, log, kills)
            run.store.close()
        finally:
            receiver.kill()
            receiver.wait()
    print("\n".join(faults) or "the promise holds")
    return 1 if faults else 0


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", help="PostgreSQL instead of SQLite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    return parser.parse_args()


class Run:
    """One database, one receiver, and workers that are killed."""

    def __init__(self, folder: str, port: int, log: Path, database: str | None) -> None:
        self._log = log
        self._environment = {"MISARMAIL_STATE": folder, "MISARMAIL_RELAY": f"smtp://127.0.0.1:{port}", "MISARMAIL_RETRY_DELAYS": "1s"}
        if database:
            self._environment["MISARMAIL_DATABASE_URL"] = database
        self.store = Store(settings.load(self._environment).database_url)
        migrate.upgrade(self.store)

    def fill(self, mails: int) -> None:
        """Put mails into the ledger."""
        account_id = self.store.write(lambda connection: tenants.create(connection, "chaos@example.com", plan="enterprise", senders="any"))
        for start in range(0, mails, BATCH):
            numbers = range(start, min(mails, start + BATCH))
            self.store.write(lambda connection, numbers=numbers: post(connection, account_id, numbers))  # type: ignore[misc]  # bound now

    def kill_one(self, seconds: float) -> bool:
        """Run a worker until it has delivered something and for so long after, then kill it; whether there was anything left to do."""
        before = self.received()
        worker = self._start()
        while self.is_open() and self.received() == before and worker.poll() is None:
            pause(0.01)
        pause(seconds)
        was_open = self.is_open()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        return was_open

    def finish(self) -> None:
        """Let one worker do the rest."""
        worker = self._start()
        until = time.monotonic() + PATIENCE
        while self.is_open() and time.monotonic() < until:
            pause(0.2)
        worker.terminate()
        worker.wait()

    def is_open(self) -> bool:
        """Whether any mail waits or is under way."""
        with self.store.read() as connection:
            return connection.scalar(select(tables.Recipient.id).where(tables.Recipient.state.in_(OPEN)).limit(1)) is not None

    def received(self) -> int:
        """How many mails the receiver has."""
        return self._log.read_bytes().count(b"\n") if self._log.exists() else 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "misarmail_server.work"]
        return subprocess.Popen(command, env={**os.environ, **self._environment}, stderr=subprocess.DEVNULL)


def post(connection: Connection, account_id: str, numbers: range) -> None:
    """Mails as the API accepts them: every other one marketing."""
    messages, recipients = [], []
    for number, id_ in zip(numbers, new_ids("msg", len(numbers)), strict=True):
        priority = number % 2
        texts = dict.fromkeys(("to_json", "cc_json", "tags_json"), "[]") | dict.fromkeys(("headers_json", "metadata_json"), "{}")
        message = {"id": id_, "account_id": account_id, "is_sandbox": False, "created_at": now(), "from_email": "news@example.com"}
        stream = "marketing" if priority else "transactional"
        messages.append({**texts, **message, "stream": stream, "subject": "Chaos", "body_text": "Hello"})
        address = f"person{number}@example.com"
        lane = lanes.of_campaign(account_id, "chaos") if priority else account_id
        row = {"message_id": id_, "account_id": account_id, "address": address, "kind": "to", "state": "pending", "lane": lane}
        recipients.append({**row, "priority": priority, "attempt_count": 0, "due_at": now()})
    connection.execute(insert(tables.Message), messages)
    connection.execute(insert(tables.Recipient), recipients)


def judge(store: Store, log: Path, kills: int) -> list[str]:
    """What is not as promised."""
    received = Counter(log.read_text("utf-8").split("\n")[:-1])
    with store.read() as connection:
        states = {row.address: row.state for row in connection.execute(select(tables.Recipient.address, tables.Recipient.state))}
        listed = {
            address for address in connection.scalars(select(tables.Event.recipient).where(tables.Event.type == "ambiguous")) if address
        }
    twice = {address for address, times in received.items() if times > 1}
    missing = {address for address in states if not received[address]}
    counts = dict(Counter(states.values()))
    print(f"{len(states):,} mails, {kills} kills; {len(twice)} came twice, {len(missing)} did not come, {len(listed)} in doubt; {counts}")
    faults = [f"lost, not listed: {address} is {states[address]}" for address in sorted(missing - listed)]
    faults += [f"called delivered, never received: {one}" for one in sorted(missing) if states[one] == "delivered"]
    faults += [f"came {received[address]} times, not listed: {address}" for address in sorted(twice - listed)]
    faults += [f"still {state}: {address}" for address, state in sorted(states.items()) if state not in {"delivered", "ambiguous"}]
    faults += [f"marketing came twice: {one}" for one in sorted(twice) if states[one] == "ambiguous"]
    if len(listed) > kills * CONNECTIONS:
        faults.append(f"{len(listed)} in doubt after {kills} kills with {CONNECTIONS} connections each")
    return faults


def pause(seconds: float) -> None:
    """Let time pass."""
    signal.sigtimedwait([], seconds)


if __name__ == "__main__":
    sys.exit(main())
