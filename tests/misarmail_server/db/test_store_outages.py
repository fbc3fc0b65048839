"""The store while its database is unreachable or damaged, and afterwards."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared
from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from tests.conftest import Make
from tests.support.notes import run_sql, say, stored_words
from tests.support.postgresql import own_database


def damaged(folder: Path) -> str:
    (folder / "damaged.db").write_bytes(b"no database" * 1_000)
    return f"sqlite:///{folder}/damaged.db"


@pytest.mark.parametrize(
    "database_url",
    [
        damaged,
        lambda folder: f"sqlite:///{folder}/missing/folder.db",
        lambda _: "postgresql://nobody:secret@127.0.0.1:1/nothing",
    ],
)
def test_a_database_that_cannot_be_used_is_unavailable(tmp_path: Path, database_url: Any) -> None:
    item = Prepared(select(tables.Account.id).where(tables.Account.id == bindparam("wanted")))
    with closing(Store(database_url(tmp_path))) as away:
        with pytest.raises(Unavailable):
            away.fetch_one(item, {"wanted": "acc_1"})
        with pytest.raises(Unavailable), away.read() as connection:
            connection.execute(select(tables.Account.id))
        with pytest.raises(Unavailable):
            away.write(lambda connection: connection.execute(select(tables.Account.id)).first())


def test_connections_that_were_lost_are_replaced(store: Store, make: Make) -> None:
    account_id = make.account("ada@example.com")
    item = Prepared(select(tables.Account.email).where(tables.Account.id == bindparam("wanted")))
    assert store.fetch_one(item, {"wanted": account_id}) == ("ada@example.com",)

    if own_database():
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with closing(Store(own_database())) as operator, operator.read() as connection:
            connection.execute(text(others))

    assert store.fetch_one(item, {"wanted": account_id}) == ("ada@example.com",)
    assert make.count(tables.Account) == 1
    assert make.account("bob@example.com")


def test_a_database_that_came_back_is_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    with closing(Store(f"sqlite:///{folder}/notes.db")) as late:
        with pytest.raises(Unavailable):
            stored_words(late)
        folder.mkdir()

        late.write(lambda connection: run_sql(connection, "CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT)"))

        assert (late.write(say("here")), stored_words(late)) == ("here", ["here"])
