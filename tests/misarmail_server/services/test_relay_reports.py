from __future__ import annotations

import json
from typing import Any

import pytest

from misarmail_server.context import HOUR
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import relay_reports
from misarmail_server.settings import Settings
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.results import relay_path

BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "User@example.com", "Details": "550 5.1.1 no such user"}


def report(platform: Any, path: Any, **options: Any) -> Any:
    return platform.client().post(path, **options)


def test_receive_relay_events_suppresses_the_recipient(api: Api, platform: Platform) -> None:
    taken = report(platform, relay_path(api), json=BOUNCE)

    assert taken.json == {"success": True, "events": 1}
    assert api.get("/api/v1/suppressions/user@example.com").json["suppression"]["reason"] == "bounced"


def test_receive_relay_events_notes_it_with_the_message(api: Api, platform: Platform) -> None:
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]

    report(platform, relay_path(api), json=BOUNCE | {"Metadata": {"message_id": message_id}})

    event = api.get(f"/api/v1/messages/{message_id}").json["message"]["events"][-1]
    assert (event["type"], event["reply_code"], event["reply_text"]) == ("bounced", 550, "550 5.1.1 no such user")


def test_receive_relay_events_touches_no_mail_of_others(api: Api, platform: Platform, make: Make) -> None:
    stranger = platform.everything(make.account("eve@example.com"))
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]

    report(platform, relay_path(stranger), json=BOUNCE | {"Metadata": {"message_id": message_id}})

    assert [event["type"] for event in api.get(f"/api/v1/messages/{message_id}").json["message"]["events"]] == ["accepted"]
    assert api.get("/api/v1/suppressions").json["suppressions"] == []
    assert len(stranger.get("/api/v1/suppressions").json["suppressions"]) == 1


def test_receive_relay_events_accepts_sns_bodies_sent_as_text(api: Api, platform: Platform) -> None:
    inner = {"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.com"}]}}
    body = json.dumps({"Type": "Notification", "Message": json.dumps(inner)})

    taken = report(platform, relay_path(api, "ses"), data=body, content_type="text/plain; charset=UTF-8")

    assert taken.json["events"] == 1
    assert api.get("/api/v1/suppressions/ada@example.com").json["suppression"]["reason"] == "complained"


def test_receive_relay_events_refuses_empty_text(api: Api, platform: Platform) -> None:
    refused = report(platform, relay_path(api, "ses"), data="", content_type="text/plain")

    assert (refused.status_code, refused.json["error"]) == (400, "A body is required")


def test_receive_relay_events_refuses_text_that_is_no_json(api: Api, platform: Platform) -> None:
    refused = report(platform, relay_path(api, "ses"), data="hello", content_type="text/plain")

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"body": ["Must be JSON"]})


def test_receive_relay_events_does_not_suppress_after_a_soft_bounce(api: Api, platform: Platform, make: Make) -> None:
    taken = report(platform, relay_path(api), json=BOUNCE | {"Details": "552 5.2.2 mailbox full"})

    assert (taken.json["events"], make.count(tables.Suppression)) == (1, 0)


@pytest.mark.parametrize(
    "address",
    [
        "@",
        "a@b",
        "a\0@example.com",
        "a@example.com\r\nX: y",
        "Ada <ada@example.com>",
        f"{'a' * 5_000}@example.com",
        " a@example.com",
        "ä@example.com",
    ],
)
def test_receive_relay_events_skips_invalid_addresses(api: Api, platform: Platform, make: Make, address: str) -> None:
    taken = report(
        platform, relay_path(api, "sendgrid"), json=[{"event": "spamreport", "email": each} for each in (address, "Bob@example.com")]
    )

    assert (taken.json["events"], make.count(tables.Suppression)) == (1, 1)
    assert api.get("/api/v1/suppressions/bob@example.com").status_code == 200


@pytest.mark.parametrize("spoil", [lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"), lambda path: path.replace("acc_", "acc_x")])
def test_receive_relay_events_refuses_an_invalid_token(api: Api, platform: Platform, make: Make, spoil: Any) -> None:
    refused = report(platform, spoil(relay_path(api)), json=BOUNCE)

    assert (refused.status_code, make.count(tables.Suppression)) == (404, 0)


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("webhooks", 200), ("write", 200)])
def test_get_relay_addresses_needs_a_scope_that_may_write(platform: Platform, scope: str, status: int) -> None:
    assert platform.api(scope).get("/api/v1/webhooks/inbound").status_code == status


def test_get_relay_addresses_stays_the_same(api: Api) -> None:
    assert relay_path(api) == relay_path(api)


def test_renewed_token_replaces_the_previous_one_after_its_time(api: Api, platform: Platform, store: Store, chosen: Settings) -> None:
    def renew(keep: Any) -> Any:
        return store.write(lambda connection: relay_reports.renew(connection, chosen, api.account_id, keep))["postmark"].partition("/api/")[
            2
        ]

    paths = [relay_path(api).removeprefix("/api/"), renew(HOUR), renew(HOUR)]

    def statuses() -> Any:
        return [report(platform, f"/api/{path}", json=BOUNCE).status_code for path in paths]

    overlapping = statuses()
    current = relay_path(api)
    paths.append(renew(0))

    assert (overlapping, current) == ([404, 200, 200], f"/api/{paths[2]}")
    assert statuses() == [404, 404, 404, 200]
