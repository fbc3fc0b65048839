"""The one place that decides whether a suppression bars a mail.

A suppression has a scope: `marketing` mail, or `all` mail. The reason decides the scope, except for `manual`, which states it. One of
`*@DOMAIN` holds for every address of exactly that domain. An expired suppression bars nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, or_, select

from misarmail_contract.models import SuppressionReason, SuppressionScope
from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.events.contact_log import AccountUnit

SUPPRESSION = tables.Suppression
# The status of a contact is the strongest of these reasons; a `manual` suppression changes no contact.
WEIGHTS: Mapping[str, int] = {"subscribed": 0, "bounced": 1, "unsubscribed": 2, "complained": 3}
SCOPES: Mapping[str, SuppressionScope] = {"bounced": "all", "complained": "all", "unsubscribed": "marketing"}


class Bar(NamedTuple):
    """The reason for which mail to an address is barred: an active suppression, or a topic."""

    reason: SuppressionReason
    scope: SuppressionScope
    topic_id: str | None = None  # the address is not suppressed, but not subscribed to this topic


class MailClass(NamedTuple):
    """The properties of a mail that decide which suppressions bar it. `is_platform_mail`: see `services/system_mail.py`."""

    is_marketing: bool
    is_platform_mail: bool = False


def bars(bar: Bar, mail: MailClass) -> bool:
    """Whether a suppression bars a mail. The platform's mail, such as a password reset, is barred only if the address does not exist."""
    if mail.is_platform_mail:
        return bar.reason == "bounced"
    return mail.is_marketing or bar.scope == "all"


def strongest(held: Iterable[Bar], mail: MailClass) -> Bar | None:
    """The suppression that bars most, among those that bar a mail; None if none does."""
    barring = [bar for bar in held if bars(bar, mail)]
    return max(barring, key=rank) if barring else None


def rank(bar: Bar) -> tuple[bool, int]:
    """Orders the suppressions of an address by what they bar."""
    return bar.scope == "all", WEIGHTS.get(bar.reason, 0)


def of_addresses(unit: AccountUnit, addresses: Collection[str], mail: MailClass) -> dict[str, Bar]:
    """Address -> what bars the mail, for the barred ones of `addresses`, which are in lower case. One statement."""
    listed = [*addresses, *dict.fromkeys(map(of_domain, addresses))]
    values: dict[str, str] = {f"address_{number}": address for number, address in enumerate(listed)}
    rows = _listed(len(listed)).run(unit.connection, {"account": unit.account_id, "at": unit.now(), **values}).fetchall()
    if not rows:
        return {}
    by_address: dict[str, list[Bar]] = {}
    for address, reason, scope in rows:
        by_address.setdefault(address, []).append(Bar(reason, scope))
    return barred(by_address, dict.fromkeys(addresses, mail))


def barred(by_address: Mapping[str, list[Bar]], mails: Mapping[str, MailClass]) -> dict[str, Bar]:
    """Lower-case address -> what bars its mail. `by_address` has the suppressions of addresses and domains."""
    bars_ = ((address, strongest(_held(by_address, address), mail)) for address, mail in mails.items())
    return {address: bar for address, bar in bars_ if bar is not None}


def of_domain(address: str) -> str:
    """The stored form of a suppression of the address's whole domain."""
    return f"*@{address.rpartition('@')[2]}"


def is_active(at: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a suppression has not expired."""
    return or_(SUPPRESSION.expires_at.is_(None), SUPPRESSION.expires_at > at)


def _held(by_address: Mapping[str, list[Bar]], address: str) -> list[Bar]:
    return by_address.get(address, []) + by_address.get(of_domain(address), [])


@cache
def _listed(count: int) -> Prepared:
    """The statement for `count` addresses and domains; a send has at most 200 recipients."""
    addresses: list[BindParameter[str]] = [bindparam(f"address_{number}") for number in range(count)]
    columns = (SUPPRESSION.address, SUPPRESSION.reason, SUPPRESSION.scope)
    listed = or_(*(SUPPRESSION.address == address for address in addresses))
    return Prepared(select(*columns).where(SUPPRESSION.account_id == bindparam("account"), listed, is_active(bindparam("at"))))
