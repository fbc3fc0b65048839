"""The platform's SMTP server on a thread of the test, and conversations with it."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from misarmail_server.db.store import Store
from misarmail_server.mail_server.listeners import Listeners
from misarmail_server.setting_types.values import ListenAddress
from misarmail_server.settings import Settings

ANY_PORT = ListenAddress("127.0.0.1", 0)


@contextmanager
def listening(settings: Settings, store: Store) -> Iterator[dict[str, int]]:
    """Both listeners, open; their ports by name."""
    listeners = Listeners(replace(settings, inbound_listen=ANY_PORT, submission_listen=ANY_PORT), store)
    loop, report = asyncio.new_event_loop(), asyncio.Event()
    is_open = threading.Event()

    async def serve() -> None:
        await listeners.open()
        is_open.set()
        await report.wait()
        await listeners.close()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    assert is_open.wait(20)
    try:
        yield listeners.ports
    finally:
        loop.call_soon_threadsafe(report.set)
        thread.join()


def talk(port: int) -> smtplib.SMTP:
    """A client that has said EHLO."""
    client = smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.net", timeout=20)
    client.ehlo()
    return client


def deliver(port: int, recipient: str, content: str | bytes, sender: str = "") -> tuple[int, str]:
    """Send one mail in a separate session; return the last reply."""
    with talk(port) as client:
        client.mail(sender)
        code, text = client.rcpt(recipient)
        if code == 250:
            code, text = client.data(content)
        return code, text.decode()


def converse(port: int, wire: bytes) -> bytes:
    """Send bytes as they are, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(wire)
        return received_of(connection)


def connected(port: int, source: str) -> socket.socket:
    """A connection from an address of this machine, such as 127.0.1.1."""
    return socket.create_connection(("127.0.0.1", port), 20, source_address=(source, 0))


def received_of(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    received = b""
    while piece := connection.recv(65_536):
        received += piece
    return received
