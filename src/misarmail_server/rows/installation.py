"""The installation: what all its processes have in common."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from misarmail_server.rows.table import Table


class Installation(Table):
    """The only row, written by the first process that starts. Every other process must agree with it."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_proof: Mapped[str]  # of the platform's key, see vault.py
    delivery_json: Mapped[str]  # {variable: text} of the settings that decide how mail leaves, without passwords
    delivery_proof: Mapped[str]  # of the same settings with their passwords
    changed_at: Mapped[int]
