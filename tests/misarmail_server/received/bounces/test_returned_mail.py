"""Mail that came back, in the forms that mail servers and carriers give it, and what hostile senders make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from misarmail_server.received.bounces import amazon
from misarmail_server.received.bounces.reading import MAX_DEPTH, MAX_PARTS, read
from misarmail_server.received.bounces.refusals import ReceiverReply
from misarmail_server.received.bounces.returned_mail import classify

MESSAGES = Path(__file__).parent / "messages"
GRACE, ADA = "grace@example.org", "ada@example.com"
DAEMON = b"From: MAILER-DAEMON@mx.example\r\nTo: shop@sender.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"

EXPECTED = {
    "arf": ("complaint", [("grace@isp.example", None, None)]),
    "arf_auth_failure": ("complaint", []),  # a check failed; nobody complained
    "arf_not_spam": ("none", []),
    "biglobe": ("bounce", [("grace@mail.biglobe.ne.jp", "QuotaIssues", False)]),
    "domino_quota": ("bounce", [(GRACE, "QuotaIssues", False)]),
    "exchange_2003": ("bounce", [(GRACE, "InvalidRecipient", True)]),
    "exim_local": ("bounce", [(GRACE, "InvalidRecipient", True), (ADA, "SpamContent", False)]),
    "exim_warning": ("bounce", [(GRACE, "QuotaIssues", False)]),
    "gateway_two_of_one": ("bounce", [("grace@nowhere.example", "BadDomain", True), (ADA, "BadConnection", False)]),
    "gmail_not_found": ("bounce", [("grace@gmail.com", "InvalidRecipient", True)]),
    "gmx_german": ("bounce", [(GRACE, "InvalidRecipient", True)]),
    "japanese_carrier_full": ("bounce", [("grace@carrier.example.jp", "QuotaIssues", False)]),
    "list_server": ("bounce", [("list@groups.example", "PolicyRelated", False)]),
    "mailmarshal": ("bounce", [(GRACE, "InvalidRecipient", True)]),
    "notes": ("bounce", [(GRACE, "InvalidRecipient", True)]),
    "office365": ("bounce", [(GRACE, "AuthenticationFailed", False)]),
    "person": ("none", []),
    "person_forwards_a_bounce": ("none", []),
    "postfix_delayed": ("bounce", [(GRACE, "InvalidRecipient", False)]),
    "postfix_relayed": ("delivered", [(GRACE, None, None)]),
    "qmail_cannot_connect": ("bounce", [(GRACE, "BadConnection", False)]),
    "qmail_two": ("bounce", [(GRACE, "InvalidRecipient", True), (ADA, "QuotaIssues", False)]),
    "read_receipt": ("delivered", [(GRACE, None, None)]),
    "sendmail_filter_after_data": ("bounce", [("grace@mobile.example.org", "PolicyRelated", False)]),
    "ses_bounce": ("bounce", [(GRACE, "InvalidRecipient", True)]),
    "vacation": ("auto_reply", [(GRACE, "AutoReply", None)]),
    "vacation_japanese": ("auto_reply", [("grace@example.jp", "AutoReply", None)]),
    "yahoo": ("bounce", [(GRACE, "RelayDenied", False)]),
}


@pytest.mark.parametrize("path", sorted(MESSAGES.iterdir()), ids=lambda path: path.stem)
def test_classify_understands_the_form(path: Any) -> None:
    for raw in (path.read_bytes(), path.read_bytes().replace(b"\n", b"\r\n")):
        report = classify(raw)

        assert (
            report.kind,
            [(recipient.address, recipient.bounce_class, recipient.is_hard) for recipient in report.recipients],
        ) == EXPECTED[path.stem]


def test_classify_names_the_returned_mail() -> None:
    report = classify((MESSAGES / "qmail_two.eml").read_bytes())

    assert (report.message_id, report.sent_to) == ("msg7@sender.example", "b+msg7=grace=example.org@return.sender.example")
    first, second = report.recipients
    assert (first.status, first.reply) == ("5.1.1", "550")
    assert (second.status, second.reply) == ("5.2.2", "552")
    assert "Remote host said: 552 5.2.2 Over quota" in second.reason


def deep(levels: int) -> bytes:
    """Multiparts in multiparts, a bounce in the innermost."""
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(levels))
    return DAEMON + opened + b"\r\n<grace@example.org>: 550 5.1.1 User unknown\r\n"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "none"),
        (b"\0" * 5000, "none"),
        (b"From ", "none"),
        (b"\r" * 5000, "none"),
        (deep(100), "bounce"),
        (DAEMON + b"\r\n<grace@example.org>: 550 5.1.1 \xff\x00 User\runknown", "bounce"),
        (DAEMON + b"Content-Type: multipart/report\r\n\r\n<grace@example.org>: 550 5.1.1 User unknown\r\n", "bounce"),
        (DAEMON + b"Content-Type: text/plain; charset=hex\r\n\r\n<grace@example.org>: 550 5.1.1 User unknown\r\n", "bounce"),
        (DAEMON + b"Content-Type: text/plain; charset=utf-16\r\n\r\n<grace@example.org>: 550 5.1.1 User unknown", "bounce"),
        (DAEMON + b"Content-Transfer-Encoding: base64\r\n\r\n%%%=", "none"),
        (b"Subject: =?x?q?=FF?= =?utf-8?b?!!!?=\r\nAuto-Submitted: auto-replied\r\n\r\n", "auto_reply"),
        (b'From: a@b.example\r\n\r\n{"notificationType":' + b"[" * 100_000, "none"),
        (b'From: a@b.example\r\n\r\n{"notificationType":"Bounce","bounce":[1]}', "none"),
    ],
)
def test_classify_answers_whatever_comes(raw: Any, kind: str) -> None:
    assert classify(raw).kind == kind


def test_classify_reads_no_more_than_the_start_of_a_huge_message() -> None:
    report = classify(DAEMON + b"\r\n<grace@example.org>: 550 5.1.1 User unknown\r\n\r\nReceived: x\r\n" + b"x" * 76 * 700_000)

    assert [(recipient.address, recipient.is_hard) for recipient in report.recipients] == [(GRACE, True)]


def test_classify_bounds_recipients_and_their_reasons() -> None:
    lines = b"".join(b"<u%d@example.org>: 550 5.1.1 User unknown\r\n" % number for number in range(1000))
    long = b"<grace@example.org>: 550 5.1.1 " + b"User unknown " * 500

    assert len(classify(DAEMON + b"\r\n" + lines).recipients) == 200
    (item,) = classify(DAEMON + b"\r\n" + long).recipients
    assert (item.address, item.is_hard, len(item.reason)) == (GRACE, True, 500)


def test_read_bounds_parts_and_depth() -> None:
    wide = read(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nbody\r\n" * 500)

    assert len(wide.parts) == MAX_PARTS
    assert len(read(deep(MAX_DEPTH * 3)).parts) <= MAX_DEPTH + 1


def test_read_ends_a_part_at_the_boundary_around_it() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="out"\n\n--out\nContent-Type: multipart/alternative; boundary="in"\n\n'
        b"--in\n\nfirst\n--out\n\nsecond\n--out--\nafter\n"
    )

    assert [part.body for part in read(raw).parts][-3:] == [b"first", b"second", b"after\n"]


def test_read_of_a_notification_of_amazon_names_each_address() -> None:
    bounced = [
        {"emailAddress": "a@example.com", "status": "5.1.1", "diagnosticCode": "smtp; 550 unknown"},
        {"emailAddress": "b@example.com", "action": "delayed"},
        {"emailAddress": 7},
        "c@example.com",
    ]
    bounce = {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": bounced}
    complaint = {"complainedRecipients": [{"emailAddress": "a@example.com"}, {}]}
    delivery = {"recipients": ["a@example.com", 7]}

    read = [
        amazon.read(json.dumps({"notificationType": kind, kind.lower(): part}))
        for kind, part in (("Bounce", bounce), ("Complaint", complaint), ("Delivery", delivery))
    ]

    around = ("Transient MailboxFull",)
    assert read == [
        (
            "bounce",
            [
                ("a@example.com", ReceiverReply(("smtp; 550 unknown",), "5.1.1", around=around)),
                ("b@example.com", ReceiverReply(("",), "", around=around, is_delayed=True)),
            ],
        ),
        ("complaint", [("a@example.com", ReceiverReply(()))]),
        ("delivered", [("a@example.com", ReceiverReply(()))]),
    ]
