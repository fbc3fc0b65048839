"""What came of one attempt, and which refusals are about the mailbox itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from misarmail_server.delivery.headers import Unsendable

LONGEST_REPLY = 500  # characters kept of a receiver's reply

MAILBOX_CODES = {550, 551, 553}
MAILBOX_STATUS = re.compile(r"\b5\.1\.(?:1|2|3|6|10)\b")  # RFC 3463: the address is wrong, unknown, malformed, moved or refuses all mail
ANY_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
ABOUT_THE_SENDER = re.compile(r"spam|block|black|list|polic|relay|reputation|authenticat|denied|dmarc|spf|dkim|quota|full", re.IGNORECASE)
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`held`: the relay cannot be used at all, which says nothing about the mail. `released`: it was not tried.

    `ambiguous`: the connection broke between the final dot and its answer, so nobody can know whether it was taken (RFC 1047).
    `is_hard`: the mailbox does not exist, so the address is suppressed. `after_seconds`: when a released one may be tried.
    """

    state: Literal["delivered", "captured", "deferred", "bounced", "suppressed", "held", "released", "ambiguous"]
    code: int | None = None
    text: str = ""
    is_hard: bool = False
    after_seconds: float | None = None


DELIVERED_TO_INBOX = Outcome("captured")
NOT_TRIED = Outcome("released")
FAULT = Outcome("deferred", None, "The worker failed on this mail; it tries again")


def held(sentence: str, code: int | None = None) -> Outcome:
    """The relay is down or refuses us."""
    return Outcome("held", code, clean(sentence))


def ambiguous(sentence: str) -> Outcome:
    """The mail may have been taken, or not."""
    return Outcome("ambiguous", None, clean(sentence))


def known(outcome: Outcome) -> Outcome:
    """What the ledger makes of it: until it keeps what is ambiguous apart, that is tried again like what was deferred."""
    return replace(outcome, state="deferred") if outcome.state == "ambiguous" else outcome


def later(seconds: float, reason: str = "", code: int | None = None) -> Outcome:
    """Not now: the mail was not tried, and may be in so many seconds. With a reason it is not waited for without end."""
    return Outcome("released", code, clean(reason), after_seconds=seconds)


def suppressed(reason: str) -> Outcome:
    """The account must not mail this address; it became so after the message was accepted."""
    return Outcome("suppressed", None, f"The address is suppressed: {reason}")


def unsendable(error: Unsendable) -> Outcome:
    """The mail can never be sent; the address is not to blame."""
    return Outcome("bounced", None, clean(str(error)))


def of_reply(code: int, reply: bytes | str, *, is_about_recipient: bool = False) -> Outcome:
    """2xx is delivered, 5xx bounced, everything else deferred. `is_about_recipient`: it answered RCPT."""
    text = clean(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply)
    if 200 <= code < 300:  # noqa: PLR2004 - reply classes of RFC 5321
        return Outcome("delivered", code, text)
    if 500 <= code < 600:  # noqa: PLR2004 - reply classes of RFC 5321
        return Outcome("bounced", code, text, is_hard=is_about_recipient and _is_about_mailbox(code, text))
    return Outcome("deferred", code, text)


def clean(text: str) -> str:
    """One bounded line without control characters."""
    return CONTROLS.sub(" ", text[: 4 * LONGEST_REPLY]).strip()[:LONGEST_REPLY]


def _is_about_mailbox(code: int, text: str) -> bool:
    """An enhanced status decides; without one 550, 551 and 553 count unless the words speak of the sender or of space.

    When in doubt it is no: a false hard bounce keeps good mail away for ever, a missed one costs another bounce.
    """
    if ANY_STATUS.search(text):
        return bool(MAILBOX_STATUS.search(text))
    return code in MAILBOX_CODES and not ABOUT_THE_SENDER.search(text)
