"""The worker as a separate process: it delivers, survives being killed, and leaves nothing half done when it is stopped."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import pytest

from misarmail_server import logs
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import Envelope, no_mark
from misarmail_server.delivery.outcomes import Outcome, held
from misarmail_server.delivery.queue import owners
from misarmail_server.delivery.smtp import transports
from misarmail_server.delivery.worker import relay_state
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.delivery.worker.relay_state import RelayState
from misarmail_server.delivery.worker.worker import Worker
from misarmail_server.operate import doctor, work
from tests.support.ledger import Ledger
from tests.support.recorded_log import RecordedLog
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.mail_receiver import relay
from tests.support.servers.smtp_sink import Sink
from tests.support.waiting import until

Start = Callable[..., Any]


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal; one that has only begun has none."""
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> number - 1 & 1)


@pytest.fixture
def start(tmp_path: Path, database_url: str, store: Store) -> Start:  # noqa: ARG001 - the store makes the tables
    """Runs a worker with these settings; on leaving it is told to stop and must end well."""

    @contextmanager
    def run(**variables: str) -> Iterator[subprocess.Popen[bytes]]:
        given = {f"MISARMAIL_{name.upper()}": value for name, value in variables.items()}
        environment = {**os.environ, "MISARMAIL_STATE": str(tmp_path), "MISARMAIL_DATABASE_URL": database_url, **given}
        process = subprocess.Popen([sys.executable, "-m", "misarmail_server.operate.work"], env=environment, stdout=subprocess.DEVNULL)
        try:
            yield process
            if process.poll() is None:
                until(lambda: process.poll() is not None or catches(process.pid, signal.SIGTERM))
                process.terminate()
                assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()

    return run


def test_worker_delivers_to_the_relay_and_writes_the_ledger(start: Start, ledger: Ledger, sink: Sink) -> None:
    ledger.contact("gone@example.com")
    message_id = ledger.post("a@example.com", "gone@example.com", "busy@example.com")
    sink.behaviour.rcpt = {"gone@example.com": "550 5.1.1 no such user", "busy@example.com": "450 4.2.0 busy"}

    with start(relay=sink.url):
        sink.wait(lambda received: len(received) == 1)
        ledger.post("later@example.com")
        sink.wait(lambda received: len(received) == 2)

    assert ledger.states() == {
        "a@example.com": "delivered",
        "gone@example.com": "bounced",
        "busy@example.com": "deferred",
        "later@example.com": "delivered",
    }
    assert ledger.suppressions() == {"gone@example.com": "bounced"}
    assert [row.status for row in ledger.rows(tables.Contact)] == ["bounced"]
    assert ("busy@example.com", "deferred", 450, "4.2.0 busy") in ledger.events()
    assert f"Message-ID: <{message_id}@example.com>\r\n".encode() in sink.received[0].content


def test_worker_captures_sandbox_mail_and_bounces_what_cannot_be_sent(start: Start, ledger: Ledger, sink: Sink) -> None:
    captured = ledger.post("sandbox@example.com", is_sandbox=True)
    ledger.post("poison@example.com", subject="a\r\nBcc: victim@example.com")
    ledger.post("last@example.com", priority=1)

    with start(relay=sink.url):
        sink.wait(lambda received: len(received) == 1)

    assert ledger.states() == {"sandbox@example.com": "captured", "poison@example.com": "bounced", "last@example.com": "delivered"}
    assert (ledger.captures(), ledger.suppressions(), sink.recipients()) == ([captured], {}, {"last@example.com"})


def test_worker_that_is_killed_loses_nothing(start: Start, ledger: Ledger, sink: Sink) -> None:
    people = {f"person{number}@example.com" for number in range(300)}
    for person in people:
        ledger.post(person)
    # Marketing goes last: once this one arrives, all others are being handed over, and a worker that is stopped finishes those.
    ledger.post("last@example.com", priority=1)

    with start(relay=sink.url) as process:
        sink.wait(lambda received: len(received) >= 120)
        process.kill()
        process.wait()
    assert ledger.state_counts()["leased"] > 0
    with start(relay=sink.url):
        sink.wait(lambda received: any(each.recipient == "last@example.com" for each in received))

    assert sink.recipients() == {*people, "last@example.com"}
    assert ledger.state_counts() == {"delivered": 301}
    happened = Counter(kind for _, kind, _, _ in ledger.events())
    assert happened["delivered"] == 301
    twice = {person for person, times in Counter(mail.recipient for mail in sink.received).items() if times > 1}
    assert twice <= {person for person, kind, _, _ in ledger.events() if kind == "ambiguous"}
    assert happened["ambiguous"] <= transports.CONNECTIONS


