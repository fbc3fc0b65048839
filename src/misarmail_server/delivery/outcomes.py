"""The outcome of one attempt, and which refusals concern the mailbox itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.received.bounces import refusals

MAX_REPLY_LENGTH = 500  # characters that are kept of a receiver's reply

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """`held`: the relay cannot be used at all, which says nothing about the mail. `released`: no attempt was made.

    `ambiguous`: the connection or the worker was lost between the final dot and its answer, so nobody can know whether it was taken
    (RFC 1047). `is_hard`: the mailbox does not exist, so the address is suppressed. `after_seconds`: when a released one may be tried.
    """

    state: Literal["delivered", "captured", "deferred", "bounced", "suppressed", "held", "released", "ambiguous"]
    code: int | None = None
    text: str = ""
    is_hard: bool = False
    after_seconds: float | None = None


CAPTURED = Outcome("captured")
NOT_TRIED = Outcome("released")
NO_REPLY_AFTER_DOT = Outcome(
    "ambiguous", None, "The worker ended between the end of the mail and the receiver's answer; the receiver may have it"
)
WORKER_FAULT = Outcome("deferred", None, "The worker failed on this mail; it tries again")


def held(sentence: str, code: int | None = None) -> Outcome:
    """The relay is down or refuses the connection."""
    return Outcome("held", code, clean(sentence))


def ambiguous(sentence: str) -> Outcome:
    """The receiver may have accepted the mail, or not."""
    return Outcome("ambiguous", None, clean(sentence))


def not_before(seconds: float, reason: str = "", code: int | None = None) -> Outcome:
    """No attempt yet: the mail may be tried after `seconds`. With a reason, it is not postponed beyond its deadline."""
    return Outcome("released", code, clean(reason), after_seconds=seconds)


def suppressed(reason: str) -> Outcome:
    """The address was suppressed after the message was accepted."""
    return Outcome("suppressed", None, f"The address is suppressed: {reason}")


def unsendable(error: Unsendable) -> Outcome:
    """No correct mail can be made; the address is not the cause."""
    return Outcome("bounced", None, clean(str(error)))


def of_reply(code: int, reply: bytes | str, *, is_about_recipient: bool = False) -> Outcome:
    """2xx is delivered, 5xx bounced, everything else deferred. `is_about_recipient`: the reply to RCPT."""
    text = clean(reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply)
    if 200 <= code < 300:  # noqa: PLR2004 - reply classes of RFC 5321
        return Outcome("delivered", code, text)
    if 500 <= code < 600:  # noqa: PLR2004 - reply classes of RFC 5321
        return Outcome("bounced", code, text, is_hard=refusals.of_reply(code, text, is_about_recipient=is_about_recipient).is_hard)
    return Outcome("deferred", code, text)


def clean(text: str) -> str:
    """One bounded line without control characters."""
    return CONTROLS.sub(" ", text[: 4 * MAX_REPLY_LENGTH]).strip()[:MAX_REPLY_LENGTH]
