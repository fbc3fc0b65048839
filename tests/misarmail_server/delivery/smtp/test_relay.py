"""The relay transport against a real SMTP server that behaves and misbehaves."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from misarmail_server.delivery.envelope import Envelope, no_mark
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.relay import MAILS_PER_CONNECTION, RelayTransport
from tests.support.servers.smtp_sink import Sink

MIME = b"From: hello@example.com\r\nSubject: Hi\r\n\r\n.dot\r\n..dots\r\nend"
LOST = Outcome("ambiguous", None, "The connection broke before the mail was acknowledged: it closed the connection")


def relay(url: str) -> RelayTransport:
    return RelayTransport(urlsplit(url), "mail.example.com", dialogue_seconds=20)


@pytest.fixture
def transport(sink: Sink) -> Iterator[RelayTransport]:
    with closing(relay(sink.url)) as opened:
        yield opened


def send(transport: RelayTransport, address: str = "user@example.com", sender: str = "hello@example.com") -> Outcome:
    return transport.deliver(Envelope(sender, address, MIME), no_mark)


def test_deliver_hands_over_the_exact_bytes(sink: Sink, transport: RelayTransport) -> None:
    assert send(transport) == Outcome("delivered", 250, "2.0.0 kept")

    (mail,) = sink.received
    assert (mail.sender, mail.recipient, mail.content) == ("hello@example.com", "user@example.com", MIME + b"\r\n")


def test_deliver_uses_one_connection_for_many_mails_but_not_for_ever(sink: Sink, transport: RelayTransport) -> None:
    for number in range(MAILS_PER_CONNECTION + 1):
        assert send(transport, f"user{number}@example.com").state == "delivered"

    assert sorted(sink.peers.values()) == [1, MAILS_PER_CONNECTION]


def test_deliver_connects_again_when_the_relay_hung_up_meanwhile(sink: Sink, transport: RelayTransport) -> None:
    send(transport)
    sink.hang_up()

    assert send(transport).state == "delivered"
    assert len(sink.peers) == 2


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("451 4.7.1 greylisted", Outcome("deferred", 451, "4.7.1 greylisted")),
        ("550 5.1.1 no such user", Outcome("bounced", 550, "5.1.1 no such user", is_hard=True)),
        ("554 5.7.1 refused", Outcome("bounced", 554, "5.7.1 refused")),
        ("530 5.7.0 log in first", Outcome("held", 530, "The relay requires authentication: 5.7.0 log in first")),
        ("299 what is this", Outcome("deferred", 299, "what is this")),
    ],
)
def test_deliver_takes_the_answer_to_the_recipient_as_the_outcome(
    sink: Sink, transport: RelayTransport, reply: str, expected: Outcome
) -> None:
    sink.behaviour.rcpt["user@example.com"] = reply

    assert send(transport) == expected
    assert send(transport, "other@example.com").state == "delivered"
    assert len(sink.peers) == 1


@pytest.mark.parametrize(
    ("reply", "expected"),
    [("452 4.3.1 full", Outcome("deferred", 452, "4.3.1 full")), ("554 5.6.0 unwanted", Outcome("bounced", 554, "5.6.0 unwanted"))],
)
def test_deliver_takes_the_answer_to_the_content_as_the_outcome(
    sink: Sink, transport: RelayTransport, reply: str, expected: Outcome
) -> None:
    sink.behaviour.data = reply

    assert send(transport) == expected


def test_deliver_does_not_know_what_became_of_mail_that_broke_off_after_the_content(sink: Sink, transport: RelayTransport) -> None:
    sink.behaviour.drops_data = True
    assert send(transport) == LOST

    sink.behaviour.drops_data = False
    assert send(transport).state == "delivered"


def test_deliver_holds_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    outcome = send(relay(f"smtp://127.0.0.1:{port}"))

    assert outcome == Outcome("held", None, "The relay cannot be reached: Connection refused")


def test_deliver_holds_when_the_relay_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = RelayTransport(urlsplit(f"smtp://127.0.0.1:{server.getsockname()[1]}"), "mail.example.com", dialogue_seconds=0.2)

        assert send(silent).state == "held"


def test_deliver_encrypts_when_the_relay_offers_it() -> None:
    with Sink(has_tls=True) as sink, closing(relay(sink.url)) as transport:
        assert send(transport).state == "delivered"
        assert sink.encrypted == [True]


def test_deliver_holds_when_a_certificate_cannot_be_verified() -> None:
    with Sink(has_tls=True) as sink, closing(relay(f"smtp://localhost.localdomain.invalid:{sink.port}")) as transport:
        transport._relay._host = "127.0.0.1"  # noqa: SLF001 - a name that is not loopback and still leads here
        outcome = send(transport)

    assert (outcome.state, sink.received) == ("held", [])
    assert outcome.text == "The relay cannot be used: TLS failed: self-signed certificate"


def test_deliver_authenticates_with_the_decoded_password() -> None:
    with (
        Sink(user="ada", password="p@ss/w:rd", has_tls=True) as sink,
        closing(relay(f"smtp://ada:p%40ss%2Fw%3Ard@127.0.0.1:{sink.port}")) as transport,
    ):
        assert send(transport).state == "delivered"


@pytest.mark.parametrize("credentials", ["ada:wrong@", ""])
def test_deliver_holds_when_the_relay_does_not_let_us_in(credentials: str) -> None:
    with (
        Sink(user="ada", password="right", has_tls=True) as sink,
        closing(relay(f"smtp://{credentials}127.0.0.1:{sink.port}")) as transport,
    ):
        outcome = send(transport)

    assert (outcome.state, outcome.code) == ("held", 535 if credentials else 530)


def test_deliver_says_utf_8_only_for_addresses_that_need_it(sink: Sink, transport: RelayTransport) -> None:
    assert send(transport, "jürgen@bücher.example").state == "delivered"
    assert send(transport, "plain@bücher.example").state == "delivered"

    assert [mail.recipient for mail in sink.received] == ["jürgen@xn--bcher-kva.example", "plain@xn--bcher-kva.example"]


@pytest.mark.parametrize("address", ["a@example.com>\r\nDATA", "a b@example.com", "no-at-sign"])
def test_deliver_never_says_an_address_that_is_none(sink: Sink, transport: RelayTransport, address: str) -> None:
    assert send(transport, address).state == "bounced"
    assert send(transport, sender=address).state == "bounced"
    assert sink.received == []
