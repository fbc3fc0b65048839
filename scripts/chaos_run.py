"""A test of the mail engine's promise: workers are killed, stopped, and given wrong clocks and full disks, at random points of a run.

Then the ledger is compared with the receiver's log. No mail is lost: the receiver has every mail that the ledger calls delivered, and a
mail that the receiver does not have is listed as ambiguous. A mail that arrived twice is listed too. At most one mail is ambiguous for each
connection that was open at a fault, and for each mail that the receiver hung up on. Exit code 1 when the promise is broken.
"""

from __future__ import annotations

import argparse
import errno
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import chaos_judge
from sqlalchemy import Connection, insert, select

from misarmail_server import settings
from misarmail_server.context import new_ids, now
from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.smtp.transports import CONNECTIONS
from misarmail_server.services import tenants

UNFINISHED_STATES = ("pending", "leased", "deferred")
FINISH_SECONDS = 300.0  # for the last run
BATCH = 2_000
LEASE_SECONDS = 4
HOUR = 3_600
SOON = 3_000  # milliseconds
HERE = Path(__file__).parent
# The kinds of faults, and how many workers each affects.
KINDS = {"kills": 1, "stops": 2, "jumps": 1, "fills": 1}


def main() -> int:
    """Run, disturb, run to the end, judge."""
    options = arguments()
    print(f"seed {options.seed}")
    draw = random.Random(options.seed)  # noqa: S311 - the same faults for the same seed
    plan = [kind for kind in KINDS for _ in range(getattr(options, kind)) if kind != "stops"]
    draw.shuffle(plan)
    plan += ["stops"] * options.stops  # while one sleeps, another one delivers much of the rest
    with tempfile.TemporaryDirectory(prefix="chaos-", dir=options.folder) as folder:
        log = Path(folder, "received") if options.folder is None else Path(options.log)
        receiver = subprocess.Popen(sink(options, log), stdout=subprocess.PIPE, text=True)
        try:
            run = Run(folder, int(receiver.stdout.readline()) if receiver.stdout else 0, log, options.database)
            run.fill(options.mails)
            share = options.mails // (2 * len(plan) + 2)  # half of all mails; more leave before a fault is over
            happened = Counter(kind for kind in plan if run.disturb(kind, int(2 * draw.random() * share), draw.random()))
            run.finish()
            print(", ".join(f"{happened[kind]} of {getattr(options, kind)} {kind}" for kind in KINDS if getattr(options, kind)))
            allowed = CONNECTIONS * sum(KINDS[kind] * times for kind, times in happened.items())
            faults = chaos_judge.judge(run.store, chaos_judge.read(log), allowed)
            run.store.close()
        finally:
            receiver.kill()
            receiver.wait()
    print("\n".join(faults) or "the promise holds")
    return 1 if faults else 0


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100, help="kill -9 of the worker")
    parser.add_argument("--stops", type=int, default=0, help="a worker sleeps past its lease, another takes it over, the first wakes up")
    parser.add_argument("--jumps", type=int, default=0, help="the clock jumps by up to an hour, forward or backward")
    parser.add_argument("--fills", type=int, default=0, help="the disk of --folder, which must be small, becomes full for a second")
    parser.add_argument("--faults", type=float, default=0.0, help="share of the mails that the receiver mistreats")
    parser.add_argument("--delay", type=float, default=30.0, help="the longest delay of its reply, in seconds")
    parser.add_argument("--folder", help="the folder of everything except the receiver's log")
    parser.add_argument("--log", help="the receiver's log, where --folder is given")
    parser.add_argument("--database", help="PostgreSQL instead of SQLite")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    return parser.parse_args()


def sink(chosen: argparse.Namespace, log: Path) -> list[str]:
    """The command that starts the receiver."""
    faults = ["--faults", str(chosen.faults), "--delay", str(chosen.delay), "--seed", str(chosen.seed)]
    return [sys.executable, str(HERE / "chaos_sink.py"), str(log), *faults]


