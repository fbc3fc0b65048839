"""Database-specific parts of SQLAlchemy, imported on first use: PostgreSQL's part takes as long to import as forty tables."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from misarmail_server.db import tables


def insert(name: str, table: type[tables.Table]) -> Any:
    """An INSERT with ON CONFLICT for a database kind: `sqlite` or `postgresql`."""
    return import_module(f"sqlalchemy.dialects.{name}").insert(table)
