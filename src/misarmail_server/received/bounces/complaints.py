"""Complaints in the abuse reporting format (RFC 5965)."""

from __future__ import annotations

import re

from misarmail_server.received.bounces import addresses, originals
from misarmail_server.received.bounces.reading import ParsedMessage
from misarmail_server.received.bounces.report import ReturnedRecipient

TYPE = re.compile(r"^feedback-type[ \t]*:[ \t]*([\w-]{1,30})", re.IGNORECASE | re.MULTILINE)
RECIPIENT = re.compile(
    r"^(?:original-rcpt-to|removal-recipient|x-hmxmroriginalrecipient|x-original-to)[ \t]*:[ \t]*(.{1,400})$", re.IGNORECASE | re.MULTILINE
)
OF_MICROSOFT = re.compile(r"\s*complaint about message", re.IGNORECASE)  # the Junk Mail Reporting Program has no feedback part
NO_COMPLAINTS = frozenset({"not-spam"})
BY_MACHINE = frozenset({"auth-failure", "dmarc", "virus"})
OF_THE_RETURNED = ("x-hmxmroriginalrecipient", "x-apparently-to", "x-envelope-to", "envelope-to", "delivered-to", "to")


def feedback_type(message: ParsedMessage) -> str:
    """`abuse`, `fraud` and so on, empty if the message is not a feedback report."""
    is_report = "feedback-report" in message.fields.get("content-type", "").lower() or "x-arf" in message.fields
    for part in message.parts[:8]:
        if part.media_type == "message/feedback-report" or (is_report and part.media_type == "text/plain"):
            match = TYPE.search(part.text())
            if match:
                return match[1].lower()
    is_of_microsoft = OF_MICROSOFT.match(message.fields.get("subject", "")) and "x-hmxmroriginalrecipient" in originals.fields(message)
    return "abuse" if is_of_microsoft else ""


def recipients(message: ParsedMessage, feedback: str) -> tuple[ReturnedRecipient, ...]:
    """The recipients who complained.

    The recipients that the report names, else those of the returned mail. None for an authentication failure (RFC 6591).
    """
    if feedback in BY_MACHINE:
        return ()
    named: dict[str, None] = {}
    for part in message.parts:
        if part.media_type == "message/feedback-report":
            named |= dict.fromkeys(addresses.first_address(match[1]) for match in RECIPIENT.finditer(part.text()))
    if not any(named):
        fields = originals.fields(message)
        named = dict.fromkeys(addresses.first_address(fields.get(name, "")) for name in OF_THE_RETURNED)
        named = dict.fromkeys([address for address in named if address][:1])
    return tuple(ReturnedRecipient(address, reason="feedback") for address in named if address)
