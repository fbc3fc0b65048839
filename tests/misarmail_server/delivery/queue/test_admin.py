"""`misarmail queue` and `misarmail worker --processes`: what an operator sees and steers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from misarmail_server.context import DAY, at, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import admin, leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.delivery.worker.relay_state import RelayState
from misarmail_server.operate import cli
from tests.support.ledger import Ledger, give_back
from tests.support.servers.smtp_sink import Sink

HOUR = 3_600_000
MISARMAIL = Path(sys.executable).with_name("misarmail")


@pytest.fixture
def run(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `misarmail queue` with these words; gives the code, what it said and what it refused."""
    monkeypatch.setenv("MISARMAIL_STATE", str(tmp_path))
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", database_url)

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.main(["queue", *words])
        return (code, *capsys.readouterr())

    return command


def test_queue_status_says_what_waits_and_what_is_ambiguous(run: Any, store: Store, ledger: Ledger) -> None:
    assert run("status") == (0, "The queue is empty\n", "")
    ledger.post("old@example.com", due_at=now() - 90_000)
    ledger.post("new@example.com", "lost@example.com", priority=1, due_at=now() + HOUR)
    ledger.post("lost@example.com", priority=1, due_at=1)
    (row,) = [row for row in leases.lease(store, "me", 10, 300) if row.priority]
    settlement.settle(store, [Settlement(row, outcomes.NO_REPLY_AFTER_DOT)])
    give_back(store, "me")
    run("suspend")

    output = run("status")[1].splitlines()

    assert re.fullmatch(r"transactional  pending              1  the oldest due for 9\d s", output[0])
    assert re.fullmatch(r"marketing      pending              2  the next due in 3,(600|5\d\d) s", output[1])
    assert output[2:4] == ["Suspended: everything", "1 ambiguous: the connection broke between the final dot and the reply. The newest:"]
    assert re.fullmatch(r"  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  owner@example.com  msg_3  lost@example.com", output[4])


def test_queue_status_prints_json(run: Any, ledger: Ledger) -> None:
    ledger.post("old@example.com", due_at=now() - 90_000)
    run("suspend", "--account", "owner@example.com")

    shown = json.loads(run("status", "--json")[1])

    (waiting,) = shown.pop("waiting")
    assert at(now() - 100_000).isoformat() <= waiting.pop("oldest_due_at") <= at(now() - 90_000).isoformat()
    assert waiting == {"stream": "transactional", "state": "pending", "count": 1}
    (suspended,) = shown.pop("suspended")
    assert suspended != "*"
    assert shown == {"relay_failure": None, "ambiguous": {"count": 0, "newest": []}}


