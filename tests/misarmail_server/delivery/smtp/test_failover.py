"""Several relays, and a way for each stream."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from misarmail_server import logs
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import Envelope, no_mark
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.transports import Transport, Transports
from misarmail_server.rows.recipient_states import Stream
from misarmail_server.settings import Settings
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.scripted_smtp import ALL_WELL, ENVELOPE, OPENING, Scripted
from tests.support.servers.smtp_sink import Sink

MakeSettings = Callable[..., Settings]


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def send(transport: Transport, stream: Stream = "transactional") -> Outcome:
    return transport.deliver(Envelope("hello@example.com", "user@example.com", b"Subject: Hi\r\n\r\nHello\r\n", stream), no_mark)


def test_deliver_takes_the_first_relay_that_works(
    settings: MakeSettings, store: Store, sink: Sink, nobody: int, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    with closing(Transports(settings(relay=f"smtp://127.0.0.1:{nobody},{sink.url}"), store).open()) as transport:
        assert [send(transport).state for _ in range(2)] == ["delivered"] * 2

    (output,) = map(json.loads, capfd.readouterr().err.splitlines())
    assert (output["event"], output["relay"]) == ("a relay is down", f"smtp://127.0.0.1:{nobody}")
    assert output["reason"] == "The relay cannot be reached: Connection refused"


def test_deliver_takes_the_answer_of_a_relay_that_works(settings: MakeSettings, store: Store, sink: Sink) -> None:
    sink.behaviour.rcpt["user@example.com"] = "550 5.1.1 unknown"
    with Sink() as second, closing(Transports(settings(relay=f"{sink.url},{second.url}"), store).open()) as transport:
        assert send(transport).state == "bounced"

    assert second.received == []


def test_deliver_comes_back_to_the_first_relay_after_a_pause(
    settings: MakeSettings, store: Store, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = (*OPENING, *ENVELOPE, ALL_WELL, ".", b"250 ok\r\n")
    with Scripted((b"421 down\r\n",), (b"421 down\r\n",), well) as first:
        transports = Transports(settings(relay=f"{first.url},{sink.url}"), store)
        with closing(transports.open()) as item, closing(transports.open()) as other:
            assert [send(transport).state for transport in (item, other)] == ["delivered"] * 2
            assert (len(first.heard), len(sink.received)) == (1, 2)  # what one found out the other knows

            for health in transports._health.values():  # noqa: SLF001 - the pause is over
                monkeypatch.setattr(health, "_resumes_at", [0.0, 0.0])
            assert send(item).state == "delivered"
            assert (len(first.heard), len(sink.received)) == (2, 3)

            for health in transports._health.values():  # noqa: SLF001 - the pause is over
                monkeypatch.setattr(health, "_resumes_at", [0.0, 0.0])
            assert send(item).text == "ok"
            assert (len(first.heard), len(sink.received)) == (3, 3)


def test_deliver_holds_mail_when_all_relays_are_down(settings: MakeSettings, store: Store, nobody: int) -> None:
    with closing(Transports(settings(relay=f"smtp://127.0.0.1:{nobody},smtp://localhost:{nobody}"), store).open()) as transport:
        assert send(transport).state == "held"
        again = send(transport)

    assert again.state == "released"
    assert again.after_seconds == pytest.approx(1, abs=0.1)


def test_deliver_parts_the_streams(settings: MakeSettings, store: Store, sink: Sink, nobody: int) -> None:
    relay = f"transactional={sink.url};marketing=smtp://127.0.0.1:{nobody}"
    with closing(Transports(settings(relay=relay), store).open()) as transport:
        assert (send(transport).state, send(transport, "marketing").state) == ("delivered", "released")


def test_deliver_sends_one_stream_to_the_receivers_servers(settings: MakeSettings, store: Store, sink: Sink, dns: DnsServer) -> None:
    relay = f"transactional={sink.url};marketing=direct"
    with closing(Transports(settings(relay=relay, dns=dns.address), store).open()) as transport:
        outcomes = [send(transport), send(transport, "marketing")]

    assert [outcome.state for outcome in outcomes] == ["delivered", "bounced"]  # the DNS has no server for the domain


def test_deliver_captures_one_stream(settings: MakeSettings, store: Store, sink: Sink) -> None:
    with closing(Transports(settings(relay=f"marketing=capture;transactional={sink.url}"), store).open()) as transport:
        assert (send(transport).state, send(transport, "marketing").state) == ("delivered", "captured")
