"""The audit trail."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import ROW_ID, Table


class AuditEntry(Table):
    """A completed change, or a sign-in. `target` is the requested path; `key_id` is None for a session."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_account", "account_id", "id"),)

    id: Mapped[int] = mapped_column(ROW_ID, primary_key=True)
    account_id: Mapped[str]
    key_id: Mapped[str | None]
    operation: Mapped[str]
    target: Mapped[str]
    request_id: Mapped[str]
    ip_address: Mapped[str | None]  # of the client; None if it is older than this column
    outcome: Mapped[str]  # done, or refused for a sign-in
    at: Mapped[int]
