"""Sending domains, their keys, and who has verified which name."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_contract.models import DnsRecordStatus, DomainStatus
from misarmail_server.rows.table import Owned, Table


class Domain(Owned):
    """A domain that an account wants to send from. Many accounts may have the same name; `VerifiedDomain` says whose it is.

    `state`: pending -> verified <-> failed. `*_status`: what the last look-up that was answered saw: pending, valid, invalid or missing.
    `dkim_status` is valid while any key in use was seen.
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
    generation: Mapped[int]  # how often keys were made for it; names the selectors
    created_at: Mapped[int]
    verified_at: Mapped[int | None]
    checked_at: Mapped[int | None]


class VerifiedDomain(Table):
    """The one account that a name belongs to. The primary key decides between two that verify it at once."""

    __tablename__ = "verified_domains"

    name: Mapped[str] = mapped_column(primary_key=True)
    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id"), unique=True)
    account_id: Mapped[str]


class DkimKey(Table):
    """A key that signs a domain's mail.

    `state`: pending (its record was not seen yet) -> active (signs) -> retired (a newer one signs; it has no private part any more).
    """

    __tablename__ = "dkim_keys"

    domain_id: Mapped[str] = mapped_column(ForeignKey("domains.id"), primary_key=True)
    selector: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]  # rsa or ed25519
    generation: Mapped[int]
    private_key: Mapped[bytes | None]  # PKCS #8 in DER, sealed (see vault.py) and never answered
    public_key: Mapped[str]  # the p= of its record (RFC 6376, section 3.6.1)
    state: Mapped[str]
    record_status: Mapped[DnsRecordStatus] = mapped_column(Text)
    created_at: Mapped[int]
