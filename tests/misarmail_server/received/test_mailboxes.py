"""Address fields of hostile mail: the syntax is read first, encoded words afterwards (RFC 2047, section 6.2)."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misarmail_server.received.auth.checks import author_fields
from misarmail_server.received.decoding import display
from misarmail_server.received.mailboxes import ReceivedMailbox, mailboxes
from misarmail_server.received.parsing import parse_mail

EVIL = "evil@x.example"
DECOYS = [
    *("boss@bank.example,", "<boss@bank.example>", "boss@bank.example", '"boss@bank.example"', "boss@bank.example, <boss@bank.example>"),
    *(
        "a\r\nFrom: boss@bank.example",
        "team: boss@bank.example;",
        "(boss@bank.example)",
        "\\",
        '"',
        "Doe, Jane",
        "<",
        ">",
        ":",
        "G\u00fcnther, M.",
    ),
]


def q_word(text: str) -> str:
    return f"=?utf-8?q?{''.join(f'={byte:02X}' for byte in text.encode())}?="


def b_word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def sender_of(field: str) -> tuple[ReceivedMailbox | None, str]:
    raw = f"From: {field}\r\n\r\nHello\r\n".encode()
    return parse_mail(raw).sender, " ".join(domain for field in author_fields(raw) for domain in field)


@pytest.mark.parametrize("encode", [q_word, b_word])
@pytest.mark.parametrize("decoy", DECOYS)
def test_parse_mail_never_takes_a_sender_from_an_encoded_word(decoy: str, encode: Callable[[str], str]) -> None:
    name = " ".join(decoy.split())

    for field in (f"{encode(decoy)} <{EVIL}>", f'"{encode(decoy)}" <{EVIL}>', f"{EVIL} ({encode(decoy)})"):
        assert sender_of(field) == (ReceivedMailbox(EVIL, name), "x.example")


@pytest.mark.parametrize(
    "field",
    [
        f'"boss@bank.example" <{EVIL}>',
        f"(boss@bank.example) {EVIL}",
        f"{EVIL} (boss@bank.example)",
        f"(a (boss@bank.example) b) {EVIL}",
        f"boss@bank.example <{EVIL}>",
        f'"boss@bank.example, <{EVIL}>',
        f"boss@bank.example: {EVIL};",
        f"<@bank.example,@b.example:{EVIL}>",
        f'{EVIL} (a " b) , "boss@bank.example',
        f"=?utf-8?q?,<boss@bank.example>?= <{EVIL}>",
        f"=?utf-8?q?<boss@bank.example>,?= {EVIL}",
        f'"\\"boss@bank.example\\"," <{EVIL}>',
    ],
)
def test_parse_mail_reads_the_sender_that_dmarc_judges(field: str) -> None:
    sender, judged = sender_of(field)

    assert (sender and sender.email, judged) == (EVIL, "x.example")


@pytest.mark.parametrize(
    "field", ["<boss@bank.example,evil@x.example>", '<ev"il@x.example>', "=?utf-8?q?boss=40bank.example?=", '"boss@bank.example"', "", "<>"]
)
def test_parse_mail_finds_no_sender_in_what_is_no_mailbox(field: str) -> None:
    assert sender_of(field) == (None, "")


def test_parse_mail_shows_decoded_names_quoted_in_its_headers() -> None:
    mail = parse_mail(f"From: {q_word('boss@bank.example,')} <{EVIL}>\nSubject: {b_word('Hello, you')}\n\n".encode())

    assert mail.headers == (("from", f'"boss@bank.example," <{EVIL}>'), ("subject", "Hello, you"))


def test_mailboxes_of_a_list_are_read_in_order() -> None:
    field = 'Doe, Jane <jane@d.example>, "Shop, the" <shop@d.example>; team: a@x.example, B <b@x.example>; c@x.example (Cy)'

    assert mailboxes(field) == (
        ReceivedMailbox("jane@d.example", "Jane"),
        ReceivedMailbox("shop@d.example", "Shop, the"),
        ReceivedMailbox("a@x.example", ""),
        ReceivedMailbox("b@x.example", "B"),
        ReceivedMailbox("c@x.example", "Cy"),
    )


@given(st.text(st.sampled_from('ab@.,;:<>()"\\ =?\u00fc'), max_size=40))
def test_mailboxes_of_any_text_are_addresses(field: str) -> None:
    for mailbox in mailboxes(field):
        assert not set(mailbox.email.rpartition("@")[2]) & set('@,;:<>()"\\ ')
        assert mailbox.email.count("@") == 1 or mailbox.email.startswith('"')


@pytest.mark.parametrize("mark", ["(", '"', "<", "\\", '"\\', "=?", "<(", '<"', "a@b,"])
def test_mailboxes_of_long_hostile_fields_are_read(mark: str) -> None:
    mailboxes(mark * (4_000 // len(mark)))


@pytest.mark.parametrize("mark", ['"\\', '\\"', '"\\"', '<"\\"'])
def test_marks_that_are_not_closed_are_read_once(mark: str) -> None:
    field = f'Eve <{EVIL}>, "{mark * 50_000}'  # takes minutes if each mark is searched for its end

    assert mailboxes(field)[0] == ReceivedMailbox(EVIL, "Eve")
    assert display("From", field) == field


def test_words_behind_a_mark_that_is_not_closed_are_decoded() -> None:
    field = f'"=?utf-8?q?=C3=BC?= "" \\" =?utf-8?q?a,b?= <{EVIL}>'

    assert display("From", field) == f'"=?utf-8?q?=C3=BC?= "" \\" "a,b" <{EVIL}>'
    assert display("From", field.replace('""', "")) == f'"\u00fc  \\" "a,b" <{EVIL}>'
    assert mailboxes(field)[0].email == EVIL
