"""An SMTP server that does exactly what a test wrote down, however wrong it is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

GREETING = b"220 mx.example.com ESMTP\r\n"
EHLO = b"250-mx.example.com\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n"
OPENING: tuple[str | bytes, ...] = (GREETING, "EHLO", EHLO)
ENVELOPE: tuple[str | bytes, ...] = ("MAIL", "RCPT", "DATA")
ALL_WELL = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go ahead\r\n"

Script = Sequence[str | bytes]


class Scripted:
    """Plays one script a connection, in their order: bytes are said, a text is how a line begins that it waits for.

    At the end of a script it hangs up; with `holds` only when the test is over.
    """

    def __init__(self, *scripts: Script, holds: bool = False) -> None:
        self.heard: list[list[bytes]] = []
        self._scripts = scripts
        self._holds = holds
        self._server = socket.create_server(("127.0.0.1", 0))
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self.port = self._server.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        for script in self._scripts:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.heard.append([])
            with connection, suppress(OSError):
                self._play(connection, script)
                if self._holds:
                    self._is_over.wait(20)

    def _play(self, connection: socket.socket, script: Script) -> None:
        with connection.makefile("rb") as lines:
            for step in script:
                if isinstance(step, bytes):
                    connection.sendall(step)
                    continue
                while line := lines.readline():
                    self.heard[-1].append(line)
                    if line.startswith(step.encode()):
                        break
