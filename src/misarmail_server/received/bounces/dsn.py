"""Delivery status notifications (RFC 3464): the fields of each recipient, wherever they are in the report."""

from __future__ import annotations

import re
from dataclasses import dataclass

from misarmail_server.received.bounces import addresses
from misarmail_server.received.bounces.originals import is_returned
from misarmail_server.received.bounces.reading import ParsedMessage

MAX_COUNT = 200
MAX_LENGTH = 256_000  # characters of fields
RECIPIENTS = ("final-recipient", "original-recipient", "x-actual-recipient")
FIELD = re.compile(
    r"(final-recipient|original-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta"
    r"|x-smtp-[a-z-]{1,30})[ \t]*:[ \t]*(.*)",
    re.IGNORECASE,
)
TYPED = re.compile(r"(?:rfc822|utf-?8|x-[a-z0-9-]{1,30}|smtp|system|unknown)[ \t]*;[ \t]*", re.IGNORECASE)
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(slots=True)
class DsnRecipient:
    """One recipient of a report, as it is written."""

    address: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    remark: str = ""


def entries(message: ParsedMessage) -> list[DsnRecipient]:
    """The recipients that the report names in fields; each address once, the first with a diagnosis wins."""
    recipients: dict[str, DsnRecipient] = {}
    for part in message.parts:
        if part is message.parts[0] or not is_returned(part):
            for block in _blocks(part.text()[:MAX_LENGTH]):
                entry = _entry(block)
                if entry and len(recipients) < MAX_COUNT:
                    known = recipients.setdefault(entry.address.lower(), entry)
                    known.diagnostic = known.diagnostic or entry.diagnostic
    return list(recipients.values())


def recipient_of(text: str) -> str:
    """The first recipient in the fields, empty if there is none."""
    given = (_address(block) for block in _blocks(text))
    return next((address for address in given if address), "")


def _blocks(text: str) -> list[dict[str, str]]:
    """Fields in groups; a group ends with a blank line, or with a second field that names a recipient."""
    blocks: list[dict[str, str]] = [{}]
    last = ""
    for line in text.split("\n"):
        matched = FIELD.match(line)
        if matched:
            last = _put(blocks, matched[1].lower(), matched[2].strip())
        elif last and line[:1] in {" ", "\t"} and line.strip():
            blocks[-1][last] = f"{blocks[-1][last]} {line.strip()}"[:4000]
        else:
            last = ""
            if blocks[-1] and not line.strip():
                blocks.append({})
    return blocks


def _put(blocks: list[dict[str, str]], name: str, value: str) -> str:
    if name == "final-recipient" and name in blocks[-1]:
        blocks.append({})
    if name in blocks[-1]:
        return ""
    blocks[-1][name] = value
    return name


def _entry(block: dict[str, str]) -> DsnRecipient | None:
    address = _address(block) if {"action", "status", "diagnostic-code"} & block.keys() else ""
    if not address:
        return None
    status, action = block.get("status", ""), block.get("action", "")
    number = STATUS.search(status)
    diagnostic = TYPED.sub("", block.get("diagnostic-code", ""), count=1)
    return DsnRecipient(address, action.split(" ")[0].lower(), number[0] if number else "", diagnostic, _remark(status))


def _address(block: dict[str, str]) -> str:
    given = (addresses.only_address(TYPED.sub("", block.get(name, ""), count=1)) for name in RECIPIENTS)
    return next((address for address in given if address), "")


def _remark(status: str) -> str:
    """The comment that some servers add to the status: `5.4.4 (Illegal host/domain name found)`."""
    return status.partition("(")[2].rstrip(") ")
