"""The database as a command uses it: opened, brought to this version, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from misarmail_server import settings
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.errors import Conflict
from misarmail_server.services import inbound, installation, tenants
from misarmail_server.settings import Settings


def upgrade(chosen: Settings) -> bool:
    """Run the migrations that the database lacks. Returns whether there were any."""
    with _opened(chosen) as store:
        return migrate.upgrade(store)


def join(chosen: Settings) -> None:
    """As `joined`, for a process that opens its own store."""
    with joined(chosen):
        pass


@contextmanager
def joined(chosen: Settings) -> Iterator[Store]:
    """The database at this version, for settings that are the installation's. Raises BadSettingError for other ones."""
    with _opened(chosen) as store:
        migrate.upgrade(store)
        installation.join(chosen, store)
        inbound.seal_secrets(chosen, store)
        yield store


@contextmanager
def migrated(chosen: Settings) -> Iterator[Store]:
    """The database at this version."""
    with _opened(chosen) as store:
        migrate.upgrade(store)
        with store.read() as connection:
            installation.require_key(chosen, connection)
        inbound.seal_secrets(chosen, store)
        yield store


@contextmanager
def refusing_duplicates(sentence: str) -> Iterator[None]:
    """Turn a violated unique constraint into Conflict with this sentence."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("validation_failed", sentence) from error


def account_id(connection: Connection, email: str | None) -> str:
    """The id of the account with this address, or of the first account. Raises NotFound."""
    return str(tenants.find(connection, email).id)


@contextmanager
def _opened(chosen: Settings) -> Iterator[Store]:
    settings.require_state(chosen)
    store = Store(chosen.database_url)
    try:
        yield store
    finally:
        store.close()
