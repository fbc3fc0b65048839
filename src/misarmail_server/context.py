"""Units of work and requests.

The tenant, the principal, the connection, the clock and new ids. Only this module reads the time or makes ids.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, delete, func, select
from sqlalchemy.orm import Session

from misarmail_server.db import dialects, tables
from misarmail_server.db.store import Store
from misarmail_server.errors import Invalid, NotFound
from misarmail_server.settings import Settings

SECOND = 1_000  # times are in milliseconds
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

DIGITS = "0123456789abcdefghijklmnopqrstuv"  # base32hex (RFC 4648, section 7): sorts as the number does
PAIRS = [first + second for first in DIGITS for second in DIGITS]
SHIFTS = range(120, -1, -10)

T = TypeVar("T")
Model = TypeVar("Model", bound=msgspec.Struct)
Owned = TypeVar("Owned", bound=tables.Owned)


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def new_id(prefix: str) -> str:
    """`prefix_` and 26 characters that sort by creation time: 48 bits of milliseconds and 80 random bits, in base 32."""
    bits = (now() << 80 | int.from_bytes(os.urandom(10), "big")) << 2
    return f"{prefix}_{''.join([PAIRS[bits >> shift & 1023] for shift in SHIFTS])}"


def short_id(prefix: str) -> str:
    """`prefix_` and 10 random characters, 50 bits: for ids that other rows and indexes repeat, such as an account's."""
    return f"{prefix}_{_digits(int.from_bytes(os.urandom(7), 'big'), 10)}"


def new_ids(prefix: str, count: int) -> list[str]:
    """`count` ids in the form of `new_id`, in ascending order; they share 22 of the 80 random bits."""
    shared = f"{prefix}_{_digits(now() << 22 | int.from_bytes(os.urandom(3), 'big') >> 2, 14)}"
    random_ = os.urandom(8 * count)
    own = sorted({int.from_bytes(random_[first : first + 8], "big") >> 4 for first in range(0, 8 * count, 8)})
    if len(own) < count:  # a duplicate, once in a billion batches
        return new_ids(prefix, count)
    return [shared + _digits(bits, 12) for bits in own]


def _digits(bits: int, count: int) -> str:
    """The last `count` digits of a number in base 32; `count` is even."""
    return "".join([PAIRS[bits >> shift & 1023] for shift in range(5 * count - 10, -1, -10)])


def at(milliseconds: int) -> datetime:
    """Convert a stored time to the contract's type."""
    return datetime.fromtimestamp(milliseconds / SECOND, UTC)


def at_or_none(milliseconds: int | None) -> datetime | None:
    """Convert a stored time to the contract's type; None stays None."""
    return None if milliseconds is None else at(milliseconds)


def moment(field: str, time_: datetime) -> int:
    """Convert a contract time to its stored form. Raises Invalid on `field` for a time outside the years 1 to 9999 in UTC."""
    try:
        return int(time_.astimezone(UTC).timestamp() * SECOND)
    except OverflowError:
        raise Invalid(field, "Must be in the years 1 to 9999 in UTC") from None


def apply(change: msgspec.Struct, row: tables.Table) -> None:
    """Set the columns of a row that an update names; omitted fields keep their values. Each field must be a column of the same name."""
    for name in change.__struct_fields__:
        value = getattr(change, name)
        if value is not msgspec.UNSET:
            setattr(row, name, value)


def as_model(row: Any, model: type[Model]) -> Model:
    """Convert a row to a model: each field is a column of the same name, and columns named `*_at` are times."""
    stored = {info.name: getattr(row, info.name) for info in msgspec.structs.fields(model) if hasattr(row, info.name)}
    return msgspec.convert({name: at_or_none(value) if name.endswith("_at") else value for name, value in stored.items()}, model)


class Tenant(NamedTuple):
    """The account whose rows a unit of work may access."""

    account_id: str


@dataclass(frozen=True, slots=True)
class Principal:
    """The authenticated sender of a request. `scopes` is None for a browser session, which has every permission of its account.

    `expires_at` is that of the key or session; None means never.
    """

    account_id: str
    plan: str
    senders: str
    key_id: str | None = None
    scopes: frozenset[str] | None = field(default_factory=frozenset)
    expires_at: int | None = None
    allowed_account_id: str | None = None  # the connected account a key is bound to
    allowed_sender: str | None = None  # the address of that account, None if it was disconnected
    session_hash: bytes | None = None  # identifies the browser session, None for a key

    @property
    def tenant(self) -> Tenant:
        """The account that the request acts on."""
        return Tenant(self.account_id)


class RequestedOperation(NamedTuple):
    """A requested operation: the operation's id, the path, the request's id, and the client's address."""

    operation: str
    target: str
    request_id: str
    ip_address: str | None


@dataclass
class _Clock:
    """The time of a request or unit of work, and new ids."""

    store: Store
    settings: Settings

    def now(self) -> int:
        """Milliseconds since 1970, UTC; the same on every call."""
        return self._began_at

    @cached_property
    def _began_at(self) -> int:
        return now()

    def new_id(self, prefix: str) -> str:
        """A new sortable id; see `new_id`."""
        return new_id(prefix)

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """New ids in ascending order; see `new_ids`."""
        return new_ids(prefix, count)


