"""Cached DNS results of address validation."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Table


class MailHost(Table):
    """Whether a domain accepts mail, cached for a day and shared by all accounts: DNS is public."""

    __tablename__ = "mail_hosts"

    domain: Mapped[str] = mapped_column(primary_key=True)
    takes_mail: Mapped[bool]
    checked_at: Mapped[int] = mapped_column(index=True)
