"""The HTTP server behind proxies: their fields, and the PROXY protocol."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.external.proxy_protocol import SIGNATURE
from misarmail_server.operate.http.connections import ConnectionDeadlines
from misarmail_server.operate.http.process import Deadlines
from misarmail_server.settings import Settings
from tests.conftest import Platform
from tests.support.servers.http_front import Front, fronting, post, received
from tests.support.waiting import until

LINE = b"PROXY TCP4 198.51.100.1 192.0.2.1 4711 443\r\n"
BLOCK = SIGNATURE + b"\x21\x11\x00\x0c" + socket.inet_aton("198.51.100.1") + socket.inet_aton("192.0.2.1") + b"\x12\x67\x01\xbb"
WRONG = {"email": "ada@example.com", "password": "wrong"}
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def behind(chosen: Settings) -> Settings:
    """A server that trusts the proxies of this machine."""
    return replace(chosen, trusted_proxies=(ip_network("127.0.0.0/8"),), threads=2)


@pytest.fixture
def account(platform: Platform) -> str:
    return platform.make.account()


def seen(store: Store, account_id: str) -> list[str | None]:
    """The clients of the account's sign-ins."""
    with store.read() as connection:
        entry = tables.AuditEntry
        return list(connection.scalars(select(entry.ip_address).where(entry.account_id == account_id).order_by(entry.id)))


def sign_in(body: dict[str, str] = WRONG, headers: dict[str, str] | None = None) -> bytes:
    sent = json.dumps(body).encode()
    return post("/api/session", len(sent), sent, {"Connection": "close", **(headers or {})})


def test_the_client_is_named_by_the_proxy(behind: Settings, store: Store, account: str) -> None:
    with fronting(behind) as front:
        for headers in ({"X-Forwarded-For": "203.0.113.9, 198.51.100.1"}, {"Forwarded": 'for="[2001:db8::1]:5"'}, {}):
            assert front.ask("POST", "/api/session", WRONG, headers)[0] == 401

    assert seen(store, account) == ["198.51.100.1", "2001:db8::1", "127.0.0.1"]


def test_nobody_else_is_believed(chosen: Settings, store: Store, account: str) -> None:
    with fronting(replace(chosen, trusted_proxies=(ip_network("10.0.0.0/8"),))) as front:
        front.ask("POST", "/api/session", WRONG, {"X-Forwarded-For": "198.51.100.1"})
        with front.connect(LINE + ALIVE) as client:
            assert received(client).startswith(b"HTTP/1.1 400 ")

    assert seen(store, account) == ["127.0.0.1"]


@pytest.mark.parametrize("header", [LINE, BLOCK])
def test_the_proxy_protocol_names_the_client(behind: Settings, store: Store, account: str, header: bytes) -> None:
    sent = header + sign_in(headers={"X-Forwarded-For": "203.0.113.9"})  # the client's own field
    with fronting(replace(behind, proxy_protocol=frozenset({"http"}))) as front:
        with front.connect(sent) as client:
            assert received(client).startswith(b"HTTP/1.1 401 ")
        with front.connect() as client:
            for start in range(0, len(sent), 7):
                client.sendall(sent[start : start + 7])
            assert received(client).startswith(b"HTTP/1.1 401 ")
        until(lambda: front.connection_count, lambda count: count == 0)

    assert seen(store, account) == ["198.51.100.1"] * 2


def test_a_proxy_whose_peer_is_trusted_too_is_believed_once_more(behind: Settings, store: Store, account: str) -> None:
    header = b"PROXY TCP4 127.9.9.9 192.0.2.1 4711 443\r\n"
    with (
        fronting(replace(behind, proxy_protocol=frozenset({"http"}))) as front,
        front.connect(header + sign_in(headers={"X-Forwarded-For": "203.0.113.9"})) as client,
    ):
        received(client)

    assert seen(store, account) == ["203.0.113.9"]


@pytest.mark.parametrize("sent", [ALIVE, b"PROXY TCP4 example.com 192.0.2.1 1 2\r\n" + ALIVE, b"PROXY", b""])
def test_a_connection_without_a_proxy_header_is_closed(behind: Settings, sent: bytes) -> None:
    hasty = Deadlines(ConnectionDeadlines(head_seconds=0.3))
    with fronting(replace(behind, proxy_protocol=frozenset({"http"})), hasty) as front:
        with front.connect(sent) as client:
            assert received(client) == b""
        with front.connect(b"PROXY UNKNOWN\r\n" + ALIVE) as client:
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def occupy(front: Front, stack: ExitStack, count: int, prefix: bytes, headers: dict[str, str]) -> None:
    """Requests of one client that do not end."""
    for _ in range(count):
        stack.enter_context(front.connect(prefix + post("/api/session", 100, b"{", headers)))


def test_clients_behind_the_proxy_protocol_have_connections_of_their_own(behind: Settings) -> None:
    with fronting(replace(behind, connections=3, proxy_protocol=frozenset({"http"}))) as front, ExitStack() as stack:
        occupy(front, stack, 3, LINE, {})
        until(lambda: front.request_count, lambda count: count == 3)

        with front.connect(LINE + ALIVE) as refused:
            assert received(refused) == b""
        with front.connect(LINE.replace(b"198.51.100.1", b"198.51.100.2") + ALIVE) as other:
            assert other.recv(15) == b"HTTP/1.1 200 OK"


def test_clients_behind_a_proxy_share_neither_connections_nor_requests(behind: Settings) -> None:
    with fronting(replace(behind, connections=3)) as front, ExitStack() as stack:
        occupy(front, stack, 3, b"", {"X-Forwarded-For": "198.51.100.1"})
        until(lambda: front.request_count, lambda count: count == 3)

        status, headers, body = front.ask("POST", "/api/session", WRONG, {"X-Forwarded-For": "198.51.100.1"})
        assert (status, headers["retry-after"], b'"code":"unavailable"' in body) == (503, "5", True)
        assert front.ask("GET", "/pricing", None, {"X-Forwarded-For": "198.51.100.1"})[0] == 503
        assert front.ask("GET", "/healthz", None, {"X-Forwarded-For": "198.51.100.1"})[0] == 200
        assert front.ask("POST", "/api/session", WRONG, {"X-Forwarded-For": "198.51.100.2"})[0] == 401
        occupy(front, stack, 3, b"", {})  # of the proxy itself, or of clients that it does not name
        until(lambda: front.request_count, lambda count: count == 6)
        assert front.ask("GET", "/pricing")[0] == 503
        assert front.ask("GET", "/readyz")[0] == 200


def test_clients_of_one_ipv6_network_share_their_connections(behind: Settings) -> None:
    with fronting(replace(behind, connections=2, proxy_protocol=frozenset({"http"}))) as front, ExitStack() as stack:
        for number in range(2):
            occupy(front, stack, 1, b"PROXY TCP6 2001:db8::%d ::1 4711 443\r\n" % number, {})
        until(lambda: front.request_count, lambda count: count == 2)

        with front.connect(b"PROXY TCP6 2001:db8::9 ::1 4711 443\r\n" + ALIVE) as refused:
            assert received(refused) == b""
        with front.connect(b"PROXY TCP6 2001:db8:0:1::9 ::1 4711 443\r\n" + ALIVE) as other:
            assert other.recv(15) == b"HTTP/1.1 200 OK"
