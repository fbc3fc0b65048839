"""The records that a domain publishes beside its keys, and whether what was found does what they are for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from misarmail_server.settings import Settings

Purpose = Literal["spf", "dmarc", "mx", "return_path", "proof"]
Kind = Literal["TXT", "MX", "CNAME"]
Status = Literal["pending", "valid", "invalid", "missing"]

MX_PRIORITY = 10
PASSING = "+"
TOKEN_DIGITS = 32


class PublishedRecord(NamedTuple):
    """A record to publish. `priority` is an MX record's."""

    type: Kind
    host: str
    value: str
    priority: int | None = None


def proof(account_id: str, name: str) -> PublishedRecord:
    """The record that says which account a name belongs to.

    It need not be secret: whoever can publish it decides about the name. It is the same each time, so that it can be published before there
    is a domain.
    """
    token = hashlib.sha256(f"{account_id} {name}".encode()).hexdigest()[:TOKEN_DIGITS]
    return PublishedRecord("TXT", f"_misarmail.{name}", f"misarmail-verification={token}")


def wanted(settings: Settings, account_id: str, name: str) -> dict[Purpose, PublishedRecord]:
    """All records of a domain but those of its keys, by purpose."""
    return {
        "spf": PublishedRecord("TXT", name, f"v=spf1 {settings.spf} ~all"),
        "dmarc": PublishedRecord("TXT", f"_dmarc.{name}", "v=DMARC1; p=quarantine"),
        "mx": PublishedRecord("MX", f"inbound.{name}", settings.inbound_host.lower(), MX_PRIORITY),
        "return_path": PublishedRecord("CNAME", f"bounces.{name}", settings.return_path_host.lower()),
        "proof": proof(account_id, name),
    }


def judge(purpose: Purpose, record: PublishedRecord, found: Sequence[str]) -> Status:
    """What the records found at its place amount to."""
    return JUDGES[purpose](record, found)


def _spf(record: PublishedRecord, found: Sequence[str]) -> Status:
    """RFC 7208: one record (section 4.5) that lets our mechanism pass, before `all`, which ends it (section 5.1)."""
    records = [one.lower().split() for one in found if (one.lower().split() or [""])[0] == "v=spf1"]
    if not records:
        return "missing"
    mechanism = record.value.lower().split()[1]
    terms = [term.removeprefix(PASSING) for term in records[0][1:]]
    end = next((place for place, term in enumerate(terms) if term.lstrip("-~?") == "all"), len(terms))
    return "valid" if len(records) == 1 and mechanism in terms[:end] else "invalid"


def _dmarc(_record: PublishedRecord, found: Sequence[str]) -> Status:
    """RFC 7489, section 6.6.3: exactly one record that begins with its version."""
    policies = [one for one in found if one.partition(";")[0].replace(" ", "") == "v=DMARC1"]
    if not policies:
        return "missing"
    return "valid" if len(policies) == 1 else "invalid"


def _mx(record: PublishedRecord, found: Sequence[str]) -> Status:
    return _one_of(record.value, [one.split()[-1] for one in found])


def _exact(record: PublishedRecord, found: Sequence[str]) -> Status:
    return _one_of(record.value, found)


def _one_of(value: str, found: Sequence[str]) -> Status:
    if not found:
        return "missing"
    return "valid" if value in found else "invalid"


JUDGES: dict[Purpose, Callable[[PublishedRecord, Sequence[str]], Status]] = {
    "spf": _spf,
    "dmarc": _dmarc,
    "mx": _mx,
    "return_path": _exact,
    "proof": _exact,
}
