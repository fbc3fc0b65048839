"""Aliases."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from misarmail_server.rows.table import Owned

IS_DEFAULT = text("is_default")


class Alias(Owned):
    """A From address with a pool of IP addresses. Whether the account may send from it is decided in `services/senders.py`."""

    __tablename__ = "aliases"
    __table_args__ = (
        UniqueConstraint("account_id", "email"),
        Index("ix_aliases_account_created", "account_id", "created_at"),
        Index("uq_aliases_default", "account_id", unique=True, sqlite_where=IS_DEFAULT, postgresql_where=IS_DEFAULT),
    )

    email: Mapped[str]  # in lower case
    name: Mapped[str | None]
    is_default: Mapped[bool]
    ip_pool: Mapped[str]  # transactional, marketing or newsletter
    created_at: Mapped[int]
    updated_at: Mapped[int]
