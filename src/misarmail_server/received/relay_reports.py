"""Reports of relays in their own formats: Amazon SES (by SNS), SendGrid, Mailgun and Postmark.

A report comes from outside, so nothing is taken for granted: anything missing or of another type reads as empty, and anything that is not a
bounce, complaint or unsubscription of an address is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

FeedbackKind = Literal["hard_bounced", "soft_bounced", "complained", "unsubscribed"]

PROVIDERS = ("ses", "sendgrid", "mailgun", "postmark")
OWN_MESSAGE = re.compile(r"<?((?:sb_)?msg_[0-9a-v]{26})(?:\.[0-9]{1,19})?@")  # each mail of a campaign has a number
SENDGRID: dict[str, FeedbackKind] = {
    "dropped": "hard_bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
CODE = re.compile(r"\b([245]\d\d)\b")


class FeedbackReport(NamedTuple):
    """Feedback about one address. `message_id` is ours if the report names it."""

    kind: FeedbackKind
    email: str
    message_id: str | None
    code: int | None
    text: str | None


def parse(provider: str, data: Any) -> list[FeedbackReport]:
    """The reports in a provider's post, decoded from JSON."""
    read = {"ses": _ses, "sendgrid": _sendgrid, "mailgun": _mailgun, "postmark": _postmark}[provider]
    return [report for report in read(data) if "@" in report.email]


def confirmation(data: Any) -> str:
    """The URL that Amazon SNS asks to be fetched before it reports, empty if this is not such a message."""
    url = _text(data, "SubscribeURL") if _text(data, "Type") == "SubscriptionConfirmation" else ""
    return url if re.fullmatch(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[!-~]*", url) else ""


def _ses(data: Any) -> Iterator[FeedbackReport]:
    inner = _decoded(_text(data, "Message")) if _text(data, "Type") == "Notification" else data
    ours = _own(_text(_at(inner, "mail", "commonHeaders"), "messageId"))
    kind = _text(inner, "notificationType") or _text(inner, "eventType")
    if kind == "Bounce":
        is_hard = _text(_at(inner, "bounce"), "bounceType") == "Permanent"
        for recipient in _list(_at(inner, "bounce", "bouncedRecipients")):
            text = _text(recipient, "diagnosticCode")
            address = _text(recipient, "emailAddress")
            yield FeedbackReport("hard_bounced" if is_hard else "soft_bounced", address, ours, _code(text), text or None)
    if kind == "Complaint":
        for recipient in _list(_at(inner, "complaint", "complainedRecipients")):
            yield FeedbackReport("complained", _text(recipient, "emailAddress"), ours, None, None)


def _sendgrid(data: Any) -> Iterator[FeedbackReport]:
    for item in _list(data):
        event, text = _text(item, "event"), _text(item, "reason")
        if event == "bounce":
            kind: FeedbackKind = "soft_bounced" if _text(item, "type") == "blocked" else "hard_bounced"
        elif event in SENDGRID:
            kind = SENDGRID[event]
        else:
            continue
        yield FeedbackReport(kind, _text(item, "email"), _own(_text(item, "smtp-id")), _code(text), text or None)


def _mailgun(data: Any) -> Iterator[FeedbackReport]:
    event = _at(data, "event-data")
    status = _at(event, "delivery-status")
    text = _text(status, "message") or _text(status, "description")
    ours = _own(_text(_at(event, "message", "headers"), "message-id"))
    kinds: dict[str, FeedbackKind] = {"complained": "complained", "unsubscribed": "unsubscribed"}
    kinds["failed"] = "hard_bounced" if _text(event, "severity") == "permanent" else "soft_bounced"
    kind = kinds.get(_text(event, "event"))
    if kind is not None:
        yield FeedbackReport(kind, _text(event, "recipient"), ours, _code(text), text or None)


def _postmark(data: Any) -> Iterator[FeedbackReport]:
    record, type_ = _text(data, "RecordType"), _text(data, "Type")
    text = _text(data, "Details") or _text(data, "Description")
    ours = _own(_text(_at(data, "Metadata"), "message_id") + "@")
    if record == "SpamComplaint" or type_ == "SpamComplaint":
        yield FeedbackReport("complained", _text(data, "Email"), ours, None, text or None)
    elif record == "Bounce":
        is_hard = type_ in {"HardBounce", "BadEmailAddress", "ManuallyDeactivated"}
        yield FeedbackReport("hard_bounced" if is_hard else "soft_bounced", _text(data, "Email"), ours, _code(text), text or None)
    elif record == "SubscriptionChange" and _at(data, "SuppressSending") is True:
        yield FeedbackReport("unsubscribed", _text(data, "Recipient"), ours, None, None)


def _at(data: Any, *names: str) -> Any:
    """The value at a path of names, None if there is none."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _text(data: Any, name: str) -> str:
    value = _at(data, name)
    return value if isinstance(value, str) else ""


def _list(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _own(header: str) -> str | None:
    match = OWN_MESSAGE.match(header)
    return match[1] if match else None


def _code(text: str) -> int | None:
    match = CODE.search(text)
    return int(match[1]) if match else None
