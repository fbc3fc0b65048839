"""A backup made while mail leaves is restored elsewhere, and nothing leaves twice without the operator's word."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.support.calls.every_operation import SEND, WELCOME
from tests.support.postgresql import server_database
from tests.support.servers.mail_receiver import relay
from tests.support.servers.platform_process import Served, command, serving
from tests.support.waiting import until


def database() -> dict[str, str]:
    """The tests ask more often than the limits allow."""
    return {"rate_limits": "off", **server_database()}


def send(running: Served, subject: str) -> str:
    return str(running.call("POST", "/api/v1/send", {**SEND, "subject": subject}).json["message_id"])


def test_a_backup_of_a_running_server_is_restored_elsewhere(tmp_path: Path) -> None:
    first, second, archive = tmp_path / "first", tmp_path / "second", tmp_path / "monday.tar"
    first.mkdir()
    second.mkdir()
    source, target = database(), database()
    with relay() as (inbox, url):
        with serving(first, relay=url, workers="0", **source) as running:
            template = running.call("POST", "/api/v1/templates", WELCOME).json["template"]["id"]
            message_id = send(running, "Waits")
            made = command(first, "backup", str(archive), relay=url, **source)
            send(running, "Later")
        restored = command(second, "restore", str(archive), relay=url, **target)
        with serving(second, key=running.key, relay=url, **target) as elsewhere:
            assert elsewhere.call("GET", f"/api/v1/templates/{template}").status == 200
            assert "Suspended: everything" in command(second, "queue", "status", relay=url, **target)[1]
            assert inbox.mails == []
            command(second, "queue", "resume", relay=url, **target)
            inbox.wait(1)
            state = elsewhere.call("GET", f"/api/v1/messages/{message_id}").json["message"]

    assert made[0] == restored[0] == 0
    assert made[1].startswith(f"{archive}: ")
    assert (archive.stat().st_mode & 0o777, [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]) == (0o600, [])
    assert state["id"] == message_id
    assert [b"Subject: Waits" in mail for mail in inbox.mails] == [True]
    assert (second / "state" / "secret.key").read_bytes() == (first / "state" / "secret.key").read_bytes()
    assert (second / "state" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_backup_is_made_after_marketing_mail_was_compiled(tmp_path: Path) -> None:
    """Its mark has a folder below the journals."""
    kept, archive = database(), tmp_path / "backup.tar"
    with serving(tmp_path, **kept) as running:
        running.call("POST", "/api/v1/send", {**SEND, "stream": "marketing"})
        until((tmp_path / "state" / "journal" / "compiling").is_dir)

        assert command(tmp_path, "backup", str(archive), **kept)[0] == 0


def test_a_backup_replaces_nothing(tmp_path: Path) -> None:
    kept, archive = database(), tmp_path / "backup.tar"
    with serving(tmp_path, workers="0", **kept) as running:
        archive.write_text("mine")
        assert command(tmp_path, "backup", str(archive), **kept) == (2, "", f"{archive} exists already\n")
        assert archive.read_text() == "mine"
        archive.unlink()
        assert command(tmp_path, "backup", str(archive), **kept)[0] == 0
        code, _, sentence = command(tmp_path, "restore", str(archive), **kept)
        assert (code, running.call("GET", "/api/v1/templates").status) == (2, 200)
        assert "is restored into an empty" in sentence


@pytest.mark.parametrize("damage", ["cut", "changed", "without the manifest", "not an archive", "outside"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(tmp_path: Path, damage: str) -> None:
    source, target, archive = database(), database(), tmp_path / "backup.tar"
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with serving(first, workers="0", **source):
        command(first, "backup", str(archive), **source)
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        archive.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        content[len(content) // 2] ^= 1
        archive.write_bytes(content)
    elif damage == "not an archive":
        archive.write_bytes(b"not an archive")
    else:
        repacked(archive, without="manifest.json" if damage == "without the manifest" else "", outside=damage == "outside")

    code, out, sentence = command(second, "restore", str(archive), **target)

    assert (code, out) == (2, "")
    assert sentence.startswith(str(archive))
    assert [path.name for path in (second / "state").rglob("*") if path.is_file()] == []
    assert not (tmp_path / "outside").exists()


def repacked(archive: Path, *, without: str, outside: bool) -> None:
    folder = archive.with_name("content")
    with tarfile.open(archive) as given:
        given.extractall(folder, filter="data")
    archive.unlink()
    with tarfile.open(archive, "w") as changed:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != without:
                changed.add(path, str(path.relative_to(folder)))
        if outside:
            changed.add(folder / "database", "../../../outside")
    shutil.rmtree(folder)


def test_files_of_the_database_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    with serving(tmp_path, workers="0") as running:
        send(running, "Private")
        modes = {path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "state").glob("misarmail.db*") if path.suffix != ".lock"}

    assert set(modes.values()) == {0}


def test_a_backup_without_its_key_restores_nothing_until_the_key_is_given(tmp_path: Path) -> None:
    source, target, archive = database(), database(), tmp_path / "backup.tar"
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    secret = Fernet.generate_key().decode()
    with serving(first, workers="0", secret=secret, **source) as running:
        made = command(first, "backup", str(archive), secret=secret, **source)

    for given in ({}, {"secret": Fernet.generate_key().decode()}):
        refused = command(second, "restore", str(archive), **target, **given)
        assert refused == (2, "", "The key of the backup is not in it: set MISARMAIL_SECRET to the key that the platform had\n")
        assert [path.name for path in (second / "state").rglob("*") if path.is_file()] == []
    restored = command(second, "restore", str(archive), secret=secret, **target)

    assert made[1].endswith("The key is not in it, because MISARMAIL_SECRET sets it: keep it elsewhere\n")
    assert restored[0] == 0
    with serving(second, key=running.key, workers="0", secret=secret, **target) as elsewhere:
        assert elsewhere.call("GET", "/api/v1/templates").status == 200


def test_a_backup_says_that_the_key_of_the_configuration_file_is_in_it(tmp_path: Path) -> None:
    kept, archive = database(), tmp_path / "backup.tar"
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state" / "misarmail.toml").write_text(f'secret = "{Fernet.generate_key().decode()}"\n')
    with serving(tmp_path, workers="0", **kept):
        made = command(tmp_path, "backup", str(archive), **kept)

    assert (made[0], made[1].count("\n")) == (0, 1)
