"""The operator's pool of IP addresses, and the accounts' claims to them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Owned, Table


class IpAddress(Table):
    """An address of the pool; it is free while no claim holds it. `rdns` is the host that the operator has published for it."""

    __tablename__ = "ip_addresses"

    address: Mapped[str] = mapped_column(primary_key=True)
    rdns: Mapped[str | None]
    created_at: Mapped[int]


class IpDay(Table):
    """The number of mails sent from an address on a day of its warm-up; workers count a mail before they send it."""

    __tablename__ = "ip_days"

    address: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_count: Mapped[int]


class DedicatedIp(Owned):
    """A claim to an address. `address` is None while the claim waits; the unique constraint prevents two claims to one address."""

    __tablename__ = "dedicated_ips"
    __table_args__ = (Index("ix_dedicated_ips_account_created", "account_id", "created_at"),)

    address: Mapped[str | None] = mapped_column(ForeignKey("ip_addresses.address"), unique=True)
    pool: Mapped[str]  # transactional, marketing or newsletter
    rdns: Mapped[str | None]
    warmup_enabled: Mapped[bool]
    created_at: Mapped[int]
    provisioned_at: Mapped[int | None]  # when the address was assigned and its warm-up began
