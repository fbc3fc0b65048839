"""The operator's commands: what they print, to the letter, and how they end."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import select

from misarmail_server.context import at, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.operate.commands.accounts import Plan
from misarmail_server.services import keys, plans
from misarmail_server.settings import VERSION
from tests.conftest import Make, Platform
from tests.misarmail_server.operate.conftest import Ended
from tests.support.terminal import on_terminal

MISARMAIL = Path(sys.executable).with_name("misarmail")
COMMANDS = (
    *("serve", "worker", "smtp", "migrate", "doctor", "config", "accounts", "keys"),
    *("senders", "billing", "ips", "relays", "import", "queue", "bounce"),
)
SCOPES = ", ".join(keys.ALL_SCOPES)


def test_keys_create_prints_the_key_once(run: Callable[..., Ended], platform: Platform) -> None:
    platform.make.account("first@example.com")
    time.sleep(0.002)  # the oldest account is known by the millisecond
    platform.make.account("second@example.com")

    made = run("keys", "create", "--scopes", "templates, send", "--name", "Web shop")

    assert (made.code, made.err) == (0, "")
    assert re.fullmatch(r"msk_[0-9a-f]{64}\n", made.out)
    listed = platform.client({"Authorization": f"Bearer {made.out.strip()}"}).get("/api/v1/templates")
    assert listed.status_code == 200
    with platform.store.read() as connection:
        (row,) = connection.execute(select(tables.Key.__table__))
        (owner,) = connection.scalars(select(tables.Account.email).where(tables.Account.id == row.account_id))
    assert (row.name, row.scopes, owner) == ("Web shop", "templates,send", "first@example.com")
    assert made.out.strip() not in str(row)


def test_keys_create_gives_every_scope(run: Callable[..., Ended], platform: Platform) -> None:
    account_id = platform.make.account("second@example.com")

    assert run("keys", "create", "--scopes", "all", "--account", "SECOND@example.com").code == 0

    with platform.store.read() as connection:
        assert connection.execute(select(tables.Key.account_id, tables.Key.scopes)).all() == [(account_id, ",".join(keys.ALL_SCOPES))]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--scopes", "send fly"), f"scopes: Not a scope: fly. The scopes are: {SCOPES}"),
        (("--scopes", ""), f"scopes: Not a scope: nothing. The scopes are: {SCOPES}"),
        (("--scopes", "all send"), f"scopes: Not a scope: all. The scopes are: {SCOPES}"),
        (("--scopes", "all", "--account", "nobody@example.com"), "There is no account nobody@example.com"),
    ],
)
def test_keys_create_refuses_with_one_sentence(run: Callable[..., Ended], make: Make, words: Any, sentence: str) -> None:
    make.account()

    assert run("keys", "create", *words) == Ended(2, "", f"{sentence}\n")
    assert make.count(tables.Key) == 0


def test_keys_create_needs_an_account(run: Callable[..., Ended]) -> None:
    assert run("keys", "create", "--scopes", "all") == Ended(2, "", "There is no account yet\n")


def test_accounts_create_prints_the_id(run: Callable[..., Ended], store: Store) -> None:
    made = run("accounts", "create", "Ada@Example.com", "--plan", "pro", "--senders", "any")

    with store.read() as connection:
        (row,) = connection.execute(select(tables.Account.__table__))
    assert made == Ended(0, f"{row.id}\n", "")
    assert (row.email, row.plan, row.senders) == ("ada@example.com", "pro", "any")


def test_accounts_list_shows_every_account(run: Callable[..., Ended], make: Make) -> None:
    first, second = make.account("first@example.com"), make.account("second@example.com", plan="free", senders="verified")
    make.password(second, "correct horse battery staple")
    today = f"{at(now()):%Y-%m-%d}"

    listed = run("accounts", "list")

    assert listed.code == 0
    assert sorted(listed.out.splitlines()) == sorted(
        [
            f"{first}\tfirst@example.com\tenterprise\tany\tno password\t{today}",
            f"{second}\tsecond@example.com\tfree\tverified\tpassword\t{today}",
        ]
    )


def test_keys_list_shows_the_keys_of_an_account_without_secrets(run: Callable[..., Ended], make: Make) -> None:
    make.key(make.account("other@example.com"))
    secret = make.key(make.account("ada@example.com"), "send")

    listed = run("keys", "list", "--account", "ada@example.com")

    (line,) = listed.out.splitlines()
    assert line.split("\t")[1:4] == [secret[:12], "Test", "send"]
    assert line.split("\t")[5:] == ["never", "never"]
    assert secret not in listed.out


@pytest.mark.parametrize("named", [lambda id_, _: id_, lambda _, secret: secret, lambda _, secret: secret[:12]])
def test_keys_revoke_ends_a_key_at_once(run: Callable[..., Ended], platform: Platform, named: Callable[[str, str], str]) -> None:
    account_id = platform.make.account()
    secret, other = platform.make.key(account_id), platform.make.key(account_id)
    id_ = next(line.split("\t")[0] for line in run("keys", "list").out.splitlines() if secret[:12] in line)

    assert run("keys", "revoke", named(id_, secret)) == Ended(0, f"{id_} is revoked\n", "")

    statuses = [platform.client({"Authorization": f"Bearer {key}"}).get("/api/v1/templates").status_code for key in (secret, other)]
    assert statuses == [401, 200]
    assert run("keys", "revoke", id_) == Ended(2, "", f"There is no key {id_}\n")


def test_accounts_create_is_careful_without_options(run: Callable[..., Ended], store: Store) -> None:
    run("accounts", "create", "ada@example.com")

    with store.read() as connection:
        assert connection.execute(select(tables.Account.plan, tables.Account.senders)).all() == [("free", "verified")]


def test_accounts_create_refuses_a_second_of_the_address(run: Callable[..., Ended], make: Make) -> None:
    run("accounts", "create", "ada@example.com")

    assert run("accounts", "create", "ADA@example.com") == Ended(2, "", "There is an account ADA@example.com already\n")
    assert make.count(tables.Account) == 1


def test_accounts_create_refuses_an_unknown_plan(run: Callable[..., Ended], make: Make) -> None:
    refused = run("accounts", "create", "ada@example.com", "--plan", "huge")

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith("Error: Invalid value for '--plan': 'huge' is not one of 'free', 'pro', 'max', 'enterprise'.\n")
    assert make.count(tables.Account) == 0


@pytest.mark.parametrize("address", ["ada", "@example.com", "ada@", "ada lovelace@example.com", ""])
def test_accounts_create_refuses_what_is_no_address(run: Callable[..., Ended], make: Make, address: str) -> None:
    refused = run("accounts", "create", address)

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.endswith(f"Error: Invalid value for 'EMAIL': {address!r} is not an e-mail address.\n")
    assert make.count(tables.Account) == 0


def test_senders_add_lets_an_account_send(run: Callable[..., Ended], platform: Platform) -> None:
    api = platform.api(account_id=platform.make.account("ada@example.com", senders="verified"))
    mail = {"from": {"email": "news@example.com"}, "to": [{"email": "user@example.org"}], "subject": "Hello", "text": "Hello"}
    assert api.post("/api/v1/send", json=mail).status_code == 403

    added = run("senders", "add", "@example.com", "--account", "ada@example.com")

    assert added == Ended(0, "ada@example.com may send from @example.com\n", "")
    assert api.post("/api/v1/send", json=mail).status_code == 200


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("news@example.com", "--account", "ada@example.com"), "ada@example.com may send from news@example.com already"),
        (("news@example.com", "--account", "nobody@example.com"), "There is no account nobody@example.com"),
    ],
)
def test_senders_add_refuses_with_one_sentence(run: Callable[..., Ended], make: Make, words: Any, sentence: str) -> None:
    make.account("ada@example.com")
    run("senders", "add", "news@example.com", "--account", "ada@example.com")

    assert run("senders", "add", *words) == Ended(2, "", f"{sentence}\n")
    assert make.count(tables.Sender) == 1


@pytest.mark.parametrize("address", ["@", "example.com", "@exam ple.com"])
def test_senders_add_refuses_what_is_no_address(run: Callable[..., Ended], make: Make, address: str) -> None:
    make.account("ada@example.com")

    refused = run("senders", "add", address, "--account", "ada@example.com")

    assert (refused.code, refused.out, make.count(tables.Sender)) == (2, "", 0)


def test_ips_add_fills_the_pool_that_ips_list_shows(run: Callable[..., Ended], platform: Platform) -> None:
    api = platform.everything(platform.make.account("ada@example.com"))
    assert run("ips", "list") == Ended(0, "", "")

    added = run("ips", "add", "192.0.2.10", "2001:DB8::1", "--rdns", "mail1.example.com")

    assert added == Ended(0, "The pool has 192.0.2.10, 2001:db8::1\n", "")
    assert api.post("/api/v1/dedicated-ips").json["ip"]["address"] == "192.0.2.10"
    assert run("ips", "list").out == "192.0.2.10\tmail1.example.com\tada@example.com\n2001:db8::1\tmail1.example.com\tfree\n"


def test_ips_add_refuses_all_when_one_is_there(run: Callable[..., Ended], make: Make) -> None:
    run("ips", "add", "192.0.2.10")

    assert run("ips", "add", "192.0.2.11", "192.0.2.10") == Ended(2, "", "192.0.2.10 is already in the pool\n")
    assert make.count(tables.IpAddress) == 1


def test_ips_add_refuses_what_is_no_address(run: Callable[..., Ended], make: Make) -> None:
    refused = run("ips", "add", "192.0.2.256")

    assert (refused.code, refused.out, make.count(tables.IpAddress)) == (2, "", 0)
    assert refused.err.endswith("Error: Invalid value for 'ADDRESS...': '192.0.2.256' is not an IP address.\n")


def test_migrate_says_whether_it_did_anything(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")

    assert run("migrate") == Ended(0, "The database was upgraded to this version\n", "")
    assert run("migrate") == Ended(0, "The database is at this version\n", "")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("sqlite:////proc/none/mail.db", "unable to open database file"),
        ("postgresql://ada:secret@127.0.0.1:1/mail", "connection failed: .*Connection refused"),
    ],
)
def test_commands_say_why_the_database_cannot_be_used(
    run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, url: str, reason: str
) -> None:
    monkeypatch.setenv("MISARMAIL_DATABASE_URL", url)

    refused = run("keys", "create", "--scopes", "all")

    assert (refused.code, refused.out) == (2, "")
    assert re.fullmatch(f"The database that MISARMAIL_DATABASE_URL names cannot be used now: {reason}\n", refused.err)
    assert "secret" not in refused.err


def test_commands_refuse_a_bad_setting(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISARMAIL_LEASE", "soon")

    assert run("migrate") == Ended(2, "", "MISARMAIL_LEASE is 'soon'; write a number and a unit, such as 30s, 5m or 72h\n")


@pytest.mark.parametrize("words", [(), ("keys",), ("fly",), ("keys", "create"), ("accounts", "create")])
def test_misarmail_shows_its_usage_when_it_is_not_understood(run: Callable[..., Ended], words: Any) -> None:
    refused = run(*words)

    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("Usage: misarmail")


def test_misarmail_explains_itself(run: Callable[..., Ended]) -> None:
    shown = run("--help")

    assert (shown.code, shown.err) == (0, "")
    assert [name for name in COMMANDS if f"\n  {name} " not in shown.out] == []
    assert shown.out.endswith(
        "Examples:\n    misarmail serve\n    misarmail keys create --scopes all\n    misarmail doctor\n    misarmail queue status\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        *((name,) for name in ("serve", "worker", "smtp", "migrate", "backup", "restore", "doctor")),
        ("config", "show"),
        ("config", "apply"),
        ("accounts", "create"),
        ("accounts", "password"),
        ("accounts", "list"),
        ("keys", "create"),
        ("keys", "list"),
        ("keys", "revoke"),
        ("senders", "add"),
        ("billing", "orders"),
        ("billing", "confirm"),
        ("ips", "add"),
        ("ips", "list"),
        ("relays", "renew"),
        ("import", "contacts"),
        *(("queue", name) for name in ("status", "flush", "suspend", "resume", "resend", "release")),
        ("bounce", "classify"),
    ],
    ids=" ".join,
)
def test_help_of_every_command_has_examples(run: Callable[..., Ended], words: Any) -> None:
    shown = run(*words, "--help")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(f"Usage: misarmail {' '.join(words)} ")
    assert f"misarmail {' '.join(words)}" in shown.out.split("Examples:\n")[1]


def test_misarmail_prints_its_version(run: Callable[..., Ended]) -> None:
    assert run("--version") == Ended(0, f"misarmail {VERSION}\n", "")


def test_help_imports_no_command_dependencies() -> None:
    script = (
        "import sys\nfrom misarmail_server.operate.cli import main\nmain(['keys', 'create', '--help'])\n"
        "print([name for name in ('sqlalchemy', 'rich', 'msgspec', 'misarmail_server.settings') if name in sys.modules])"
    )

    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert shown.stdout.splitlines()[-1] == "[]"


def test_misarmail_completes_words_in_the_shell() -> None:
    environ = {**os.environ, "_MISARMAIL_COMPLETE": "complete_bash", "COMP_WORDS": "misarmail queue s", "COMP_CWORD": "2"}

    shown = subprocess.run([MISARMAIL], env=environ, capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["status", "suspend"]


def test_plans_of_the_command_line_are_the_plans() -> None:
    assert get_args(Plan) == tuple(plans.PLANS)


def test_lists_are_tables_on_a_terminal_and_json_on_request(run: Callable[..., Ended], platform: Platform) -> None:
    platform.everything(platform.make.account("ada@example.com")).post("/api/v1/dedicated-ips")
    run("ips", "add", "192.0.2.10", "192.0.2.11", "--rdns", "mail1.example.com")

    code, drawn = on_terminal(str(MISARMAIL), "ips", "list")
    _, plain = on_terminal(str(MISARMAIL), "ips", "list", NO_COLOR="1")

    assert code == 0
    assert [line.split() for line in re.sub(r"\x1b\[[0-9;]*m", "", drawn).splitlines()] == [
        ["Address", "Host", "Account"],
        ["192.0.2.10", "mail1.example.com", "ada@example.com"],
        ["192.0.2.11", "mail1.example.com", "free"],
    ]
    assert not re.search(r"\x1b\[[0-9;]*3\d", plain)
    assert json.loads(run("ips", "list", "--json").out) == [
        {"address": "192.0.2.10", "rdns": "mail1.example.com", "account": "ada@example.com"},
        {"address": "192.0.2.11", "rdns": "mail1.example.com", "account": None},
    ]


def test_import_contacts_draws_a_bar_on_a_terminal(run: Callable[..., Ended], platform: Platform, tmp_path: Path) -> None:
    platform.make.account("ada@example.com")
    file = tmp_path / "contacts.csv"
    file.write_text("email\nuser1@example.com\nbad\n")
    assert run("migrate").code == 0

    code, drawn = on_terminal(str(MISARMAIL), "import", "contacts", str(file))

    assert code == 0
    assert "2/2" in drawn
    assert "1 with errors" in drawn
    assert drawn.endswith("1 imported, 0 updated, 0 skipped, 1 with errors\n")


def test_import_contacts_prints_json(run: Callable[..., Ended], make: Make, tmp_path: Path) -> None:
    make.account("ada@example.com")
    file = tmp_path / "contacts.csv"
    file.write_text("email\nuser1@example.com\nbad\n")

    ended = run("import", "contacts", str(file), "--json")

    assert json.loads(ended.out) == {
        "imported": 1,
        "updated": 0,
        "skipped": 0,
        "error_count": 1,
        "errors": [{"line": 3, "email": "bad", "reason": "email must be an e-mail address"}],
    }


def test_relays_renew_prints_json(run: Callable[..., Ended], make: Make) -> None:
    make.account("ada@example.com")

    ended = run("relays", "renew", "--keep", "1", "--json")

    shown = json.loads(ended.out)
    assert shown["previous_valid_hours"] == 1
    assert shown["urls"]


def test_billing_orders_prints_json(run: Callable[..., Ended], make: Make) -> None:
    make.account("ada@example.com")

    assert run("billing", "orders", "--json") == Ended(0, "[]\n", "")
    assert run("billing", "orders") == Ended(0, "No pending orders\n", "")


def test_accounts_password_lets_somebody_sign_in(run: Callable[..., Ended], platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.make.account("ada@example.com")
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))

    done = run("accounts", "password", "ada@example.com")

    assert done == Ended(0, "ada@example.com signs in with the new password; its sessions are over\n", "")
    credentials = {"email": "ada@example.com", "password": "correct horse battery staple"}
    assert platform.client().post("/api/session", json=credentials).status_code == 200


def test_accounts_password_refuses_a_short_one(run: Callable[..., Ended], platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.make.account("ada@example.com")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))

    assert run("accounts", "password", "ada@example.com") == Ended(2, "", "password: Must have at least 12 characters\n")
