"""The journal: what it says survives the process, and it never says more than it knows."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.queue import journal, owners
from misarmail_server.delivery.queue.journal import AttemptKey, Journal

OWNER = "host.example.com/4026531836:17:123"
DELIVERED = Outcome("delivered", 250, "2.0.0 «kept»\n")


@pytest.fixture
def written(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal", OWNER)


def test_read_tells_answered_attempts_from_doubtful_ones(written: Journal, tmp_path: Path) -> None:
    written.dot(AttemptKey(1, 1))
    written.dot(AttemptKey(2, 3))
    written.reply(AttemptKey(1, 1), DELIVERED)

    assert journal.read(tmp_path / "journal", OWNER) == {AttemptKey(1, 1): DELIVERED, AttemptKey(2, 3): None}
    assert journal.read(tmp_path / "journal", f"{OWNER}4") == {}


def test_read_knows_that_mail_whose_line_was_not_flushed_never_left_unless_power_was_lost(written: Journal, tmp_path: Path) -> None:
    written.dot(AttemptKey(1, 1))
    (path,) = (tmp_path / "journal").iterdir()
    boot, mark, _ = path.read_bytes().splitlines()
    path.write_bytes(b"%s\n%s\n" % (boot, mark))
    assert journal.read(tmp_path / "journal", OWNER) == {}

    path.write_bytes(b"another boot\n%s\n" % mark)
    assert journal.read(tmp_path / "journal", OWNER) == {AttemptKey(1, 1): None}


def test_read_ignores_a_line_that_was_not_finished(written: Journal, tmp_path: Path) -> None:
    written.dot(AttemptKey(1, 1))
    (path,) = (tmp_path / "journal").iterdir()
    path.write_bytes(path.read_bytes() + b"[5,\n\x00\x00\n[12")

    assert journal.read(tmp_path / "journal", OWNER) == {AttemptKey(1, 1): None}


def test_a_file_goes_when_the_database_knows_all_that_it_says(written: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BYTES", 100)
    keys = [AttemptKey(number, 1) for number in range(30)]
    for key in keys:
        written.dot(key)
    assert len(list((tmp_path / "journal").iterdir())) > 2

    written.settle(keys[:-1])
    assert list(journal.read(tmp_path / "journal", OWNER)) == keys[len(keys) - len(journal.read(tmp_path / "journal", OWNER)) :]
    assert len(list((tmp_path / "journal").iterdir())) == 1
    written.close()
    assert keys[-1] in journal.read(tmp_path / "journal", OWNER)
    written.settle(keys[-1:])
    written.close()
    assert list((tmp_path / "journal").iterdir()) == []


def test_a_dot_that_is_open_keeps_both_files_of_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_BYTES", 60)
    written = Journal(tmp_path, OWNER)
    open_, other = AttemptKey(1, 1), AttemptKey(2, 1)
    mark = written.mark([open_])
    written.flush(mark)
    written.go([open_])
    written.dot(other)
    written.reply(other, DELIVERED)
    written.settle([other])

    assert journal.read(tmp_path, OWNER)[open_] is None


def test_a_reply_that_comes_after_the_database_knows_keeps_no_file(written: Journal, tmp_path: Path) -> None:
    written.dot(AttemptKey(1, 1))
    written.settle([AttemptKey(1, 1)])
    written.reply(AttemptKey(1, 1), DELIVERED)
    written.close()
    assert list((tmp_path / "journal").iterdir()) == []


def test_forget_removes_one_owner_s_journal(written: Journal, tmp_path: Path) -> None:
    written.dot(AttemptKey(1, 1))
    Journal(tmp_path / "journal", "other").dot(AttemptKey(1, 1))

    journal.delete_files(tmp_path / "journal", OWNER)

    assert [path.name for path in (tmp_path / "journal").iterdir()] == ["other.1"]


def test_many_threads_write_whole_lines(written: Journal, tmp_path: Path) -> None:
    def work(number: int) -> None:
        for attempt in range(50):
            written.dot(AttemptKey(number, attempt))
            written.reply(AttemptKey(number, attempt), DELIVERED)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    output = journal.read(tmp_path / "journal", OWNER)
    assert (len(output), set(output.values())) == (400, {DELIVERED})


def test_the_name_of_this_process_can_be_a_journal_s(tmp_path: Path) -> None:
    Journal(tmp_path, owners.own_name()).dot(AttemptKey(1, 1))

    assert journal.read(tmp_path, owners.own_name()) == {AttemptKey(1, 1): None}


def test_a_full_disk_keeps_mail_from_being_sent_and_its_outcome_from_being_lost(written: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    written.dot(AttemptKey(1, 1))

    def full(*_given: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)

    written.reply(AttemptKey(1, 1), DELIVERED)
    with pytest.raises(OSError, match="No space left"):
        written.dot(AttemptKey(2, 1))


def test_a_line_that_the_disk_took_in_part_spoils_no_other(written: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written.dot(AttemptKey(1, 1))
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, line: whole(file, line[:3]))
    with pytest.raises(OSError, match="No space left"):
        written.dot(AttemptKey(2, 1))
    monkeypatch.undo()

    written.dot(AttemptKey(3, 1))

    assert set(journal.read(tmp_path / "journal", OWNER)) == {AttemptKey(1, 1), AttemptKey(3, 1)}


def test_a_mark_in_a_new_file_is_flushed_whatever_was_flushed_of_the_old_one(written: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    real = os.fdatasync

    def flush(file: int) -> None:
        flushed.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", flush)
    first = written.mark([AttemptKey(1, 1)])
    monkeypatch.setattr(journal, "MAX_BYTES", 10)
    second = written.mark([AttemptKey(2, 1)])
    written.flush(second)
    written.flush(first)

    assert len(set(flushed)) == 2


def test_a_full_disk_leaves_no_descriptor_behind(tmp_path: Path) -> None:
    full = Journal(tmp_path, OWNER)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        (tmp_path / f"{quote(OWNER, safe='').replace('.', '%2E')}.1").symlink_to("/dev/full")
        with pytest.raises(OSError, match="No space"):
            full.dot(AttemptKey(1, 1))

    assert len(list(Path("/proc/self/fd").iterdir())) == before
