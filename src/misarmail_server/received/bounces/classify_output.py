"""The output of `misarmail bounce classify`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from misarmail_server.received.bounces.reading import MAX_BYTES
from misarmail_server.received.bounces.report import BounceReport, ReturnedRecipient
from misarmail_server.received.bounces.returned_mail import classify


def as_json(files: Iterable[Path]) -> str:
    """A list with an object for each file. Raises OSError."""
    return json.dumps([{"file": str(path), **_object(_read(path))} for path in files], indent=1, ensure_ascii=False)


def as_text(files: Iterable[Path]) -> str:
    """A line for each recipient, or one for a file without any; fields are separated by tabs. Raises OSError."""
    return "\n".join(line for path in files for line in _lines(path, _read(path)))


def _read(path: Path) -> BounceReport:
    with path.open("rb") as file:
        return classify(file.read(MAX_BYTES))


def _object(report: BounceReport) -> dict[str, object]:
    return {
        "kind": report.kind,
        "message_id": report.message_id,
        "sent_to": report.sent_to,
        "recipients": [
            {
                "address": recipient.address,
                "class": recipient.bounce_class,
                "hard": recipient.is_hard,
                "status": recipient.status,
                "reply": recipient.reply,
                "reason": recipient.reason,
            }
            for recipient in report.recipients
        ],
    }


def _lines(path: Path, report: BounceReport) -> list[str]:
    return [f"{path}\t{report.kind}\t{_line(recipient)}" for recipient in report.recipients] or [f"{path}\t{report.kind}"]


def _line(recipient: ReturnedRecipient) -> str:
    hardness = "-" if recipient.is_hard is None else "hard" if recipient.is_hard else "soft"
    return f"{recipient.bounce_class or '-'}\t{hardness}\t{recipient.address}\t{recipient.reason}"
