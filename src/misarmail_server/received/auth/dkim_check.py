"""DKIM signatures of a received mail (RFC 6376), verified by dkimpy. Only a few are checked: each costs a look-up and a computation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import dkim

from misarmail_server.external.dns_results import LookupResult, Question

DkimWord = Literal["none", "pass", "fail", "temperror"]
Ask = Callable[[Question], LookupResult]

MAX_SIGNATURES = 5
MAX_KEY_LENGTH = 1_500  # characters of its record, enough for 4,096 bits; a longer key would only cost time
# What dkimpy raises for malformed headers and keys; found by changing valid ones at random.
STUMBLES = (dkim.DKIMException, ValueError, TypeError, LookupError, AttributeError, AssertionError)
MIN_KEY_LENGTH = 1024  # bits; RFC 8301, section 3.2


class DkimResult(NamedTuple):
    """`domains` are those with a valid signature, in the order of the header."""

    result: DkimWord
    domains: tuple[str, ...]


class _Unanswered(Exception):  # noqa: N818 - nobody could tell
    """The DNS did not reply."""


def check(ask: Ask, raw: bytes) -> DkimResult:
    """The result of the first signatures of a mail."""

    def record(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - dkimpy passes it
        result = ask(Question(name.decode("ascii", "replace").rstrip("."), "TXT"))
        if result.failure:
            raise _Unanswered
        return result.values[0].encode() if result.values and len(result.values[0]) <= MAX_KEY_LENGTH else None

    try:
        mail = dkim.DKIM(raw, minkey=MIN_KEY_LENGTH)
    except STUMBLES:
        return DkimResult("none", ())
    count = sum(name.lower() == b"dkim-signature" for name, _ in mail.headers)
    results = [_check_signature(mail, index, record) for index in range(min(count, MAX_SIGNATURES))]
    domains = tuple(dict.fromkeys(domain for result, domain in results if result == "pass"))
    return DkimResult(_summary([result for result, _ in results]), domains)


def _check_signature(mail: dkim.DKIM, index: int, record: Callable[[bytes], bytes | None]) -> tuple[DkimWord, str]:
    """The result of one signature, and its domain. A header on which dkimpy fails proves nothing."""
    try:
        is_good = mail.verify(idx=index, dnsfunc=record)
    except _Unanswered:
        return "temperror", ""
    except STUMBLES:
        return "fail", ""
    is_whole = b"l" not in mail.signature_fields  # after a signature of part of the body, text could be appended
    return ("pass", mail.domain.decode("ascii", "replace").lower()) if is_good and is_whole else ("fail", "")


def _summary(results: list[DkimWord]) -> DkimWord:
    """One valid signature is enough."""
    for word in ("pass", "temperror", "fail"):
        if word in results:
            return word
    return "none"
