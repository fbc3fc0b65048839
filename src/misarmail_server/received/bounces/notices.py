"""Bounces without fields: the addresses that a notice names, and what it says about each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from misarmail_server.received.bounces import addresses
from misarmail_server.received.bounces.refusals import Stage, stage_of

MAX_LINES = 1_000
SEGMENT_LINES = 25
MAX_LINE_LENGTH = 1_000

_ADDRESS = (
    r"[\"']?<?(?P<address>[^\s<>\"'()\[\]:;,\\|=?*`@]{1,64}(?:=[^\s<>\"'()\[\]:;,@]{1,64})?@[^\s<>\"'()\[\]:;,\\|?*`@]{1,255})>?[\"']?"
)
# A line that begins with an address starts the text about it: `<ada@example.com>: host mx said: ...`, `550 <ada@example.com>... gone`.
OPENING = re.compile(r"[ \t]*(?:(?:[*+>-]{1,3}|[45]\d\d(?:[ -]5\.\d\.\d{1,3})?)[ \t]+)?" + _ADDRESS + r"(?P<rest>(?![\w.@]).*)")
NAMED = re.compile(
    r".*?\b(?:(?:recipients?(?: address)?|rcpt to|to|address|addressed to|following (?:recipients?|address(?:es)?)"
    r"|delivery failed|permanent errors|in)[ \t]*:[ \t]*|mailing list[ \t]+(?=<))" + _ADDRESS + r"(?P<rest>.*)",
    re.IGNORECASE,
)
CODED = re.compile(r"[ \t]*[45]\d\d[ -]")
SENT = re.compile(r"[ \t]*(?:>>>|sent <<<)[ \t]*(.*)", re.IGNORECASE)
ANSWERED = re.compile(r"[ \t]*(?:<<<|received >>>)[ \t]*([45]\d\d.*)", re.IGNORECASE)
# If the reply to DATA matches this, the replies before it were to RCPT.
PIPELINED = re.compile(r"need (?:a )?rcpt|no valid recipients|no recipients|rcpt (?:first|command)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuotedSession:
    """The refusal in a transcript of an SMTP session: its stage and the reply. `is_own`: it names the address."""

    stage: Stage = ""
    answer: str = ""
    is_own: bool = False


def segments(notice: str) -> dict[str, str]:
    """The text about each address that stands where a recipient is named, in order; the addresses are in the notice's own case."""
    return _segments(notice, OPENING) or _segments(notice, NAMED)


def quoted_session(notice: str, address: str) -> QuotedSession:
    """The refusal that a transcript shows for an address, else the first that it shows."""
    refusal, command = QuotedSession(), ""
    for line in notice.split("\n")[:MAX_LINES]:
        sent, answered = SENT.match(line), ANSWERED.match(line)
        if sent:
            command = sent[1].strip()[:MAX_LINE_LENGTH]
        elif answered and PIPELINED.search(answered[1]) and refusal.stage == "data":
            refusal = replace(refusal, stage="rcpt")
        elif answered and command:
            is_own = address.lower() in f"{command} {answered[1]}".lower()
            if not refusal.stage or (is_own and not refusal.is_own):
                refusal = QuotedSession(stage_of(f">>> {command}".lower()), answered[1][:MAX_LINE_LENGTH], is_own)
    return refusal


def _segments(notice: str, opening: re.Pattern[str]) -> dict[str, str]:
    segments_: dict[str, list[str]] = {}
    current: list[str] = []
    for line in notice.split("\n")[:MAX_LINES]:
        matched = opening.match(line[:MAX_LINE_LENGTH])
        address = addresses.tidy(matched["address"]) if matched else ""
        if address and len(segments_) < addresses.MAX_COUNT:
            current = segments_.setdefault(address, [])
            current.append(line)
            if CODED.match(line):  # a whole sentence; the next line is about another address
                current = []
        elif len(current) < SEGMENT_LINES:
            current.append(line)
    return {address: "\n".join(lines) for address, lines in segments_.items()}
