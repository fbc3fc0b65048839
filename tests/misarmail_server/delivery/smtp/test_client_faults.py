"""The SMTP client against servers that misbehave: no mail counts as delivered that was not, and nothing is believed too early."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from misarmail_server.delivery.envelope import BeforeDot, Envelope
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.client import describe_error
from misarmail_server.delivery.smtp.relay import RelayTransport
from tests.support.servers.scripted_smtp import ALL_WELL, EHLO, ENVELOPE, GREETING, OPENING, Scripted

HEAD = b"From: hello@example.com\r\n\r\n"
TAKEN = Outcome("delivered", 250, "2.0.0 kept")


class Journal:
    """Counts the marks."""

    def __init__(self) -> None:
        self.marks = 0

    def __call__(self) -> None:
        self.marks += 1


@pytest.fixture
def journal() -> Journal:
    return Journal()


def relay(server: Scripted, *, seconds: float = 10, login: str = "") -> closing[RelayTransport]:
    url = urlsplit(server.url.replace("//", f"//{login}"))
    return closing(RelayTransport(url, "mail.example.com", dialogue_seconds=seconds))


def mail(content: bytes = HEAD + b"Hello\r\n", recipient: str = "user@example.com") -> Envelope:
    return Envelope("hello@example.com", recipient, content)


def send(server: Scripted, before_dot: BeforeDot, **options: Any) -> Outcome:
    with relay(server, **options) as transport:
        return transport.deliver(mail(), before_dot)


def test_deliver_says_the_envelope_in_one_go(journal: Journal) -> None:
    with Scripted((*OPENING, *ENVELOPE, ALL_WELL, ".", b"250 2.0.0 kept\r\n", "QUIT", b"221 bye\r\n")) as server:
        assert send(server, journal) == TAKEN

    assert server.heard[0][1:4] == [b"MAIL FROM:<hello@example.com> SIZE=34\r\n", b"RCPT TO:<user@example.com>\r\n", b"DATA\r\n"]
    assert journal.marks == 1


def test_deliver_waits_for_each_answer_where_there_is_no_pipelining(journal: Journal) -> None:
    turns = ("MAIL", b"250 ok\r\n", "RCPT", b"251 ok\r\n", "DATA", b"354 go\r\n", ".", b"250 2.0.0 kept\r\n")
    with Scripted((GREETING, "EHLO", b"500 what\r\n", "HELO", b"250 hello\r\n", *turns)) as server:
        assert send(server, journal) == TAKEN

    assert server.heard[0][2] == b"MAIL FROM:<hello@example.com>\r\n"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ((*OPENING, *ENVELOPE), "it closed the connection"),
        ((*OPENING, *ENVELOPE, b"250 ok\r\n"), "it closed the connection"),
        ((*OPENING, *ENVELOPE, b"250 ok\r\n250 ok\r\n"), "it closed the connection"),
        ((*OPENING, *ENVELOPE, b"\xff\xfe\x00\x01\r\n"), "its reply is not an SMTP reply"),
        ((*OPENING, *ENVELOPE, b"2500 ok\r\n"), "its reply is not an SMTP reply"),
        ((*OPENING, *ENVELOPE, b"\xb2\xb5\xb0 ok\r\n"), "its reply is not an SMTP reply"),
        ((*OPENING, *ENVELOPE, b"250-ok\r\n550 no\r\n"), "its reply has several codes or too many lines"),
        ((*OPENING, *ENVELOPE, b"250-ok\r\n" * 200), "its reply has several codes or too many lines"),
        ((*OPENING, *ENVELOPE, b"250 " + b"x" * 100_000), "it sent a line that is too long"),
        ((*OPENING, *ENVELOPE, ALL_WELL + b"250 2.0.0 kept\r\n"), "it replied before it was asked"),
    ],
)
def test_deliver_defers_what_broke_off_before_the_content(script: tuple[str | bytes, ...], expected: str, journal: Journal) -> None:
    with Scripted(script) as server:
        outcome = send(server, journal)

    assert outcome == Outcome("deferred", None, f"The connection to the relay broke before it replied: {expected}")
    assert journal.marks == 0


@pytest.mark.parametrize("last", [b"", b"\xff\xff\xff\r\n", b"250-2.0.0 almost"])
def test_deliver_does_not_know_what_broke_off_after_the_content(last: bytes, journal: Journal) -> None:
    with Scripted((*OPENING, *ENVELOPE, ALL_WELL, ".", last)) as server:
        outcome = send(server, journal)

    assert (outcome.state, outcome.code, journal.marks) == ("ambiguous", None, 1)


def test_deliver_does_not_know_what_is_answered_too_late(journal: Journal) -> None:
    with Scripted((*OPENING, *ENVELOPE, ALL_WELL, "."), holds=True) as server:
        outcome = send(server, journal, seconds=0.3)

    assert outcome == Outcome("ambiguous", None, "The connection broke before the mail was acknowledged: it did not answer in time")


def test_deliver_takes_many_lines_and_any_bytes_for_an_answer(journal: Journal) -> None:
    with Scripted((*OPENING, *ENVELOPE, ALL_WELL, ".", b"250-2.0.0 kept\n250-\xff\x00\r\n250\r\n")) as server:
        assert send(server, journal) == Outcome("delivered", 250, "2.0.0 kept \ufffd")


def test_deliver_marks_a_large_mail_when_only_its_end_is_missing(journal: Journal) -> None:
    large = mail(HEAD + (b"0" * 990 + b"\r\n") * 12_000)
    opening = (*OPENING[:2], EHLO.replace(b"10000000", b"0"))
    with Scripted((*opening, *ENVELOPE, ALL_WELL)) as server, relay(server) as transport:
        assert transport.deliver(large, journal).state == "deferred"
    assert journal.marks == 0

    with Scripted((*opening, *ENVELOPE, ALL_WELL, ".\r\n", b"250 2.0.0 kept\r\n")) as server, relay(server) as transport:
        assert transport.deliver(large, journal) == TAKEN
    assert journal.marks == 1


def test_deliver_sends_no_end_when_the_mark_cannot_be_made() -> None:
    class FullError(Exception):
        pass

    def full() -> None:
        raise FullError

    with Scripted((*OPENING, *ENVELOPE, ALL_WELL, "QUIT")) as server, relay(server) as transport, pytest.raises(FullError):
        transport.deliver(mail(), full)

    assert server.heard[0][-1] == b"DATA\r\n"


def test_deliver_begins_anew_after_a_refusal(journal: Journal) -> None:
    refused = b"250 ok\r\n550 5.1.1 unknown\r\n503 no recipients\r\n"
    with (
        Scripted((*OPENING, *ENVELOPE, refused, "RSET", b"250 ok\r\n", *ENVELOPE, ALL_WELL, ".", b"250 2.0.0 kept\r\n")) as server,
        relay(server) as transport,
    ):
        assert transport.deliver(mail(), journal) == Outcome("bounced", 550, "5.1.1 unknown", is_hard=True)
        assert transport.deliver(mail(), journal) == TAKEN


def test_deliver_gives_no_content_to_who_wants_it_without_recipients(journal: Journal) -> None:
    with (
        Scripted(
            (*OPENING, *ENVELOPE, b"250 ok\r\n450 4.2.0 busy\r\n354 go ahead\r\n", "."),
            (*OPENING, *ENVELOPE, ALL_WELL, ".", b"250 2.0.0 kept\r\n"),
        ) as server,
        relay(server) as transport,
    ):
        assert transport.deliver(mail(), journal) == Outcome("deferred", 450, "4.2.0 busy")
        assert transport.deliver(mail(), journal) == TAKEN

    assert server.heard[0][-1] == b"DATA\r\n"


def test_deliver_takes_the_refusal_of_who_closes_at_once(journal: Journal) -> None:
    with Scripted((*OPENING, *ENVELOPE, b"250 ok\r\n421 4.7.0 too many\r\n")) as server:
        assert send(server, journal) == Outcome("deferred", 421, "4.7.0 too many")


@pytest.mark.parametrize("end", [b"", b"421 4.4.2 idle\r\n"])
@pytest.mark.parametrize("hears", [(), ENVELOPE])
def test_deliver_tries_again_at_once_when_a_kept_connection_was_closed(hears: tuple[str, ...], end: bytes, journal: Journal) -> None:
    once = (*OPENING, *ENVELOPE, ALL_WELL, ".", b"250 2.0.0 kept\r\n")
    with Scripted((*once, *hears, end), once) as server, relay(server) as transport:
        assert transport.deliver(mail(), journal) == TAKEN
        assert transport.deliver(mail(), journal) == TAKEN

    assert journal.marks == 2


def test_deliver_refuses_what_comes_in_the_clear_behind_starttls(journal: Journal) -> None:
    offer = b"250-mx.example.com\r\n250 STARTTLS\r\n"
    with Scripted((GREETING, "EHLO", offer, "STARTTLS", b"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n")) as server:
        outcome = send(server, journal)

    assert outcome == Outcome("held", None, "The relay cannot be used: it replied before it was asked")


def test_deliver_refuses_an_answer_to_ehlo_before_ehlo(journal: Journal) -> None:
    with Scripted((GREETING + EHLO, "EHLO")) as server:
        assert send(server, journal).text == "The relay cannot be used: it replied before it was asked"


def test_deliver_logs_in_by_login_where_there_is_no_plain(journal: Journal) -> None:
    turns = ("AUTH LOGIN", b"334 VXNlcg==\r\n", "YWRh", b"334 UGFzcw==\r\n", "c2VjcmV0", b"235 ok\r\n")
    script = (GREETING, "EHLO", b"250-mx\r\n250-AUTH=LOGIN\r\n250 PIPELINING\r\n", *turns, *ENVELOPE, ALL_WELL, ".", b"250 2.0.0 kept\r\n")
    with Scripted(script) as server, relay(server, login="ada:secret@") as transport:
        assert transport.deliver(mail(), journal) == TAKEN


@pytest.mark.parametrize(
    ("extensions", "content", "text"),
    [
        (b"250-mx\r\n250 SIZE 20\r\n", HEAD, "The receiver accepts mails of at most 20 bytes"),
        (b"250-mx\r\n250 SIZE\r\n", HEAD + b"\xc3\xbc\r\n", "The receiver takes 7-bit mail only"),
        (b"250-mx\r\n250 8BITMIME\r\n", b"Subject: \xc3\xbc\r\n\r\n", "The receiver cannot carry addresses outside ASCII"),
        (b"250 mx\r\n", HEAD + b"a\n.\nMAIL FROM:<x@y>\r\n", "The mail contains a line break that is not CRLF"),
        (b"250 mx\r\n", HEAD + b"a\r.\r\n", "The mail contains a line break that is not CRLF"),
    ],
)
def test_deliver_bounces_what_this_server_can_never_take(extensions: bytes, content: bytes, text: str, journal: Journal) -> None:
    with Scripted((GREETING, "EHLO", extensions)) as server, relay(server) as transport:
        assert transport.deliver(mail(content), journal) == Outcome("bounced", None, text)

    assert journal.marks == 0


@pytest.mark.parametrize("spell", [str.upper, str.lower])
def test_deliver_stuffs_dots_and_ends_every_mail_alike(spell: Callable[[str], str], journal: Journal) -> None:
    content = b".\r\n..\r\n" + spell("Text").encode()
    with (
        Scripted((*OPENING, *ENVELOPE, ALL_WELL, ".\r\n", b"250 2.0.0 kept\r\n")) as server,
        relay(server) as transport,
    ):
        assert transport.deliver(mail(content), journal) == TAKEN

    assert server.heard[0][4:] == [b"..\r\n", b"...\r\n", spell("Text").encode() + b"\r\n", b".\r\n"]


def test_describe_error_says_why_tls_failed() -> None:
    certificate = ssl.SSLCertVerificationError("certificate verify failed")
    certificate.verify_message, certificate.reason = "self-signed certificate", "CERTIFICATE_VERIFY_FAILED"
    version = ssl.SSLError("wrong version")
    version.reason = "WRONG_VERSION_NUMBER"

    reasons = [describe_error(error) for error in (certificate, version, ssl.SSLError())]

    assert reasons == [f"TLS failed: {reason}" for reason in ("self-signed certificate", "WRONG_VERSION_NUMBER", "no shared protocol")]
