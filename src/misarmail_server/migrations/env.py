"""Alembic's entry point: runs on the connection that `migrate.upgrade` hands over, or on the database of the settings."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from misarmail_server import settings
from misarmail_server.db import tables
from misarmail_server.db.store import Store


def _run(connection: Connection) -> None:
    # SQLite cannot alter a table in place; batch mode copies it.
    context.configure(connection=connection, target_metadata=tables.Table.metadata, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        context.run_migrations()


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is not None:
    _run(handed_over)
else:
    with Store(settings.load().database_url).engine.begin() as own:
        _run(own)
