"""What SQLAlchemy has for one kind of database only, imported with its first use: PostgreSQL's part takes as long as forty tables."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from misarmail_server.db import tables


def insert(name: str, table: type[tables.Table]) -> Any:
    """An INSERT that knows ON CONFLICT, for the database of that name: `sqlite` or `postgresql`."""
    return import_module(f"sqlalchemy.dialects.{name}").insert(table)
