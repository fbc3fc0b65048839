"""Inbound domains."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Owned


class InboundDomain(Owned):
    """A host that mail is received for; it belongs to one account."""

    __tablename__ = "inbound_domains"
    __table_args__ = (Index("ix_inbound_domains_account_created", "account_id", "created_at"),)

    subdomain: Mapped[str] = mapped_column(unique=True)  # the whole host, in lower case and its xn-- form
    webhook_url: Mapped[str]
    webhook_secret_sealed: Mapped[bytes]  # or after `plain:` in clear, from before secrets were sealed
    silent_since: Mapped[int | None]  # as of a webhook
    paused_until: Mapped[int | None]
    created_at: Mapped[int]
    updated_at: Mapped[int]
