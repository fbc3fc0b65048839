"""A table of notes, and what the tests of the store write to it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from misarmail_server.db.store import Store

INSERT = text("INSERT INTO notes (words) VALUES (:words)")


def run_sql(connection: Connection, sql: str) -> None:
    connection.exec_driver_sql(sql)


def say(words: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(INSERT, {"words": words})
        return words

    return work


def stored_words(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.scalars(text("SELECT words FROM notes ORDER BY id")))
