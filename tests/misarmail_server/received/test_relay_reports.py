from __future__ import annotations

import json
from typing import Any

import pytest

from misarmail_server.received.relay_reports import FeedbackReport, confirmation, parse

OURS = "msg_06b3v1pk0g5k2a4s8c9d0e1f2g"
SES_BOUNCE = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "user@example.com", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
    },
    "mail": {"commonHeaders": {"messageId": f"<{OURS}@example.org>"}},
}


@pytest.mark.parametrize(
    ("provider", "data", "report"),
    [
        ("ses", SES_BOUNCE, FeedbackReport("hard_bounced", "user@example.com", OURS, 550, "smtp; 550 5.1.1 user unknown")),
        (
            "ses",
            {"Type": "Notification", "Message": json.dumps(SES_BOUNCE)},
            FeedbackReport("hard_bounced", "user@example.com", OURS, 550, "smtp; 550 5.1.1 user unknown"),
        ),
        (
            "ses",
            {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": "a@example.com"}]}},
            FeedbackReport("soft_bounced", "a@example.com", None, None, None),
        ),
        (
            "ses",
            {"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "a@example.com"}]}},
            FeedbackReport("complained", "a@example.com", None, None, None),
        ),
        (
            "sendgrid",
            [{"event": "bounce", "email": "a@example.com", "type": "bounce", "reason": "550 no", "smtp-id": f"<{OURS}@example.org>"}],
            FeedbackReport("hard_bounced", "a@example.com", OURS, 550, "550 no"),
        ),
        (
            "sendgrid",
            [{"event": "bounce", "email": "a@example.com", "type": "blocked", "reason": "full"}],
            FeedbackReport("soft_bounced", "a@example.com", None, None, "full"),
        ),
        ("sendgrid", [{"event": "spamreport", "email": "a@example.com"}], FeedbackReport("complained", "a@example.com", None, None, None)),
        (
            "sendgrid",
            [{"event": "unsubscribe", "email": "a@example.com"}],
            FeedbackReport("unsubscribed", "a@example.com", None, None, None),
        ),
        (
            "mailgun",
            {
                "event-data": {
                    "event": "failed",
                    "severity": "permanent",
                    "recipient": "a@example.com",
                    "delivery-status": {"message": "550 no such user"},
                    "message": {"headers": {"message-id": f"{OURS}@example.org"}},
                }
            },
            FeedbackReport("hard_bounced", "a@example.com", OURS, 550, "550 no such user"),
        ),
        (
            "mailgun",
            {"event-data": {"event": "failed", "severity": "temporary", "recipient": "a@example.com"}},
            FeedbackReport("soft_bounced", "a@example.com", None, None, None),
        ),
        (
            "mailgun",
            {"event-data": {"event": "complained", "recipient": "a@example.com"}},
            FeedbackReport("complained", "a@example.com", None, None, None),
        ),
        (
            "postmark",
            {"RecordType": "Bounce", "Type": "HardBounce", "Email": "a@example.com", "Details": "550 no", "Metadata": {"message_id": OURS}},
            FeedbackReport("hard_bounced", "a@example.com", OURS, 550, "550 no"),
        ),
        (
            "postmark",
            {"RecordType": "Bounce", "Type": "SoftBounce", "Email": "a@example.com"},
            FeedbackReport("soft_bounced", "a@example.com", None, None, None),
        ),
        (
            "postmark",
            {"RecordType": "SpamComplaint", "Email": "a@example.com"},
            FeedbackReport("complained", "a@example.com", None, None, None),
        ),
        (
            "postmark",
            {"RecordType": "SpamComplaint", "Email": "a@example.com", "Details": "abuse"},
            FeedbackReport("complained", "a@example.com", None, None, "abuse"),
        ),
        (
            "postmark",
            {"RecordType": "Bounce", "Type": "Unsubscribe", "Email": "a@example.com", "Description": "asked"},
            FeedbackReport("unsubscribed", "a@example.com", None, None, "asked"),
        ),
        (
            "postmark",
            {"RecordType": "Bounce", "Type": "Unsubscribe", "Email": "a@example.com"},
            FeedbackReport("unsubscribed", "a@example.com", None, None, None),
        ),
        (
            "postmark",
            {"RecordType": "SubscriptionChange", "Recipient": "a@example.com", "SuppressSending": True},
            FeedbackReport("unsubscribed", "a@example.com", None, None, None),
        ),
    ],
)
def test_parse_reads_what_each_provider_sends(provider: str, data: Any, report: Any) -> None:
    assert parse(provider, data) == [report]


def ses(type_: str, subtype: str, status: str, text: str, action: str = "failed") -> Any:
    recipient = {"emailAddress": "a@example.com", "action": action, "status": status, "diagnosticCode": text}
    return {"notificationType": "Bounce", "bounce": {"bounceType": type_, "bounceSubType": subtype, "bouncedRecipients": [recipient]}}


def sendgrid(event: str, type_: str, status: str, reason: str) -> Any:
    return [{"event": event, "email": "a@example.com", "type": type_, "status": status, "reason": reason}]


def mailgun(severity: str, code: Any, enhanced: str, message: str) -> Any:
    status = {"code": code, "enhanced-code": enhanced, "message": message}
    return {"event-data": {"event": "failed", "severity": severity, "recipient": "a@example.com", "delivery-status": status}}


def postmark(type_: str, details: str) -> Any:
    return {"RecordType": "Bounce", "Type": type_, "Email": "a@example.com", "Details": details}


@pytest.mark.parametrize(
    ("provider", "data", "kinds"),
    [
        ("ses", ses("Permanent", "General", "5.2.2", "smtp; 552 5.2.2 mailbox full"), ["soft_bounced"]),
        ("ses", ses("Permanent", "General", "4.4.7", "smtp; 421 4.4.7 message expired"), ["soft_bounced"]),
        ("ses", ses("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 Message rejected as spam"), ["soft_bounced"]),
        ("ses", ses("Transient", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"), ["hard_bounced"]),
        ("ses", ses("Undetermined", "Undetermined", "5.1.2", ""), ["hard_bounced"]),
        ("ses", ses("Permanent", "General", "5.1.1", ""), ["hard_bounced"]),
        ("ses", ses("Permanent", "General", "", ""), ["hard_bounced"]),
        ("ses", ses("Permanent", "MailboxFull", "", ""), ["soft_bounced"]),
        ("ses", ses("Permanent", "OnAccountSuppressionList", "5.1.1", "the address is on the suppression list"), ["hard_bounced"]),
        ("ses", ses("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", "delayed"), []),
        ("ses", ses("Permanent", "General", "2.0.0", "smtp; 250 ok"), []),
        ("sendgrid", sendgrid("bounce", "bounce", "5.2.2", "552 5.2.2 mailbox full"), ["soft_bounced"]),
        ("sendgrid", sendgrid("bounce", "bounce", "5.7.1", "550 5.7.1 blocked using spamhaus"), ["soft_bounced"]),
        (
            "sendgrid",
            sendgrid("bounce", "blocked", "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist"),
            ["hard_bounced"],
        ),
        ("sendgrid", sendgrid("bounce", "blocked", "", "550 no such user here"), ["hard_bounced"]),
        ("sendgrid", sendgrid("bounce", "bounce", "4.2.1", "450 4.2.1 user receives too much"), ["soft_bounced"]),
        ("sendgrid", sendgrid("dropped", "", "", "Bounced Address"), ["hard_bounced"]),
        ("sendgrid", sendgrid("dropped", "", "", "Unsubscribed Address"), ["unsubscribed"]),
        ("sendgrid", sendgrid("dropped", "", "", "Spam Reporting Address"), ["complained"]),
        ("sendgrid", sendgrid("dropped", "", "", "Spam Content (if spam checker app enabled)"), ["soft_bounced"]),
        ("sendgrid", sendgrid("deferred", "", "4.0.0", "451 later"), []),
        ("mailgun", mailgun("permanent", 552, "5.2.2", "mailbox full"), ["soft_bounced"]),
        ("mailgun", mailgun("permanent", 450, "", "try again later"), ["soft_bounced"]),
        ("mailgun", mailgun("temporary", 550, "5.1.1", "user unknown"), ["hard_bounced"]),
        ("mailgun", mailgun("permanent", 550, "5.1.1", ""), ["hard_bounced"]),
        ("mailgun", mailgun("permanent", 605, "", "Not delivering to previously bounced address"), ["hard_bounced"]),
        ("mailgun", mailgun("permanent", 606, "", "Not delivering to unsubscribed address"), ["unsubscribed"]),
        ("mailgun", mailgun("permanent", 607, "", "Not delivering to a user who marked your messages as spam"), ["complained"]),
        ("mailgun", mailgun("permanent", "x", "", "5.7.26 unauthenticated mail"), ["soft_bounced"]),
        ("postmark", postmark("HardBounce", "smtp;552 5.2.2 mailbox full"), ["soft_bounced"]),
        ("postmark", postmark("SoftBounce", "smtp;550 5.1.1 user unknown"), ["hard_bounced"]),
        ("postmark", postmark("Blocked", "smtp;550 5.7.1 blocked"), ["soft_bounced"]),
        ("postmark", postmark("HardBounce", ""), ["hard_bounced"]),
        ("postmark", postmark("AutoResponder", "550 5.1.1 user unknown"), []),
        ("postmark", postmark("Unsubscribe", ""), ["unsubscribed"]),
    ],
)
def test_parse_believes_the_receivers_reply_before_the_relays_word(provider: str, data: Any, kinds: Any) -> None:
    assert [report.kind for report in parse(provider, data)] == kinds


def test_parse_ignores_a_complaint_that_is_none() -> None:
    complaint = {"complaintFeedbackType": "not-spam", "complainedRecipients": [{"emailAddress": "a@example.com"}]}

    assert parse("ses", {"notificationType": "Complaint", "complaint": complaint}) == []


def test_parse_reads_why_postmark_stops_sending() -> None:
    change = {"RecordType": "SubscriptionChange", "Recipient": "a@example.com", "SuppressSending": True}

    reasons = ["HardBounce", "SpamComplaint", "ManualSuppression"]
    assert [parse("postmark", change | {"SuppressionReason": reason})[0].kind for reason in reasons] == [
        "hard_bounced",
        "complained",
        "unsubscribed",
    ]


@pytest.mark.parametrize("provider", ["ses", "sendgrid", "mailgun", "postmark"])
@pytest.mark.parametrize(
    "data",
    [
        *({}, [], [{}], {"Type": "Notification", "Message": "{"}, {"Type": "Notification", "Message": "[" * 100_000}),
        *({"notificationType": "Bounce", "bounce": []}, {"notificationType": "Bounce", "bounce": {"bouncedRecipients": [1, None]}}),
        *([{"event": "bounce", "email": 7}], [1, None, "x"], {"event-data": "x"}, {"event-data": {"event": ["failed"]}}),
        *({"RecordType": "Bounce"}, {"RecordType": "Bounce", "Email": {}, "Metadata": []}, {"RecordType": "SubscriptionChange"}),
    ],
)
def test_parse_takes_nothing_for_granted(provider: str, data: Any) -> None:
    assert parse(provider, data) == []


@pytest.mark.parametrize(
    ("url", "is_fetched"),
    [
        ("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=x", True),
        ("http://sns.eu-west-1.amazonaws.com/?Token=x", False),
        ("https://sns.eu-west-1.amazonaws.com.evil.example/?Token=x", False),
        ("https://evil.example/?x=sns.eu-west-1.amazonaws.com", False),
        ("https://user@sns.eu-west-1.amazonaws.com/", False),
    ],
)
def test_confirmation_only_fetches_what_is_amazons(url: str, is_fetched: bool) -> None:
    assert confirmation({"Type": "SubscriptionConfirmation", "SubscribeURL": url}) == (url if is_fetched else "")
