"""Connections that wait for the next mail."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from misarmail_server.delivery.smtp import connection_pool
from misarmail_server.delivery.smtp.client import SmtpClient
from misarmail_server.delivery.smtp.connection_pool import ConnectionKey, ConnectionPool
from misarmail_server.delivery.smtp.wire import SmtpWire

GOOGLE, OTHER = ConnectionKey("google", "mx1.google.com", "any", None), ConnectionKey("google", "mx2.google.com", "any", None)


class Pairs:
    """Clients with the other end of their connection."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened

    def __call__(self) -> tuple[SmtpClient, socket.socket]:
        ours, theirs = socket.socketpair()
        self._opened.enter_context(ours)
        self._opened.enter_context(theirs)
        return SmtpClient(SmtpWire(ours, time.monotonic() + 5), "mail.example.com"), theirs


@pytest.fixture
def pair() -> Iterator[Any]:
    with ExitStack() as opened:
        yield Pairs(opened)


def kept(pool: ConnectionPool, client: SmtpClient, key: ConnectionKey) -> None:
    pool.make_room(key.provider, 10)
    pool.put(client, key)


def test_take_gives_a_connection_to_the_same_host_only_and_once(pair: Any) -> None:
    pool, (client, _) = ConnectionPool(), pair()
    kept(pool, client, GOOGLE)

    assert [pool.take(OTHER, 0), pool.take(GOOGLE, 0), pool.take(GOOGLE, 0)] == [None, client, None]


@pytest.mark.parametrize("says", [b"421 idle\r\n", b""])
def test_take_gives_none_that_was_closed_or_spoke(pair: Any, says: bytes) -> None:
    pool, (client, theirs) = ConnectionPool(), pair()
    kept(pool, client, GOOGLE)
    theirs.sendall(says)
    theirs.shutdown(socket.SHUT_WR)

    assert pool.take(GOOGLE, 0) is None


def test_make_room_closes_an_idle_connection_to_another_host_of_the_provider(pair: Any) -> None:
    pool, (client, theirs) = ConnectionPool(), pair()
    kept(pool, client, GOOGLE)

    pool.make_room("google", 1)

    assert pool.take(GOOGLE, 0) is None
    assert theirs.recv(100) == b"QUIT\r\n"


def test_put_closes_what_waited_too_long_or_is_too_much(pair: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, (first, theirs), (second, _) = ConnectionPool(), pair(), pair()
    monkeypatch.setattr(connection_pool, "MAX_IDLE", 1)
    kept(pool, first, GOOGLE)
    kept(pool, second, OTHER)

    assert theirs.recv(100) == b"QUIT\r\n"
    assert (pool.take(GOOGLE, 0), pool.take(OTHER, 0)) == (None, second)


def test_close_idle_closes_all(pair: Any) -> None:
    pool, (client, theirs) = ConnectionPool(), pair()
    kept(pool, client, GOOGLE)

    pool.close_idle()

    assert theirs.recv(100) == b"QUIT\r\n"
