"""A real SMTP server that keeps what it is given and misbehaves on request."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@dataclass
class Received:
    sender: str
    recipient: str
    content: bytes


@dataclass
class Behaviour:
    """`rcpt` and `data` are replies instead of 250; `drops_data` closes the connection instead of answering the content."""

    rcpt: dict[str, str] = field(default_factory=dict)
    data: str | None = None
    drops_data: bool = False


class FreePortController(Controller):  # type: ignore[misc]  # aiosmtpd has no types that strict mode accepts
    """Takes the port that the system gave, so that no other test can have it."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class Sink:
    """Used as a context manager; `url` is the relay setting that leads here."""

    def __init__(
        self,
        *,
        user: str | None = None,
        password: str = "",
        has_tls: bool = False,
        certificate: Path = CERTIFICATE,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.received: list[Received] = []
        self.behaviour = Behaviour()
        self.peers: Counter[Any] = Counter()  # mails of each connection
        self.encrypted: list[bool] = []
        self.hostnames: list[str] = []  # said in EHLO
        self._connections: list[Any] = []
        self._login = (user, password)
        self._news = threading.Condition()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if has_tls else None
        if tls:
            tls.load_cert_chain(certificate)
        self._controller = FreePortController(
            self,
            hostname=host,
            port=port,
            server_hostname="sink.example.com",
            tls_context=tls,
            enable_SMTPUTF8=True,
            auth_required=user is not None,
            auth_require_tls=has_tls,
            authenticator=self._authenticate,
        )

    @property
    def port(self) -> int:
        return int(self._controller.port)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.hang_up()
        self._controller.stop()

    def wait(self, is_enough: Callable[[list[Received]], object], seconds: float = 20) -> None:
        """Wait until what was received is enough."""
        with self._news:
            assert self._news.wait_for(lambda: is_enough(self.received), seconds), f"only {len(self.received)} mails came"

    def recipients(self) -> set[str]:
        return {mail.recipient for mail in self.received}

    def hang_up(self) -> None:
        """Close every connection, and wait until that is done."""
        done = threading.Event()

        def close() -> None:
            for transport in self._connections:
                transport.abort()
            done.set()

        self._controller.loop.call_soon_threadsafe(close)
        assert done.wait(5)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        refusal = self.behaviour.rcpt.get(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.behaviour.data:
            return self.behaviour.data
        with self._news:
            self.peers[session.peer] += 1
            self.encrypted.append(session.ssl is not None)
            self.hostnames.append(session.host_name)
            self._connections.append(server.transport)
            self.received.append(Received(envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
            self._news.notify_all()
        if self.behaviour.drops_data:
            server.transport.abort()
        return "250 2.0.0 kept"

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        user, password = self._login
        is_known = isinstance(data, LoginPassword) and (data.login, data.password) == ((user or "").encode(), password.encode())
        return AuthResult(success=is_known, handled=False)
