from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete

from misarmail_server.context import now
from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.support.calls.campaigns import SENDER, force, get, segment, status, template
from tests.support.calls.marketing import CAMPAIGN, LATER, campaign


def test_send_campaign_is_accepted_for_later_and_due_now(api: Api, make: Make) -> None:
    path = campaign(api)

    answer = api.post(f"{path}/send")

    due_at = answer.json["scheduled_at"]
    assert answer.status_code == 202
    assert answer.json == {
        "success": True,
        "message": f"The campaign is due at {due_at[:19]}Z",
        "campaign_id": path.rsplit("/", 1)[1],
        "status": "scheduled",
        "scheduled_at": due_at,
    }
    result = get(api, path)
    assert (result["status"], result["scheduled_at"], result["started_at"]) == ("scheduled", result["updated_at"], None)
    assert make.count(tables.Message) == 0


def test_send_campaign_uses_the_requested_or_planned_time(api: Api) -> None:
    json = api.post(f"{campaign(api)}/send", json={"scheduledAt": LATER}).json
    planned = campaign(api, "send", scheduled_at=LATER)
    overdue = campaign(api, "send", scheduled_at="2001-01-01T00:00:00Z")

    assert json["scheduled_at"] == get(api, planned)["scheduled_at"] == LATER
    assert get(api, overdue)["scheduled_at"] > "2026"
    assert api.post(f"{planned}/send").json["scheduled_at"] < LATER


def test_send_campaign_repeats_harmlessly(api: Api) -> None:
    path = campaign(api)
    key = {"Idempotency-Key": "spring"}

    first = api.post(f"{path}/send", headers=key)
    again = api.post(f"{path}/send", headers=key)
    other = api.post(f"{path}/send", headers=key, json={"scheduled_at": LATER})

    assert (again.status_code, again.json) == (202, first.json | {"idempotent": True})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")


def test_send_campaign_binds_an_idempotency_key_to_one_campaign(api: Api) -> None:
    first, second = campaign(api), campaign(api)
    key = {"Idempotency-Key": "spring"}

    done = api.post(f"{first}/send", headers=key)
    other = api.post(f"{second}/send", headers=key)

    assert done.status_code == 202
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    assert get(api, second)["status"] == "draft"


@pytest.mark.parametrize("state", ["sending", "paused", "sent", "cancelled", "failed"])
@pytest.mark.parametrize("verb", ["send", "schedule"])
def test_send_campaign_refuses_in_any_other_state(platform: Platform, api: Api, state: str, verb: str) -> None:
    path = campaign(api)
    force(platform, path, status=state)

    refused = api.post(f"{path}/{verb}", json={"scheduled_at": LATER})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert refused.json["error"].startswith(f"A campaign that is {state} cannot be s")
    assert status(api, path) == state


def test_send_campaign_refuses_a_campaign_without_a_body(api: Api) -> None:
    bare = {name: value for name, value in CAMPAIGN.items() if not name.startswith("body")}
    empty = f"/api/v1/campaigns/{api.post('/api/v1/campaigns', json=bare).json['campaign']['id']}"
    orphan = campaign(api)
    api.patch(orphan, json={"template_id": (id_ := template(api))})
    api.delete(f"/api/v1/templates/{id_}")

    for path, sentence in ((empty, "The campaign has no body"), (orphan, f"The campaign's template {id_} was deleted")):
        for verb, body in (("send", {}), ("schedule", {"scheduled_at": LATER}), ("test", {"emails": ["a@example.com"]})):
            refused = api.post(f"{path}/{verb}", json=body)

            assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
            assert refused.json["error"].startswith(sentence)
        assert status(api, path) == "draft"


def test_send_campaign_refuses_a_deleted_segment(api: Api) -> None:
    paused, draft = campaign(api, "send", "pause", segment_id=(id_ := segment(api))), campaign(api, segment_id=id_)
    api.delete(f"/api/v1/segments/{id_}")

    for path, body in (
        (f"{draft}/send", {}),
        (f"{draft}/schedule", {"scheduled_at": LATER}),
        (f"{paused}/resume", {}),
    ):
        refused = api.post(path, json=body)

        assert (refused.status_code, refused.json["code"]) == (409, "wrong_state"), path
        assert refused.json["error"] == f"The campaign's segment_id: The segment {id_} was deleted"
    assert (status(api, draft), status(api, paused)) == ("draft", "paused")
    assert api.patch(paused, json={"segment_id": None}).status_code == 200
    assert api.post(f"{paused}/resume").status_code == 200


