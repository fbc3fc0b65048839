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
            {"RecordType": "SubscriptionChange", "Recipient": "a@example.com", "SuppressSending": True},
            FeedbackReport("unsubscribed", "a@example.com", None, None, None),
        ),
    ],
)
def test_parse_reads_what_each_provider_sends(provider: str, data: Any, report: Any) -> None:
    assert parse(provider, data) == [report]


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
