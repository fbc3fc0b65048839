"""The besiegers, in one process: `attackers.py PORT KEY CAMPAIGN`. Their addresses are not that of the client that sends."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

SILENT, SLOW, HELD, BOMBERS = 1_100, 48, 24, 4
BOMB = b"[" + b"{}," * 6_500_000 + b"{}]"
NESTED = b"[" * 19_000_000


def main() -> None:
    """Attack until the process is ended."""
    os.nice(15)  # in reality they run on other machines and take nothing of the server's processor
    port, key, campaign = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    jobs: list[Callable[[], None]] = [lambda: silent(port), lambda: slow(port), lambda: streams(port, key, campaign)]
    jobs += [lambda number=number: bombs(port, key, number) for number in range(BOMBERS)]  # type: ignore[misc] # the default binds it
    for job in jobs:
        threading.Thread(target=job, daemon=True).start()
    print("ready", flush=True)
    while True:
        time.sleep(60)


def connected(port: int, address: str, sent: bytes) -> socket.socket:
    """A connection from one of this machine's addresses."""
    client = socket.socket()
    client.settimeout(30)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.bind((address, 0))
    client.connect(("127.0.0.1", port))
    client.sendall(sent)
    return client


def held(count_: int, make: Callable[[int], socket.socket]) -> Iterator[None]:
    """Keep that many connections; those that the server closed are replaced."""
    clients: dict[int, socket.socket] = {}
    while True:
        for number in range(count_):
            client = clients.get(number)
            if client is None or is_closed(client):
                with suppress(OSError):
                    clients[number] = make(number)
        yield
        time.sleep(1)


def is_closed(client: socket.socket) -> bool:
    """Whether the server closed the connection; what it sent is not read."""
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def silent(port: int) -> None:
    """Connections that send nothing."""
    for _ in held(SILENT, lambda _: connected(port, "127.0.0.2", b"")):
        pass


def slow(port: int) -> None:
    """Bodies without a key of which one byte arrives."""
    paths = ("/api/session", "/api/session/password-reset", "/u/x", "/api/v1/webhooks/inbound/ses/x")
    head = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 3000\r\n\r\n{{"
    for _ in held(SLOW, lambda number: connected(port, "127.0.0.3", head.format(paths[number % len(paths)]).encode())):
        pass


def streams(port: int, key: str, campaign: str) -> None:
    """Live streams and exports that nobody reads."""
    paths = (f"/api/campaigns/{campaign}/send-stream", "/api/v1/contacts/export")
    head = f"GET {{}} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
    for _ in held(HELD, lambda number: connected(port, "127.0.0.4", head.format(paths[number % len(paths)]).encode())):
        pass


def bombs(port: int, key: str, first: int) -> None:
    """Twenty megabytes of JSON, with and without a key."""
    for number in count(first):
        path, body = ("/api/session", BOMB) if number % 2 else ("/api/v1/send", (BOMB, NESTED)[number // 2 % 2])
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        with suppress(OSError), connected(port, "127.0.0.5", f"{head}Authorization: Bearer {key}\r\n\r\n".encode() + body) as client:
            client.recv(4_096)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
