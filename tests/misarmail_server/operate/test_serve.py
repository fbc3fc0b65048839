"""The whole server, started as people start it, spoken to over real sockets, and killed where it hurts."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from misarmail_server import document
from misarmail_server.operate import cli
from misarmail_server.settings import VERSION
from tests.support.calls.every_operation import SEND, WELCOME
from tests.support.postgresql import server_database
from tests.support.servers.mail_receiver import relay
from tests.support.servers.platform_process import Served, environment, free_port, peak_memory, refused, serving
from tests.support.waiting import until

SMTP_PORT = free_port()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for the tests that only talk to it."""
    with serving(
        tmp_path_factory.mktemp("served"), rate_limits="off", submission_listen=f"127.0.0.1:{SMTP_PORT}", **server_database()
    ) as running:
        yield running


def test_serve_prints_a_key_on_the_first_start_only(folder: Path) -> None:
    kept = server_database()
    with serving(folder, **kept) as first:
        created = first.call("POST", "/api/v1/templates", WELCOME)
        assert first.output.splitlines() == [
            f"MisarMail Server {VERSION}",
            f"  API    {first.url}/api",
            f"  Docs   {first.url}/docs",
            "  Mail   is captured in the sandbox inbox (MISARMAIL_RELAY=capture)",
            f"  State  {folder}/state",
            "  First account: operator@localhost, which may send from any address",
            "  Its API key, shown only once:",
            f"  {first.key}",
        ]
        assert first.stop() == 0

    with serving(folder, key=first.key, **kept) as second:
        assert "msk_" not in second.output
        assert second.call("GET", "/api/v1/templates").json["templates"][0]["id"] == created.json["template"]["id"]
        assert second.output.count("\n") == 5


def test_serve_runs_the_quick_start(served: Served) -> None:
    mail = {
        "from": {"email": "hello@yourdomain.com", "name": "Your App"},
        "to": [{"email": "user@example.com"}],
        "subject": "Hello from MisarMail",
        "html": "<p>Hello world!</p>",
        "text": "Hello world!",
    }

    sent = served.call("POST", "/api/v1/send", mail)

    assert (sent.status, sent.json["success"], sent.json["provider"]) == (200, True, "capture")
    message = f"/api/v1/messages/{sent.json['message_id']}"
    assert until(lambda: served.call("GET", message).json["message"]["state"], lambda state: state != "queued") == "captured"
    assert sent.json["message_id"] in served.call("GET", "/api/v1/sandbox").body.decode()


def test_serve_runs_the_requests_of_the_templates_page(served: Served) -> None:
    welcome = {
        "name": "Welcome Email",
        "subject": "Welcome to {{company_name}}, {{first_name}}!",
        "body_html": "<h1>Hi {{first_name}},</h1><p>Welcome aboard!</p>",
        "body_text": "Hi {{first_name}}, Welcome aboard!",
        "category": "onboarding",
    }
    contact = {"first_name": "Gulshan", "last_name": "Yadav", "email": "gulshan@example.com", "company_name": "G1 Technologies"}

    created = served.call("POST", "/api/v1/templates", welcome)
    path = f"/api/v1/templates/{created.json['template']['id']}"
    rendered = served.call("POST", "/api/v1/templates/render", {"template_id": created.json["template"]["id"], "contact": contact})
    listed = served.call("GET", "/api/v1/templates?page=1&limit=20&category=onboarding&search=welcome")
    got = served.call("GET", path)
    changed = served.call("PATCH", path, {"category": "marketing"})
    missing = served.call("POST", "/api/v1/templates", {"name": "Nameless"})
    deleted = served.call("DELETE", path)

    assert [each.status for each in (created, rendered, listed, got, changed, missing, deleted)] == [200, 200, 200, 200, 200, 400, 200]
    assert rendered.json == {
        "success": True,
        "subject": "Welcome to G1 Technologies, Gulshan!",
        "body_html": "<h1>Hi Gulshan,</h1><p>Welcome aboard!</p>",
        "body_text": "Hi Gulshan, Welcome aboard!",
    }
    assert (listed.json["total"], listed.json["page"], listed.json["limit"]) == (1, 1, 20)
    assert (got.json["template"]["subject"], changed.json["template"]["category"]) == (welcome["subject"], "marketing")
    assert served.call("GET", path).status == 404


def test_serve_shows_its_contract_and_nothing_where_nothing_is(served: Served) -> None:
    assert served.call("GET", "/openapi.json").json == document.bundle()
    assert b"/openapi.json" in served.call("GET", "/").body
    outside, inside = served.call("GET", "/nowhere"), served.call("GET", "/api/nowhere")
    assert (outside.status, outside.headers["Content-Type"].partition(";")[0]) == (404, "text/plain")
    assert (inside.status, inside.json["code"]) == (404, "not_found")
    assert [served.call("GET", path).status for path in ("/healthz", "/readyz")] == [200, 200]


