"""Durable `POST /api/v1/send` compared with the same service in the common style: one core, 16 clients, SQLite with `synchronous=FULL`."""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import load
import servers
from load import Load, Result

OURS = "misarmail serve"
PEER = "FastAPI + SQLAlchemy ORM (uvicorn)"
TARGET = 10
PATH = "/api/v1/send"
BODY = Path(__file__).with_name("send_body.json")
CLIENTS = 16
WARM_UP_SECONDS = 2
ROUNDS = 2
BUSY = re.compile(r"database is locked|SQLITE_BUSY")


@dataclass(frozen=True, slots=True)
class Service:
    """A service to measure: how to start it on an empty folder, how to get its key once it runs, and the database of its messages."""

    server: servers.Server
    key: Callable[[], str]
    database: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run's figures and the rows of the database; `answered` counts the responses of 200."""

    result: Result
    answered: int
    stored: int
    busy: int


def main() -> int:
    """Measure, check the ledger and print; 1 when an accepted message is missing or a request was refused."""
    seconds = arguments().seconds
    if lacking := servers.missing():
        print(*lacking, sep="\n", file=sys.stderr)
        return 2
    outcomes: dict[str, list[Outcome]] = {OURS: [], PEER: []}
    for turn in range(ROUNDS):
        for name, make in ((OURS, ours), (PEER, peer)):
            with tempfile.TemporaryDirectory(prefix="bench-send-") as folder:
                outcomes[name].append(measure(make(Path(folder)), seconds))
            print(f"  round {turn + 1}: {name}: {outcomes[name][-1].result.rate:,.0f} req/s", file=sys.stderr)
    return report(outcomes)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="length of one run (default 10)")
    return parser.parse_args()


def ours(folder: Path) -> Service:
    """The platform on a fresh folder, without delivery workers and rate limits: only acceptance is measured."""
    settings = {"MISARMAIL_STATE": str(folder), "MISARMAIL_RATE_LIMITS": "off", "MISARMAIL_WORKERS": "0"}
    misarmail = str(servers.BIN / "misarmail")

    def key() -> str:
        command = (misarmail, "keys", "create", "--scopes", "send")
        return subprocess.run(command, env={**os.environ, **settings}, check=True, capture_output=True, text=True).stdout.strip()

    return Service(servers.Server(OURS, (misarmail, "serve", "--port", "{port}"), settings), key, folder / "misarmail.db")


def peer(folder: Path) -> Service:
    """The peer on a fresh folder."""
    database, key = folder / "peer.db", "msk_" + secrets.token_hex(32)
    started = servers.uvicorn(PEER, "peer_send_fastapi:app")
    environment = {"BENCH_DATABASE": str(database), "BENCH_KEY": key}
    return Service(servers.Server(PEER, started.command, environment), lambda: key, database)


def measure(service: Service, seconds: float) -> Outcome:
    """Check one good and one bad request, warm up, run, then count in the database."""
    with servers.running(service.server, PATH) as server_now:
        offered = Load(PATH, BODY, CLIENTS, service.key())
        check(service.server.name, server_now.url + PATH, offered.token)
        warm = load.run(server_now, offered, WARM_UP_SECONDS)
        result = load.run(server_now, offered, seconds)
        busy = len(BUSY.findall(server_now.printed()))
    answered = 1 + warm.requests - warm.refused + result.requests - result.refused
    with sqlite3.connect(service.database) as database:
        stored = database.execute("SELECT count(*) FROM messages").fetchone()[0]
    return Outcome(result, answered, stored, busy)


def check(name: str, url: str, token: str | None) -> None:
    """Raises SystemExit unless the quick start's body is a 200, one with a wrong address is refused, and so is a wrong key."""
    good, bad = BODY.read_bytes(), BODY.read_bytes().replace(b"user@example.com", b"nobody")
    seen = (load.post(url, good, token)[0], load.post(url, bad, token)[0], load.post(url, good, "msk_" + "0" * 64)[0])
    if seen not in {(200, 400, 401), (200, 422, 401)}:
        raise SystemExit(f"{name}: a good body, a bad body and a wrong key were answered {seen}")


def report(outcomes: dict[str, list[Outcome]]) -> int:
    """Print the table, the failures, and the ratio last."""
    print(f"{'durable POST /v1/send, outcome core':36}{load.HEAD}{'non-2xx':>10}{'locked':>10}  messages")
    for name, runs in outcomes.items():
        result = load.middle([outcome.result for outcome in runs])
        ledger = ", ".join(f"{outcome.stored} for {outcome.answered} answers" for outcome in runs)
        print(f"{result.row(name)}{result.refused + result.broken:10}{sum(outcome.busy for outcome in runs):10}  {ledger}")
    rates = {name: load.middle([outcome.result for outcome in runs]).rate for name, runs in outcomes.items()}
    ratio = rates[OURS] / rates[PEER]
    print(f"\nratio to {PEER:36}{ratio:8.1f}x  (target {TARGET}x: {'met' if ratio >= TARGET else 'MISSED'})")
    wrong = [name for name, runs in outcomes.items() if not all(holds(outcome) for outcome in runs)]
    for name in wrong:
        print(f"{name}: an answer was refused, or answers and stored messages differ", file=sys.stderr)
    return 1 if OURS in wrong else 0


def holds(outcome: Outcome) -> bool:
    """Nothing was refused or locked, and every accepted mail is stored; requests in flight at the end may be stored without a response."""
    clean = not (outcome.result.refused or outcome.result.broken or outcome.busy)
    return clean and outcome.answered <= outcome.stored <= outcome.answered + 2 * CLIENTS


if __name__ == "__main__":
    sys.exit(main())