def test_workers_side_by_side_send_nothing_twice(start: Start, ledger: Ledger, sink: Sink) -> None:
    for number in range(150):
        ledger.post(f"person{number}@example.com")

    with start(relay=sink.url), start(relay=sink.url):
        sink.wait(lambda received: len(received) == 150)

    assert (len(sink.received), len(sink.recipients())) == (150, 150)
    assert ledger.state_counts() == {"delivered": 150}


def test_worker_holds_mail_while_the_relay_is_down_and_says_so(
    start: Start, ledger: Ledger, settings: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    relay = f"smtp://127.0.0.1:{port}"
    for number in range(50):
        ledger.post(f"person{number}@example.com")

    with Refusals(port) as refusals, start(relay=relay):
        refusals.wait()
    assert ledger.state_counts()["pending"] >= 40
    assert {row.attempt_count for row in ledger.rows(tables.Recipient)} == {0}
    assert relay_state.is_down(settings(relay=relay))
    (down,) = lines(capfd, "the relay is down; mail waits")
    assert (down["relay"], down["reason"]) == (relay, relay_state.reason(settings(relay=relay)))

    ledger.make_due()
    with Sink(port=port) as sink, start(relay=relay):
        sink.wait(lambda received: len(received) == 50)
    assert ledger.state_counts() == {"delivered": 50}
    assert not (settings().state / relay_state.FILE).exists()
    assert [line["relay"] for line in lines(capfd, "the relay works again")] == [relay]


def lines(capfd: pytest.CaptureFixture[str], event: str) -> list[dict[str, str]]:
    """The lines of the log about a subject."""
    result = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    return [line for line in result if line["event"] == event]


def test_relay_that_refuses_the_password_is_told_by_state_log_and_doctor(settings: Any, store: Store, capfd: Any, dns: DnsServer) -> None:
    logs.configure()
    with Sink(user="ada", password="right", has_tls=True) as sink:
        chosen = settings(relay=f"smtp://ada:wrong@127.0.0.1:{sink.port}", dns=dns.address)
        with closing(transports.Transports(chosen, store).open()) as transport:
            RelayState(chosen).report(transport.deliver(Envelope("hello@example.com", "user@example.com", b"Subject: Hi\r\n\r\n"), no_mark))

        messages = [diagnosis.message for diagnosis in doctor.examine(chosen) if diagnosis.check == "relay"]

    name, reason = f"smtp://127.0.0.1:{sink.port}", "The relay refused us: 5.7.8 Authentication credentials invalid"
    assert relay_state.reason(chosen) == reason
    (down,) = lines(capfd, "the relay is down; mail waits")
    assert (down["relay"], down["reason"]) == (name, reason)
    assert messages == [f"The worker reports: {reason}", f"{name}: {reason}"]


def test_worker_heeds_who_leaves_while_mail_waits_in_it(settings: Any, store: Store, ledger: Ledger) -> None:
    people = {f"person{number}@example.com" for number in range(20)}
    for person in people:
        ledger.post(person)
    ledger.post("left@example.com", priority=1)
    with relay() as (inbox, url):
        inbox.answers.clear()
        worker = Worker(settings(relay=url), Store(store.url.render_as_string(hide_password=False)))
        running = threading.Thread(target=worker.run)
        running.start()
        inbox.wait(transports.CONNECTIONS)
        row_id = until(lambda: ledger.recipient("left@example.com"), lambda row: row.state == "leased").id

        ledger.suppress("left@example.com")
        until(lambda: row_id in worker._excluded)  # noqa: SLF001 - it looks again by itself
        inbox.answers.set()
        until(ledger.state_counts, lambda counts: counts["leased"] == 0)
        worker.stop()
        running.join()

    assert set(inbox.recipients) == people
    assert (ledger.states()["left@example.com"], ledger.state_counts()["delivered"]) == ("suppressed", 20)


def test_worker_ends_its_background_tasks(settings: Any, database_url: str) -> None:
    ends: list[str] = []
    began = threading.Event()
    task = BackgroundTask("test", began.set, finish=lambda: ends.append("finished"))
    worker = Worker(settings(), Store(database_url), [task])
    running = threading.Thread(target=worker.run)
    running.start()
    began.wait()

    worker.stop()
    running.join()

    assert (ends, task.is_alive) == (["finished"], False)


def test_worker_waits_while_its_journal_cannot_be_written_and_blames_nobody(
    start: Start, ledger: Ledger, sink: Sink, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with start(relay=sink.url):
        folder = until(lambda: tmp_path / "journal", Path.is_dir)
        folder.rename(tmp_path / "away")
        ledger.post("a@example.com")
        output = ""
        while "the journal cannot be written" not in output:
            output += until(lambda: capfd.readouterr().err)
        assert (sink.received, (tmp_path / relay_state.FILE).exists()) == ([], False)

        (tmp_path / "away").rename(folder)
        sink.wait(len)

    assert (ledger.states(), ledger.recipient("a@example.com").attempt_count) == ({"a@example.com": "delivered"}, 1)
    assert [kind for _, kind, _, _ in ledger.events()] == ["delivered"]


def test_worker_goes_straight_to_receivers_and_none_waits_for_another(start: Start, ledger: Ledger, sink: Sink, dns: DnsServer) -> None:
    dns.publish("works.example", "MX", "10 mx.works.example.")
    dns.publish("mx.works.example", "A", "127.0.0.1")
    dns.publish("down.example", "A", "127.0.0.5")
    for number in range(60):
        ledger.post(f"person{number}@down.example")
    for number in range(60):
        ledger.post(f"person{number}@works.example", priority=1)

    with start(relay="direct", smtp_port=str(sink.port), dns=dns.address, private_targets="on"):
        sink.wait(lambda received: len(received) == 60)

    rows = ledger.rows(tables.Recipient)
    assert {row.state for row in rows if row.address.endswith("@works.example")} == {"delivered"}
    assert len(sink.peers) <= 10
    assert sum(row.attempt_count for row in rows if row.address.endswith("@down.example")) <= 20  # the others were given back untried


class Refusals:
    """A relay that greets every client with a refusal."""

    def __init__(self, port: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self._has_refused = threading.Event()
        self._thread = threading.Thread(target=self._refuse)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def wait(self) -> None:
        """Wait until a client was refused."""
        assert self._has_refused.wait(20)

    def _refuse(self) -> None:
        with suppress(OSError):  # the server was shut down
            while True:
                connection, _ = self._server.accept()
                with connection:
                    connection.sendall(b"421 4.3.2 closed for today\r\n")
                self._has_refused.set()


def test_worker_refuses_a_bad_setting_with_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MISARMAIL_RELAY", "telegraph")
    monkeypatch.setattr(sys, "argv", ["worker"])

    assert work.main() == 2
    assert capsys.readouterr().err == "MISARMAIL_RELAY must be capture, direct, smtp://HOST:PORT or smtps://HOST:PORT\n"


def test_worker_ends_with_its_parent(tmp_path: Path, store: Store, database_url: str) -> None:  # noqa: ARG001 - the store makes the tables
    environment = {**os.environ, "MISARMAIL_STATE": str(tmp_path), "MISARMAIL_DATABASE_URL": database_url}
    command = f"{sys.executable} -m misarmail_server.operate.work --with-parent $$ &"

    # The shell starts the worker and ends; the pipe closes when the worker, too, has ended.
    orphaned = subprocess.run(["sh", "-c", command], env=environment, stdout=subprocess.PIPE, timeout=20, check=False)

    assert orphaned.returncode == 0


def test_is_dead_knows_this_process_and_one_that_ended() -> None:
    ended = subprocess.Popen(
        [sys.executable, "-c", "from misarmail_server.delivery.queue import owners; print(owners.own_name())"], stdout=subprocess.PIPE
    )
    name = ended.communicate()[0].decode().strip()
    host, pid, started = owners.own_name().split(":")

    assert owners.is_dead(name)
    assert not owners.is_dead(owners.own_name())
    assert owners.is_dead(f"{host}:{pid}:{int(started) - 1}")
    assert not owners.is_dead("elsewhere/1:1:1")


def test_relay_state_pauses_grow_until_the_relay_answers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(relay="smtp://relay.example.com")
    state = RelayState(chosen)

    state.report(held("refused"))
    state.report(held("refused"))
    assert (state.is_down, state.is_paused, state.pause_seconds) == (True, True, 1.0)
    assert RelayState(chosen).is_down
    assert not RelayState(settings(relay="smtp://other.example.com")).is_down

    (chosen.state / relay_state.FILE).unlink()  # as another worker does that finds the relay well
    log = RecordedLog()
    monkeypatch.setattr(relay_state, "log", log)
    state.report(Outcome("bounced", 550, "no"))
    assert [event for _, event, _ in log.entries] == ["the relay works again"]
    assert (state.is_down, state.is_paused, RelayState(chosen).is_down) == (False, False, False)
