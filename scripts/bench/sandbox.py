"""Capture into the sandbox: `POST /v1/send` with a sandbox key, and mail submitted by SMTP; each durable before its reply.

`sandbox.py [--seconds 10]`. Afterwards the captured mails are counted in the database.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO

import load
import send
import servers

TARGET = 1_000  # a second
CLIENTS = 16
START_SECONDS = 30.0
SENDER = "From: Your App <hello@yourdomain.com>\r\nTo: user@example.com\r\nSubject: Hello from MisarMail\r\n"
MAIL = f"{SENDER}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello world!</p>\r\n.\r\n".encode()


def main() -> int:
    """Measure both methods and print; 1 when an accepted mail is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    seconds = parser.parse_args().seconds
    if lacking := servers.missing():
        print(*lacking, sep="\n", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-sandbox-") as folder:
        usual = send.ours(Path(folder))
        outcome = send.measure(dataclasses.replace(usual, key=lambda: key(Path(folder))), seconds)
    print(f"{'capture, one core':36}{load.HEAD}\n{outcome.result.row('POST /v1/send, sandbox key')}  target {TARGET:,}")
    with tempfile.TemporaryDirectory(prefix="bench-sandbox-") as folder:
        answered, stored = by_smtp(Path(folder), seconds)
    print(f"{'SMTP submission':36}{answered / seconds:10,.0f}  a second, {CLIENTS} connections; {stored} captured for {answered} answers")
    return 0 if send.holds(outcome) and stored >= answered else 1


def key(folder: Path) -> str:
    """A new key that may only capture."""
    command = (str(servers.BIN / "misarmail"), "keys", "create", "--scopes", "sandbox")
    environment = {**os.environ, "MISARMAIL_STATE": str(folder)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def by_smtp(folder: Path, seconds: float) -> tuple[int, int]:
    """The number of mails answered 250, and of those captured in the database."""
    port = servers.free_port()
    own = {"MISARMAIL_STATE": str(folder), "MISARMAIL_RATE_LIMITS": "off", "MISARMAIL_SUBMISSION_LISTEN": f"127.0.0.1:{port}"}
    command = (str(servers.BIN / "misarmail"), "serve", "--port", str(servers.free_port()))
    server = subprocess.Popen(command, env={**os.environ, **own, "MISARMAIL_WORKERS": "0"}, stdout=subprocess.DEVNULL)
    counts = [0] * CLIENTS
    try:
        wait_for(port)
        secret, until = key(folder), time.monotonic() + seconds

        def client(number: int) -> None:
            counts[number] = hand_in(port, secret, until)

        clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
    finally:
        server.terminate()
        server.wait()
    with sqlite3.connect(folder / "misarmail.db") as database:
        stored: int = database.execute("SELECT count(*) FROM captures").fetchone()[0]
    return sum(counts), stored


def wait_for(port: int) -> None:
    """Wait until the server listens."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            threading.Event().wait(0.1)
        else:
            return
    raise SystemExit("the SMTP server did not start")


def hand_in(port: int, secret: str, until: float) -> int:
    """One client, with a new connection whenever the server closes one; the number of accepted mails."""
    taken = 0
    while time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port), 30) as connection, connection.makefile("rb") as lines:
            log_in(connection, lines, secret)
            while time.monotonic() < until and hand_in_one(connection, lines):
                taken += 1
    return taken


def log_in(connection: socket.socket, lines: BinaryIO, secret: str) -> None:
    """From the greeting to the login."""
    login = base64.b64encode(f"\0api\0{secret}".encode())
    expect(lines.readline(), b"220")
    for command, wanted in ((b"EHLO bench", b"250"), (b"AUTH PLAIN " + login, b"235")):
        connection.sendall(command + b"\r\n")
        while (line := lines.readline())[3:4] == b"-":
            pass
        expect(line, wanted)


def hand_in_one(connection: socket.socket, lines: BinaryIO) -> bool:
    """One mail with a pipelined envelope; False when the server closes the connection after many."""
    connection.sendall(b"MAIL FROM:<hello@yourdomain.com>\r\nRCPT TO:<user@example.com>\r\nDATA\r\n")
    first = lines.readline()
    if first.startswith(b"421"):
        return False
    for line, wanted in ((first, b"250"), (lines.readline(), b"250"), (lines.readline(), b"354")):
        expect(line, wanted)
    connection.sendall(MAIL)
    expect(lines.readline(), b"250")
    return True


def expect(line: bytes, wanted: bytes) -> None:
    """Raises SystemExit for another reply."""
    if not line.startswith(wanted):
        raise SystemExit(f"it answered {line!r} where {wanted!r} was to come")


if __name__ == "__main__":
    sys.exit(main())