class Run:
    """One database, one receiver, and workers that are disturbed."""

    def __init__(self, folder: str, port: int, log: Path, database: str | None) -> None:
        self._log = log
        self._folder = Path(folder)
        self._clock = self._folder / "clock"
        self._set_clock(0)
        relay = {"MISARMAIL_RELAY": f"smtp://127.0.0.1:{port}", "MISARMAIL_RETRY_DELAYS": "1s", "MISARMAIL_LEASE": f"{LEASE_SECONDS}s"}
        self._environment = {"MISARMAIL_STATE": folder, **relay}
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

    def disturb(self, kind: str, mails: int, drawn: float) -> bool:
        """Run a worker until it has delivered so many mails, then cause a fault; whether any mail was unfinished."""
        before = self.received()
        worker = self._start()
        while self.is_open(due_by=now() + SOON) and self.received() <= before + mails and worker.poll() is None:
            pause(0.01)
        pause(0.1 * drawn)
        was_open = self.is_open(due_by=now() + SOON)
        faults: dict[str, Callable[[], None]] = {
            "kills": worker.kill,
            "stops": lambda: self._sleep_over(worker),
            "jumps": lambda: self._jump(int((2 * drawn - 1) * HOUR)),
            "fills": self._fill_disk,
        }
        faults[kind]()
        if kind != "kills":
            pause(1.0)
        end(worker)
        return was_open

    def _sleep_over(self, worker: subprocess.Popen[bytes]) -> None:
        """Stop a worker until another one has its leases."""
        worker.send_signal(signal.SIGSTOP)
        other = self._start()
        pause(LEASE_SECONDS * 1.5)
        worker.send_signal(signal.SIGCONT)
        pause(1.0)
        end(other)

    def _jump(self, seconds: int) -> None:
        """Set the clock wrong, then right again."""
        self._set_clock(seconds)
        pause(1.0)
        self._set_clock(0)

    def _set_clock(self, seconds: int) -> None:
        """Make every worker's wall clock wrong by so many seconds."""
        unfinished = self._clock.with_suffix(".new")
        unfinished.write_text(str(seconds))
        unfinished.replace(self._clock)

    def _fill_disk(self) -> None:
        filler = self._folder / "filler"
        try:
            with filler.open("wb", buffering=0) as file:
                while file.write(bytes(65_536)):
                    pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        pause(1.0)
        filler.unlink()

    def finish(self) -> None:
        """Let one worker deliver the rest, at a time when all of it is due."""
        self._set_clock(2 * HOUR)
        worker = self._start()
        until = time.monotonic() + FINISH_SECONDS
        while self.is_open() and time.monotonic() < until:
            pause(0.2)
        end(worker)

    def is_open(self, *, due_by: int | None = None) -> bool:
        """Whether any mail is unfinished; with `due_by`, any that a clock which was ahead has not postponed."""
        row = tables.Recipient
        waiting = select(row.id).where(row.state.in_(UNFINISHED_STATES)).limit(1)
        if due_by is not None:
            waiting = waiting.where(row.due_at <= due_by)
        with self.store.read() as connection:
            return connection.scalar(waiting) is not None

    def received(self) -> int:
        """The number of mails that the receiver has."""
        return self._log.read_bytes().count(b"+") if self._log.exists() else 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(HERE / "chaos_worker.py"), str(self._clock)]
        return subprocess.Popen(command, env={**os.environ, **self._environment}, stderr=subprocess.DEVNULL)


def end(worker: subprocess.Popen[bytes]) -> None:
    """Stop a worker and wait for its end; it may have been killed before."""
    worker.terminate()
    worker.wait()


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


def pause(seconds: float) -> None:
    """Wait."""
    signal.sigtimedwait([], seconds)


if __name__ == "__main__":
    sys.exit(main())
