"""Notifications of Amazon SES that come by mail: JSON where the text should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from misarmail_server.received.bounces.classes import ReceiverReply
from misarmail_server.received.bounces.report import ReportKind

MAX_LENGTH = 200_000

Notification = tuple[str, ReceiverReply]


def read(text: str) -> tuple[ReportKind, list[Notification]] | None:
    """The kind and what is said of each address, None where the text is no such notification."""
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
                (one, ReceiverReply(())) for one in _list(_within(inner, "delivery").get("recipients")) if isinstance(one, str)
            ]
        case _:
            return None


def _bounced(bounce: dict[str, Any]) -> Iterator[Notification]:
    """`bounceSubType` is a word such as `MailboxFull`, read where there is no diagnosis."""
    about = f"{bounce.get('bounceType')} {bounce.get('bounceSubType')}"
    for one in _list(bounce.get("bouncedRecipients")):
        if isinstance(one, dict) and isinstance(one.get("emailAddress"), str):
            diagnosis, status = (str(one.get(name) or "") for name in ("diagnosticCode", "status"))
            yield one["emailAddress"], ReceiverReply((diagnosis,), status, around=(about,), is_delayed=one.get("action") == "delayed")


def _addresses(data: Any) -> Iterator[str]:
    for one in _list(data):
        if isinstance(one, dict) and isinstance(one.get("emailAddress"), str):
            yield one["emailAddress"]


def _json(text: str) -> dict[str, Any]:
    """The object at the start of a text; what stands behind it is how to leave the topic."""
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
