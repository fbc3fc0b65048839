"""From wording, status codes and the stage of the SMTP session to one bounce class, and whether the address is dead.

Wording comes first: receivers choose their words with more care than their numbers. If that is uncertain, a bounce is not hard.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from misarmail_server.received.bounces.bounce_class import BounceClass, BounceVerdict
from misarmail_server.received.bounces.providers import reply_of_provider
from misarmail_server.received.bounces.statuses import EXACT, GONE, REPLIES, STATUSES, by_status
from misarmail_server.received.bounces.vocabulary import sense
from misarmail_server.received.bounces.wording import meaning, vague_meaning

Stage = Literal["", "connect", "mail", "rcpt", "data"]

MAX_TEXT_LENGTH = 1_500  # characters that are matched; a reply says what it means at its start

STATUS = re.compile(r"(?<![\d.\[])([245]\.\d{1,2}\.\d{1,3})(?![\d.]|\.?\d|\])")
REPLY = re.compile(r"(?<![\d.\-/:])([45]\d\d)(?=[ \-:;,]|$)(?![-/]\d\d)")
BLANKS = re.compile(r"\s+")
CONTINUED = re.compile(r"(?<=\S )([245]\d\d)-(?=\S| )")
ADDRESS_IN_TEXT = re.compile(r"<?[^\s<>\"'():;,@]{1,100}@[^\s<>\"'():;,@]{1,100}>?")
LINK = re.compile(r"https?://\S+")

# The stage of the SMTP session in which a refusal came, in the words of Postfix, Exim, qmail, Yahoo and transcripts. KDDI's filter says
# `550 : User unknown` without the address, Yahoo's `This user doesn't have ...`; both after they have read the mail.
AFTER_DATA = (
    r"in reply to (?:end of )?data|after (?:end of )?data|end of data command|failed after i sent the message|\bdata send\b|\bdata\)"
    r"|\(data\b|>>> ?(?:data|\.)(?:\s|$)|smtp:data|step: data|smtp command data"
    r"|\b550:? : user unknown|this user doesn't have an? \S{1,60} account"
)
AFTER_RCPT = r"in reply to rcpt|after rcpt|\[rcpt_to\]|does not like recipient|>>> ?rcpt|smtp:rcpt|\(rcpt|<<< ?rcpt to|rcpt to:? ?<"
AFTER_MAIL = r"in reply to mail|after mail|\[mail_from\]|but sender was rejected|>>> ?mail|smtp:mail|\(mail from"
ON_CONNECT = (
    r"after initial connection|refused to talk to me|connected to \S+ but (?:greeting failed|my name was rejected)"
    r"|(?:in reply to|after) (?:helo|ehlo|initial)|>>> ?(?:helo|ehlo)"
)
STAGES: tuple[tuple[Stage, re.Pattern[str]], ...] = (
    ("data", re.compile(AFTER_DATA)),
    ("rcpt", re.compile(AFTER_RCPT)),
    ("mail", re.compile(AFTER_MAIL)),
    ("connect", re.compile(ON_CONNECT)),
)

# How Postfix and Sendmail reply to RCPT, and what qmail, Exim and Google say only of an address that does not exist.
OF_RCPT = re.compile(
    r"\b5\d\d:? (?:5\.\d\.\d{1,2} )?<[^<>\s]{1,254}@[^<>\s]{1,254}>(?::|\.\.\.)|no such user here|no mailbox here by that name"
    r"|user unknown in (?:\S{1,20} )?\S{1,20} table|^[^5]*because the address couldn't be found"
)
ABOUT_THE_ADDRESS: frozenset[BounceClass] = frozenset({"InvalidRecipient", "BadDomain"})


class ReceiverReply(NamedTuple):
    """The text and codes of one refusal. `exact` is its own text, `around` the text around it; each is tried in order.

    `is_delayed`: it will be retried. `is_alone`: the text around it is about no other recipient.
    `is_first_hand`: it comes from the domain of the address itself.
    """

    exact: tuple[str, ...]
    status: str = ""
    stage: Stage = ""
    around: tuple[str, ...] = ()
    is_delayed: bool = False
    is_alone: bool = True
    is_first_hand: bool = False


def of_reply(code: int, text: str, *, is_about_recipient: bool) -> BounceVerdict:
    """The class of one SMTP reply, and whether it says that the address is dead. `is_about_recipient`: the reply to RCPT.

    At other stages of the session a bounce is never hard.
    """
    line = plain(text)
    if line.startswith(str(code)):
        line = line[3:].lstrip("- ")
    match = STATUS.search(line)
    verdict = classify_reply(ReceiverReply((f"{code} {line}",), match[1] if match else "", "rcpt" if is_about_recipient else ""))
    return verdict if is_about_recipient else BounceVerdict(verdict.bounce_class)


def classify_reply(refusal: ReceiverReply) -> BounceVerdict:
    """The class of a refusal. It is hard only if it is final and about the address.

    That a recipient is unknown counts by its status, at first hand, or in reply to RCPT: after DATA it is the word of a filter.
    """
    exact, around = _lines(refusal.exact), _lines(refusal.around)
    lines = exact or (around if refusal.is_alone else [])
    status = _status(refusal.status, lines)
    stage = refusal.stage or stage_of(" ".join(lines))
    bounce_class = _placed(_class(exact, around, status, stage), stage)
    if refusal.is_delayed or bounce_class not in ABOUT_THE_ADDRESS or _is_temporary(status, lines):
        return BounceVerdict(bounce_class)
    is_known = bounce_class == "BadDomain" or refusal.is_first_hand or status[2:] in GONE or any(OF_RCPT.search(line) for line in lines)
    return BounceVerdict(bounce_class, is_hard=stage == "rcpt" or (stage == "" and is_known))


def plain(text: str) -> str:
    """One bounded line in lower case, without the codes that each line of a longer reply repeats."""
    line = BLANKS.sub(" ", text[: 4 * MAX_TEXT_LENGTH]).strip().lower()
    return CONTINUED.sub("", line)[:MAX_TEXT_LENGTH]


def stage_of(line: str) -> Stage:
    """The stage of the SMTP session in which a refusal came, as far as the wording tells."""
    return next((stage for stage, pattern in STAGES if pattern.search(line)), "")


def status_in(text: str) -> str:
    """The first enhanced status in a text."""
    match = STATUS.search(text[: 4 * MAX_TEXT_LENGTH])
    return match[1] if match else ""


def reply_in(text: str) -> str:
    """The first reply code in a text."""
    match = REPLY.search(text[: 4 * MAX_TEXT_LENGTH])
    return match[1] if match else ""


def _lines(texts: tuple[str, ...]) -> list[str]:
    return [plain(text) for text in texts if text.strip()]


def _class(exact: list[str], around: list[str], status: str, stage: Stage) -> BounceClass:
    """The first that gives a class: an unambiguous status, a provider's published reply, wording, a status, words in any language.

    The text around counts after all that is about this recipient alone.
    """
    by_number = by_status(status)
    is_specific = by_number is not None and not status.endswith(".0")
    return (
        (by_number if status[2:] in EXACT else None)
        or _first(reply_of_provider, exact, with_links=True)
        or _first(meaning, exact)
        or (by_number if is_specific else None)
        or _first(sense, exact)
        or _first(vague_meaning, exact)
        or _first(meaning, around)
        or _first(sense, around)
        or (by_number if by_number and not status.endswith(".0.0") else None)
        or _by_reply(exact, stage)
    )


def _first(read: Callable[[str], BounceClass | None], lines: list[str], *, with_links: bool = False) -> BounceClass | None:
    texts = lines if with_links else [_without_names(line) for line in lines]
    return next((bounce_class for bounce_class in map(read, texts) if bounce_class), None)


def _by_reply(lines: list[str], stage: Stage) -> BounceClass:
    reply = next((code for code in map(reply_in, lines) if code), "")
    if reply == "552" and stage == "data":  # of the mail, not of the mailbox
        return "ContentRelated"
    return "SpamBlock" if reply and stage == "connect" else REPLIES.get(reply, "Uncategorized")


def _placed(bounce_class: BounceClass, stage: Stage) -> BounceClass:
    """Adjusts a class to the stage: in reply to MAIL the sender is unknown, before it the host; after DATA it is the word of a filter."""
    if bounce_class in ABOUT_THE_ADDRESS and stage == "mail":
        return "InvalidSender"
    if bounce_class in {"TransientFailure", "InvalidRecipient"} and stage == "connect":
        return "SpamBlock"
    return "PolicyRelated" if bounce_class == "InvalidRecipient" and stage == "data" else bounce_class


def _without_names(line: str) -> str:
    """Without addresses and links, whose names mean nothing."""
    return ADDRESS_IN_TEXT.sub("<>", LINK.sub("", line).replace("...", " ... "))


def _status(given: str, lines: list[str]) -> str:
    """The most specific status: one in the text takes precedence over one that only says that it failed."""
    in_text = next((code for code in map(status_in, lines) if code and not code.endswith(".0.0")), "")
    return in_text if in_text and (not given or given.endswith(".0") or given[2:] not in STATUSES) else given or in_text


def _is_temporary(status: str, lines: list[str]) -> bool:
    return status.startswith("4.") or next((code for code in map(reply_in, lines) if code), "").startswith("4")
