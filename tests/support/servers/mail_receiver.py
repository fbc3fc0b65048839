"""An external mail server, to which a running platform delivers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.servers.platform_process import free_port


class Inbox:
    """An SMTP server that keeps recipients and mails; while `answers` is not set, it says nothing to what it was given."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        self.mails: list[bytes] = []
        self.answers = threading.Event()
        self.answers.set()
        self._news = threading.Condition()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - as below
        """Addresses that begin with `gone` do not exist, those that begin with `later` are deferred."""
        if address.startswith("gone"):
            return "550 5.1.1 no such user"
        if address.startswith("later"):
            return "451 4.2.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        with self._news:
            self.recipients += envelope.rcpt_tos
            self.mails.append(envelope.original_content)
            self._news.notify_all()
        await asyncio.to_thread(self.answers.wait)
        return "250 kept"

    def wait(self, people: int) -> None:
        """Until so many people have mail."""
        with self._news:
            assert self._news.wait_for(lambda: len(set(self.recipients)) >= people, 60), f"only {len(set(self.recipients))} came"


@contextmanager
def relay() -> Iterator[tuple[Inbox, str]]:
    inbox, port = Inbox(), free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
