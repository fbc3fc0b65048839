"""The SMTP listeners behind TCP proxies that speak the PROXY protocol."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from ipaddress import ip_network

import pytest

from misarmail_server.db.store import Store
from misarmail_server.mail_server import protocol
from misarmail_server.mail_server.guards import MAX_FAILURES, MAX_PER_ADDRESS
from misarmail_server.settings import Settings
from tests.conftest import Platform
from tests.support.servers.own_smtp_server import connected, converse, listening, received_of

PROXY = "127.0.0.1"
HELLO = b"EHLO x\r\nQUIT\r\n"


def line(client: str) -> bytes:
    return f"PROXY TCP4 {client} 192.0.2.1 4711 587\r\n".encode()


@pytest.fixture
def ports(chosen: Settings, store: Store) -> Iterator[dict[str, int]]:
    behind = replace(chosen, trusted_proxies=(ip_network(PROXY),), proxy_protocol=frozenset({"inbound", "submission"}))
    with listening(behind, store) as opened:
        yield opened


def test_the_dialogue_begins_after_the_header(ports: dict[str, int]) -> None:
    output = converse(ports["inbound"], line("198.51.100.1") + HELLO)

    assert [reply[:3] for reply in output.splitlines()][:2] == [b"220", b"250"]
    assert converse(ports["inbound"], b"PROXY UNKNOWN\r\n" + HELLO)[:3] == b"220"


def test_nothing_is_said_before_a_valid_header(ports: dict[str, int]) -> None:
    assert converse(ports["inbound"], HELLO) == b""
    assert converse(ports["inbound"], b"PROXY TCP4 example.com 192.0.2.1 4711 25\r\n" + HELLO) == b""


def test_a_header_that_does_not_arrive_closes_the_connection(ports: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "PROXY_SECONDS", 0.2)

    assert converse(ports["inbound"], b"PROXY TC") == b""


def test_other_peers_need_no_header_and_are_not_believed(ports: dict[str, int]) -> None:
    with connected(ports["inbound"], "127.0.0.2") as direct:
        direct.sendall(line("198.51.100.1") + HELLO)
        output = received_of(direct)

    assert [reply[:3] for reply in output.splitlines()][:3] == [b"220", b"500", b"250"]


def test_clients_behind_one_proxy_have_connections_of_their_own(ports: dict[str, int]) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_PER_ADDRESS):
            client = stack.enter_context(connected(ports["inbound"], PROXY))
            client.sendall(line("198.51.100.1"))
            assert client.recv(3) == b"220"

        assert converse(ports["inbound"], line("198.51.100.1"))[:3] == b"421"
        assert converse(ports["inbound"], line("203.0.113.1") + HELLO)[:3] == b"220"


def test_clients_behind_one_proxy_have_failed_logins_of_their_own(
    platform: Platform, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without TLS, only a client on this machine may log in; here every client is one."""
    monkeypatch.setattr(protocol, "is_loopback", lambda _: True)
    key = platform.make.key(platform.make.account(), "send")
    behind = replace(platform.settings, trusted_proxies=(ip_network(PROXY),), proxy_protocol=frozenset({"submission"}))

    def login(port: int, client: str, password: str) -> bytes:
        secret = base64.b64encode(b"\0me\0" + password.encode())
        return converse(port, line(client) + b"EHLO x\r\nAUTH PLAIN " + secret + b"\r\nQUIT\r\n").splitlines()[-2][:3]

    with listening(behind, store) as opened:
        port = opened["submission"]
        for _ in range(MAX_FAILURES):
            assert login(port, "198.51.100.1", "wrong") == b"535"

        assert login(port, "198.51.100.1", key) == b"454"
        assert login(port, "203.0.113.1", key) == b"235"


def test_a_client_behind_a_proxy_of_this_machine_must_use_tls_to_log_in(ports: dict[str, int]) -> None:
    output = converse(ports["submission"], line("198.51.100.1") + b"EHLO x\r\nAUTH PLAIN AGEAYg==\r\nQUIT\r\n")

    assert b"\r\n538 " in output or b"\r\n530 " in output
