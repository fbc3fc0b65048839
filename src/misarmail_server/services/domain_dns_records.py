"""The DNS records of a domain, except those of its keys, and checks of published records against them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from misarmail_server.rows.domains import return_path_host
from misarmail_server.settings import Settings

Purpose = Literal["spf", "dmarc", "mx", "return_path", "proof"]
Kind = Literal["TXT", "MX", "CNAME"]
Status = Literal["pending", "valid", "invalid", "missing"]

MX_PRIORITY = 10
PLUS_QUALIFIER = "+"
TOKEN_DIGITS = 32


class PublishedRecord(NamedTuple):
    """A record to publish. `priority` is set for MX records."""

    type: Kind
    host: str
    value: str
    priority: int | None = None


def proof(account_id: str, name: str) -> PublishedRecord:
    """The record that proves which account a name belongs to.

    It need not be secret: anyone who can publish it controls the name. It never changes, so that it can be published before the domain is
    added.
    """
    token = hashlib.sha256(f"{account_id} {name}".encode()).hexdigest()[:TOKEN_DIGITS]
    return PublishedRecord("TXT", f"_misarmail.{name}", f"misarmail-verification={token}")


def expected(settings: Settings, account_id: str, name: str) -> dict[Purpose, PublishedRecord]:
    """All records of a domain except those of its keys, by purpose."""
    return {
        "spf": PublishedRecord("TXT", name, f"v=spf1 {settings.spf} ~all"),
        "dmarc": PublishedRecord("TXT", f"_dmarc.{name}", "v=DMARC1; p=quarantine"),
        "mx": PublishedRecord("MX", f"inbound.{name}", settings.inbound_host.lower(), MX_PRIORITY),
        "return_path": PublishedRecord("CNAME", return_path_host(name), settings.return_path_host.lower()),
        "proof": proof(account_id, name),
    }


def check(purpose: Purpose, record: PublishedRecord, texts: Sequence[str]) -> Status:
    """The status of the texts published for a record."""
    return CHECKS[purpose](record, texts)


def _spf(record: PublishedRecord, texts: Sequence[str]) -> Status:
    """RFC 7208: exactly one record (section 4.5) that passes the platform's mechanism before `all`, which ends evaluation (section 5.1)."""
    records = [text.lower().split() for text in texts if (text.lower().split() or [""])[0] == "v=spf1"]
    if not records:
        return "missing"
    mechanism = record.value.lower().split()[1]
    terms = [term.removeprefix(PLUS_QUALIFIER) for term in records[0][1:]]
    end = next((index for index, term in enumerate(terms) if term.lstrip("-~?") == "all"), len(terms))
    return "valid" if len(records) == 1 and mechanism in terms[:end] else "invalid"


def _dmarc(_record: PublishedRecord, texts: Sequence[str]) -> Status:
    """RFC 7489, section 6.6.3: exactly one record that begins with its version."""
    policies = [text for text in texts if text.partition(";")[0].replace(" ", "") == "v=DMARC1"]
    if not policies:
        return "missing"
    return "valid" if len(policies) == 1 else "invalid"


def _mx(record: PublishedRecord, texts: Sequence[str]) -> Status:
    return _is_among(record.value, [text.split()[-1] for text in texts])


def _exact(record: PublishedRecord, texts: Sequence[str]) -> Status:
    return _is_among(record.value, texts)


def _is_among(value: str, texts: Sequence[str]) -> Status:
    if not texts:
        return "missing"
    return "valid" if value in texts else "invalid"


CHECKS: dict[Purpose, Callable[[PublishedRecord, Sequence[str]], Status]] = {
    "spf": _spf,
    "dmarc": _dmarc,
    "mx": _mx,
    "return_path": _exact,
    "proof": _exact,
}
