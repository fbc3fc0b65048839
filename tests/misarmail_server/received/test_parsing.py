"""A received mail taken apart: what an account is given of it."""

from __future__ import annotations

import pytest

from misarmail_server.received.mailboxes import ReceivedMailbox
from misarmail_server.received.parsing import parse_mail
from misarmail_server.received.reply_text import new_text

ANSWER = """From: =?utf-8?Q?Gr=C3=A4ce?= Hopper <grace@example.org>
To: "Shop, the" <shop@sender.example>, ada@example.com
Cc: bob@example.com
Reply-To: <desk@example.org>
Subject: =?utf-8?b?UmU6IE5ld3Mg4pyT?=
Date: Tue, 3 Mar 2026 10:00:00 +0100
Message-ID: <answer@example.org>
In-Reply-To: <msg1@sender.example>
References: <msg0@sender.example> <msg1@sender.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=out

--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Sch=F6n, danke!

On Mon, 2 Mar 2026 at 09:00, Shop
<shop@sender.example> wrote:
> Hello
--in
Content-Type: text/html; charset=utf-8

<p>Sch\u00f6n</p>
--in--
--out
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment; filename*0*=utf-8''..%2F%C3%BC; filename*1="ber.pdf"
Content-Transfer-Encoding: base64

JVBERi0=
--out
Content-Type: image/png
Content-Disposition: inline
Content-ID: <logo@example.org>
Content-Transfer-Encoding: base64

iVBORw0K
--out--
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_parse_inbound_takes_a_mail_apart(newline: str) -> None:
    mail = parse_mail(ANSWER.replace("\n", newline).encode())

    assert mail.sender == ReceivedMailbox("grace@example.org", "Gr\u00e4ce Hopper")
    assert mail.to == (ReceivedMailbox("shop@sender.example", "Shop, the"), ReceivedMailbox("ada@example.com", ""))
    assert (mail.cc, mail.reply_to) == ((ReceivedMailbox("bob@example.com", ""),), (ReceivedMailbox("desk@example.org", ""),))
    assert (mail.subject, mail.sent_at) == ("Re: News \u2713", 1_772_528_400_000)
    assert (mail.message_id, mail.in_reply_to) == ("answer@example.org", "msg1@sender.example")
    assert mail.references == ("msg0@sender.example", "msg1@sender.example")
    assert mail.text.startswith("Sch\u00f6n, danke!\n\nOn Mon")
    assert (mail.html, mail.reply) == ("<p>Sch\u00f6n</p>", "Sch\u00f6n, danke!")
    pdf, logo = mail.attachments
    assert (pdf.filename, pdf.media_type, pdf.content, pdf.size, pdf.is_inline) == ("\u00fcber.pdf", "application/pdf", b"%PDF-", 5, False)
    assert (logo.filename, logo.content_id, logo.is_inline) == ("", "logo@example.org", True)


def test_parse_inbound_reads_an_answer_that_is_only_html() -> None:
    mail = parse_mail(b"From: a@example.org\nContent-Type: text/html\n\n<p>Yes &amp; no</p><blockquote></blockquote>")

    assert (mail.text, mail.reply) == ("", "Yes & no")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"From: <<<>>>\nTo: ,,,\nDate: Mon, 99 Foo 99999 99:99\nMessage-ID: <\n\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n--x--x",
    ],
)
def test_parse_inbound_answers_whatever_comes(raw: bytes) -> None:
    mail = parse_mail(raw)

    assert (mail.sender, mail.to, mail.sent_at, mail.attachments) == (None, (), None, ())


def test_parse_inbound_keeps_an_attached_mail_whole() -> None:
    inner = b"Subject: in\nContent-Type: multipart/mixed; boundary=z\n\n--z\n\ntext\n--z--"

    mail = parse_mail(b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n" + inner + b"\n--x--\n")

    (attached,) = mail.attachments
    assert (attached.media_type, attached.content) == ("message/rfc822", inner)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes.\n\n-- \nGrace\n+1 555", "Yes."),
        ("Yes.\n\nSent from my phone", "Yes."),
        ("Ja.\n\nAm 02.03.2026 um 09:00 schrieb Shop <shop@sender.example>:\n\n> Hallo\n> Welt", "Ja."),
        ("Oui.\n\nLe lun. 2 mars 2026 \u00e0 09:00, Shop <shop@sender.example> a \u00e9crit :\n> Bonjour", "Oui."),
        ("OK\n\n-----Original Message-----\nFrom: Shop\nSent: Monday\n\nHello", "OK"),
        ("OK\n\nFrom: Shop <shop@sender.example>\nSent: Monday\nTo: Grace\nSubject: News\n\nHello", "OK"),
        ("> Tea?\nYes.\n> Milk?\nNo.", "Yes.\nNo."),
        ("From: here it is far.\nBut I come.", "From: here it is far.\nBut I come."),
        ("> only a quotation", "> only a quotation"),
        ("On the way I wrote: a poem", "On the way I wrote: a poem"),
    ],
)
def test_written_is_what_the_author_wrote(text: str, answer: str) -> None:
    assert new_text(text) == answer
