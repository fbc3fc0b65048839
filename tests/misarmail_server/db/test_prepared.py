from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from sqlalchemy import BigInteger, Connection, bindparam, func, literal, or_, select, update

from misarmail_server.db import tables
from misarmail_server.db.prepared import Prepared, inserts, inserts_new
from misarmail_server.db.store import Store
from misarmail_server.services import keys

ACCOUNT = {"id": "acc_1", "email": "ada@example.com", "plan": "free", "senders": "any", "password_hash": None, "created_at": 2**53 + 1}
OTHER = {
    "id": "acc_2",
    "email": "bob@example.com",
    "plan": "100% 'Pro' :x ?",
    "senders": "verified",
    "password_hash": None,
    "created_at": 1,
}
KEY = {"name": "Ключ %s", "secret_hash": b"\x00\xff'", "key_prefix": "msk_", "scopes": "send", "created_at": 5}

INSERT_ACCOUNT = inserts(tables.Account, *ACCOUNT)
ACCOUNTS = select(tables.Account.__table__).order_by(tables.Account.id)


def rows(store: Any, statement: Any = ACCOUNTS) -> Any:
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


@pytest.mark.parametrize(
    "statement",
    [
        ACCOUNTS,
        select(tables.Account.id, tables.Key.name, tables.Key.secret_hash, tables.Key.expires_at)
        .join(tables.Key, tables.Key.account_id == tables.Account.id, isouter=True)
        .where(or_(tables.Account.plan == bindparam("plan"), tables.Account.created_at > bindparam("after", type_=BigInteger)))
        .order_by(tables.Account.id),
        select(func.count(), func.max(tables.Account.created_at), literal("100%")).where(tables.Account.email != "nobody@example.com"),
    ],
)
def test_prepared_statements_return_the_same_as_sqlalchemy(store: Store, statement: Any) -> None:
    store.write(lambda connection: INSERT_ACCOUNT.run_many(connection, [ACCOUNT, OTHER]))
    store.write(
        lambda connection: inserts(tables.Key, "id", "account_id", *KEY).run(connection, {"id": "key_1", "account_id": "acc_1", **KEY})
    )
    values = {"plan": "free", "after": 0}

    with store.read() as connection:
        usual = [tuple(row) for row in connection.execute(statement, values)]
        prepared = Prepared(statement).run(connection, values).fetchall()
    alone = store.fetch_one(Prepared(statement), values)

    assert [usual, usual[0]] == [prepared, alone]


def test_prepared_inserts_write_every_value_as_it_is(store: Store) -> None:
    store.write(lambda connection: INSERT_ACCOUNT.run_many(connection, [ACCOUNT, OTHER]))

    assert rows(store) == [tuple(ACCOUNT.values()), tuple(OTHER.values())]


def run_one(statement: Prepared, values: dict[str, Any], connection: Connection) -> int:
    """The number of rows that a statement changed."""
    return int(statement.run(connection, values).rowcount)


def test_prepared_inserts_new_ignores_existing_rows(store: Store) -> None:
    statement = inserts_new(tables.Account, *ACCOUNT)

    counts = [store.write(partial(run_one, statement, row)) for row in (ACCOUNT, {**ACCOUNT, "plan": "pro"}, OTHER)]

    assert (counts, [row[2] for row in rows(store)]) == ([1, 0, 1], ["free", OTHER["plan"]])


def test_prepared_updates_count_their_rows(store: Store) -> None:
    store.write(lambda connection: INSERT_ACCOUNT.run_many(connection, [ACCOUNT, OTHER]))
    change = Prepared(
        update(tables.Account).where(tables.Account.id == bindparam("wanted")).values(plan=bindparam("becomes"), senders="any")
    )

    counts = [store.write(partial(run_one, change, {"wanted": id_, "becomes": "max"})) for id_ in ("acc_2", "acc_9")]

    assert (counts, rows(store)[1][2:4]) == ([1, 0], ("max", "any"))


def test_prepared_statements_refuse_to_run_without_a_value(store: Store) -> None:
    with pytest.raises(Exception, match="email"):
        store.write(lambda connection: INSERT_ACCOUNT.run(connection, {"id": "acc_1", "plan": "free", "senders": "any", "created_at": 1}))
    with pytest.raises(Exception, match="hash"):
        store.fetch_one(keys.SELECT_KEY, {})

    assert rows(store) == []


def test_prepared_statements_refuse_lists(store: Store) -> None:
    listed = Prepared(select(tables.Account.id).where(tables.Account.id.in_(["acc_1"])))

    with pytest.raises(ValueError, match="cannot be prepared"):
        store.fetch_one(listed, {})
