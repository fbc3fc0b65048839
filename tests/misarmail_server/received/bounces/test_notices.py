"""Notices in prose of some forty mail servers, each about `user@corp.example`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from misarmail_server.received.bounces.returned_mail import classify

NOTICES = re.split(r"^=== ", (Path(__file__).parent / "notices.txt").read_text(), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.split("\t")[0])
def test_a_notice_names_its_recipient_and_reason(notice: str) -> None:
    (_, classes, hardness), (_, _, message) = notice.partition("\n")[0].split("\t"), notice.partition("\n")

    report = classify(message.encode())

    assert (report.kind, [(recipient.address, recipient.is_hard) for recipient in report.recipients]) == (
        "bounce",
        [("user@corp.example", hardness == "hard")],
    )
    assert report.recipients[0].bounce_class in classes.split("|")
