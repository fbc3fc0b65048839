"""The bytes of a mail, read back by the standard library's parser as a receiver would."""

from __future__ import annotations

import email
import email.policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest

from misarmail_server.delivery.message.compiled_message import CompiledMessage
from misarmail_server.delivery.message.headers import MailAddress, Unsendable
from misarmail_server.delivery.message.mime import AttachedFile
from misarmail_server.delivery.message.stored_message import StoredMessage

NOON = 1_775_476_800_000  # 2026-04-06T12:00:00Z


def mail(**more: Any) -> StoredMessage:
    given = {
        "id": "msg_1",
        "sender": MailAddress("hello@example.com", "Your App"),
        "to": (MailAddress("user@example.com"),),
        "subject": "Hello",
        "written_at": NOON,
        "html": "<p>Hello world!</p>",
        "text": "Hello world!",
    }
    return StoredMessage(**{**given, **more})


def compose(message: StoredMessage) -> bytes:
    """The mail of all recipients, unsigned."""
    shared = CompiledMessage(message).shared
    assert shared is not None
    return shared.signed(())


def parsed(composed: bytes) -> EmailMessage:
    """The mail as a receiver sees it; also that lines are CRLF and short enough, and nothing is wrong with it."""
    assert b"\n" not in composed.replace(b"\r\n", b"")
    assert b"\r" not in composed.replace(b"\r\n", b"")
    assert max(map(len, composed.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(composed, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def test_compose_writes_the_documented_fields_and_both_bodies() -> None:
    message = parsed(compose(mail(cc=(MailAddress("cc@example.com", "Copy"),), reply_to=MailAddress("reply@example.com"))))

    assert dict(message.items()) == {
        "From": "Your App <hello@example.com>",
        "To": "user@example.com",
        "Cc": "Copy <cc@example.com>",
        "Reply-To": "reply@example.com",
        "Subject": "Hello",
        "Date": "Mon, 06 Apr 2026 12:00:00 +0000",
        "Message-ID": "<msg_1@example.com>",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_msg_1_1"',
    }
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content().strip() for part in message.iter_parts()] == ["Hello world!", "<p>Hello world!</p>"]


def test_compose_gives_the_same_bytes_each_time() -> None:
    assert compose(mail()) == compose(mail())


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "plain",
        "word " * 150 + "end",
        "x" * 255,
        "y" * 3000,
        "Grüße aus Köln, 👋 " * 20 + "Ende",
        "two  blanks",
        " around ",
        "=?utf-8?q?not_ours?=x",
        "tab\tand bell\x07",
        "line\u2028separator \x85 \x0b",
    ],
)
def test_compose_carries_every_subject(subject: str) -> None:
    composed = compose(mail(subject=subject))

    assert composed.split(b"\r\n\r\n")[0].isascii()
    if "utf-8?q" not in subject:
        decoded = decode_header(email.message_from_bytes(composed)["Subject"].replace("\r\n", ""))
        assert "".join(part.decode(charset or "ascii") if isinstance(part, bytes) else part for part, charset in decoded) == subject


@pytest.mark.parametrize(
    "name",
    ["Ada", "Ada, Countess", 'Ada "The Countess" \\ Lovelace', "Ada <ada@evil.example>", "Jürgen, Köln", "名前" * 40, "x" * 800, "a.b@c"],
)
def test_compose_keeps_every_name_with_its_address(name: str) -> None:
    composed = compose(mail(to=(MailAddress("one@example.com", name), MailAddress("two@example.com"))))

    # The modern parser of Python 3.11 leaves blanks between the encoded words of a name (RFC 2047, section 6.2, says not to).
    field = email.message_from_bytes(composed)["To"].replace("\r\n", "")
    read = [(str(make_header(decode_header(shown))), address) for shown, address in getaddresses([field])]
    assert read == [(name, "one@example.com"), ("", "two@example.com")]


def test_compose_folds_a_long_list_of_recipients() -> None:
    people = tuple(MailAddress(f"person{number}@example.com", f"Person {number}") for number in range(50))

    composed = compose(mail(to=people))

    assert max(map(len, composed.split(b"\r\n"))) <= 78
    assert [address.addr_spec for address in parsed(composed)["To"].addresses] == [person.email for person in people]


def test_compose_writes_domains_in_ascii_and_says_utf_8_only_for_local_parts() -> None:
    composed = compose(mail(sender=MailAddress("post@bücher.example"), to=(MailAddress("jürgen@example.com"),)))

    assert composed.startswith("From: post@xn--bcher-kva.example\r\nTo: jürgen@example.com\r\n".encode())
    assert b"Message-ID: <msg_1@xn--bcher-kva.example>" in composed


