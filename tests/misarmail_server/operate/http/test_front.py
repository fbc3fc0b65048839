"""The HTTP server under clients that are slow, silent, greedy or many."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any

import pytest

from misarmail_server.operate.http import front as front_module
from misarmail_server.operate.http.bodies import BodyDeadlines
from misarmail_server.operate.http.connections import ConnectionDeadlines
from misarmail_server.operate.http.process import Deadlines
from misarmail_server.settings import Settings
from tests.conftest import Api, Platform
from tests.support.calls.campaigns import force
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import campaign
from tests.support.servers.http_front import Front, fronting, post, received
from tests.support.waiting import until

QUICK = BodyDeadlines(start_seconds=0.3, bytes_per_second=1_000_000, whole_seconds=0.5)
HASTY = ConnectionDeadlines(head_seconds=0.3, idle_seconds=1.0, write_seconds=0.3)


@pytest.fixture
def few(chosen: Settings) -> Settings:
    """A server with two threads."""
    return replace(chosen, threads=2, rate_limits=0.0)


@pytest.fixture
def front(few: Settings) -> Iterator[Front]:
    with fronting(few) as running:
        yield running


@pytest.fixture
def key(platform: Platform) -> dict[str, str]:
    account_id = platform.make.account(plan="enterprise", senders="any")
    return {"Authorization": f"Bearer {platform.make.key(account_id)}"}


@pytest.mark.parametrize("path", ["/api/session", "/api/session/password-reset", "/u/x", "/api/v1/send", "/nowhere"])
def test_bodies_that_do_not_arrive_occupy_no_thread(front: Front, key: dict[str, str], path: str) -> None:
    with ExitStack() as slow:
        for _ in range(30):
            slow.enter_context(front.connect(post(path, 1_000, b"{", key)))
        until(lambda: front.request_count, lambda count: count >= 30)

        assert front.ask("GET", "/healthz")[0] == 200
        assert front.ask("POST", "/api/v1/send", SEND, key)[0] == 200
        assert front.ask("GET", "/readyz")[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"HTTP/1.1 200 "),
        (b"GET /healthz HTTP/1.0\r\n", b"HTTP/1.1 200 "),
        (b"GET /healthz HTTP/1.1\r\n", b"HTTP/1.1 400 "),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n", b"HTTP/1.1 400 "),
        (b"POST /api/session HTTP/1.1\r\nContent-Length: 1000\r\n", b"HTTP/1.1 400 "),
    ],
)
def test_a_request_names_one_host(front: Front, head: bytes, status: bytes) -> None:
    with front.connect(head + b"Connection: close\r\n\r\n") as client:
        assert received(client).startswith(status)


@pytest.mark.parametrize("sent", [b"", b"{", b"{" * 999])
def test_a_body_that_takes_too_long_is_answered_408(few: Settings, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_module, "LINGER_SECONDS", 0.1)
    with fronting(few, Deadlines(bodies=QUICK)) as front, front.connect(post("/api/session", 1_000, sent)) as client:
        answer = received(client)

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"\r\ncontent-type: text/plain; charset=utf-8\r\n" in head
    assert b"\r\nconnection: close" in head
    assert body == b"The request did not arrive in time\n"


def test_what_is_not_http_is_answered_400(front: Front) -> None:
    with front.connect(b"GET /api/v1/templates NONSENSE\r\n\r\n") as client:
        answer = received(client)

    head, _, _ = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: text/plain; charset=utf-8\r\n" in head
    assert b"\r\nconnection: close" in head


def test_a_client_that_closes_its_side_gets_its_response(front: Front, key: dict[str, str]) -> None:
    """Once it got nothing, and its mail was sent."""
    head = "".join(f"{name}: {value}\r\n" for name, value in key.items())
    with front.connect(f"GET /api/v1/contacts HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode()) as client:
        client.shutdown(socket.SHUT_WR)

        assert received(client).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET"])
def test_a_head_that_does_not_arrive_closes_the_connection(few: Settings, sent: bytes) -> None:
    with fronting(few, Deadlines(HASTY)) as front, front.connect(sent) as client:
        answer = received(client)
        until(lambda: front.connection_count, lambda count: count == 0)

    assert answer.startswith(b"HTTP/1.1 200 ") == sent.endswith(b"\r\nGET")


def test_a_long_head_closes_the_connection(front: Front) -> None:
    with front.connect() as client:
        try:
            client.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 1_000_000)
        except ConnectionError:
            return
        assert received(client) == b""


def test_an_address_has_a_limited_number_of_connections(few: Settings) -> None:
    with fronting(replace(few, connections=5)) as front:
        with ExitStack() as silent:
            for _ in range(5):
                silent.enter_context(front.connect())
            until(lambda: front.connection_count, lambda count: count == 5)
            with front.connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") as refused:
                assert received(refused) == b""
        until(lambda: front.connection_count, lambda count: count == 0)

        assert front.ask("GET", "/healthz")[0] == 200


def test_many_silent_connections_are_closed_and_keep_nobody_out(few: Settings) -> None:
    with fronting(few, Deadlines(HASTY)) as front, ExitStack() as silent:
        clients = [silent.enter_context(front.connect()) for _ in range(600)]

        assert {received(client) for client in clients} == {b""}
        assert front.ask("GET", "/healthz")[0] == 200


def test_a_long_body_of_nobody_is_not_read(front: Front) -> None:
    with front.connect(post("/api/v1/send", 10_000_000)) as client:
        assert client.recv(65_536).startswith(b"HTTP/1.1 401 ")


def test_a_body_over_its_limit_is_refused_without_reading_it(front: Front, key: dict[str, str]) -> None:
    for path, length in (("/api/session", 4_001), ("/api/v1/contacts", 1_000_001), ("/api/v1/send", 20_000_001)):
        with front.connect(post(path, length, headers=key)) as client:
            assert client.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_refusal_reaches_a_client_that_sends_on(front: Front) -> None:
    status, headers, _ = front.ask("POST", "/api/session", b"[" + b"{}," * 3_000_000 + b"{}]")

    assert (status, headers["connection"]) == (413, "close")


def test_bodies_beyond_the_memory_are_answered_503(few: Settings, key: dict[str, str]) -> None:
    with fronting(replace(few, body_memory=1_000_000)) as front:
        with front.connect(post("/api/v1/send", 900_000, b"x" * 400_000, key)):
            until(lambda: front.request_count, lambda count: count == 1)
            status, headers, body = until(
                lambda: front.ask("POST", "/api/v1/send", b"[" + b" " * 300_000, key), lambda answer: answer[0] == 503
            )
            assert (headers["retry-after"], b'"code":"unavailable"' in body) == ("5", True)
            assert front.ask("POST", "/api/v1/send", SEND, key)[0] == 200
        until(lambda: front.request_count, lambda count: count == 0)

        status, _, _ = front.ask("POST", "/api/v1/send", b"[" + b" " * 300_000, key)
        assert status == 400


def test_liveness_and_readiness_wait_for_nothing(few: Settings, key: dict[str, str]) -> None:
    """Another program holds SQLite's lock, and writers occupy every thread; nothing else could be asked on PostgreSQL."""
    if not few.database_url.startswith("sqlite"):
        return
    with fronting(few) as front:
        assert front.ask("GET", "/api/healthz")[0] == 200
        with closing(sqlite3.connect(few.database_url.removeprefix("sqlite:///"), isolation_level=None)) as other, ExitStack() as writers:
            other.execute("BEGIN IMMEDIATE")
            body = b'{"name":"A","subject":"B","body_html":"C"}'
            waiting = [writers.enter_context(front.connect(post("/api/v1/templates", len(body), body, key))) for _ in range(8)]
            until(lambda: front.request_count, lambda count: count == 8)

            assert front.ask("GET", "/healthz")[0] == 200
            status, headers, _ = front.ask("GET", "/readyz")
            assert (status, headers["retry-after"]) == (503, "5")
            other.execute("ROLLBACK")
            assert {client.recv(15) for client in waiting} == {b"HTTP/1.1 200 OK"}