@pytest.mark.usefixtures("ledger")
def test_queue_status_says_why_the_relay_is_down(run: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISARMAIL_RELAY", "smtp://relay.example.com")
    RelayState(settings(relay="smtp://relay.example.com")).report(outcomes.held("The relay cannot be reached: no route"))

    assert "The relay is down: The relay cannot be reached: no route\n" in run("status")[1]


def test_queue_flush_makes_deferred_mail_due(run: Any, store: Store, ledger: Ledger) -> None:
    ledger.post("a@example.com", "b@example.com")
    rows = leases.lease(store, "me", 10, 300)
    settlement.settle(store, [Settlement(row, Outcome("deferred", 451, "later"), now() + HOUR) for row in rows])

    assert run("flush", "--account", "nobody@example.com") == (2, "", "There is no account nobody@example.com\n")
    assert run("flush", "--account", "owner@example.com") == (0, "2 due now\n", "")
    assert leases.has_due(store)
    assert run("flush") == (0, "0 due now\n", "")


def test_queue_resend_has_ambiguous_mail_sent_again(run: Any, store: Store, ledger: Ledger) -> None:
    message_id = ledger.post("A@example.com", "b@example.com", "c@example.com", priority=1)
    rows = leases.lease(store, "me", 10, 300)
    settlement.settle(
        store, [Settlement(row, outcomes.NO_REPLY_AFTER_DOT) for row in rows[:2]] + [Settlement(rows[2], Outcome("delivered", 250, "ok"))]
    )

    assert run("resend", message_id, "msg_none") == (2, "", "There is no message msg_none\n")
    assert ledger.state_counts() == {"ambiguous": 2, "delivered": 1}
    assert run("resend", message_id, "--to", "a@example.com") == (0, "Ambiguous recipients that will be sent again: 1\n", "")
    assert [row.address for row in leases.lease(store, "me", 10, 300)] == ["A@example.com"]
    assert run("resend", message_id) == (0, "Ambiguous recipients that will be sent again: 1\n", "")


def change(store: Store, table: type[tables.Table], **values: Any) -> None:
    store.write(lambda connection: connection.execute(update(table).values(values)))


def insert_erasure(store: Store, account_id: str) -> None:
    erasure = {"account_id": account_id, "email": "a@example.com", "step": 0, "position": "", "created_at": 1}
    store.write(lambda connection: connection.execute(insert(tables.Erasure), erasure))


HIDING = {
    "content deleted": lambda store, _: change(store, tables.Message, has_content=False),
    "erased": lambda store, _: change(store, tables.Recipient, address=tables.Recipient.erased_address()),
    "being erased": insert_erasure,
}
REMOVING = {
    "deleted from the sandbox": lambda store, _: change(store, tables.Capture, created_at=0),
    "expired in the sandbox": lambda store, _: change(store, tables.Capture, created_at=now() - 8 * DAY),
    "removed from the sandbox": lambda store, _: store.write(lambda connection: connection.execute(delete(tables.Capture))),
}


def end(store: Store, outcome: Outcome) -> None:
    settlement.settle(store, [Settlement(row, outcome) for row in leases.lease(store, "me", 10, 300)])


@pytest.mark.parametrize("hide", HIDING.values(), ids=HIDING)
def test_queue_resend_refuses_mail_whose_content_or_recipient_was_erased(run: Any, store: Store, ledger: Ledger, hide: Any) -> None:
    message_id = ledger.post("A@example.com", priority=1, stream="marketing")
    end(store, outcomes.NO_REPLY_AFTER_DOT)
    hide(store, ledger.recipient("A@example.com").account_id)

    assert run("resend", message_id) == (0, "Ambiguous recipients that will be sent again: 0\n", "")
    assert ledger.state_counts() == {"ambiguous": 1}


@pytest.mark.parametrize("hide", [None, *HIDING.values(), *REMOVING.values()], ids=["visible", *HIDING, *REMOVING])
def test_queue_release_delivers_only_what_the_sandbox_shows(store: Store, ledger: Ledger, hide: Any) -> None:
    message_id = ledger.post("A@example.com")
    end(store, Outcome("captured"))
    account_id = ledger.recipient("A@example.com").account_id
    if hide is not None:
        hide(store, account_id)
    since = now() - 7 * DAY

    wanted = [admin.Captured(since), admin.Captured(since, [message_id]), admin.Captured(since, account_id=account_id)]
    methods = {"transactional": "smtp"}
    counts = [store.write(lambda connection, captured=captured: admin.release(connection, captured, methods)) for captured in wanted]  # type: ignore[misc]

    assert (counts, ledger.state_counts()) == (([1, 0, 0], {"pending": 1}) if hide is None else ([0] * 3, {"captured": 1}))


def test_queue_release_changes_the_way_of_no_other_message(store: Store, ledger: Ledger) -> None:
    released, other = ledger.post("a@example.com"), ledger.post("b@example.com")
    end(store, Outcome("captured"))
    before = {row.id: row.delivery_method for row in ledger.rows(tables.Message)}

    store.write(lambda connection: admin.release(connection, admin.Captured(now() - DAY, [released]), {"transactional": "smtp"}))

    assert {row.id: row.delivery_method for row in ledger.rows(tables.Message)} == {**before, released: "smtp"}
    assert other != released


@pytest.mark.parametrize(("words", "mail"), [((), "all mail"), (("--account", "owner@example.com"), "mail of owner@example.com")])
def test_queue_suspend_stops_leasing_until_it_is_resumed(run: Any, store: Store, ledger: Ledger, words: tuple[str, ...], mail: str) -> None:
    ledger.post("a@example.com")

    assert run("suspend", *words) == (0, f"Delivery of {mail} is suspended until `misarmail queue resume`\n", "")
    assert leases.lease(store, "me", 10, 300) == []
    assert run("resume", *words) == (0, f"Delivery of {mail} is resumed\n", "")
    assert run("resume", *words) == (0, f"Delivery of {mail} was not suspended\n", "")
    assert len(leases.lease(store, "me", 10, 300)) == 1


def test_worker_runs_as_many_processes_as_asked_and_ends_them(tmp_path: Path, ledger: Ledger, sink: Sink, database_url: str) -> None:
    ledger.post(*(f"person{number}@example.com" for number in range(40)))
    given = {"MISARMAIL_STATE": str(tmp_path), "MISARMAIL_DATABASE_URL": database_url, "MISARMAIL_RELAY": sink.url}
    process = subprocess.Popen([MISARMAIL, "worker", "--processes", "2"], env={**os.environ, **given}, stderr=subprocess.DEVNULL)
    try:
        sink.wait(lambda received: len(received) == 40)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()

    assert ledger.state_counts() == {"delivered": 40}


@pytest.mark.parametrize("count", ["0", "65", "two", "-1"])
def test_worker_refuses_an_impossible_number_of_processes(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["worker", "--processes", count]) == 2
    assert f"Error: Invalid value for '--processes': '{count}' is not a whole number from 1 to 64.\n" in capsys.readouterr().err