@pytest.mark.parametrize("poison", ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b"])
@pytest.mark.parametrize(
    "parts",
    [
        lambda poison: {"subject": poison},
        lambda poison: {"sender": MailAddress("hello@example.com", poison)},
        lambda poison: {"sender": MailAddress(f"{poison}@example.com")},
        lambda poison: {"to": (MailAddress("user@example.com", poison),)},
        lambda poison: {"to": (MailAddress(f"user@{poison}"),)},
        lambda poison: {"cc": (MailAddress(poison + "@example.com"),)},
        lambda poison: {"reply_to": MailAddress("x@example.com", poison)},
        lambda poison: {"fields": (("X-Note", poison),)},
        lambda poison: {"fields": ((poison, "note"),)},
        lambda poison: {"files": (AttachedFile(poison, "text/plain", b""),)},
        lambda poison: {"files": (AttachedFile("a.txt", poison, b""),)},
        lambda poison: {"files": (AttachedFile("a.txt", "text/plain", b"", poison),)},
    ],
)
def test_compose_refuses_line_breaks_and_nul_in_every_header(parts: Any, poison: str) -> None:
    with pytest.raises(Unsendable):
        compose(mail(**parts(poison)))


@pytest.mark.parametrize("address", ["", "user", "@example.com", "user@", "a b@example.com", "<a@example.com>", "a,b@example.com", "a@b@c"])
def test_compose_refuses_what_is_no_address(address: str) -> None:
    with pytest.raises(Unsendable):
        compose(mail(to=(MailAddress(address),)))


@pytest.mark.parametrize("name", ["Subject", "BCC", "mime-version", "X Y", "X:Y", "Ümlaut", ""])
def test_compose_refuses_fields_that_are_its_own_or_none(name: str) -> None:
    with pytest.raises(Unsendable):
        compose(mail(fields=((name, "x"),)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Grüße\n.\n..\n. dot",
        "ASCII\n.\nFrom here\n",
        "long " * 400,
        "x" * 5000,
        "日本語の本文です。\n" * 50,
        "mixed\r\nbreaks\rof\nlines ",
        "nul \0 and trailing blanks  \n",
    ],
)
def test_compose_carries_every_text(text: str) -> None:
    message = parsed(compose(mail(text=text, html=None)))

    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.decode().replace("\r\n", "\n").rstrip("\n") == text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def test_compose_nests_inline_files_with_the_page_and_attaches_the_others() -> None:
    every_byte = bytes(range(256)) * 10
    files = (
        AttachedFile("logo.png", "image/png", every_byte, "logo"),
        AttachedFile("Übersicht für alle Fälle " * 8 + ".pdf", "application/pdf", every_byte),
    )

    message = parsed(compose(mail(html='<img src="cid:logo">', files=files)))

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    logo, report = (part for part in message.walk() if part.get_filename())
    assert (logo["Content-ID"], logo.get_content_disposition(), logo.get_content()) == ("<logo>", "inline", every_byte)
    assert (report.get_filename(), report.get_content_disposition(), report.get_content()) == (files[1].filename, "attachment", every_byte)


@pytest.mark.parametrize(
    ("media_type", "written"),
    [
        ("text/csv", "text/csv"),
        ('TEXT/plain; Charset="ISO-8859-1"; x=y', "text/plain"),
        ("message/rfc822", "application/octet-stream"),
        ("multipart/mixed; boundary=x", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_compose_writes_media_types_it_can_stand_for(media_type: str, written: str) -> None:
    message = parsed(compose(mail(text="x", html=None, files=(AttachedFile('quoted "name".csv', media_type, b"a,b"),))))

    attached = next(message.iter_attachments())
    assert (attached.get_content_type(), attached.get_filename()) == (written, 'quoted "name".csv')


@pytest.mark.parametrize(
    ("media_type", "parameters"),
    [
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ("text/calendar; method=REQUEST", {"method": "REQUEST"}),
        (
            'text/calendar;method=REQUEST ; charset="utf-8"; component=vevent',
            {"method": "REQUEST", "charset": "utf-8", "component": "vevent"},
        ),
        ("application/vnd.ms-excel.sheet.macroEnabled.12", {}),
        ('text/csv; header=present; name="other.csv"; boundary=x; name*0=y', {"header": "present"}),
        ('application/x; title="a; b=c (d)"', {"title": "a; b=c (d)"}),
    ],
)
def test_compose_keeps_the_parameters_of_media_types(media_type: str, parameters: dict[str, str]) -> None:
    message = parsed(compose(mail(text="x", html=None, files=(AttachedFile("a.ics", media_type, b"a,b"),))))

    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == media_type.partition(";")[0].lower()
    assert dict(attached["Content-Type"].params) == {**parameters, "name": "a.ics"}
