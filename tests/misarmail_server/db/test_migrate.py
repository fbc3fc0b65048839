from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.db.writers import BrokenReferenceError
from misarmail_server.errors import Unavailable
from misarmail_server.settings import BadSettingError
from tests.support.databases import counts, described, fill, run, table_names
from tests.support.postgresql import another_database, own_database


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An empty database."""
    return another_database(f"{own_database().rpartition('/')[2].partition('?')[0]}_empty") or f"sqlite:///{tmp_path}/empty.db"


@pytest.fixture
def empty(url: str) -> Iterator[Store]:
    with closing(Store(url)) as store:
        yield store


# An index over an expression cannot be read back from SQLite; on PostgreSQL it is compared too.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
@pytest.mark.parametrize("upgrade_path", [migrate.upgrade, lambda store: store.alter(migrate.step)])
def test_upgrade_and_all_migrations_make_exactly_the_tables_of_this_version(empty: Store, upgrade_path: Any) -> None:
    upgrade_path(empty)

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, tables.Table.metadata) == []


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_upgrade_of_an_empty_database_equals_all_migrations(empty: Store) -> None:
    migrate.upgrade(empty)
    made = described(empty)
    empty.write(tables.Table.metadata.drop_all)
    run(empty, "DROP TABLE alembic_version")
    empty.alter(migrate.step)

    assert described(empty) == made
    assert not migrate.upgrade(empty)


def test_upgrade_does_nothing_the_second_time(empty: Store) -> None:
    assert [migrate.upgrade(empty), migrate.upgrade(empty)] == [True, False]


def test_upgrade_by_many_at_once_happens_once(url: str) -> None:
    stores = [Store(url) for _ in range(6)]

    with ThreadPoolExecutor(6) as pool:
        changed = list(pool.map(migrate.upgrade, stores))

    assert sorted(changed) == [False] * 5 + [True]
    for store in stores:
        store.close()


def test_upgrade_that_fails_changes_nothing(empty: Store) -> None:
    run(empty, "CREATE TABLE templates (id INTEGER)")

    with pytest.raises((Unavailable, DBAPIError)):
        migrate.upgrade(empty)

    with empty.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["templates"]


def test_upgrade_refuses_a_database_of_a_newer_version(empty: Store) -> None:
    migrate.upgrade(empty)
    run(empty, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(BadSettingError) as refused:
        migrate.upgrade(empty)

    assert str(refused.value) == f"MISARMAIL_DATABASE_URL names a database of version 9999; this program supports up to {migrate.head()}"


REVISIONS = sorted(path.name[:4] for path in (migrate.FOLDER / "versions").glob("[0-9]*.py"))


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_upgrade_of_a_database_in_use_keeps_every_row(empty: Store, revision: str) -> None:
    empty.alter(lambda connection: migrate.step(connection, revision))
    empty.write(fill)
    with empty.read() as connection:
        names = table_names(connection)
    before = counts(empty, names)

    migrate.upgrade(empty)

    after = counts(empty, names)
    assert {name: (before[name], after[name]) for name in names if after[name] < before[name]} == {}


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_alter_refuses_a_row_that_refers_to_a_missing_one(empty: Store) -> None:
    migrate.upgrade(empty)
    empty.write(fill)

    with pytest.raises((BrokenReferenceError, DBAPIError)):
        empty.alter(lambda connection: connection.execute(text("DELETE FROM messages")).close())

    assert counts(empty, ["messages", "recipients"]) == {"messages": 1, "recipients": 1}


def test_upgrade_suppresses_contacts_that_are_not_subscribed(empty: Store) -> None:
    empty.alter(lambda connection: migrate.step(connection, "0012"))
    run(empty, "INSERT INTO accounts (id, email, plan, senders, created_at) VALUES ('acc_1', 'a@b.example', 'free', 'any', 1)")
    for number, status in enumerate(("subscribed", "unsubscribed", "bounced", "subscribed", "complained"), 1):
        values = f"'cct_{number}', 'acc_1', '{number}@b.example', '{status}', '{{}}', 1, 1"
        run(empty, f"INSERT INTO contacts (id, account_id, email, status, custom_json, created_at, updated_at) VALUES ({values})")
    for number, reason in ((3, "manual"), (4, "unsubscribed"), (5, "unsubscribed")):
        values = f"'acc_1', '{number}@b.example', '{reason}', 1"
        run(empty, f"INSERT INTO suppressions (account_id, address, reason, created_at) VALUES ({values})")

    migrate.upgrade(empty)

    with empty.read() as connection:
        rows = connection.execute(text("SELECT address, reason, scope FROM suppressions ORDER BY address, reason")).all()
        statuses = connection.scalars(text("SELECT status FROM contacts ORDER BY id")).all()
        counts_ = connection.execute(text("SELECT status, count FROM contact_counts ORDER BY status")).all()
    assert [tuple(row) for row in rows] == [
        ("2@b.example", "unsubscribed", "marketing"),
        ("3@b.example", "bounced", "all"),
        ("3@b.example", "manual", "all"),
        ("4@b.example", "unsubscribed", "marketing"),
        ("5@b.example", "complained", "all"),
        ("5@b.example", "unsubscribed", "marketing"),
    ]
    assert statuses == ["subscribed", "unsubscribed", "bounced", "unsubscribed", "complained"]
    assert [tuple(row) for row in counts_] == [("bounced", 1), ("complained", 1), ("subscribed", 1), ("unsubscribed", 2)]


def test_upgrade_stores_the_links_of_mail_with_the_numbers_that_it_was_sent_with(empty: Store) -> None:
    empty.alter(lambda connection: migrate.step(connection, "0016"))
    run(empty, "INSERT INTO accounts (id, email, plan, senders, created_at) VALUES ('acc_1', 'a@b.example', 'free', 'any', 1)")
    page = (
        '<a href="https://shop.example/?id=1&region=eu&amp;x=2">x</a><a href="{{url}}"></a><!-- <AREA href=https://b.example/> -->'
        "<a href='https://shop.example/?id=1&amp;region=eu&x=2'>x</a><a href=\" https://shop.example/?id=1&region=eu&amp;x=2 \">x</a>"
    )
    columns = "id, account_id, stream, is_sandbox, from_email, to_json, cc_json, subject, body_html, headers_json, tags_json, metadata_json"
    for id_, stream in (("msg_1", "marketing"), ("msg_2", "transactional"), ("msg_3", "marketing")):
        body = "NULL" if id_ == "msg_3" else "'" + page.replace("'", "''") + "'"
        values = f"'{id_}', 'acc_1', '{stream}', false, 'a@b.example', '[]', '[]', 'Hi', {body}, '{{}}', '[]', '{{}}', 1"
        run(empty, f"INSERT INTO messages ({columns}, created_at) VALUES ({values})".replace("://", "\\://"))

    migrate.upgrade(empty)

    with empty.read() as connection:
        rows = connection.execute(text("SELECT message_id, number, target FROM message_links ORDER BY number")).all()
    # The first link was decoded as `(R)ion`, so that the second had another number; both lead to the author's target.
    expected = ["https://shop.example/?id=1&region=eu&x=2", "https://b.example/", "https://shop.example/?id=1&region=eu&x=2"]
    assert [tuple(row) for row in rows] == [("msg_1", number, target) for number, target in enumerate(expected)]


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_upgrade_marks_the_inbound_secrets_that_are_in_clear(empty: Store) -> None:
    empty.alter(lambda connection: migrate.step(connection, "0014"))
    empty.write(fill)
    run(empty, "UPDATE inbound_domains SET webhook_secret = '0123456789abcdef'")

    migrate.upgrade(empty)

    with empty.read() as connection:
        assert connection.scalar(text("SELECT webhook_secret_sealed FROM inbound_domains")) == b"plain:0123456789abcdef"
