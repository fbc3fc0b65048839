"""`misarmail` with words, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from misarmail_server.db.store import Store
from misarmail_server.operate import cli
from misarmail_server.settings import Settings


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(chosen: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:  # noqa: ARG001 - the store empties the database afterwards
    """Runs a command in this process on the test's database."""
    monkeypatch.setenv("MISARMAIL_STATE", str(chosen.state))
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", chosen.database_url)

    def command(*words: str) -> Ended:
        try:
            code = cli.main(list(words))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Ended(code, *capsys.readouterr())

    return command
