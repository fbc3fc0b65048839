from __future__ import annotations

import json

import pytest

from misarmail_server.context import HOUR
from misarmail_server.db import tables
from misarmail_server.services import relay_reports
from tests.support.calls import SEND
from tests.support.calls_results import relay_path

BOUNCE = {"RecordType": "Bounce", "Type": "HardBounce", "Email": "User@example.com", "Details": "550 5.1.1 no such user"}


def report(platform, path, **options):
    return platform.client().post(path, **options)


def test_receive_relay_events_suppresses_the_recipient(api, platform):
    taken = report(platform, relay_path(api), json=BOUNCE)

    assert taken.json == {"success": True, "events": 1}
    assert api.get("/api/v1/suppressions/user@example.com").json["suppression"]["reason"] == "bounced"


def test_receive_relay_events_notes_it_with_the_message(api, platform):
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]

    report(platform, relay_path(api), json=BOUNCE | {"Metadata": {"message_id": message_id}})

    event = api.get(f"/api/v1/messages/{message_id}").json["message"]["events"][-1]
    assert (event["type"], event["reply_code"], event["reply_text"]) == ("bounced", 550, "550 5.1.1 no such user")


def test_receive_relay_events_touches_no_mail_of_others(api, platform, make):
    stranger = platform.everything(make.account("eve@example.com"))
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]

    report(platform, relay_path(stranger), json=BOUNCE | {"Metadata": {"message_id": message_id}})

    assert [event["type"] for event in api.get(f"/api/v1/messages/{message_id}").json["message"]["events"]] == ["accepted"]
    assert api.get("/api/v1/suppressions").json["suppressions"] == []
    assert len(stranger.get("/api/v1/suppressions").json["suppressions"]) == 1


def test_receive_relay_events_takes_what_sns_sends_as_text(api, platform):
    inner = {"notificationType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": "ada@example.com"}]}}
    body = json.dumps({"Type": "Notification", "Message": json.dumps(inner)})

    taken = report(platform, relay_path(api, "ses"), data=body, content_type="text/plain; charset=UTF-8")

    assert taken.json["events"] == 1
    assert api.get("/api/v1/suppressions/ada@example.com").json["suppression"]["reason"] == "complained"


def test_receive_relay_events_refuses_text_that_is_no_json(api, platform):
    refused = report(platform, relay_path(api, "ses"), data="hello", content_type="text/plain")

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"body": ["Must be JSON"]})


def test_receive_relay_events_leaves_a_soft_bounce_unsuppressed(api, platform, make):
    taken = report(platform, relay_path(api), json=BOUNCE | {"Type": "SoftBounce"})

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
def test_receive_relay_events_skips_what_is_no_address(api, platform, make, address):
    taken = report(
        platform, relay_path(api, "sendgrid"), json=[{"event": "spamreport", "email": each} for each in (address, "Bob@example.com")]
    )

    assert (taken.json["events"], make.count(tables.Suppression)) == (1, 1)
    assert api.get("/api/v1/suppressions/bob@example.com").status_code == 200


@pytest.mark.parametrize("spoil", [lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"), lambda path: path.replace("acc_", "acc_x")])
def test_receive_relay_events_refuses_a_token_that_is_none(api, platform, make, spoil):
    refused = report(platform, spoil(relay_path(api)), json=BOUNCE)

    assert (refused.status_code, make.count(tables.Suppression)) == (404, 0)


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("webhooks", 200), ("write", 200)])
def test_get_relay_addresses_needs_a_scope_that_may_write(platform, scope, status):
    assert platform.api(scope).get("/api/v1/webhooks/inbound").status_code == status


def test_get_relay_addresses_stays_the_same(api):
    assert relay_path(api) == relay_path(api)


def test_renewed_token_takes_the_place_of_the_one_before_when_its_time_is_over(api, platform, store, chosen):
    def renew(keep):
        return store.write(lambda connection: relay_reports.renew(connection, chosen, api.account_id, keep))["postmark"].partition("/api/")[
            2
        ]

    paths = [relay_path(api).removeprefix("/api/"), renew(HOUR), renew(HOUR)]

    def statuses():
        return [report(platform, f"/api/{path}", json=BOUNCE).status_code for path in paths]

    overlapping = statuses()
    current = relay_path(api)
    paths.append(renew(0))

    assert (overlapping, current) == ([404, 200, 200], f"/api/{paths[2]}")
    assert statuses() == [404, 404, 404, 200]
