"""The new text of a reply, without what the mail program added below it."""

from __future__ import annotations

import re

WRAPPED = 4  # lines: programs wrap `On ..., ... wrote:`
MAX_LINES = 5_000

QUOTE = re.compile(r"[ \t]*>")
SIGNATURE = re.compile(
    r"-- ?$|__+$|(?:sent|envoyé|gesendet|enviado|inviato|verzonden|skickat) (?:from|von|depuis|de|desde|dal|van|från)"
    r" (?:my|meine|mon|mi|mijn|il) ",
    re.IGNORECASE,
)
DIVIDER = re.compile(
    r"-{2,} ?(?:original message|original appointment|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht|mensagem original|исходное сообщение|元のメッセージ)",
    re.IGNORECASE,
)
INTRODUCTION = re.compile(
    r"(?:on|am|le|el|il|op|em|den|w dniu|dne)\b.{0,400}"
    r"(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev|napisał\w*|napsal\w*)\b.{0,200}:$"
    r"|.{0,200}(?:пишет|написал\w*|写道|さんは書きました|님이 작성)[:\uff1a]?$",
    re.IGNORECASE,
)
OPENS = re.compile(r"(?:on|am|le|el|il|op|em|den|w dniu|dne)\b", re.IGNORECASE)
HEADER = re.compile(r"\*?(?:from|von|de|da|van|från|от|差出人)\*?[ \t]*[:\uff1a]", re.IGNORECASE)
FURTHER = re.compile(
    r"\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|objet|à|enviado|asunto|para|inviato|oggetto|a|verzonden|aan|onderwerp|cc)"
    r"\*?[ \t]*[:\uff1a]",
    re.IGNORECASE,
)


def new_text(text: str) -> str:
    """The lines before the first quotation, its introduction, a forwarded header or a signature; text between quotations is kept.

    The whole text if nothing would be left. The first five thousand lines are examined.
    """
    lines = text.replace("\r\n", "\n").split("\n")[:MAX_LINES]
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _ends(lines, number):
            break
        if not QUOTE.match(line) and not _introduces(lines, number):
            kept.append(line)
    answer = "\n".join(kept).strip()
    return answer or text.strip()


def _ends(lines: list[str], number: int) -> bool:
    """Whether everything from this line on is quoted, or a signature."""
    line = lines[number].strip()
    if SIGNATURE.match(line) or DIVIDER.match(line):
        return True
    if HEADER.match(line):
        return any(FURTHER.match(line.strip()) for line in lines[number + 1 : number + 3])
    return _introduces(lines, number) and not any(QUOTE.match(line) for line in lines[number : number + 2 * WRAPPED])


def _introduces(lines: list[str], number: int) -> bool:
    """Whether a line belongs to `On ..., ... wrote:`, which may be wrapped."""
    for first in range(max(0, number - WRAPPED + 1), number + 1):
        if not OPENS.match(lines[first].strip()) and first != number:
            continue
        for last in range(number, min(len(lines), first + WRAPPED)):
            joined = " ".join(line.strip() for line in lines[first : last + 1])[:800]
            if INTRODUCTION.match(joined):
                return True
    return False
