"""MTA-STS policies in files: what is read back, and what is not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from misarmail_server.context import SECOND, now
from misarmail_server.delivery.smtp.mta_sts_cache import PolicyFiles, StoredPolicy

POLICY = StoredPolicy("example.com", "20261130", is_enforced=True, mx=("mx.example.com",), max_age=86_400, until=0)


def stored(seconds: int, max_age: int = 86_400) -> StoredPolicy:
    return msgspec.structs.replace(POLICY, until=now() + seconds * SECOND, max_age=max_age)


def test_read_gives_the_policy_and_the_seconds_that_are_left(tmp_path: Path) -> None:
    files, policy = PolicyFiles(tmp_path), stored(600)
    files.write(policy)

    kept, left = files.read("example.com") or (None, 0.0)

    assert kept == policy
    assert left == pytest.approx(600, abs=60)


def test_read_never_trusts_a_policy_for_longer_than_its_max_age(tmp_path: Path) -> None:
    files = PolicyFiles(tmp_path)
    files.write(stored(86_400, max_age=100))  # the clock was set back by a day

    assert (files.read("example.com") or (None, None))[1] == 100


def test_read_ignores_an_expired_policy(tmp_path: Path) -> None:
    files = PolicyFiles(tmp_path)
    files.write(stored(-1))

    assert files.read("example.com") is None


def test_read_ignores_the_policy_of_another_domain(tmp_path: Path) -> None:
    files = PolicyFiles(tmp_path)
    files.write(stored(600))
    (written,) = tmp_path.glob("*.json")
    files.write(msgspec.structs.replace(stored(600), domain="example.org"))
    (other,) = set(tmp_path.glob("*.json")) - {written}
    other.write_bytes(written.read_bytes())

    assert files.read("example.org") is None


def test_write_removes_what_has_expired_before_it_counts_files(tmp_path: Path) -> None:
    PolicyFiles(tmp_path).write(msgspec.structs.replace(stored(-1), domain="old.example"))
    (tmp_path / "broken.json").write_text("{")

    PolicyFiles(tmp_path).write(stored(600))

    assert [msgspec.json.decode(path.read_bytes())["domain"] for path in tmp_path.glob("*.json")] == ["example.com"]
