"""A ledger of its own for each test, on SQLite or, with TEST_DATABASE_URL, on an empty PostgreSQL database; and an SMTP sink."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger import Ledger
from sink import Sink

from misarmail_server import settings as settings_module
from misarmail_server import tables
from misarmail_server.settings import Settings
from misarmail_server.store import Store


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{tmp_path}/mail.db"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    tables.Table.metadata.drop_all(opened.engine)
    tables.Table.metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Any:
    """Makes settings from variables, as the environment would."""

    def make(**variables: str) -> Settings:
        given = {f"MISARMAIL_{name.upper()}": value for name, value in variables.items()}
        return settings_module.load({"MISARMAIL_STATE": str(tmp_path), "MISARMAIL_DATABASE_URL": database_url, **given})

    return make
