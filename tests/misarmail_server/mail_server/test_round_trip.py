"""Out through a worker and back through the listener, and the SMTP server as a separate process."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from misarmail_server.mail_server import process
from misarmail_server.mail_server.listener_settings import require_free
from misarmail_server.setting_types.values import ListenAddress
from misarmail_server.settings import BadSettingError, Settings
from tests.conftest import Platform
from tests.support.calls import domains
from tests.support.calls.every_operation import SEND
from tests.support.reports import bounce, complaint
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.own_smtp_server import deliver, talk
from tests.support.servers.platform_process import environment, free_port
from tests.support.servers.smtp_sink import CERTIFICATE, Sink
from tests.support.waiting import until

HOST = "mail.example.net"


@dataclass
class Machine:
    """Processes of one installation, all with the same settings."""

    variables: dict[str, str]

    @contextmanager
    def running(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        started = subprocess.Popen([sys.executable, "-m", *command], env=self.variables, stderr=subprocess.PIPE, text=True)
        try:
            yield started
        finally:
            started.terminate()
            _, output = started.communicate(timeout=30)
        assert started.returncode == 0, output


@pytest.fixture
def machine(platform: Platform) -> Machine:
    state = platform.settings.state
    variables = environment(state, hostname=HOST, database_url=platform.settings.database_url, dns="127.0.0.1:9")
    return Machine({**variables, "MISARMAIL_STATE": str(state)})


def listens(port: int) -> bool:
    try:
        talk(port).quit()
    except OSError:
        return False
    return True


def test_mail_leaves_comes_back_and_the_api_shows_it(machine: Machine, platform: Platform, sink: Sink) -> None:
    port = free_port()
    machine.variables |= {"MISARMAIL_RELAY": sink.url, "MISARMAIL_INBOUND_LISTEN": f"127.0.0.1:{port}"}
    platform.settings = dataclasses.replace(platform.settings, relay=sink.url)
    api = platform.everything()
    ids = [api.post("/api/v1/send", json=SEND | {"to": [{"email": f"{name}@example.com"}]}).json["message_id"] for name in ("a", "b")]

    with machine.running("misarmail_server.mail_server.process"), machine.running("misarmail_server.operate.work"):
        sink.wait(lambda received: len(received) == 2)
        until(lambda: states(api, ids), lambda recipient_states: recipient_states == ["delivered", "delivered"])
        until(lambda: listens(port))
        paths = {mail.recipient: mail.sender for mail in sink.received}
        codes = [deliver(port, paths["a@example.com"], bounce("a@example.com"))[0]]
        codes += [deliver(port, paths["b@example.com"], complaint(paths["b@example.com"]))[0]]
        somebody = talk(port)  # does not keep the process from ending
    somebody.close()

    assert (codes, states(api, ids)) == ([250, 250], ["bounced", "delivered"])
    suppressions = api.get("/api/v1/suppressions").json["suppressions"]
    assert {suppression["email"]: suppression["reason"] for suppression in suppressions} == {
        "a@example.com": "bounced",
        "b@example.com": "complained",
    }
    assert api.get("/api/v1/analytics/overview").status_code == 200


def test_mail_of_a_domain_with_a_return_path_leaves_and_comes_back_below_it(
    machine: Machine, platform: Platform, sink: Sink, dns: DnsServer
) -> None:
    port = free_port()
    machine.variables |= {"MISARMAIL_RELAY": sink.url, "MISARMAIL_INBOUND_LISTEN": f"127.0.0.1:{port}"}
    platform.settings = dataclasses.replace(platform.settings, relay=sink.url, hostname=HOST, return_path_host=HOST)
    api = platform.everything()
    domains.verified(api, dns, "yourdomain.com")
    id_ = api.post("/api/v1/send", json=SEND | {"to": [{"email": "a@example.com"}]}).json["message_id"]

    with machine.running("misarmail_server.mail_server.process"), machine.running("misarmail_server.operate.work"):
        sink.wait(lambda received: len(received) == 1)
        (mail,) = sink.received
        until(lambda: states(api, [id_]), lambda recipient_states: recipient_states == ["delivered"])
        until(lambda: listens(port))
        code, _ = deliver(port, mail.sender, bounce("a@example.com"))

    assert (mail.sender.rpartition("@")[2], code, states(api, [id_])) == ("bounces.yourdomain.com", 250, ["bounced"])


def states(api: Any, ids: list[str]) -> list[str]:
    return [api.get(f"/api/v1/messages/{id_}").json["message"]["recipients"][0]["state"] for id_ in ids]


def test_process_ends_with_its_parent(machine: Machine) -> None:
    port = free_port()
    machine.variables["MISARMAIL_INBOUND_LISTEN"] = f"127.0.0.1:{port}"
    with machine.running("misarmail_server.mail_server.process", "--with-parent", str(os.getpid() + 1)) as started:
        assert started.wait(30) == 0


def test_nothing_to_listen_on_is_refused(chosen: Settings) -> None:
    with pytest.raises(BadSettingError) as refused:
        process.run(chosen)

    assert str(refused.value) == "Nothing to listen on: set MISARMAIL_INBOUND_LISTEN, MISARMAIL_SUBMISSION_LISTEN or both"


def test_address_and_certificate_are_judged_before_the_start(chosen: Settings, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("none")
    with Sink() as other:
        taken = ListenAddress("127.0.0.1", other.port)
        changes: list[dict[str, Any]] = [
            {"inbound_listen": taken},
            {"submission_listen": ListenAddress("192.0.2.1", 2525)},
            {"submission_listen": ListenAddress("not a host", 2525)},
            {"tls_certificate": CERTIFICATE, "tls_key": tmp_path / "none.pem"},
        ]
        result = []
        for change in changes:
            with pytest.raises(BadSettingError) as refused:
                require_free(replace(chosen, **change))
            result.append(str(refused.value))

    assert result == [
        f"MISARMAIL_INBOUND_LISTEN is 127.0.0.1:{other.port}, which cannot be listened on: another program listens there",
        "MISARMAIL_SUBMISSION_LISTEN is 192.0.2.1:2525, which cannot be listened on: it is not an address of this machine",
        "MISARMAIL_SUBMISSION_LISTEN is not a host:2525, which cannot be listened on: Name or service not known",
        "MISARMAIL_TLS_CERTIFICATE and MISARMAIL_TLS_KEY are not a certificate and its key, in PEM and without a password",
    ]
