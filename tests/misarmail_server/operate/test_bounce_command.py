"""`misarmail bounce classify`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.misarmail_server.operate.conftest import Ended


def test_bounce_classify_prints_a_line_for_each_recipient(run: Callable[..., Ended], tmp_path: Path) -> None:
    bounce, letter = tmp_path / "bounce.eml", tmp_path / "letter.eml"
    bounce.write_text(
        "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<ada@example.com>:\n"
        "Remote host said: 550 5.1.1 User unknown\n\n<grace@example.org>:\nRemote host said: 552 5.2.2 Mailbox full\n"
    )
    letter.write_text("From: grace@example.org\nSubject: Hello\n\nHow are you?\n")

    ended = run("bounce", "classify", str(bounce), str(letter))

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        f"{bounce}\tbounce\tInvalidRecipient\thard\tada@example.com\t<ada@example.com>: Remote host said: 550 5.1.1 User unknown",
        f"{bounce}\tbounce\tQuotaIssues\tsoft\tgrace@example.org\t<grace@example.org>: Remote host said: 552 5.2.2 Mailbox full",
        f"{letter}\tnone",
    ]


def test_bounce_classify_prints_json(run: Callable[..., Ended], tmp_path: Path) -> None:
    bounce = tmp_path / "bounce.eml"
    bounce.write_text(
        "From: MAILER-DAEMON@mx.example\nTo: v1@sender.example\nSubject: failure notice\n\n<ada@example.com>:\n550 5.1.1 Gone\n"
    )

    ended = run("bounce", "classify", "--format", "json", str(bounce))

    recipient = {"address": "ada@example.com", "class": "InvalidRecipient", "hard": True, "status": "5.1.1", "reply": "550"}
    report = {"file": str(bounce), "kind": "bounce", "message_id": "", "sent_to": "v1@sender.example"}
    assert run("bounce", "classify", "--json", str(bounce)) == ended
    assert json.loads(ended.out) == [{**report, "recipients": [{**recipient, "reason": "<ada@example.com>: 550 5.1.1 Gone"}]}]


def test_bounce_classify_refuses_what_it_cannot_read(run: Callable[..., Ended], tmp_path: Path) -> None:
    ended = run("bounce", "classify", str(tmp_path / "missing.eml"))

    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"{tmp_path / 'missing.eml'}: Cannot be read: No such file or directory\n"
