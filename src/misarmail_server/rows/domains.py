"""Sending domains, their DKIM keys, and the accounts that have verified them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import DnsRecordStatus, DomainStatus
from misarmail_server.rows.table import Owned, Table

RETURN_PATH_LABEL = "bounces"


def return_path_host(name: str) -> str:
    """The host of a domain's return-path record."""
    return f"{RETURN_PATH_LABEL}.{name}"


class Domain(Owned):
    """A domain that an account wants to send from. Several accounts may add the same name; `VerifiedDomain` decides which owns it.

    `state`: pending -> verified <-> failed. `*_status`: the result of the last answered lookup: pending, valid, invalid or missing.
    `dkim_status` is valid while the record of any key in use is published.
    """

    __tablename__ = "domains"
    __table_args__ = (UniqueConstraint("account_id", "name"), Index("ix_domains_account_created", "account_id", "created_at"))

    name: Mapped[str]  # in lower case and its xn-- form
    state: Mapped[DomainStatus] = mapped_column(Text)
    dkim_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    spf_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    dmarc_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    mx_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    return_path_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    proof_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    generation: Mapped[int]  # how often keys were created; it is part of the selectors
    created_at: Mapped[int]
    verified_at: Mapped[int | None]
    checked_at: Mapped[int | None]


class VerifiedDomain(Table):
    """The account that owns a name. The primary key decides if two accounts verify it at once."""

    __tablename__ = "verified_domains"

    name: Mapped[str] = mapped_column(primary_key=True)
    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id"), unique=True)
    account_id: Mapped[str]


class DkimKey(Table):
    """A key that signs a domain's mail.

    `state`: pending (record not yet published) -> active (signs) -> retired (replaced; its private part is deleted).
    """

    __tablename__ = "dkim_keys"

    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id"), primary_key=True)
    selector: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]  # rsa or ed25519
    generation: Mapped[int]
    private_key: Mapped[bytes | None]  # PKCS #8 in DER, sealed (see vault.py), never returned by the API
    public_key: Mapped[str]  # the p= tag of its record (RFC 6376, section 3.6.1)
    state: Mapped[str]
    record_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    created_at: Mapped[int]