@dataclass
class Unit(_Clock):
    """A unit of work without a tenant. Leaving it by an exception rolls back; returning commits."""

    connection: Connection

    def of(self, account_id: str) -> TenantUnit:
        """The same unit of work for the rows of one account."""
        return TenantUnit(self.store, self.settings, self.connection, Tenant(account_id))

    @cached_property
    def db(self) -> Session:
        """An ORM session on this unit's connection; it never commits by itself."""
        return Session(self.connection, join_transaction_mode="rollback_only", expire_on_commit=False)

    def page(self, rows: Select[*tuple[Any, ...]], number: int, limit: int) -> tuple[Sequence[Any], int]:
        """(one page of an ordered query, the total number of rows); a page past the end is empty."""
        total = self.connection.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
        return self.connection.execute(rows.offset((number - 1) * limit).limit(limit)).all(), total

    def insert_new(self, table: type[tables.Table], values: dict[str, Any]) -> bool:
        """Insert a row; returns False if a unique constraint already holds it. The database decides, so a race has one winner."""
        new = dialects.insert(self.connection.dialect.name, table).values(values).on_conflict_do_nothing()
        # Otherwise SQLAlchemy discards the row count of an INSERT on PostgreSQL.
        return self.connection.execute(new, execution_options={"preserve_rowcount": True}).rowcount == 1


@dataclass
class TenantUnit(Unit):
    """A unit of work on the rows of one account, on behalf of a request, a bounce or a click."""

    tenant: Tenant

    @property
    def account_id(self) -> str:
        """The tenant's account id."""
        return self.tenant.account_id

    def own(self, table: type[Owned]) -> Select[Owned]:
        """The rows of a table that belong to this account; every query of tenant rows starts here."""
        return select(table).where(table.account_id == self.account_id)

    def get(self, table: type[Owned], id_: str, resource: str) -> Owned:
        """This account's row with that id. Raises NotFound, also for another account's row."""
        row = self.db.scalar(self.own(table).where(table.id == id_))
        if row is None:
            raise NotFound(resource, id_)
        return row

    def lock(self, table: type[Owned], id_: str, resource: str) -> Owned:
        """As `get`; locks the row until this unit ends."""
        row = self.db.scalar(self.own(table).where(table.id == id_).with_for_update())
        if row is None:
            raise NotFound(resource, id_)
        return row

    def remove(self, table: type[Owned], id_: str, resource: str) -> None:
        """Delete this account's row with that id. Raises NotFound."""
        statement = delete(table).where(table.id == id_, table.account_id == self.account_id)
        if self.connection.execute(statement).rowcount == 0:
            raise NotFound(resource, id_)

    def newest(self, table: type[tables.Owned], number: int, limit: int, *only: ColumnElement[bool]) -> tuple[Sequence[Any], int]:
        """(one page of this account's rows, newest first; the total). `only` adds conditions; the table must have `created_at`."""
        columns = table.__table__.c
        own = select(*columns).where(columns.account_id == self.account_id, *only)
        return self.page(own.order_by(columns.created_at.desc(), columns.id.desc()), number, limit)


@dataclass
class Context(TenantUnit):
    """The context of a handler: the request's unit of work and its principal."""

    principal: Principal

    @classmethod
    def of_principal(cls, store: Store, settings: Settings, connection: Connection, principal: Principal) -> Context:
        """The unit of work of a request."""
        return cls(store, settings, connection, principal.tenant, principal)

    def detached(self) -> DetachedContext:
        """The same request without this unit of work, for a response that reads on while it is streamed."""
        return DetachedContext(self.store, self.settings, self.principal)


class Progress(Protocol):
    """Where a call that commits in parts saves how far it is, so that its repeat continues there."""

    progress: bytes  # of the earlier attempt, else empty

    def save(self, unit: Unit, progress: bytes) -> None:
        """Save it in the unit of work of a part."""


@dataclass
class DetachedContext(_Clock):
    """The context of an operation that calls out (`x-calls-out`). It has no connection, since no transaction may wait for a network.

    Its service opens separate units of work.
    """

    principal: Principal
    progress: Progress | None = None  # with an idempotency key

    @property
    def account_id(self) -> str:
        """The tenant's account id."""
        return self.principal.account_id

    @contextmanager
    def reading(self) -> Iterator[Context]:
        """A unit of work that reads one snapshot."""
        with self.store.read() as connection:
            yield Context.of_principal(self.store, self.settings, connection, self.principal)

    def writing(self, work: Callable[[Context], T]) -> T:
        """Run `work` in a separate unit of work, durable when this returns. `work` must not call out."""
        return self.store.write(lambda connection: work(Context.of_principal(self.store, self.settings, connection, self.principal)))


@dataclass
class OpenContext(_Clock):
    """The context of an operation without authentication: no principal. Its service determines the account."""

    request: RequestedOperation

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """A unit of work that reads one snapshot."""
        with self.store.read() as connection:
            yield Unit(self.store, self.settings, connection)

    def writing(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in a separate unit of work, durable when this returns."""
        return self.store.write(lambda connection: work(Unit(self.store, self.settings, connection)))
