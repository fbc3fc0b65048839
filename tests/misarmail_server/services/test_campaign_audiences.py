"""Campaigns to several segments, without others, and by rules: counted before, mailed once each, and listed after."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_campaign_runs import deliver, finish, lease
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_segments import rule, segment
from tests.support.calls.marketing import CAMPAIGN, campaign

NAMES = ["ada", "bob", "cy", "dora", "eve", "finn"]


@pytest.fixture
def runs(platform: Platform) -> CampaignRuns:
    return CampaignRuns(platform.settings, platform.store)


@pytest.fixture
def segments(api: Api) -> dict[str, str]:
    """vip: ada, bob, eve; beta: bob, cy; late: eve, finn. dora is in none, eve unsubscribed, finn's address is suppressed."""
    tags = {"ada": ["vip"], "bob": ["vip", "beta"], "cy": ["beta"], "dora": [], "eve": ["vip", "late"], "finn": ["late"]}
    for name in NAMES:
        create(api, f"{name}@example.com", tags=tags[name], custom_fields={"country": "DE" if name in {"ada", "cy"} else "FR"})
    api("PATCH", "/api/v1/contacts", json={"email": "eve@example.com", "status": "unsubscribed"})
    assert api.post("/api/v1/suppressions", json={"email": "finn@example.com", "scope": "marketing"}).status_code == 200
    return {tag: segment(api, rule("tags", "contains", tag))["id"] for tag in ("vip", "beta", "late")}


def counted(api: Api, path: str) -> tuple[int, dict[str, int]]:
    answer = api.get(f"{path}/audience")
    assert answer.status_code == 200, answer.json
    return answer.json["count"], {reason: number for reason, number in answer.json["left_out"].items() if number}


def mailed(api: Api, platform: Platform, runs: CampaignRuns, path: str) -> str:
    """The names that get the campaign."""
    api.post(f"{path}/send")
    finish(runs)
    deliver(platform, lease(platform))
    recipients = api.get(f"{path}/recipients?state=delivered").json["recipients"]
    return " ".join(recipient["email"].partition("@")[0] for recipient in recipients)


GERMANS = {"operator": "AND", "rules": [rule("custom_fields.country", "equals", "de")]}


@pytest.mark.parametrize(
    ("audience", "expected", "left_out"),
    [
        ({"include": ["vip", "beta"]}, "ada bob cy", {"unsubscribed": 1}),
        ({"include": ["vip"], "exclude": ["beta"]}, "ada", {"unsubscribed": 1}),
        ({"exclude": ["vip"]}, "cy dora", {"suppressed": 1}),
        ({"criteria": GERMANS}, "ada cy", {}),
        ({"include": ["vip", "beta"], "exclude": ["late"], "criteria": GERMANS}, "ada cy", {}),
        ({"include": ["late"]}, "", {"unsubscribed": 1, "suppressed": 1}),
        (None, "ada bob cy dora", {"unsubscribed": 1, "suppressed": 1}),
    ],
)
def test_get_campaign_audience_counts_who_is_mailed_once_each(
    api: Api, platform: Platform, runs: CampaignRuns, segments: dict[str, str], audience: Any, expected: str, left_out: dict[str, int]
) -> None:
    if audience is not None:
        audience = {part: value if part == "criteria" else [segments[tag] for tag in value] for part, value in audience.items()}
    path = campaign(api, audience=audience)

    assert api.get(path).json["campaign"]["audience"] == audience
    assert counted(api, path) == (len(expected.split()), left_out)
    assert mailed_to_open_addresses(api, platform, runs, path) == expected


def mailed_to_open_addresses(api: Api, platform: Platform, runs: CampaignRuns, path: str) -> str:
    """As `mailed`, without those that the worker suppresses, which it does after the lease of this test."""
    return " ".join(name for name in mailed(api, platform, runs, path).split() if name != "finn")


def test_segment_and_audience_replace_each_other(api: Api, segments: dict[str, str]) -> None:
    path = campaign(api, segment_id=segments["vip"])
    by_rules = {"criteria": GERMANS}

    def changed(**change: Any) -> tuple[Any, Any]:
        made = api.patch(path, json=change).json["campaign"]
        return made["segment_id"], made["audience"]

    assert changed(name="Same") == (segments["vip"], None)
    assert changed(audience=by_rules) == (None, by_rules)
    assert changed(segment_id=segments["beta"]) == (segments["beta"], None)
    assert changed(audience=by_rules) == (None, by_rules)
    assert changed(audience=None) == (None, None)
    refused = api.patch(path, json={"audience": by_rules, "segment_id": segments["vip"]})
    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["audience"])