def test_send_campaign_refuses_a_sender_that_is_verified_no_more(platform: Platform) -> None:
    account_id = platform.make.account(senders="verified")
    platform.store.write(lambda connection: connection.execute(SENDER, {"account_id": account_id}).rowcount)
    api = platform.api(account_id=account_id)
    path, paused = campaign(api), campaign(api, "send", "pause")
    platform.store.write(lambda connection: connection.execute(delete(tables.Sender)).rowcount)

    for refused in (
        api.post(f"{path}/send"),
        api.post(f"{path}/schedule", json={"scheduled_at": LATER}),
        api.post(f"{path}/test", json={"emails": ["a@example.com"]}),
        api.post(f"{paused}/resume"),
    ):
        assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert (status(api, path), status(api, paused)) == ("draft", "paused")


def test_send_campaign_needs_more_than_the_write_scope(platform: Platform) -> None:
    account_id = platform.make.account("grace@example.com")
    writer = platform.api("write", account_id=account_id)
    path = campaign(writer)

    for verb in ("send", "schedule", "resume", "test"):
        assert writer.post(f"{path}/{verb}").json["code"] == "scope_missing"


def test_schedule_campaign_sets_a_time_that_is_ahead(api: Api) -> None:
    path = campaign(api)

    refused = api.post(f"{path}/schedule", json={"scheduled_at": "2001-01-01T00:00:00Z"})
    done = api.post(f"{path}/schedule", json={"scheduledAt": LATER}).json["campaign"]

    assert refused.json["details"]["fieldErrors"] == {"scheduled_at": ["Must be in the future"]}
    assert (done["status"], done["scheduled_at"]) == ("scheduled", LATER)


@pytest.mark.parametrize(
    ("verb", "state", "becomes"),
    [
        ("pause", "scheduled", "paused"),
        ("pause", "sending", "paused"),
        ("resume", "paused", "scheduled"),
        ("cancel", "scheduled", "cancelled"),
        ("cancel", "sending", "cancelled"),
        ("cancel", "paused", "cancelled"),
    ],
)
def test_pause_campaign_resume_and_cancel_move_it(platform: Platform, api: Api, verb: str, state: str, becomes: str) -> None:
    path = campaign(api)
    force(platform, path, status=state)

    moved = api.post(f"{path}/{verb}").json["campaign"]

    assert (moved["status"], status(api, path)) == (becomes, becomes)


@pytest.mark.parametrize(
    ("verb", "states"),
    [
        ("pause", ("draft", "paused", "sent", "cancelled", "failed")),
        ("resume", ("draft", "scheduled", "sending", "sent", "cancelled", "failed")),
        ("cancel", ("draft", "sent", "cancelled", "failed")),
    ],
)
def test_cancel_campaign_pause_and_resume_refuse_other_states(platform: Platform, api: Api, verb: str, states: Any) -> None:
    path = campaign(api)
    for state in states:
        force(platform, path, status=state)

        refused = api.post(f"{path}/{verb}")

        assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
        assert state in refused.json["error"]
        assert status(api, path) == state


def test_resume_campaign_restores_the_previous_state(platform: Platform, api: Api) -> None:
    path = campaign(api, "send", "pause")
    force(platform, path, started_at=now())

    assert api.post(f"{path}/resume").json["campaign"]["status"] == "sending"


def test_cancel_campaign_wins_or_loses_against_a_pause(platform: Platform) -> None:
    account_id = platform.make.account()
    path = campaign(platform.api(account_id=account_id), "send")
    clients = [platform.api(account_id=account_id) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda api: api.post(f"{path}/cancel").status_code, clients))

    assert sorted(answers) == [200] + [409] * 7
