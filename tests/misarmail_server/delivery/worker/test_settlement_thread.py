"""How a worker ends when something else is wrong at that moment: what the receiver took is never sent again unlisted."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import settlement
from misarmail_server.delivery.worker import settlement_thread
from misarmail_server.delivery.worker.worker import Worker
from misarmail_server.errors import Unavailable
from tests.support.ledger import Ledger
from tests.support.recorded_log import RecordedLog
from tests.support.servers.smtp_sink import Sink

ADDRESSES = [f"user{number}@example.com" for number in range(5)]


def run(worker: Worker, sink: Sink, count: int) -> None:
    """Let it deliver so many, then have it end, well or badly."""
    ended: list[BaseException] = []

    def work() -> None:
        try:
            worker.run()
        except RuntimeError as error:  # a part of it fell
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    sink.wait(lambda received: len(received) >= count)
    worker.stop()
    thread.join()


def away(*_: Any) -> int:
    raise Unavailable


def broken(*_: Any) -> int:
    raise LookupError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("settle", [away, broken], ids=["the database is unreachable", "the settler fails"])
def test_what_could_not_be_settled_is_settled_from_the_journal(
    ledger: Ledger, sink: Sink, settings: Any, database_url: str, monkeypatch: pytest.MonkeyPatch, settle: Any
) -> None:
    ledger.post(*ADDRESSES)
    with monkeypatch.context() as patch:
        patch.setattr(settlement, "settle", settle)
        patch.setattr(settlement_thread, "RETRY_SECONDS", 0.01)
        run(Worker(settings(relay=sink.url), Store(database_url)), sink, len(ADDRESSES))

    assert set(ledger.states().values()) == {"delivered"}
    ledger.post("last@example.com")
    run(Worker(settings(relay=sink.url), Store(database_url)), sink, len(ADDRESSES) + 1)
    assert len(sink.received) == len(ADDRESSES) + 1


def test_a_dialogue_that_falls_leaves_the_others_their_answers(
    ledger: Ledger, sink: Sink, settings: Any, database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    conclude = Worker._conclude  # noqa: SLF001 - an unforeseen fault has no public interface

    def falls(worker: Worker, row: Any, outcome: Any) -> None:
        if row.is_sandbox:
            raise LookupError
        conclude(worker, row, outcome)

    ledger.post(*ADDRESSES)
    ledger.post("sandbox@example.com", is_sandbox=True)
    with monkeypatch.context() as patch:
        patch.setattr(Worker, "_conclude", falls)
        run(Worker(settings(relay=sink.url), Store(database_url)), sink, len(ADDRESSES))
    run(Worker(settings(relay=sink.url), Store(database_url)), sink, len(ADDRESSES))

    assert "LookupError" in capfd.readouterr().err
    assert len(sink.received) == len(ADDRESSES)


def test_outcomes_after_the_end_of_their_lease_are_reported(
    ledger: Ledger, sink: Sink, settings: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.post(*ADDRESSES)
    settle = settlement.settle
    monkeypatch.setattr(settlement, "settle", lambda store, batch: settle(store, batch) - 1)

    log = RecordedLog()
    monkeypatch.setattr(settlement_thread, "log", log)

    run(Worker(settings(relay=sink.url), Store(database_url)), sink, len(ADDRESSES))

    assert {values["outcomes"] for level, _, values in log.entries if level == "warning"} == {1}  # of each batch
