"""A ledger of its own for each test, and an SMTP sink."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger import Ledger
from sink import Sink

from misarmail_server import settings as settings_module
from misarmail_server.db.store import Store
from misarmail_server.settings import Settings


@pytest.fixture
def database_url(chosen: Settings) -> str:
    return chosen.database_url


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
