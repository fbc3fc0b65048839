"""The servers that the SDKs are tested against, and their callers: real processes, with fake external networks on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from misarmail_server.db.store import Store  # noqa: E402
from misarmail_server.services import dedicated_ips  # noqa: E402
from tests.conftest import Make, arrival  # noqa: E402
from tests.support.servers.dns_server import DnsServer  # noqa: E402
from tests.support.servers.message_provider import providing  # noqa: E402
from tests.support.servers.platform_process import free_port, serving  # noqa: E402
from tests.support.waiting import until  # noqa: E402

# The settings of each server by name, in addition to those of all.
SERVERS = {
    "main": {"RATE_LIMITS": "off"},
    "small": {"RATE_LIMITS": "off", "BODY_LIMIT": "1000"},
    "strict": {"RATE_LIMITS": "0.0001"},
    "bare": {"RATE_LIMITS": "off", "WHATSAPP_URL": "", "PUSH_URL": "", "QUEUE_LIMIT": "1000"},
}
ADDRESSES = 300  # in the pool of dedicated addresses
NUMBERS = count(1)


class Reply(NamedTuple):
    """A response as the table of calls reads it."""

    status_code: int
    json: Any


@dataclass
class Live:
    """A caller with a key of every scope and a session, used like the tests' client. `make` writes directly to the database."""

    url: str
    make: Make
    account_id: str
    key: str
    session: str

    @property
    def credentials(self) -> dict[str, str]:
        """The credentials by their names in an SDK."""
        return {"api_key": self.key, "session": self.session}

    def __call__(self, method: str, path: str, *, json: Any = None) -> Reply:
        """Make one request."""
        body = None if json is None else _encoded(json)
        headers = {"Authorization": f"Bearer {self.key}", "Cookie": f"misarmail_session={self.session}"}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        request = urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310 - http to this machine
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return Reply(answer.status, _decoded(answer.read()))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Reply(refusal.code, _decoded(refusal.read()))

    def get(self, path: str) -> Reply:
        """Make a GET request."""
        return self("GET", path)

    def post(self, path: str, *, json: Any = None) -> Reply:
        """Make a POST request."""
        return self("POST", path, json=json)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _decoded(body: bytes) -> Any:
    return json.loads(body) if body[:1] in {b"{", b"["} else body.decode()


@dataclass
class Server:
    """A running platform, its database and its DNS server."""

    url: str
    store: Store
    names: DnsServer

    @property
    def make(self) -> Make:
        """Creates rows directly in the database."""
        return Make(self.store)

    def caller(self, email: str | None = None, *, plan: str = "enterprise", senders: str = "any") -> Live:
        """A new account with every scope."""
        account_id = self.make.account(email or f"ada{next(NUMBERS)}@example.com", plan=plan, senders=senders)
        _, key, session = self.store.write(lambda connection: arrival(connection, account_id))
        return Live(self.url, self.make, account_id, key, session)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, Server]]:
    """The servers of SERVERS, one folder each, with a channel provider that refuses on request."""
    with ExitStack() as stack:
        names = DnsServer()
        stack.callback(names.close)
        provider = stack.enter_context(providing())
        around = {
            "PRIVATE_TARGETS": "on",
            "WORKERS": "0",  # campaigns keep their state
            "STREAM": "0s",
            "DNS": names.address,
            "WHATSAPP_URL": f"{provider.url}/v20/4711/messages",
            "WHATSAPP_TOKEN": "secret",
            "PUSH_URL": f"{provider.url}/v1/projects/shop/messages:send",
        }
        servers = {}
        for word, own in SERVERS.items():
            (folder / word).mkdir()
            server = stack.enter_context(serving(folder / word, **{name.lower(): value for name, value in (around | own).items()}))
            store = Store(f"sqlite:///{folder / word}/state/misarmail.db")
            stack.callback(store.close)
            servers[word] = Server(server.url, store, names)
        fill(servers["main"])
        yield servers


def fill(server: Server) -> None:
    """Add addresses to claim, enough for every call."""
    pool = [f"198.51.{number // 250}.{number % 250 + 1}" for number in range(ADDRESSES)]
    server.store.write(lambda connection: dedicated_ips.add(connection, pool, None))


@contextmanager
def mocking(folder: Path) -> Iterator[str]:
    """The address of `contract mock` of the document. It prints a line for each request, so its output is a file and not an unread pipe."""
    port = free_port()
    command = [sys.executable, "-m", "contract.cli", "mock", str(ROOT / "openapi" / "openapi.yaml"), "--port", str(port)]
    with (folder / "mock").open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            until(lambda: is_listening(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def is_listening(port: int) -> bool:
    """Whether a port accepts connections."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
