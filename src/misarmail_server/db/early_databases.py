"""Databases of early commits, whose revisions had other tables than the migrations of the same names have now.

Each is rebuilt before the chain runs: its tables are set aside, the migrations create those of its revision, and the rows are copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, MetaData, Table, column, create_engine, func, insert, inspect, literal, select, table, text

from misarmail_server.settings import BadSettingError

SEVERAL_SHAPES = ("0002", "0004", "0005", "0007")  # revisions that landed with different tables; every later one landed with one set
ASIDE = "set_aside"
HOUR, DAY = 3_600_000, 86_400_000
# Not copied: sums of event_counts that nothing ever wrote, and the counts that `_copy_hours` copies.
WITHOUT_SUCCESSOR = {"event_hours"} | {
    f"campaigns.total_{counted}" for counted in ("sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")
}
VERSION_TABLE = "alembic_version"

Columns = Mapping[str, frozenset[str]]
Step = Callable[[Connection, str], None]


def complete(connection: Connection, revision: str, step: Step) -> None:
    """Rebuild the database as its revision is now, if it differs. `step` runs the migrations up to a revision.

    Raises BadSettingError, before anything is changed, for tables or columns that the migrations do not know.
    """
    if revision not in SEVERAL_SHAPES:
        return
    present = _columns(connection)
    target = "0008" if revision == "0007" and "queue_holds" in present else revision  # 0008 was called 0007 when it landed
    expected = _expected(target, step)
    if present == expected:
        return
    _require_known(present, expected, revision)
    connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    aside = _set_aside(connection)
    step(connection, target)
    for created in _reflected(connection, {name for name in expected if name in aside}).sorted_tables:
        _copy(connection, aside[created.name], created)
    if "event_hours" in aside:
        _copy_hours(connection, aside["event_hours"])
    _drop(connection, aside)


def _columns(connection: Connection) -> Columns:
    seen = inspect(connection)
    names = (name for name in seen.get_table_names() if name != VERSION_TABLE)
    return {name: frozenset(each["name"] for each in seen.get_columns(name)) for name in names}


def _expected(revision: str, step: Step) -> Columns:
    """The tables of a revision, from its migrations on an empty database in memory."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            step(connection, revision)
            return _columns(connection)
    finally:
        engine.dispose()


def _require_known(present: Columns, expected: Columns, revision: str) -> None:
    tables = present.keys() - expected.keys()
    columns = {f"{name}.{each}" for name in present.keys() & expected.keys() for each in present[name] - expected[name]}
    unknown = sorted((tables | columns) - WITHOUT_SUCCESSOR)
    if unknown:
        names = ", ".join(unknown)
        raise BadSettingError(f"MISARMAIL_DATABASE_URL names a database of version {revision} with tables of no known version: {names}")


def _set_aside(connection: Connection) -> dict[str, Table]:
    """Move every table out of the way: on PostgreSQL into a schema, on SQLite to another name, without its indexes."""
    names = list(_columns(connection))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} SET SCHEMA {ASIDE}"))
        metadata = MetaData(schema=ASIDE)
        metadata.reflect(connection)
        return {each.name: each for each in metadata.sorted_tables}
    indexes = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")).scalars().all()
    for index in indexes:
        connection.execute(text(f"DROP INDEX {index}"))
    for name in names:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO {ASIDE}_{name}"))
    metadata = _reflected(connection, {f"{ASIDE}_{name}" for name in names})
    return {name: metadata.tables[f"{ASIDE}_{name}"] for name in names}


def _reflected(connection: Connection, names: set[str]) -> MetaData:
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(names))
    return metadata


def _copy(connection: Connection, source: Table, target: Table) -> None:
    names = [each.name for each in target.columns if each.name in source.columns]
    connection.execute(insert(target).from_select(names, select(*(source.columns[name] for name in names))))
    if connection.dialect.name == "postgresql":
        _advance_sequences(connection, target)


def _advance_sequences(connection: Connection, target: Table) -> None:
    """Let the sequences of a table go on after the copied numbers."""
    for key in target.primary_key.columns:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(target.name, key.name)))
        if sequence:
            connection.execute(select(func.setval(sequence, func.coalesce(func.max(key), 1), func.max(key).is_not(None))))


def _copy_hours(connection: Connection, hours: Table) -> None:
    """Counts by hour become counts by hour and by day."""
    counts = table("event_counts", *map(column, ("account_id", "campaign_id", "span", "began_at", "kind", "slot", "count")))
    for span, length in (("hour", HOUR), ("day", DAY)):
        began_at = hours.c.hour - hours.c.hour % length
        before, after = (hours.c.account_id, hours.c.campaign_id), (began_at, hours.c.kind, hours.c.slot)
        rows = select(*before, literal(span), *after, func.sum(hours.c["count"])).group_by(*before, *after)
        connection.execute(insert(counts).from_select([each.name for each in counts.columns], rows))


def _drop(connection: Connection, aside: Mapping[str, Table]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP SCHEMA {ASIDE} CASCADE"))
        return
    for each in aside.values():
        connection.execute(text(f"DROP TABLE {each.name}"))
