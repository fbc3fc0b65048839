"""A message that ends its worker twice is failed, with the reason; others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from misarmail_server.delivery.message.headers import MailAddress, Unsendable
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.queue import leases
from misarmail_server.delivery.worker.compile_marks import CompileMarks
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.settings import Settings
from tests.support.ledger import Ledger

MESSAGE = StoredMessage("msg_1", MailAddress("a@b.example"), (), "Hi", 0, html="<p>Hi</p>", stream="marketing")
DYING = """
import os, signal, sys
from pathlib import Path
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.worker.compile_marks import CompileMarks
message = StoredMessage(sys.argv[2], MailAddress("a@b.example"), (), "Hi", 0, stream="marketing")
with CompileMarks(Path(sys.argv[1])).compiling(message):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def die(folder: Path, message_id: str) -> None:
    """A worker that ends while it compiles a message."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", DYING, str(folder), message_id], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL


def test_message_that_two_workers_did_not_survive_is_unsendable(tmp_path: Path) -> None:
    marks = CompileMarks(tmp_path)
    die(tmp_path, "msg_1")
    with marks.compiling(MESSAGE):
        pass
    die(tmp_path, "msg_1")

    with pytest.raises(Unsendable, match="Two workers ended while they prepared this mail"), marks.compiling(MESSAGE):
        pass


def test_marks_of_living_workers_and_of_other_messages_do_not_count(tmp_path: Path) -> None:
    die(tmp_path, "msg_10")
    die(tmp_path, "msg_10")
    with CompileMarks(tmp_path).compiling(MESSAGE), CompileMarks(tmp_path / "other").compiling(MESSAGE):
        assert len(list(tmp_path.glob("msg_1.*"))) == 1

    assert list(tmp_path.glob("msg_1.*")) == []


def test_marks_are_removed_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), CompileMarks(tmp_path).compiling(MESSAGE):
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_mail_that_ended_two_workers_is_not_made(ledger: Ledger, settings: Callable[[], Settings]) -> None:
    message_id = ledger.post("a@example.com", stream="marketing", body_html="<p>Hi</p>")
    chosen = settings()
    die(chosen.journals / "compiling", message_id)
    die(chosen.journals / "compiling", message_id)
    (row,) = leases.lease(ledger.store, "me", 10, 60)

    with pytest.raises(Unsendable):
        MessageCache(chosen, ledger.store).envelope(row)