def test_serve_delivers_to_a_relay(folder: Path) -> None:
    with relay() as (inbox, url), serving(folder, relay=url, rate_limits="off", **server_database()) as running:
        sent = running.call("POST", "/api/v1/send", SEND)
        inbox.wait(1)
        message = f"/api/v1/messages/{sent.json['message_id']}"
        state = until(lambda: running.call("GET", message).json["message"]["state"], lambda state: state != "queued")

    assert (sent.status, sent.json["provider"], state) == (200, "smtp", "delivered")
    assert inbox.recipients == ["user@example.com"]
    assert b"\r\nSubject: Hello from MisarMail\r\n" in inbox.mails[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_as_a_whole(folder: Path, number: Any) -> None:
    with serving(folder, processes="2", workers="2", **server_database()) as running:
        until(lambda: running.children("misarmail_server.operate.work"), lambda workers: len(workers) == 2)
        assert running.stop(number) == 0

    assert running.output.count("\n") == 8


def test_serve_ends_as_a_whole_when_it_is_killed(folder: Path) -> None:
    kept = server_database()
    with serving(folder, processes="2", **kept) as running:
        until(lambda: running.children("misarmail_server.operate.work"))
        assert running.stop(signal.SIGKILL) == -signal.SIGKILL

    with serving(folder, key=running.key, **kept) as again:
        assert again.call("GET", "/api/v1/templates").status == 200


def test_serve_loses_no_mail_when_its_worker_is_killed(folder: Path) -> None:
    people = [f"person{number}@example.com" for number in range(200)]
    with relay() as (inbox, url), serving(folder, relay=url, rate_limits="off", **server_database()) as running:
        (worker,) = until(lambda: running.children("misarmail_server.operate.work"))
        for first in range(0, len(people), 20):
            batch = SEND | {"to": [{"email": person} for person in people[first : first + 20]]}
            assert running.call("POST", "/api/v1/send", batch).status == 200
        inbox.wait(20)
        os.kill(worker, signal.SIGKILL)
        inbox.wait(len(people))
        assert until(lambda: running.children("misarmail_server.operate.work"), lambda workers: workers != [worker])

    assert set(inbox.recipients) == set(people)
    assert sum(Counter(inbox.recipients).values()) - len(people) <= 100  # what was handed over and not yet written down


def test_serve_starts_an_api_process_again(folder: Path) -> None:
    with serving(folder, **server_database()) as running:
        (api,) = [pid for pid in running.children("serve") if pid not in running.children("misarmail_server.operate.work")]
        os.kill(api, signal.SIGKILL)
        until(lambda: api not in running.children("serve"))
        until(running.is_ready)

        assert running.call("POST", "/api/v1/send", SEND).status == 200
        assert running.stop() == 0


def test_serve_outlives_an_api_process_that_keeps_dying(folder: Path) -> None:
    with serving(folder, **server_database()) as running:
        workers = until(lambda: running.children("misarmail_server.operate.work"))
        killed: set[int] = set()
        for _ in range(4):
            (api,) = until(
                lambda: [pid for pid in running.children("serve") if pid not in killed | set(workers)], lambda pids: len(pids) == 1
            )
            os.kill(api, signal.SIGKILL)
            killed.add(api)

        assert running.call("POST", "/api/v1/send", SEND).status == 200
        assert running.children("misarmail_server.operate.work") == workers
        assert running.output.count("a process ended and is started again") == 4


def test_serve_needs_little_memory_for_bombs(folder: Path) -> None:
    with serving(folder, rate_limits="off", **server_database()) as running:
        (api,) = [pid for pid in running.children("serve") if pid not in running.children("misarmail_server.operate.work")]
        bombs = [b"[" + b"{}," * 6_600_000 + b"{}]", b'[{"a":1}' + b',{"a":1}' * 240_000 + b"]", b"[" * 19_000_000]

        with ThreadPoolExecutor(8) as clients:
            for path in ("/api/session", "/api/v1/send", "/api/v1/contacts/import", "/api/v1/contacts"):
                answers = clients.map(lambda bomb, path=path: running.post_bytes(path, bomb), bombs * 3)
                assert {answer.status for answer in answers} <= {400, 413, 503}

        assert peak_memory(api) < 600_000_000


def test_serve_counts_and_revokes_on_all_processes_at_once(folder: Path) -> None:
    with serving(folder, processes="2", **server_database()) as running:
        key = running.call("POST", "/api/v1/keys", {"name": "Counted", "scopes": ["templates"]}).json
        answers = [running.call("GET", "/api/v1/templates", key=key["key"]) for _ in range(40)]
        minutes = Counter(answer.headers["X-RateLimit-Reset"] for answer in answers)
        assert running.call("DELETE", f"/api/v1/keys/{key['id']}").status == 200
        revoked = {running.call("GET", "/api/v1/templates", key=key["key"]).status for _ in range(20)}

    limit = int(answers[0].headers["X-RateLimit-Limit"])
    assert [int(answer.headers["X-RateLimit-Remaining"]) for answer in answers] == [
        limit - 1 - number for times in minutes.values() for number in range(times)
    ]
    assert revoked == {401}


def test_servers_can_share_a_folder(folder: Path) -> None:
    kept = server_database()
    with serving(folder, **kept) as item, serving(folder, key=item.key, **kept) as other:
        created = item.call("POST", "/api/v1/templates", WELCOME).json["template"]["id"]

        assert other.call("GET", f"/api/v1/templates/{created}").status == 200
        assert other.call("POST", "/api/v1/send", SEND).status == 200
        assert item.stop() == 0
        assert other.call("POST", "/api/v1/send", SEND).status == 200


def test_serve_starts_and_reads_while_another_program_holds_the_database(folder: Path) -> None:
    with serving(folder) as first:
        first.stop()
    with closing(sqlite3.connect(folder / "state" / "misarmail.db", isolation_level=None)) as backup:
        backup.execute("BEGIN IMMEDIATE")
        with serving(folder, key=first.key) as running:
            assert running.call("GET", "/api/v1/templates").status == 200
            backup.execute("ROLLBACK")
            assert running.call("POST", "/api/v1/send", SEND).status == 200


def test_serve_refuses_a_port_that_is_taken(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ended = refused(folder, "--port", str(port))

    sentence = f"127.0.0.1:{port} cannot be listened on: Address already in use. Choose another with PORT= or MISARMAIL_PORT\n"
    assert (ended, list(folder.iterdir())) == ((2, "", sentence), [])


@pytest.fixture
def refuse(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Starts in this process with one bad setting; what it printed, once nothing was made."""

    def start(**variables: str) -> str:
        for name, value in environment(folder, **variables).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("MISARMAIL_PORT", "")  # what the command sets is undone with it
        before = sorted(folder.rglob("*"))
        assert cli.main(["serve", "--port", str(free_port())]) == 2
        assert sorted(folder.rglob("*")) == before
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err

    return start


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "mysql://localhost/mail"),
        ("relay", "telegraph"),
        ("host", "nowhere.invalid"),
        ("public_url", "ftp://example.com"),
        ("hostname", "my host"),
        ("processes", "0"),
        ("threads", "none"),
        ("workers", "-1"),
        ("rate_limits", "-1"),
        ("body_limit", "1"),
        ("lease", "soon"),
        ("retry_delays", ","),
        ("give_up", "never"),
        ("check_answers", "maybe"),
    ],
)
def test_serve_refuses_a_bad_setting_by_name(refuse: Any, name: str, value: str) -> None:
    assert f"MISARMAIL_{name.upper()}" in refuse(**{name: value})


def test_serve_refuses_a_bad_port_by_name(folder: Path) -> None:
    code, out, err = refused(folder, "--port", "eighty")

    assert (code, out) == (2, "")
    assert err.endswith("Error: Invalid value for '--port': 'eighty' is not a whole number from 1 to 65535.\n")


def test_serve_refuses_a_folder_that_cannot_be_written(refuse: Any, folder: Path) -> None:
    (folder / "file").write_text("")

    sentence = f"MISARMAIL_STATE is {folder}/file/state, which is not writable: Not a directory\n"
    assert refuse(state=f"{folder}/file/state") == sentence


def test_serve_refuses_a_file_that_is_no_database(refuse: Any, folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "misarmail.db").write_bytes(b"no database" * 1_000)

    assert re.fullmatch(r"The database that MISARMAIL_DATABASE_URL names cannot be used now: file is not a database\n", refuse())


def test_serve_takes_mail_by_smtp_for_the_same_key(served: Served) -> None:
    until(lambda: SMTP_PORT in listening_ports(served))
    with smtplib.SMTP("127.0.0.1", SMTP_PORT, timeout=20) as client:
        client.login("api", served.key)
        mail = "From: hello@yourdomain.com\r\nTo: user@example.com\r\nSubject: By SMTP\r\n\r\nHi\r\n"
        client.mail("hello@yourdomain.com")
        client.rcpt("user@example.com")
        code, text = client.data(mail)

    assert code == 250
    assert served.call("GET", f"/api/v1/messages/{text.decode().split()[1]}").json["message"]["subject"] == "By SMTP"


def listening_ports(served: Served) -> list[int]:
    """Of the SMTP server, which says so in the log."""
    return [int(each) for each in re.findall(r'"submission": (\d+)', served.output)]