@pytest.mark.parametrize(
    ("audience", "sentence"),
    [
        ({"include": ["seg_x"]}, "include: There is no segment seg_x"),
        ({"exclude": ["seg_x"]}, "exclude: There is no segment seg_x"),
        (
            {"criteria": {"operator": "OR", "rules": [rule("emial", "equals", "x")]}},
            "criteria.rules.0: Unknown field emial; did you mean email?",
        ),
    ],
)
def test_audience_that_cannot_be_is_refused(api: Api, audience: Any, sentence: str) -> None:
    answer = api.post("/api/v1/campaigns", json=CAMPAIGN | {"audience": audience})

    assert (answer.status_code, answer.json["details"]["fieldErrors"]) == (400, {"audience": [sentence]})


def test_segments_of_other_accounts_do_not_exist(api: Api, platform: Platform, make: Make) -> None:
    eve = platform.api(account_id=make.account("eve@example.com"))
    hers = segment(eve, rule("email", "is_not_empty"))["id"]

    assert api.post("/api/v1/campaigns", json=CAMPAIGN | {"audience": {"include": [hers]}}).status_code == 400


def test_a_deleted_segment_stops_a_campaign(api: Api, segments: dict[str, str]) -> None:
    path = campaign(api, audience={"include": [segments["vip"]], "exclude": [segments["late"]]})
    scheduled = campaign(api, "schedule", audience={"exclude": [segments["late"]]})
    api.delete(f"/api/v1/segments/{segments['late']}")
    sentence = f"The campaign's audience: exclude: There is no segment {segments['late']}"

    for answer in (api.get(f"{path}/audience"), api.post(f"{path}/send"), api.post(f"{scheduled}/send")):
        assert (answer.status_code, answer.json["code"], answer.json["error"]) == (409, "wrong_state", sentence)


def test_list_campaign_recipients_pages_and_filters(api: Api, platform: Platform, runs: CampaignRuns, segments: dict[str, str]) -> None:
    path = campaign(api, audience={"include": [segments["vip"], segments["beta"]]})
    assert api.get(f"{path}/recipients").json == {"success": True, "recipients": [], "next_cursor": None}
    mailed(api, platform, runs, path)
    respond(platform, "bob@example.com", -1, -2)
    respond(platform, "cy@example.com", -1)

    def names(query: str) -> str:
        return " ".join(recipient["email"].partition("@")[0] for recipient in api.get(f"{path}/recipients?{query}").json["recipients"])

    first = api.get(f"{path}/recipients?limit=2").json
    second = api.get(f"{path}/recipients?limit=2&cursor={first['next_cursor']}").json
    assert [each["email"] for each in first["recipients"] + second["recipients"]] == [
        f"{name}@example.com" for name in ("ada", "bob", "cy")
    ]
    assert second["next_cursor"] is None
    assert (first["recipients"][1]["opened_at"] is None, first["recipients"][0]["opened_at"]) == (False, None)
    assert [names("opened=true"), names("opened=false"), names("clicked=true"), names("state=bounced")] == ["bob cy", "ada", "bob", ""]
    refused = api.get(f"{path}/recipients?limit=2&opened=true&cursor={first['next_cursor']}")
    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["cursor"])


def test_the_rest_can_be_mailed_again(api: Api, platform: Platform, runs: CampaignRuns, segments: dict[str, str]) -> None:
    path = campaign(api, audience={"include": [segments["vip"], segments["beta"]]})
    mailed(api, platform, runs, path)
    respond(platform, "bob@example.com", -1)
    got, opened = (
        {**rule(f"email.{kind}", operator), "campaign_id": path.rpartition("/")[2]}
        for kind, operator in (("sent", "did"), ("opened", "did_not"))
    )

    again = campaign(api, audience={"criteria": {"operator": "AND", "rules": [got, opened]}})

    assert mailed(api, platform, runs, again) == "ada cy"


def respond(platform: Platform, address: str, *responses: int) -> None:
    """Record first responses of a recipient."""

    def work(connection: Any) -> None:
        row = tables.Recipient
        id_ = connection.execute(row.__table__.select().where(row.address == address)).first().id
        rows = [{"recipient_id": id_, "what": response, "at": now()} for response in responses]
        connection.execute(insert(tables.FirstResponse).values(rows))

    platform.store.write(work)