def follow(front: Front, path: str, key: dict[str, str]) -> socket.socket:
    """A live stream of a campaign, of which the first frame has arrived."""
    head = f"GET {path.replace('/v1', '')}/send-stream HTTP/1.1\r\nHost: x\r\nAuthorization: {key['Authorization']}\r\n\r\n"
    client = front.connect(head.encode())
    seen = b""
    while b"data: {" not in seen:
        part = client.recv(65_536)
        assert part, seen
        seen += part
    return client


@pytest.fixture
def sending(platform: Platform, api: Api) -> str:
    """A campaign that goes on."""
    path = campaign(api, "send")
    force(platform, path, status="sending")
    return str(path)


def test_streams_hold_no_thread_and_are_limited(few: Settings, platform: Platform, api: Api, sending: str) -> None:
    key = {"Authorization": api.headers["Authorization"]}
    with fronting(replace(few, streams=6)) as front:
        with ExitStack() as streams:
            for _ in range(6):
                streams.enter_context(follow(front, sending, key))

            assert front.ask("POST", "/api/v1/send", SEND, key)[0] == 200
            status, headers, body = front.ask("GET", f"{sending.replace('/v1', '')}/send-stream", None, key)
            assert (status, headers["retry-after"], b'"code":"rate_limited"' in body) == (429, "10", True)
            assert front.ask("GET", "/api/v1/contacts/export", None, key)[0] == 429
            other = platform.make.key(platform.make.account("bob@example.com"))
            assert front.ask("GET", "/api/v1/contacts/export", None, {"Authorization": f"Bearer {other}"})[0] == 200
        until(lambda: front.ask("GET", "/api/v1/contacts/export", None, key)[0], lambda status: status == 200)


