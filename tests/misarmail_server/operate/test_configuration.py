"""The delivery settings and the key are facts of the installation: a process with other ones does not start."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import insert

from misarmail_server import settings, vault
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import installation
from misarmail_server.setting_types import values
from misarmail_server.settings import Settings
from tests.conftest import Make
from tests.misarmail_server.operate.conftest import Ended
from tests.support.calls.every_operation import SEND
from tests.support.postgresql import server_database
from tests.support.servers.mail_receiver import relay
from tests.support.servers.platform_process import Served, command, serving
from tests.support.waiting import until

OF_A_WEBHOOK = {"events_json": "[]", "active": True, "created_at": 1, "updated_at": 1}


def differs(here: str, there: str) -> str:
    """The refusal of a process whose relay is not the installation's."""
    return (
        f"The delivery settings differ from those of the installation: MISARMAIL_RELAY is {here} here and {there} there. To change it for "
        "all processes, change the settings of each, run `misarmail config apply` with them, and restart the others\n"
    )


def database() -> dict[str, str]:
    """The tests ask more often than the limits allow."""
    return {"rate_limits": "off", **server_database()}


def state_of(running: Served, message_id: str) -> str:
    answer = running.call("GET", f"/api/v1/messages/{message_id}")
    assert answer.status == 200, answer.body
    return str(answer.json["message"]["state"])


def sent(running: Served) -> str:
    return str(running.call("POST", "/api/v1/send", SEND).json["message_id"])


@pytest.mark.parametrize("words", [("worker",), ("serve",), ("smtp",)])
def test_a_process_without_the_relay_does_not_start(tmp_path: Path, words: tuple[str, ...]) -> None:
    kept = database()
    with relay() as (_, url), serving(tmp_path, relay=url, workers="0", **kept) as running:
        message_id = sent(running)
        code, _, sentence = command(tmp_path, *words, port="2598", submission_listen="127.0.0.1:2599", **kept)

        assert (code, sentence) == (2, differs("capture", url))
        assert state_of(running, message_id) == "queued"


def test_deferred_mail_waits_for_the_relay_when_the_server_starts_without_it(tmp_path: Path) -> None:
    """Once captured by a restart without the variable, with no way back."""
    kept = database()
    with relay() as (inbox, url):
        with serving(tmp_path, relay="smtp://127.0.0.1:1", **kept) as running:
            message_id = sent(running)
            assert command(tmp_path, "config", "apply", relay="capture", **kept)[0] == 2
            until(lambda: state_of(running, message_id), lambda state: state == "queued")
        applied = command(tmp_path, "config", "apply", relay=url, **kept)
        with serving(tmp_path, key=running.key, relay=url, **kept):
            command(tmp_path, "queue", "flush", relay=url, **kept)
            inbox.wait(1)

    assert applied == (
        0,
        f"MISARMAIL_RELAY={url}\nMISARMAIL_SMTP_PORT=25\nRestart all processes of the installation with these settings\n",
        "",
    )
    assert inbox.recipients == ["user@example.com"]


def test_a_running_worker_stops_when_the_settings_change_for_all(tmp_path: Path) -> None:
    kept = database()
    with relay() as (inbox, url), serving(tmp_path, relay="capture", **kept) as running:
        assert command(tmp_path, "config", "apply", relay=url, **kept)[0] == 0
        until(lambda: running.output, lambda output: differs("capture", url) in output)
        until(lambda: running.ask("GET", "/readyz").status, lambda status: status == 503)
        message_id = sent(running)

        assert running.call("POST", "/api/v1/send", SEND).json["provider"] == "capture"
        assert state_of(running, message_id) == "queued"
        assert inbox.mails == []


def test_captured_mail_is_released_to_the_relay(tmp_path: Path) -> None:
    kept = database()
    with relay() as (inbox, url):
        with serving(tmp_path, **kept) as running:
            message_id = sent(running)
            in_sandbox = running.call("POST", "/api/v1/sandbox/send", SEND).json["message_id"]
            until(lambda: state_of(running, message_id), lambda state: state == "captured")
            refusal = command(tmp_path, "queue", "release", message_id, **kept)
        command(tmp_path, "config", "apply", relay=url, **kept)
        released = command(tmp_path, "queue", "release", "--all", relay=url, **kept)
        again = command(tmp_path, "queue", "release", message_id, in_sandbox, relay=url, **kept)
        unknown = command(tmp_path, "queue", "release", "msg_0", relay=url, **kept)
        with serving(tmp_path, key=running.key, relay=url, **kept) as restarted:
            inbox.wait(1)
            until(lambda: state_of(restarted, message_id), lambda state: state == "delivered")
            captured = [mail["id"] for mail in restarted.call("GET", "/api/v1/sandbox").json["sends"]]

    assert refusal == (2, "", "MISARMAIL_RELAY is capture: released mail would be captured again. Set a relay first\n")
    assert released == (0, "Recipients whose mail is delivered now: 1\n", "")
    assert again == (0, "Recipients whose mail is delivered now: 0\n", "")
    assert unknown[0] == 2
    assert (inbox.recipients, captured) == (["user@example.com"], [in_sandbox])


