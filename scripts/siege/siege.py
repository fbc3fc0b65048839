"""One client sends mail while others besiege the server: slow bodies, silent connections, held streams, bombs, and a full disk.

Reported is the client's p99 beside its own value on the quiet server. Exit code 1 if a send was not answered with 200 (or 503 while the
disk was full), if an accepted mail is not stored, if a process of the server was ended by it, or, with `--max-ratio`, if the p99 is more
than so many times as long.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PAUSE_SECONDS = 0.02
ATTACKERS = Path(__file__).with_name("attackers.py")
MAIL = {"from": {"email": "hello@example.com"}, "to": [{"email": "ada@example.com"}], "subject": "Siege", "html": "<p>Hello</p>"}
CAMPAIGN = {"name": "Siege", "subject": "Siege", "body_html": "<p>Hello</p>", "from_email": "hello@example.com"}


@dataclass
class Sends:
    """The sends of one phase."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000


class Client:
    """One client of the API, on one connection."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and decoded body; status 0 if there was no response."""
        try:
            self._connection.request("POST", path, json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
            return 0, {}

    def send_for(self, seconds: float) -> Sends:
        """Send, one mail after the other."""
        sends, until = Sends(), time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.perf_counter()
            status, body = self.post("/api/v1/send", MAIL)
            sends.seconds.append(time.perf_counter() - began)
            sends.statuses[status] += 1
            if status == 200:  # noqa: PLR2004 - a status
                sends.accepted.append(body["message_id"])
            time.sleep(PAUSE_SECONDS)
        return sends

    def wait_until_accepted(self) -> None:
        """Return once a mail is accepted again. Raises SystemExit."""
        until = time.monotonic() + 20
        while self.post("/api/v1/send", MAIL)[0] != 200:  # noqa: PLR2004 - a status
            if time.monotonic() > until:
                raise SystemExit("the disk has room again, but nothing is accepted")
            time.sleep(0.1)


def main() -> int:
    """Run the phases and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="length of the quiet and of the besieged phase (default 20)")
    parser.add_argument("--max-ratio", type=float, help="fail if the p99 is more than so many times that on the quiet server")
    parser.add_argument("--state", type=Path, required=True, help="a folder on a small disk, which is filled")
    options = parser.parse_args()
    with serving(options.state) as (port, key, output):
        client = Client(port, key)
        attackers_key, campaign = prepare(client)
        client.send_for(2)
        quiet = client.send_for(options.seconds)
        with besieging(port, attackers_key, campaign):
            client.send_for(3)  # until all are in place
            besieged = client.send_for(options.seconds)
            with full_disk(options.state.parent):
                full = client.send_for(4)
            client.wait_until_accepted()
            after = client.send_for(2)
        restarts = output().count("a process ended")
    return report(
        options.state, {"quiet": quiet, "besieged": besieged, "full disk": full, "afterwards": after}, restarts, options.max_ratio
    )


def prepare(client: Client) -> tuple[str, str]:
    """A key of the same account for the attackers, contacts to export, and a campaign to follow."""
    rows = [{"email": f"a{number}@example.com", "company": "x" * 200} for number in range(5_000)]
    must(client.post("/api/v1/contacts/import", {"contacts": rows}))
    campaign = must(client.post("/api/v1/campaigns", CAMPAIGN))["campaign"]["id"]
    must(client.post(f"/api/v1/campaigns/{campaign}/schedule", {"scheduled_at": "2099-01-01T00:00:00Z"}))
    key = must(client.post("/api/v1/keys", {"name": "Siege", "scopes": ["send", "contacts", "campaigns"]}))["key"]
    return key, campaign


def must(answer: tuple[int, Any]) -> Any:
    """The body of a success. Raises SystemExit."""
    if answer[0] not in {200, 202}:
        raise SystemExit(f"the preparation failed: {answer}")
    return answer[1]


@contextmanager
def serving(state: Path) -> Iterator[tuple[int, str, Any]]:
    """A server without workers: (port, key, what it has printed)."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    settings = {"STATE": str(state), "WORKERS": "0", "RATE_LIMITS": "1000", "DISK_RESERVE": "1000000"}
    environment = {**os.environ, **{f"MISARMAIL_{name}": value for name, value in settings.items()}}
    with tempfile.TemporaryFile("w+") as printed:
        command = [str(Path(sys.executable).parent / "misarmail"), "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=printed, stderr=printed)

        def output() -> str:
            printed.seek(0)
            return printed.read()

        try:
            while not (key := re.search(r"msk_\w+", output())):
                if process.poll() is not None:
                    raise SystemExit(f"the server ended: {output()}")
                time.sleep(0.1)
            yield port, key[0], output
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


@contextmanager
def besieging(port: int, key: str, campaign: str) -> Iterator[None]:
    """The attackers, until the block ends."""
    command = [sys.executable, str(ATTACKERS), str(port), key, campaign]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as attackers:
        try:
            if attackers.stdout is None or attackers.stdout.readline() != b"ready\n":
                raise SystemExit("the attackers did not start")
            yield
        finally:
            attackers.kill()


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """A file that takes what is free, again and again."""
    stop, ballast = threading.Event(), folder / "ballast"

    def fill() -> None:
        with ballast.open("ab", buffering=0) as file:
            while not stop.wait(0.01):
                try:
                    file.write(bytes(65_536))
                except OSError:
                    continue

    with ballast.open("wb") as file:
        available = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        os.posix_fallocate(file.fileno(), 0, max(1, available - 100_000))
    thread = threading.Thread(target=fill)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        ballast.unlink()


def report(state: Path, phases: dict[str, Sends], restarts: int, max_ratio: float | None) -> int:
    """Print the figures; 1 if a promise was broken. No `max_ratio`: the p99 is reported and decides nothing."""
    print(f"{'phase':12}{'sends':>8}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}  answers")
    for name, sends in phases.items():
        figures = (sends.percentile(share) for share in (0.5, 0.99, 1.0))
        print(f"{name:12}{len(sends.seconds):8}{''.join(f'{figure:9.1f}' for figure in figures)}  {dict(sends.statuses)}")
    with closing(sqlite3.connect(state / "misarmail.db")) as database:
        stored = {id_ for (id_,) in database.execute("SELECT id FROM messages")}
    lost = [id_ for sends in phases.values() for id_ in sends.accepted if id_ not in stored]
    refused = sum((sends.statuses for name, sends in phases.items() if name != "full disk"), Counter[int]())
    ratio = phases["besieged"].percentile(0.99) / phases["quiet"].percentile(0.99)
    broken = {
        f"{len(lost)} accepted mails are not stored": bool(lost),
        f"answers other than 200: {dict(refused)}": set(refused) != {200},
        f"answers on a full disk: {dict(phases['full disk'].statuses)}": not set(phases["full disk"].statuses) <= {200, 503},
        f"{restarts} processes ended": restarts > 0,
        f"p99 is {ratio:.1f} times the quiet one, more than {max_ratio}": max_ratio is not None and ratio > max_ratio,
    }
    accepted = sum(len(sends.accepted) for sends in phases.values())
    print(f"\np99 besieged / quiet: {ratio:.1f}; accepted {accepted}, lost {len(lost)}")
    for sentence in [sentence for sentence, is_broken in broken.items() if is_broken]:
        print(sentence, file=sys.stderr)
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
