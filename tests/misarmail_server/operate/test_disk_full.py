"""A disk that is full: what was answered with 2xx is kept and delivered once, what cannot be kept is refused."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.calls.every_operation import SEND
from tests.support.servers.mail_receiver import relay
from tests.support.servers.platform_process import Served, serving
from tests.support.waiting import until


def mail(name: str) -> dict[str, Any]:
    return dict(SEND) | {"to": [{"email": f"{name}@example.com"}]}


def ledger(served: Served) -> Counter[str]:
    """How many recipients the database has in each state."""
    with closing(sqlite3.connect(served.folder / "state" / "misarmail.db")) as database:
        return Counter(state for (state,) in database.execute("SELECT state FROM recipients"))


def test_serve_refuses_mail_while_the_disk_is_full_and_loses_none(tmp_path: Path) -> None:
    with relay() as (inbox, url), serving(tmp_path, relay=url, rate_limits="10") as running:
        inbox.answers.clear()
        assert running.call("POST", "/api/v1/send", mail("under-way")).status == 200
        inbox.wait(1)
        running.fill_disk()

        refused = [running.ask("POST", "/api/v1/send", mail(f"refused{number}")) for number in range(5)]
        ready = running.ask("GET", "/readyz")
        inbox.answers.set()
        assert [(each.status, each.json["code"], each.headers["Retry-After"]) for each in refused] == [(503, "unavailable", "5")] * 5
        assert (ready.status, ready.json["code"]) == (503, "unavailable")
        assert running.call("GET", "/api/v1/templates").status == 200

        running.free_disk()
        assert until(lambda: running.ask("POST", "/api/v1/send", mail("afterwards")).status, lambda status: status == 200)
        inbox.wait(2)
        assert until(lambda: ledger(running), lambda states: states["delivered"] == 2) == {"delivered": 2}

    assert Counter(inbox.recipients) == {"under-way@example.com": 1, "afterwards@example.com": 1}
