"""SPF, DKIM and DMARC of one received mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.received.auth import dkim_check, dmarc, spf
from misarmail_server.received.bounces.reading import read
from misarmail_server.received.mailboxes import mailboxes

MAX_AUTHORS = 10
SEVERITY: tuple[dmarc.DmarcWord, ...] = ("fail", "temperror", "none", "pass")
NO_AUTHOR = dmarc.DmarcResult("none", "", "")


class SmtpSession(NamedTuple):
    """The SMTP session of a mail: the client's address, its HELO name, and MAIL FROM (empty for a bounce)."""

    ip: str
    helo: str
    mail_from: str


class AuthenticationResults(NamedTuple):
    """`author_domain` is the domain in From, empty unless there is one such field with one domain; `dmarc` is the worst result of all."""

    spf: spf.SpfResult
    dkim: dkim_check.DkimResult
    dmarc: dmarc.DmarcResult
    author_domain: str


def check(server: tuple[str, int] | None, session: SmtpSession, raw: bytes) -> AuthenticationResults:
    """The three results. `server` is the DNS server to ask, None for the system's resolver; each question is asked once."""
    ask = _asking(server)
    by_spf = spf.check(ask, session.ip, session.helo, session.mail_from)
    by_dkim = dkim_check.check(ask, raw)
    fields = author_fields(raw)
    authors = list(dict.fromkeys(domain for field in fields for domain in field))
    proven = by_spf.domain if by_spf.result == "pass" else ""
    results = [dmarc.check(ask, author, proven, by_dkim.domains) for author in authors[:MAX_AUTHORS]]
    # A signature covers one of several From fields, so that the others would pass by its domain.
    results += [NO_AUTHOR] if len(fields) != 1 or not authors else []
    worst = min(results, key=lambda result: SEVERITY.index(result.result))
    return AuthenticationResults(by_spf, by_dkim, worst, authors[0] if len(fields) == len(authors) == 1 else "")


def _asking(server: tuple[str, int] | None) -> Callable[[Question], LookupResult]:
    known: dict[Question, LookupResult] = {}

    def ask(question: Question) -> LookupResult:
        if question not in known:
            (known[question],) = look_up(server, [question])
        return known[question]

    return ask


def author_fields(raw: bytes) -> list[list[str]]:
    """The domains in each From field; a mail has one such field, but a forged one may have several."""
    values = [value for name, value in read(raw).all_fields if name == "from"]
    return [list(dict.fromkeys(mailbox.email.rpartition("@")[2].lower() for mailbox in mailboxes(value))) for value in values]
