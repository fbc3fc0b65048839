from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.db import tables
from misarmail_server.services import messages
from tests.conftest import Api
from tests.support.calls.every_operation import SEND


def test_get_message_returns_recipients_and_events(api: Api) -> None:
    id_ = api.post("/api/v1/send", json=SEND | {"cc": [{"email": "ada@example.com", "name": "Ada"}], "stream": "marketing"}).json[
        "message_id"
    ]

    message = api.get(f"/api/v1/messages/{id_}").json["message"]

    assert message | {"created_at": "", "recipients": [], "events": []} == {
        "id": id_,
        "state": "queued",
        "stream": "marketing",
        "sandbox": False,
        "from": {"email": "hello@yourdomain.com", "name": "Your App"},
        "to": [{"email": "user@example.com"}],
        "cc": [{"email": "ada@example.com", "name": "Ada"}],
        "subject": "Hello from MisarMail",
        "template_id": None,
        "tags": [],
        "metadata": {},
        "scheduled_at": None,
        "created_at": "",
        "recipients": [],
        "events": [],
    }
    assert message["events"] == [
        {"type": "accepted", "at": message["created_at"], "recipient": None, "reply_code": None, "reply_text": None}
    ]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["pending"], "queued"),
        (["leased", "delivered"], "queued"),
        (["deferred", "bounced"], "queued"),
        (["delivered", "suppressed"], "delivered"),
        (["delivered", "bounced"], "partly_delivered"),
        (["bounced"], "bounced"),
        (["captured"], "captured"),
        (["suppressed"], "suppressed"),
        (["bounced", "cancelled"], "bounced"),
        (["captured", "cancelled"], "captured"),
        (["delivered", "cancelled", "suppressed"], "delivered"),
        (["cancelled"], "suppressed"),
    ],
)
def test_a_message_has_the_state_of_its_least_advanced_recipient(states: Any, expected: str) -> None:
    assert messages.state(tables.Message(scheduled_at=None), states, now=0) == expected


@pytest.mark.parametrize(("states", "expected"), [(["pending"], "scheduled"), (["pending", "delivered"], "queued")])
def test_a_message_is_scheduled_until_its_time(states: Any, expected: str) -> None:
    assert messages.state(tables.Message(scheduled_at=10), states, now=9) == expected
