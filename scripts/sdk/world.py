"""The servers that the SDKs are tried against, and whoever calls them: real processes, with other people's networks on this machine."""

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
from tests.contract.conftest import Make, arrival  # noqa: E402
from tests.support.dns_server import DnsServer  # noqa: E402
from tests.support.provider import providing  # noqa: E402
from tests.support.serving import free_port, serving  # noqa: E402
from tests.support.waiting import until  # noqa: E402

# Each server by a word: what it is like beside being able to do everything.
SERVERS = {
    "main": {"RATE_LIMITS": "off"},
    "small": {"RATE_LIMITS": "off", "BODY_LIMIT": "1000"},
    "strict": {"RATE_LIMITS": "0.0001"},
    "bare": {"RATE_LIMITS": "off", "WHATSAPP_URL": "", "PUSH_URL": "", "QUEUE_LIMIT": "1000"},
}
ADDRESSES = 300  # of the pool that dedicated addresses are claimed from
NUMBERS = count(1)


class Reply(NamedTuple):
    """An answer as the tables of calls read it."""

    status_code: int
    json: Any


@dataclass
class Live:
    """A caller with a key of every scope and a session, in the way of the tests' client. `make` works behind the server's back."""

    url: str
    make: Make
    account_id: str
    key: str
    session: str

    @property
    def credentials(self) -> dict[str, str]:
        """What an SDK calls them."""
        return {"api_key": self.key, "session": self.session}

    def __call__(self, method: str, path: str, *, json: Any = None) -> Reply:
        """One request of the arrangement."""
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
        """See something."""
        return self("GET", path)

    def post(self, path: str, *, json: Any = None) -> Reply:
        """Make something."""
        return self("POST", path, json=json)


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def _decoded(body: bytes) -> Any:
    return json.loads(body) if body[:1] in {b"{", b"["} else body.decode()


@dataclass
class Server:
    """A running platform, its database and the DNS it asks."""

    url: str
    store: Store
    names: DnsServer

    @property
    def make(self) -> Make:
        """Whoever arranges behind its back."""
        return Make(self.store)

    def caller(self, email: str | None = None, *, plan: str = "enterprise", senders: str = "any") -> Live:
        """A new account that may do everything its plan allows."""
        account_id = self.make.account(email or f"ada{next(NUMBERS)}@example.com", plan=plan, senders=senders)
        _, key, session = self.store.write(lambda connection: arrival(connection, account_id))
        return Live(self.url, self.make, account_id, key, session)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, Server]]:
    """The servers of SERVERS, one folder each, with a provider of channels that refuses what is told to refuse."""
    with ExitStack() as stack:
        names = DnsServer()
        stack.callback(names.close)
        provider = stack.enter_context(providing())
        around = {
            "PRIVATE_TARGETS": "on",
            "WORKERS": "0",  # a campaign stays where it was put
            "STREAM": "0s",
            "DNS": names.address,
            "WHATSAPP_URL": f"{provider.url}/v20/4711/messages",
            "WHATSAPP_TOKEN": "secret",
            "PUSH_URL": f"{provider.url}/v1/projects/shop/messages:send",
        }
        found = {}
        for word, own in SERVERS.items():
            (folder / word).mkdir()
            server = stack.enter_context(serving(folder / word, **{name.lower(): value for name, value in (around | own).items()}))
            store = Store(f"sqlite:///{folder / word}/state/misarmail.db")
            stack.callback(store.close)
            found[word] = Server(server.url, store, names)
        fill(found["main"])
        yield found


def fill(server: Server) -> None:
    """Addresses to claim, one for each call that wants one."""
    pool = [f"198.51.{number // 250}.{number % 250 + 1}" for number in range(ADDRESSES)]
    server.store.write(lambda connection: dedicated_ips.add(connection, pool, None))


@contextmanager
def mocking(folder: Path) -> Iterator[str]:
    """The address of `contract mock` of the document. It writes a line for each request, so not into a pipe that nobody reads."""
    port = free_port()
    command = [sys.executable, "-m", "contract.cli", "mock", str(ROOT / "openapi" / "openapi.yaml"), "--port", str(port)]
    with (folder / "mock").open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            until(lambda: is_listening(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def is_listening(port: int) -> bool:
    """Whether somebody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