def test_a_revoked_key_ends_its_streams(front: Front, api: Api, sending: str) -> None:
    created = api.post("/api/v1/keys", json={"name": "Short", "scopes": ["campaigns"]}).json
    with follow(front, sending, {"Authorization": f"Bearer {created['key']}"}) as client:
        assert api.delete(f"/api/v1/keys/{created['id']}").status_code == 200
        rest = received(client)

    assert b"[DONE]" not in rest
    assert not rest.endswith(b"0\r\n\r\n")  # the response is not complete, and says so


def test_a_revoked_key_ends_its_export(front: Front, api: Api, platform: Platform) -> None:
    rows = "email,company\n" + "".join(f"a{number}@example.com,{'x' * 200}\n" for number in range(9_000))
    assert api.post("/api/v1/contacts/import", data=rows, content_type="text/csv").status_code == 200
    created = api.post("/api/v1/keys", json={"name": "Short", "scopes": ["contacts"]}).json
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    with client:
        client.settimeout(60)
        client.connect(("127.0.0.1", front.port))
        client.sendall(f"GET /api/v1/contacts/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {created['key']}\r\n\r\n".encode())
        first = client.recv(4_096)
        assert platform.client(api.headers).delete(f"/api/v1/keys/{created['id']}").status_code == 200
        whole = first + received(client)

    assert whole.startswith(b"HTTP/1.1 200 ")
    assert not whole.endswith(b"0\r\n\r\n")


def test_an_export_that_is_not_read_is_ended(few: Settings, api: Api) -> None:
    rows = "email,company\n" + "".join(f"a{number}@example.com,{'x' * 200}\n" for number in range(9_000))
    assert api.post("/api/v1/contacts/import", data=rows, content_type="text/csv").status_code == 200
    with fronting(few, Deadlines(replace(HASTY, head_seconds=60.0))) as front, ExitStack() as unread:
        for _ in range(5):
            client = unread.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", front.port))
            head = f"GET /api/v1/contacts/export HTTP/1.1\r\nHost: x\r\nAuthorization: {api.headers['Authorization']}\r\n\r\n"
            client.sendall(head.encode())
        until(lambda: front.request_count, lambda count: count == 5)

        assert front.ask("GET", "/api/v1/templates", None, {"Authorization": api.headers["Authorization"]})[0] == 200
        until(lambda: (front.request_count, front.connection_count), lambda counts: counts == (0, 0))


@pytest.mark.parametrize(
    "field", ["Content-Length: +5", "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: chunked\r\nContent-Length: 5"]
)
def test_requests_whose_end_is_disputable_are_refused(front: Front, field: str) -> None:
    with front.connect(f"POST /api/session HTTP/1.1\r\nHost: x\r\n{field}\r\n\r\nhello".encode()) as client:
        assert received(client).startswith(b"HTTP/1.1 400 ")


def test_a_chunked_body_is_limited_too(front: Front) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with front.connect(head + b"%x\r\n" % 5_000 + b" " * 5_000 + b"\r\n") as client:
        assert client.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_field_with_an_underscore_is_not_one_with_a_hyphen(front: Front, key: dict[str, str]) -> None:
    repeated: dict[str, Any] = {**key, "Idempotency_Key": "a"}

    first, second = (front.ask("POST", "/api/v1/send", SEND, repeated)[2] for _ in range(2))

    assert first.partition(b"message_id")[2] != second.partition(b"message_id")[2]
