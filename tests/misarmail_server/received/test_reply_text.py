"""Where the quoted mail begins in an answer."""

from __future__ import annotations

import pytest

from misarmail_server.received import reply_text

QUOTED = "Sent: Monday\nTo: b@x.example\nSubject: Hi\n\nold"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (f"Yes\n\nFrom: a@x.example\n{QUOTED}", "Yes"),
        (f"Yes\n\nFrom: a@x.example\nReply-To: c@x.example\n{QUOTED}", "Yes"),
        (
            "Yes\n\nFrom: the beginning\nwe knew\nthat it works\nTo: all of us",
            "Yes\n\nFrom: the beginning\nwe knew\nthat it works\nTo: all of us",
        ),
        ("Sent: to you\nFrom: me", "Sent: to you\nFrom: me"),
        ("Yes\n\nOn Monday, Ada wrote:\n> old\n\nAnd more", "Yes\n\n\nAnd more"),
        ("Yes\n\nOn Monday, Ada wrote:\nold\nold", "Yes"),
        ("Yes\n-- \nAda", "Yes"),
        ("On Monday, Ada wrote:\n> old", "On Monday, Ada wrote:\n> old"),
    ],
)
def test_the_new_text_ends_where_the_quotation_begins(text: str, answer: str) -> None:
    assert reply_text.new_text(text) == answer
