"""SPF, DKIM and DMARC of one received mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.received.auth import dkim_check, dmarc, spf
from misarmail_server.received.bounces.reading import read
from misarmail_server.received.mailboxes import mailboxes


class SmtpSession(NamedTuple):
    """The SMTP session of a mail: the client's address, its HELO name, and MAIL FROM (empty for a bounce)."""

    ip: str
    helo: str
    mail_from: str


class AuthenticationResults(NamedTuple):
    """`author_domain` is the domain in From, empty unless there is exactly one such header with one address."""

    spf: spf.SpfResult
    dkim: dkim_check.DkimResult
    dmarc: dmarc.DmarcResult
    author_domain: str


def check(server: tuple[str, int] | None, session: SmtpSession, raw: bytes) -> AuthenticationResults:
    """The three results. `server` is the DNS server to ask, None for the system's resolver; each question is asked once."""
    ask = _asking(server)
    by_spf = spf.check(ask, session.ip, session.helo, session.mail_from)
    by_dkim = dkim_check.check(ask, raw)
    author = author_domain(raw)
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


def author_domain(raw: bytes) -> str:
    """DMARC checks one author; a mail with several domains, or none, proves nothing."""
    senders = [value for name, value in read(raw).all_fields if name == "from"]
    authors = {mailbox.email.rpartition("@")[2].lower() for mailbox in mailboxes(senders[0])} if len(senders) == 1 else set()
    return authors.pop() if len(authors) == 1 else ""
