"""Header fields on the wire, read back by the standard library as a receiver does."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from misarmail_server.delivery.message import headers
from misarmail_server.delivery.message.encoding import encoded
from misarmail_server.delivery.message.headers import MailAddress, Unsendable
from misarmail_server.received.mailboxes import mailboxes
from misarmail_server.received.parsing import parse_mail

FLAGS = "\U0001f3f3\ufe0f\u200d\U0001f308\U0001f1e9\U0001f1ea\U0001f468\u200d\U0001f469\u200d\U0001f467"
LOOK_ALIKES = [
    *("=?utf-8?q?a=0D=0ABcc:_x?=", "=?utf-8?b?Ym9zcw==?=", "Re: =?utf-8?q?x?= y", "=?us-ascii?Q?a?==?us-ascii?Q?b?=", "a=?utf-8?q?b?=c"),
    *("=?", "?= =?", "=?x?y?z", '"=?utf-8?q?a?="'),
]
TEXT = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=300)
NAME = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300)  # a reader drops control characters


def unfolded(field: bytes) -> str:
    """The value, and that its lines are as short as RFC 2047 and RFC 5322 ask."""
    lines = field.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 76 for line in lines if b"=?" in line)
    assert max(map(len, lines)) <= 998
    assert all(line[:1] in b" \t" and line.strip() for line in lines[1:])
    return b"".join(lines).decode("ascii").partition(":")[2].removeprefix(" ")


def decoded(value: str) -> str:
    return "".join(part if isinstance(part, str) else part.decode(charset or "ascii") for part, charset in decode_header(value))


@given(TEXT, st.sampled_from(["Subject", "X-A", "X-" + "a" * 60, "X-" + "a" * 74]))
@example("\u00fc" * 200, "Subject")
@example((FLAGS * 100)[:998], "Subject")
@example("a  b   c" * 40, "Subject")
@example(" a ", "Subject")
def test_unstructured_text_is_read_back(text: str, name: str) -> None:
    field = headers.field(name, headers.unstructured(text, "subject", used=len(name)))

    assert decoded(unfolded(field)) == text
    assert all(len(word) <= 75 for word in re.findall(r"=\?[^ ]*", unfolded(field)))


def test_a_long_text_of_short_words_is_folded_and_not_encoded() -> None:
    field = headers.field("Subject", headers.unstructured("word " * 250 + "end", "subject", used=7))

    assert (b"=?" in field, max(map(len, field.split(b"\r\n"))) <= 78) == (False, True)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_what_looks_like_an_encoded_word_is_encoded(text: str) -> None:
    subject = headers.field("Subject", headers.unstructured(text, "subject", used=7))
    sender = headers.field("From", headers.address_list((MailAddress("a@x.example", text),), "sender", used=4))
    mail = parse_mail(subject + sender + b"\r\nHi")

    assert (mail.subject, mail.sender and mail.sender.name) == (text, text)
    assert text == "=?" or text.encode() not in subject + sender
    assert "=?" not in headers.parameter("filename", text)


@given(NAME, NAME)
@example("Doe, Jane", "\u00fc" * 100)
@example("a" * 500, "=?utf-8?q?x?=")
def test_names_in_address_lists_are_read_back(first: str, second: str) -> None:
    addresses = (MailAddress("a@x.example", first), MailAddress(f"{'b' * 60}@y.example", second), MailAddress("c@z.example"))

    value = unfolded(headers.field("To", headers.address_list(addresses, "recipient", used=2)))

    read = [(mailbox.email, mailbox.name) for mailbox in mailboxes(value)]
    assert read == [(address.email, " ".join((address.name or "").split())[:255]) for address in addresses]


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("List-Help", "<https://a.example/help>,  <mailto:help@a.example>", None),
        ("List-Unsubscribe", "<https://a.example/?x==?y>", None),
        ("References", "<a@x.example>   <b@x.example>", None),
        ("Auto-Submitted", "auto-generated", None),
        ("List-Id", '"Shop, the"  <shop.a.example>', None),
        ("List-Id", "G\u00fcnther <g.a.example>", "=?utf-8?b?R8O8bnRoZXI=?= <g.a.example>"),
        ("List-Id", "=?utf-8?q?x?= <g.a.example>", "=?utf-8?b?PT91dGYtOD9xP3g/PQ==?= <g.a.example>"),
        ("Keywords", "shop, G\u00fcnther", "shop, =?utf-8?b?R8O8bnRoZXI=?="),
        ("X-Data", '{"a":  1}', None),
        ("X-Data", "", ""),
    ],
)
def test_custom_fields_are_written_as_their_kind_allows(name: str, value: str, written: str | None) -> None:
    assert unfolded(headers.field(name, headers.custom(name, value))) == (value if written is None else written)


@pytest.mark.parametrize("name", ["List-Help", "list-post", "References", "Auto-Submitted", "Precedence"])
@pytest.mark.parametrize("value", ["<https://m\u00fcnchen.example>", "=?utf-8?q?x?=", "\x7f", "a" * 901])
def test_custom_structured_fields_hold_no_encoded_words(name: str, value: str) -> None:
    with pytest.raises(Unsendable):
        headers.custom(name, value)


@given(st.text(st.sampled_from("a. \t\n-\u00fc"), max_size=300))
@example("Hello \n-- \nAda")
@example("Hello\t\n")
@example("a ")
@example(".\n..\n.hidden\n")
@example("https://a.example/" + "x" * 57 + ".y\u00fc")
def test_encoded_texts_have_no_blanks_before_line_ends_and_are_read_back(text: str) -> None:
    encoding, content = encoded(text)

    assert not re.search(rb"[ \t](\r\n|\Z)", content)
    message = message_from_bytes(
        b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + content,
        policy=policy.default,
    )
    assert isinstance(message, EmailMessage)
    assert message.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("name", ["X", "List-Help", "X-" + "a" * 40])
def test_structured_text_is_folded_where_its_line_is_full(name: str) -> None:
    value = " ".join(["word"] * 60)

    lines = headers.field(name, headers.structured(value, "field", used=len(name))).removesuffix(b"\r\n").split(b"\r\n")

    assert b"".join(lines).decode() == f"{name}: {value}"
    assert all(len(line) <= headers.LINE < len(line) + len(" word") for line in lines[:-1])


@pytest.mark.parametrize("name", ["Subject", "X-A", "X-" + "a" * 40])
def test_the_first_encoded_word_fills_the_line_of_the_name(name: str) -> None:
    first = headers.field(name, headers.unstructured("\u00fc" * 200, "subject", used=len(name))).split(b"\r\n")[0]

    assert first.startswith(f"{name}: =?".encode())
    assert 68 < len(first) <= 76
