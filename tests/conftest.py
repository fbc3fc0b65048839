"""A fresh platform for each test, and a client that no test can use without every exchange being judged by openapi-core."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import Connection, Engine, delete, func, insert, select
from werkzeug.test import Client, EnvironBuilder, TestResponse

from misarmail_server import settings
from misarmail_server.app import create_app
from misarmail_server.context import now
from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.events.barred import SCOPES
from misarmail_server.events.webhook_sender import WebhookSender
from misarmail_server.services import keys, session_passwords, session_tokens, tenants
from misarmail_server.settings import Settings
from tests.support import exchanges
from tests.support.ledger import Ledger
from tests.support.postgresql import own_database
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.message_provider import Provider, providing
from tests.support.servers.smtp_sink import Sink

POSTGRESQL = own_database()
MEMORY = Path("/dev/shm")  # what a test stores need not survive a loss of power, and a disk's flush is half of its time
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2_000_000_000:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only the whole suite can say that something was never seen."""
    exchanges.judge(session)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy; migrating for each test would take longer than the test."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    store = Store(POSTGRESQL or f"sqlite:///{path}")
    migrate.upgrade(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def dns_of_session() -> Iterator[DnsServer]:
    server = DnsServer()
    yield server
    server.close()


@pytest.fixture
def dns(dns_of_session: DnsServer) -> Iterator[DnsServer]:
    """The DNS that the platform asks, with nothing in it."""
    yield dns_of_session
    dns_of_session.clear()


@pytest.fixture(scope="session")
def one_provider() -> Iterator[Provider]:
    """One for all tests of this process; starting one for each would take longer than the test."""
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(one_provider: Provider) -> Provider:
    """The fake provider of WhatsApp and push messages, without instructions yet."""
    one_provider.received.clear()
    one_provider.meanwhile = lambda: None
    return one_provider


@pytest.fixture
def chosen(tmp_path: Path, empty_database: Path, dns: DnsServer, provider: Provider) -> Settings:
    """Settings over a fresh, empty database. Every answer is checked by the runtime too."""
    if not POSTGRESQL:
        shutil.copy(empty_database, tmp_path / "misarmail.db")
    environ = {
        "MISARMAIL_STATE": str(tmp_path),
        "MISARMAIL_CHECK_ANSWERS": "on",
        "MISARMAIL_RATE_LIMITS": "1000",
        "MISARMAIL_PRIVATE_TARGETS": "on",  # the other side of every test is on this machine
        "MISARMAIL_DNS": dns.address,
    }
    environ |= {"MISARMAIL_WHATSAPP_URL": f"{provider.url}/v20/4711/messages", "MISARMAIL_WHATSAPP_TOKEN": "secret"}
    environ |= {"MISARMAIL_PUSH_URL": f"{provider.url}/v1/projects/shop/messages:send"}
    return settings.load(environ | ({"MISARMAIL_DATABASE_URL": POSTGRESQL} if POSTGRESQL else {}))


_first_engines: dict[bool, Engine] = {}  # of this process, by whether it is SQLite's


def _share_compiled_statements(store: Store) -> None:
    """Statements are compiled once in a process instead of once in each test's engine."""
    first = _first_engines.setdefault(store.is_sqlite, store.engine)
    store.engine.dialect, store.engine._compiled_cache = first.dialect, first._compiled_cache  # noqa: SLF001 - it has no other name


@pytest.fixture
def store(chosen: Settings) -> Iterator[Store]:
    store = Store(chosen.database_url, pool_size=20)
    _share_compiled_statements(store)
    yield store
    if POSTGRESQL:
        with store.engine.begin() as connection:
            for table in reversed(tables.Table.metadata.sorted_tables):
                connection.execute(delete(table))
    store.close()


@dataclass
class Make:
    """Makes what a test starts from, behind the API's back."""

    store: Store

    def account(self, email: str = "ada@example.com", *, plan: str = "enterprise", senders: str = "any") -> str:
        return self.store.write(lambda connection: tenants.create(connection, email, plan=plan, senders=senders))

    def key(self, account_id: str, *scopes: str, expires_at: int | None = None) -> str:
        wanted = scopes or tuple(keys.ALL_SCOPES)
        return self.store.write(lambda connection: keys.make(connection, account_id, "Test", wanted, expires_at=expires_at)).secret

    def session(self, account_id: str) -> str:
        return self.store.write(lambda connection: session_tokens.start(connection, account_id)[0])

    def password(self, account_id: str, password: str) -> str:
        known = session_passwords.hash_of(password)
        self.store.write(lambda connection: session_passwords.put(connection, account_id, known))
        return password

    def reset_token(self, account_id: str, token: str = "Xb2pN8vQ0sJ4aLr7eWmCkT1uYhGdZf5o", *, expires_at: int | None = None) -> str:
        row = {
            "token_hash": hashlib.sha256(token.encode()).digest(),
            "account_id": account_id,
            "expires_at": now() + 60_000 if expires_at is None else expires_at,
        }
        self.store.write(lambda connection: connection.execute(insert(tables.PasswordReset).values(row)).rowcount)
        return token

    def suppression(self, account_id: str, address: str, reason: str = "bounced") -> None:
        row = {"account_id": account_id, "address": address, "reason": reason, "scope": SCOPES.get(reason, "all"), "created_at": now()}
        self.store.write(lambda connection: connection.execute(insert(tables.Suppression).values(row)).rowcount)

    def count(self, table: type[tables.Table]) -> int:
        with self.store.read() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0


class ApiResponse(TestResponse):
    """A response whose `json` may be indexed without asking whether there is a body."""

    json: Any


class Api:
    """An HTTP client of one caller. `json` of an answer is its body; `make` and `account_id` are there to arrange with."""

    def __init__(self, application: Any, headers: dict[str, str], make: Make, account_id: str) -> None:
        self.make = make
        self.account_id = account_id
        self._client = Client(application, use_cookies=False)
        self.headers = headers

    def __call__(self, method: str, path: str, **options: Any) -> ApiResponse:
        options["headers"] = {**self.headers, **options.get("headers", {})}
        response = self._client.open(path, method=method, **options)
        exchanges.check(EnvironBuilder(path, method=method, **options).get_request(), response)
        return cast("ApiResponse", response)

    def get(self, path: str, **options: Any) -> ApiResponse:
        return self("GET", path, **options)

    def post(self, path: str, **options: Any) -> ApiResponse:
        return self("POST", path, **options)

    def patch(self, path: str, **options: Any) -> ApiResponse:
        return self("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> ApiResponse:
        return self("DELETE", path, **options)


def arrival(connection: Connection, account_id: str | None) -> tuple[str, str, str]:
    """(an account, the secret of a key with every scope, a session): in one transaction, as most tests begin with it."""
    owner = account_id or tenants.create(connection, "ada@example.com", plan="enterprise", senders="any")
    return owner, keys.make(connection, owner, "Test", tuple(keys.ALL_SCOPES)).secret, session_tokens.start(connection, owner)[0]


@dataclass
class Platform:
    """The platform under test."""

    settings: Settings
    store: Store
    make: Make

    def api(self, *scopes: str, account_id: str | None = None) -> Api:
        """A client with a new key of these scopes (all without any), for the account or a new one."""
        owner = account_id or self.make.account()
        return self.client({"Authorization": f"Bearer {self.make.key(owner, *scopes)}"}, account_id=owner)

    def everything(self, account_id: str | None = None) -> Api:
        """A client that has both a key of every scope and a browser's session."""
        owner, key, session = self.store.write(lambda connection: arrival(connection, account_id))
        return self.client({"Authorization": f"Bearer {key}", "Cookie": f"misarmail_session={session}"}, account_id=owner)

    def client(self, headers: dict[str, str] | None = None, *, account_id: str = "", **changed: Any) -> Api:
        """A client with these header fields, on a platform with these settings changed."""
        application = create_app(replace(self.settings, **changed), self.store)
        return Api(application.wsgi_app, headers or {}, self.make, account_id)


@pytest.fixture
def make(store: Store) -> Make:
    return Make(store)


@pytest.fixture
def platform(chosen: Settings, store: Store, make: Make) -> Platform:
    return Platform(chosen, store, make)


@pytest.fixture
def api(platform: Platform) -> Api:
    """The operator's client: an enterprise account that may send from anywhere, a key with every scope, and a session."""
    return platform.everything()


@pytest.fixture
def post_due(platform: Platform) -> Iterator[Callable[[], Any]]:
    """Posts the webhooks' events that are due."""
    sender = WebhookSender(platform.settings, platform.store)
    yield sender.post_due
    sender.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)


@pytest.fixture
def sink() -> Iterator[Sink]:
    """An SMTP server that keeps what it is sent."""
    with Sink() as running:
        yield running


@pytest.fixture
def database_url(chosen: Settings) -> str:
    return chosen.database_url


@pytest.fixture(name="settings")
def settings_from_variables(tmp_path: Path, database_url: str) -> Callable[..., Settings]:
    """Makes settings from variables, as the environment would."""

    def make(**variables: str) -> Settings:
        given = {f"MISARMAIL_{name.upper()}": value for name, value in variables.items()}
        return settings.load({"MISARMAIL_STATE": str(tmp_path), "MISARMAIL_DATABASE_URL": database_url, **given})

    return make
