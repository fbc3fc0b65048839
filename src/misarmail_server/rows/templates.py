"""Templates."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from misarmail_server.rows.table import Owned


class Template(Owned):
    """A reusable mail with merge tags."""

    __tablename__ = "templates"
    __table_args__ = (Index("ix_templates_account_created", "account_id", "created_at"),)

    name: Mapped[str]
    subject: Mapped[str]
    body_html: Mapped[str]
    body_text: Mapped[str | None]
    category: Mapped[str | None]
    created_at: Mapped[int]
    updated_at: Mapped[int]
