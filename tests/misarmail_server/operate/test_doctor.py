"""`misarmail doctor`: a sentence for each check, and exit code 1 if one fails."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.queue import lanes
from misarmail_server.delivery.worker.relay_state import RelayState
from misarmail_server.operate import cli
from misarmail_server.settings import Settings
from tests.support.servers.dns_server import DnsServer


@pytest.fixture
def run(chosen: Settings, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ARG001 - the store empties the database afterwards
    """Runs the command with these settings; returns the exit code and (label, sentence) by check."""
    monkeypatch.setenv("MISARMAIL_STATE", str(chosen.state))
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", chosen.database_url)
    monkeypatch.setenv("MISARMAIL_DNS", "{}:{}".format(*(chosen.dns or ())))

    def command(**variables: str) -> Any:
        for name, value in variables.items():
            monkeypatch.setenv(f"MISARMAIL_{name.upper()}", value)
        code: Any
        try:
            code = cli.main(["doctor"])
        except SystemExit as ended:
            code = ended.code
        lines = capsys.readouterr().out.splitlines()
        return code, {line[5:15].strip(): (line[:3].strip(), line[17:]) for line in lines}

    return command


def test_doctor_finds_nothing_wrong_with_a_fresh_platform(run: Any, dns: DnsServer) -> None:
    dns.publish("example.com", "MX", "0 .")

    code, result = run()

    assert (code, {output for output, _ in result.values()}) == (0, {"ok"})
    assert result["relay"] == ("ok", "Mail is captured in the sandbox inbox and not delivered")
    assert result["queue"] == ("ok", "0 mails wait, the oldest due for 0 s")


def test_doctor_reports_why_a_relay_refuses_mail(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    code, result = run(relay=f"smtp://ada:hunter2@127.0.0.1:{port}")

    assert (code, result["relay"][0]) == (1, "BAD")
    assert result["relay"][1].startswith(f"smtp://127.0.0.1:{port}: The relay cannot be reached: ")
    assert "hunter2" not in str(result)
    assert result["bounces"][0] == "BAD"
    assert result["hostname"] == (
        "BAD",
        "MISARMAIL_HOSTNAME is localhost.localdomain, which other mail servers refuse in EHLO; set this machine's name",
    )


def test_doctor_is_content_with_a_hostname(run: Any) -> None:
    assert "hostname" not in run()[1]
    assert "hostname" not in run(relay="smtp://127.0.0.1:9", hostname="mail.example.com")[1]


def test_doctor_reports_a_suspension_and_a_relay_that_is_down(run: Any, chosen: Settings, store: Store) -> None:
    relay = "smtp://127.0.0.1:9"
    store.write(lambda connection: lanes.hold(connection, lanes.ALL))
    _, result = run(relay=relay)
    assert result["suspended"] == ("BAD", "Delivery is suspended for all accounts")

    RelayState(type(chosen)(**{**vars_of(chosen), "relay": relay})).report(outcomes.held("The relay cannot be reached: no route"))
    assert "The relay cannot be reached" in run(relay=relay)[1]["relay"][1]


def vars_of(chosen: Any) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in chosen.__dataclass_fields__}


def test_doctor_reports_an_unusable_database(run: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database" * 100)

    code, result = run(database_url=f"sqlite:///{tmp_path}/broken.db")

    assert (code, result["database"][0]) == (1, "BAD")
    assert result["database"][1].startswith("The database cannot be used: ")
