"""Notifications of Amazon SES that arrive by mail, as JSON in place of the text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from misarmail_server.received.bounces.refusals import ReceiverReply
from misarmail_server.received.bounces.report import ReportKind

MAX_LENGTH = 200_000

Notification = tuple[str, ReceiverReply]


def read(text: str) -> tuple[ReportKind, list[Notification]] | None:
    """The kind, and the reply for each address; None if the text is not such a notification."""
    data = _json(text)
    inner = _json(data["Message"]) if isinstance(data.get("Message"), str) else data
    match inner.get("notificationType") or inner.get("eventType"):
        case "Bounce":
            return "bounce", list(_bounced(_within(inner, "bounce")))
        case "Complaint":
            return "complaint", [
                (address, ReceiverReply(())) for address in _addresses(_within(inner, "complaint").get("complainedRecipients"))
            ]
        case "Delivery":
            return "delivered", [
                (address, ReceiverReply(())) for address in _list(_within(inner, "delivery").get("recipients")) if isinstance(address, str)
            ]
        case _:
            return None


def _bounced(bounce: dict[str, Any]) -> Iterator[Notification]:
    """`bounceSubType` is a word such as `MailboxFull`; it is read where there is no diagnosis."""
    about = f"{bounce.get('bounceType')} {bounce.get('bounceSubType')}"
    for recipient in _list(bounce.get("bouncedRecipients")):
        if isinstance(recipient, dict) and isinstance(recipient.get("emailAddress"), str):
            diagnosis, status = (str(recipient.get(name) or "") for name in ("diagnosticCode", "status"))
            yield (
                recipient["emailAddress"],
                ReceiverReply((diagnosis,), status, around=(about,), is_delayed=recipient.get("action") == "delayed"),
            )


def _addresses(data: Any) -> Iterator[str]:
    for recipient in _list(data):
        if isinstance(recipient, dict) and isinstance(recipient.get("emailAddress"), str):
            yield recipient["emailAddress"]


def _json(text: str) -> dict[str, Any]:
    """The object at the start of a text; what follows it explains how to leave the topic."""
    try:
        data, _ = json.JSONDecoder().raw_decode(text.strip()[:MAX_LENGTH])
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _within(data: dict[str, Any], name: str) -> dict[str, Any]:
    inner = data.get(name)
    return inner if isinstance(inner, dict) else {}


def _list(data: Any) -> list[Any]:
    return data[:200] if isinstance(data, list) else []
