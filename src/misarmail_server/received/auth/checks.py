"""SPF, DKIM and DMARC of one received mail together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from misarmail_server.external.dns import look_up
from misarmail_server.external.lookup import LookupResult, Question
from misarmail_server.received.auth import dkim_check, dmarc, spf
from misarmail_server.received.bounces import addresses
from misarmail_server.received.bounces.reading import read


class SmtpSession(NamedTuple):
    """Who brought the mail: the client's address, what it called itself, and MAIL FROM (empty for a bounce)."""

    ip: str
    helo: str
    mail_from: str


class AuthenticationResults(NamedTuple):
    """`author_domain` is that of From, empty where there is not exactly one such header with one address."""

    spf: spf.SpfResult
    dkim: dkim_check.DkimResult
    dmarc: dmarc.DmarcResult
    author_domain: str


def check(server: tuple[str, int] | None, session: SmtpSession, raw: bytes) -> AuthenticationResults:
    """The three results. `server` answers the questions, None is the system's resolver; each question is asked once."""
    ask = _asking(server)
    by_spf = spf.check(ask, session.ip, session.helo, session.mail_from)
    by_dkim = dkim_check.check(ask, raw)
    author = _author_domain(raw)
    proven = by_spf.domain if by_spf.result == "pass" else ""
    by_dmarc = dmarc.check(ask, author, proven, by_dkim.domains) if author else dmarc.DmarcResult("none", "", "")
    return AuthenticationResults(by_spf, by_dkim, by_dmarc, author)


def _asking(server: tuple[str, int] | None) -> Callable[[Question], LookupResult]:
    known: dict[Question, LookupResult] = {}

    def ask(question: Question) -> LookupResult:
        if question not in known:
            (known[question],) = look_up(server, [question])
        return known[question]

    return ask


def _author_domain(raw: bytes) -> str:
    """DMARC judges one author; a mail with several, or none, proves nothing."""
    senders = [value for name, value in read(raw).all_fields if name == "from"]
    found = addresses.all_addresses(senders[0]) if len(senders) == 1 else []
    return (
        addresses.first_address(senders[0]).rpartition("@")[2].lower()
        if len({one.rpartition("@")[2].lower() for one in found}) == 1
        else ""
    )