def test_a_server_with_its_file_is_configured_by_it(tmp_path: Path) -> None:
    kept = database()
    with relay() as (inbox, url):
        (tmp_path / "state").mkdir(mode=0o700)
        (tmp_path / "state" / "misarmail.toml").write_text(f'relay = "{url}"\nrate_limits = false\nretry_delays = ["1s", "5m"]\n')
        with serving(tmp_path, **kept) as running:
            assert running.call("POST", "/api/v1/send", SEND).json["provider"] == "smtp"
            inbox.wait(1)


def test_a_database_without_its_key_is_refused(tmp_path: Path) -> None:
    kept = database()
    with serving(tmp_path, workers="0", **kept) as running:
        assert running.stop() == 0
    key = tmp_path / "state" / "secret.key"
    content = key.read_text()
    key.unlink()

    for words in (("serve",), ("worker",), ("accounts", "create", "bob@example.com"), ("doctor",)):
        code, out, sentence = command(tmp_path, *words, **kept)
        assert code in {1, 2}
        assert f"The key file {key} is missing. Without the key, DKIM keys" in out + sentence
    assert not key.exists()
    wrong = command(tmp_path, "serve", secret=content[:-2] + ("A=" if content[-2] != "A" else "B="), **kept)
    assert (wrong[0], wrong[2].partition(". ")[0]) == (2, "MISARMAIL_SECRET is not the key that this database was made with")
    with serving(tmp_path, key=running.key, secret=content, **kept) as restored:
        assert restored.call("GET", "/api/v1/templates").status == 200


def test_a_database_of_an_earlier_version_without_its_key_is_refused(chosen: Settings, store: Store, make: Make) -> None:
    """Such a database recorded no proof of the key; what is sealed in it shows that there was one."""
    account_id = make.account()
    row = {"id": "whk_1", "account_id": account_id, "url": "https://example.com", "secret_sealed": vault.seal(chosen, b"secret")}
    store.write(lambda connection: connection.execute(insert(tables.Webhook).values(**row, **OF_A_WEBHOOK)).close())
    (chosen.state / "secret.key").unlink()

    with pytest.raises(settings.BadSettingError, match="The key that sealed the DKIM keys"):
        installation.join(chosen, store)
    assert not (chosen.state / "secret.key").exists()


@pytest.mark.parametrize("count", [8])
def test_processes_that_start_first_at_the_same_time_agree(chosen: Settings, store: Store, count: int) -> None:
    others = [dataclasses.replace(chosen, relay=f"smtp://relay{number}.example:25") for number in range(count)]

    def join(own: Settings) -> bool:
        try:
            installation.join(own, store)
        except settings.BadSettingError:
            return False
        return True

    with ThreadPoolExecutor(count) as pool:
        assert sum(pool.map(join, others)) == 1


def test_config_show_masks_secrets_and_names_sources(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text('metrics_token = "hunter2"\nport = 9000\nrelay = "smtp://ada:p@ss@relay.example,smtp://bob:word@second.example"\n')
    monkeypatch.setenv("MISARMAIL_CONFIG", "")
    monkeypatch.setenv("MISARMAIL_SECRET", "A" * 43 + "=")

    ended = run("config", "show", "--json", "--config", str(file))

    shown = {setting["variable"]: (setting["text"], setting["source"]) for setting in json.loads(ended.out)}
    assert shown["MISARMAIL_SECRET"] == ("********", "environment")
    assert shown["MISARMAIL_METRICS_TOKEN"] == ("********", str(file))
    assert shown["MISARMAIL_RELAY"] == ("smtp://ada:********@relay.example,smtp://bob:********@second.example", str(file))
    assert shown["MISARMAIL_PORT"] == ("9000", str(file))
    assert shown["MISARMAIL_HOST"] == ("127.0.0.1", "default")
    assert not [secret for secret in ("hunter2", "p@ss", "word@", "AAAA") if secret in ended.out]


@pytest.mark.parametrize("declared", [each for each in settings.declarations().values() if each.mask is not values.text])
@pytest.mark.parametrize("wrong", ["ünsafe secret", "x y"])
def test_an_invalid_secret_is_not_repeated(declared: settings.Declaration, wrong: str) -> None:
    with pytest.raises(settings.BadSettingError) as refused:
        settings.load({declared.variable: wrong})

    assert str(refused.value).startswith(declared.variable)
    assert wrong not in str(refused.value)
