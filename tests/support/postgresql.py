"""The PostgreSQL database of a run, where TEST_DATABASE_URL names one (`scripts/with-postgresql`)."""

from __future__ import annotations

import os
from functools import cache
from itertools import count

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import make_url

NUMBERS = count()


@cache
def own_database() -> str:
    """The address of this process's database, "" on SQLite. Each process of a parallel run creates a separate one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    return another_database(f"test_{worker}") if worker else _given()


def another_database(name: str) -> str:
    """The address of an empty database of that name beside the given one, "" on SQLite."""
    if not _given():
        return ""
    own = make_url(_given()).set(database=name)
    with psycopg.connect(make_conninfo(_given()), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return own.render_as_string(hide_password=False)


def server_database() -> dict[str, str]:
    """The setting of a separate server: on PostgreSQL, an empty database instead of the file in the state folder."""
    url = another_database(f"server_{os.getpid()}_{next(NUMBERS)}")
    return {"database_url": url} if url else {}


def _given() -> str:
    return os.environ.get("TEST_DATABASE_URL", "")
