"""Our SMTP client against the servers that mail really goes to. Run by `make interop`, as root: the daemons change users."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from misarmail_server.delivery.envelope import Envelope, no_mark
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.relay import RelayTransport
from tests.support.servers import mail_servers
from tests.support.servers.mail_servers import Server
from tests.support.waiting import until

HEAD = b"From: hello@example.com\r\nSubject: Hi\r\n\r\n"
DOTS = b".dot\r\n..\r\n.\r\n\r\nend\r\n"


@pytest.fixture(scope="module", params=[mail_servers.postfix, mail_servers.exim, mail_servers.haraka], ids=lambda start: start.__name__)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="interop-"))
    folder.chmod(0o755)  # the daemons are other users
    try:
        with request.param(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def transport(server: Server) -> Iterator[RelayTransport]:
    url = urlsplit(f"smtp://127.0.0.1:{server.port}")
    with closing(RelayTransport(url, "mail.example.com", dialogue_seconds=60)) as opened:
        yield opened


def send(transport: RelayTransport, content: bytes = HEAD + DOTS, recipient: str = "user@example.test") -> Outcome:
    return transport.deliver(Envelope("hello@example.com", recipient, content), no_mark)


def test_deliver_hands_over_what_arrives_as_it_was(server: Server, transport: RelayTransport) -> None:
    assert send(transport).state == "delivered"

    until(lambda: server.has(DOTS.replace(b"\r\n", b"\n")))


def test_deliver_pipelines_encrypted_and_goes_on_after_refusals(transport: RelayTransport) -> None:
    outcomes = [send(transport, recipient=f"{name}@example.test") for name in ("user", "nobody-here", "user", "nobody-here", "user")]

    assert [outcome.state for outcome in outcomes] == ["delivered", "bounced", "delivered", "bounced", "delivered"]
    assert outcomes[1].is_hard
    client = transport._client  # noqa: SLF001 - that all of them went over one connection
    assert client is not None
    assert (client.mails, client.wire.is_encrypted, "PIPELINING" in client.extensions) == (5, True, True)


def test_deliver_hands_over_large_mail(server: Server, transport: RelayTransport) -> None:
    assert send(transport, HEAD + b"0123456789abcdef\r\n" * 300_000 + b"the very end\r\n").state == "delivered"

    until(lambda: server.has(b"the very end\n"))


def test_deliver_hands_over_addresses_outside_ascii(transport: RelayTransport) -> None:
    assert send(transport, recipient="jürgen@example.test").state == "delivered"
