"""Posts to hosts that a tenant named: where they connect, and how long they take at most."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from misarmail_server.external.http_post import PostResult, post
from tests.support.servers.webhook_receiver import receiver


def resolved_to(*addresses: str) -> Any:
    """A resolver for which every host has these addresses; it counts its questions."""
    questions: list[str] = []

    def resolve(host: str, port: int, **_options: Any) -> Any:
        questions.append(host)
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in address], socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve, questions


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "::7f00:1", "fec0::1", "::ffff:10.0.0.1", "100.64.0.1"]
)
def test_post_does_not_connect_into_private_networks(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolve, _ = resolved_to(address)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    result = post("http://hook.example/x", b"{}", {}, seconds=5, allows_private=False)

    assert result == PostResult(
        None, "hook.example is in a private network, to which this platform connects only with MISARMAIL_PRIVATE_TARGETS=on"
    )


def test_post_connects_to_the_address_that_was_judged_without_asking_again(monkeypatch: pytest.MonkeyPatch) -> None:
    hook = receiver()
    resolve, questions = resolved_to("127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    result = post(hook.url.replace("127.0.0.1", "hook.example"), b"{}", {}, seconds=5, allows_private=True)

    assert (result, questions, len(hook.posts)) == (PostResult(200, None), ["hook.example"], 1)


def test_post_counts_the_time_of_the_resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def resolve(*_arguments: Any, **_options: Any) -> Any:
        answer.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    result = post("http://hook.example/x", b"{}", {}, seconds=0.05, allows_private=True)
    answer.set()

    assert result == PostResult(None, "The receiver did not respond within 0.05 seconds")
