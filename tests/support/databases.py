"""Whole databases in tests: their description, one row in every table, and counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, MetaData, inspect, text

from misarmail_server.db.store import Store


def run(store: Store, sql: str) -> None:
    store.write(lambda connection: connection.execute(text(sql)).close())


def table_names(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name != "alembic_version"]


TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}


def described(store: Store) -> dict[str, object]:
    """The tables of a database, without the order of columns, which migrations cannot keep."""
    with store.engine.connect() as connection:
        seen: Any = inspect(connection)
        triggers = connection.execute(text(TRIGGERS[connection.dialect.name])).all()
        listings: dict[str, Any] = {
            name: [
                sorted(map(repr, listed))
                for listed in (
                    seen.get_columns(name),
                    seen.get_foreign_keys(name),
                    seen.get_unique_constraints(name),
                    seen.get_check_constraints(name),
                    *([] if connection.dialect.name == "sqlite" else [seen.get_indexes(name)]),
                    [seen.get_pk_constraint(name)],
                )
            ]
            for name in seen.get_table_names()
        }
        return {"triggers": sorted(map(repr, triggers)), **listings}


WORDS = {
    "default": "opt_in",
    "visibility": "public",
    "state": "pending",
    "stream": "marketing",
    "status": "subscribed",
    "reason": "manual",
    "scope": "all",
}  # of columns that refuse other texts


def fill(connection: Connection) -> None:
    """One row in every table, each of which refers to the row of the other."""
    reflected = MetaData()
    reflected.reflect(connection)
    rows: dict[str, dict[str, Any]] = {}
    for table in reflected.sorted_tables:
        if table.name != "alembic_version":
            rows[table.name] = {column.name: value(column, rows) for column in table.columns}
            connection.execute(table.insert().values(rows[table.name]))


def value(column: Column[Any], rows: dict[str, dict[str, Any]]) -> Any:
    """A value that a column accepts: that of the row which it refers to, or one of its type."""
    for key in column.foreign_keys:
        return rows[key.column.table.name][key.column.name]
    by_type: dict[type, Any] = {str: WORDS.get(column.name, "{}"), bytes: b"x", bool: True}
    return by_type.get(column.type.python_type, 1)


def counts(store: Store, names: Iterable[str]) -> dict[str, int]:
    with store.read() as connection:
        return {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0 for name in names}
