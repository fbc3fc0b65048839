"""Statements of hot paths, compiled once and run directly on the database driver.

SQLAlchemy generates the SQL for either database. Its overhead per execution costs several times what SQLite takes, so the few
statements that every request runs bypass it. Rows are plain tuples in the order of the statement's columns; values are the driver's:
SQLite returns 0 and 1 for a boolean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ClauseElement, Connection, Dialect, insert

from misarmail_server.db import dialects, tables

Values = Mapping[str, Any]


class Prepared:
    """A statement, or a function that builds it for a database kind. Its `bindparam`s are the values of a run; literal values are fixed."""

    def __init__(self, statement: ClauseElement | Callable[[str], ClauseElement], columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, tuple[str, Sequence[str] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, values: Values) -> Any:
        """Run the statement once and return the driver's cursor: `fetchone`, `fetchall`, `rowcount`."""
        sql, order, fixed = self._for(connection.dialect)
        return _cursor(connection).execute(sql, _bound(order, fixed, values))

    def run_alone(self, connection: Connection, values: Values) -> Any:
        """The first row, read outside SQLAlchemy's transactions."""
        sql, order, fixed = self._for(connection.dialect)
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name == "sqlite":
            return driver.execute(sql, _bound(order, fixed, values)).fetchone()
        driver.autocommit = True  # otherwise psycopg sends BEGIN before it and needs a ROLLBACK after it
        try:
            return driver.execute(sql, _bound(order, fixed, values)).fetchone()
        finally:
            driver.autocommit = False

    def run_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run the statement for each row; returns the total number of changed rows."""
        if not rows:
            return 0
        sql, order, fixed = self._for(connection.dialect)
        cursor = _cursor(connection)
        cursor.executemany(sql, [_bound(order, fixed, row) for row in rows])
        return int(cursor.rowcount)

    def run_rows(self, connection: Connection, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
        """As `run_many`, for very many rows: each is a tuple of values in the order of `columns`."""
        if not rows:
            return 0
        sql, order, _ = self._for(connection.dialect)
        if order is None:
            bound: Sequence[Any] = [dict(zip(columns, row, strict=True)) for row in rows]
        else:
            bound = rows if list(order) == list(columns) else list(map(itemgetter(*map(columns.index, order)), rows))
        cursor = _cursor(connection)
        cursor.executemany(sql, bound)
        return int(cursor.rowcount)

    def _for(self, dialect: Dialect) -> tuple[str, Sequence[str] | None, dict[str, Any]]:
        entry = self._compiled.get(dialect.name)
        if entry is None:
            statement = self._statement if isinstance(self._statement, ClauseElement) else self._statement(dialect.name)
            compiled: Any = statement.compile(dialect=dialect, column_keys=self._columns)
            if compiled.post_compile_params:
                raise ValueError("a statement with a list of values cannot be prepared: the list is written into the SQL at each run")
            order = compiled.positiontup if compiled.positional else None
            fixed = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
            entry = self._compiled[dialect.name] = (str(compiled), order, fixed)
        return entry


def inserts(table: type[tables.Table], *columns: str) -> Prepared:
    """An INSERT of the columns."""
    return Prepared(insert(table), columns)


def inserts_new(table: type[tables.Table], *columns: str) -> Prepared:
    """An INSERT of the columns that does nothing if a unique constraint already holds the row; check `rowcount`."""
    return Prepared(lambda name: dialects.insert(name, table).on_conflict_do_nothing(), columns)


def _cursor(connection: Connection) -> Any:
    """A cursor of the driver inside SQLAlchemy's transaction, which is begun if there is none."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()


def _bound(order: Sequence[str] | None, fixed: dict[str, Any], values: Values) -> Any:
    if order is None:
        return {**fixed, **values}
    return [values[name] if name in values else fixed[name] for name in order]
