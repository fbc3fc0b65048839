"""Mail servers that only support logging in: IMAP (RFC 9051) and SMTP (RFC 4954). They run as long as the tests."""

from __future__ import annotations

import base64
import socketserver
import threading
from functools import cache

from typing_extensions import override

PASSWORD = "correct horse battery staple"


class Imap(socketserver.StreamRequestHandler):
    @override
    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            self.wfile.write(self.answer(tag, rest).encode())

    def answer(self, tag: str, rest: str) -> str:
        command = rest.split(" ", 1)[0].upper()
        if command == "CAPABILITY":
            return f"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"
        if command == "LOGIN":
            return f"{tag} OK welcome\r\n" if PASSWORD in rest else f"{tag} NO wrong\r\n"
        return f"{tag} BAD what\r\n"


class Smtp(socketserver.StreamRequestHandler):
    @override
    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            self.wfile.write(self.answer(line.decode().strip()).encode())

    def answer(self, line: str) -> str:
        if line.upper().startswith("EHLO"):
            return "250-here\r\n250 AUTH PLAIN\r\n"
        if line.upper().startswith("AUTH PLAIN"):
            return "235 welcome\r\n" if base64.b64decode(line.split()[2]).endswith(PASSWORD.encode()) else "535 wrong\r\n"
        return "221 bye\r\n"


class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@cache
def imap_port() -> int:
    """Where IMAP listens."""
    return _listening(Imap)


@cache
def smtp_port() -> int:
    """Where SMTP listens."""
    return _listening(Smtp)


def _listening(handler: type[socketserver.StreamRequestHandler]) -> int:
    server = Threads(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])
