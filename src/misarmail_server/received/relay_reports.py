"""Reports of relays in their own formats: Amazon SES (by SNS), SendGrid, Mailgun and Postmark.

A report comes from outside, so nothing is taken for granted: anything missing or of another type reads as empty, and anything that is not a
bounce, complaint or unsubscription of an address is ignored. Whether a bounce is hard, `relay_verdicts.py` decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from misarmail_server.received.relay_verdicts import RelayStatement, kind_of

FeedbackKind = Literal["hard_bounced", "soft_bounced", "complained", "unsubscribed"]

PROVIDERS = ("ses", "sendgrid", "mailgun", "postmark")
OWN_MESSAGE = re.compile(r"<?((?:sb_)?msg_[0-9a-v]{26})(?:\.[0-9]{1,19})?@")  # each mail of a campaign has a number
SENDGRID: dict[str, FeedbackKind] = {
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
}
# Why SendGrid and Mailgun did not try to deliver: what the recipient did before.
SENDGRID_DROPPED: dict[str, FeedbackKind] = {
    "bounced address": "hard_bounced",
    "invalid": "hard_bounced",
    "unsubscribed address": "unsubscribed",
    "spam reporting address": "complained",
}
MAILGUN_SUPPRESSED: dict[int, FeedbackKind] = {605: "hard_bounced", 606: "unsubscribed", 607: "complained"}
SES_SUPPRESSED = frozenset({"Suppressed", "OnAccountSuppressionList"})
SES_ABOUT_THE_MAIL = frozenset({"MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected"})
SES_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure", "virus"})
NO_FAILURES = frozenset({"delayed", "delivered", "relayed", "expanded"})  # actions of RFC 3464
POSTMARK_SUPPRESSED: dict[str, FeedbackKind] = {"HardBounce": "hard_bounced", "SpamComplaint": "complained"}
POSTMARK_HARD = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})
POSTMARK_NO_BOUNCES = frozenset({
    "AutoResponder", "AddressChange", "ChallengeVerification", "InboundError", "OpenRelayTest", "SMTPApiError", "Subscribe",
    "TemplateRenderingFailed",
})  # fmt: skip
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
        bounce = _at(inner, "bounce")
        for recipient in _list(_at(bounce, "bouncedRecipients")):
            if _text(recipient, "action") not in NO_FAILURES:
                yield from _bounced(_text(recipient, "emailAddress"), ours, _ses_statement(bounce, recipient))
    if kind == "Complaint" and _text(_at(inner, "complaint"), "complaintFeedbackType") not in SES_NO_COMPLAINTS:
        for recipient in _list(_at(inner, "complaint", "complainedRecipients")):
            yield FeedbackReport("complained", _text(recipient, "emailAddress"), ours, None, None)


def _ses_statement(bounce: Any, recipient: Any) -> RelayStatement | FeedbackKind:
    subtype = _text(bounce, "bounceSubType")
    if subtype in SES_SUPPRESSED:
        return "hard_bounced"
    is_permanent = _text(bounce, "bounceType") == "Permanent" and subtype not in SES_ABOUT_THE_MAIL
    return RelayStatement(is_permanent, _text(recipient, "diagnosticCode"), _text(recipient, "status"))


def _sendgrid(data: Any) -> Iterator[FeedbackReport]:
    for item in _list(data):
        event, text = _text(item, "event"), _text(item, "reason")
        email, ours = _text(item, "email"), _own(_text(item, "smtp-id"))
        if event == "bounce":
            yield from _bounced(email, ours, RelayStatement(_text(item, "type") != "blocked", text, _text(item, "status")))
        elif event == "dropped":
            kind = SENDGRID_DROPPED.get(text.lower())
            yield from _bounced(email, ours, kind or RelayStatement(is_permanent=False, text=text), text)
        elif event in SENDGRID:
            yield FeedbackReport(SENDGRID[event], email, ours, _code(text), text or None)


def _mailgun(data: Any) -> Iterator[FeedbackReport]:
    event = _at(data, "event-data")
    status = _at(event, "delivery-status")
    text = _text(status, "message") or _text(status, "description")
    code = _at(status, "code")
    email, ours = _text(event, "recipient"), _own(_text(_at(event, "message", "headers"), "message-id"))
    match _text(event, "event"):
        case "failed":
            number = code if isinstance(code, int) else None
            known = MAILGUN_SUPPRESSED.get(number or 0)
            is_permanent = _text(event, "severity") == "permanent"
            yield from _bounced(email, ours, known or RelayStatement(is_permanent, text, _text(status, "enhanced-code"), number), text)
        case "complained" | "unsubscribed" as kind:
            yield FeedbackReport(kind, email, ours, _code(text), text or None)
        case _:  # the other events are about mail that arrived, or is still being tried
            return


def _postmark(data: Any) -> Iterator[FeedbackReport]:
    record, type_ = _text(data, "RecordType"), _text(data, "Type")
    text = _text(data, "Details") or _text(data, "Description")
    email, ours = _text(data, "Email"), _own(_text(_at(data, "Metadata"), "message_id") + "@")
    if record == "SpamComplaint" or type_ == "SpamComplaint":
        yield FeedbackReport("complained", email, ours, None, text or None)
    elif record == "Bounce" and type_ == "Unsubscribe":
        yield FeedbackReport("unsubscribed", email, ours, None, text or None)
    elif record == "Bounce" and type_ not in POSTMARK_NO_BOUNCES:
        yield from _bounced(email, ours, RelayStatement(type_ in POSTMARK_HARD, text), text)
    elif record == "SubscriptionChange" and _at(data, "SuppressSending") is True:
        reason = _text(data, "SuppressionReason")
        yield FeedbackReport(POSTMARK_SUPPRESSED.get(reason, "unsubscribed"), _text(data, "Recipient"), ours, None, None)


def _bounced(email: str, ours: str | None, statement: RelayStatement | FeedbackKind, text: str = "") -> Iterator[FeedbackReport]:
    """The report of a bounce; none if the receiver accepted the mail after all. A relay's own suppression needs no reply."""
    text = text or (statement.text if isinstance(statement, RelayStatement) else "")
    kind = kind_of(statement) if isinstance(statement, RelayStatement) else statement
    code = statement.code if isinstance(statement, RelayStatement) else None
    if kind is not None:
        yield FeedbackReport(kind, email, ours, _code(text) or code, text or None)


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
