from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.support.calls.marketing import AB_TEST, CAMPAIGN, LATER, ab_test, campaign, mark_started, started_ab_test


def get(api: Any, path: Any) -> Any:
    return api.get(path).json["ab_test"]


def campaign_of(api: Any, path: Any) -> Any:
    return f"/api/v1/campaigns/{get(api, path)['campaign_id']}"


def count(platform: Any, path: Any, api: Any, *counts: dict[str, int]) -> None:
    """Set the counts of each variant in order, directly in the database as the runner does."""
    for variant, values in zip(get(api, path)["variants"], counts, strict=True):
        change = update(tables.Variant).where(tables.Variant.id == variant["id"]).values(values)
        platform.store.write(lambda connection, change=change: connection.execute(change).rowcount)


def test_create_ab_test_returns_a_test_without_results(api: Api) -> None:
    id_ = campaign(api).rsplit("/", 1)[1]

    made = api.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": id_}).json["ab_test"]

    assert made.pop("id").startswith("abt_")
    first, second = made.pop("variants")
    assert second.pop("id").startswith("var_")
    assert second == {
        "name": "B",
        "subject": "{{first_name}}, look",
        "body_html": None,
        "body_text": None,
        "from_name": None,
        "send_count": 0,
        "open_count": 0,
        "click_count": 0,
        "reply_count": 0,
        "rate": None,
        "credible_interval": {"low": 0.025, "high": 0.975},
        "probability_best": 0.5,
    }
    assert first["name"] == "Plain"
    assert made == {
        "campaign_id": id_,
        "status": "draft",
        "metric": "open_rate",
        "test_size_percent": 20,
        "auto_send_winner": False,
        "auto_send_after_hours": 24,
        "winner_id": None,
        "started_at": None,
        "completed_at": None,
        "created_at": made["created_at"],
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"variants": [{}]}, "variants"),
        ({"variants": [{}] * 6}, "variants"),
        ({"variants": [{}, {"subject": "a\nb"}]}, "variants"),
        ({"variants": [{}, {"subject": "{{/shut}}"}]}, "variants"),
        ({"test_size_percent": 0}, "test_size_percent"),
        ({"test_size_percent": 101}, "test_size_percent"),
        ({"metric": "revenue"}, "metric"),
        ({"auto_send_after_hours": 0}, "auto_send_after_hours"),
        ({"campaign_id": "camp_1"}, "campaign_id"),
    ],
)
def test_create_ab_test_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": campaign(api).rsplit("/", 1)[1]} | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.AbTest) == make.count(tables.Variant) == 0


def test_create_ab_test_refuses_a_campaign_that_is_not_a_draft_or_anothers(platform: Platform, api: Api) -> None:
    id_ = campaign(api, "send").rsplit("/", 1)[1]
    stranger = platform.everything(platform.make.account("eve@example.com"))

    refused = api.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": id_})
    foreign = stranger.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": id_})

    assert (refused.status_code, refused.json["error"]) == (409, "A campaign that is scheduled cannot be tested")
    assert foreign.json["details"]["fieldErrors"] == {"campaign_id": [f"There is no campaign {id_}"]}


def test_create_ab_test_concurrently_creates_one_per_campaign(platform: Platform) -> None:
    account_id = platform.make.account()
    clients = [platform.api(account_id=account_id) for _ in range(6)]
    body = AB_TEST | {"campaign_id": campaign(clients[0]).rsplit("/", 1)[1]}

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda api: api.post("/api/v1/ab-tests", json=body), clients))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert {answer.json.get("code") for answer in answers} == {None, "already_exists"}
    assert platform.make.count(tables.Variant) == 2


def test_list_ab_tests_is_newest_first(api: Api) -> None:
    paths = [ab_test(api) for _ in range(3)]

    page = api.get("/api/v1/ab-tests?limit=2").json

    assert [test["id"] for test in page["ab_tests"]] == [path.rsplit("/", 1)[1] for path in (paths[2], paths[1])]
    assert (page["total"], page["page"], page["limit"]) == (3, 1, 2)
    assert page["ab_tests"][0] == {
        "id": paths[2].rsplit("/", 1)[1],
        "campaign_id": get(api, paths[2])["campaign_id"],
        "status": "draft",
        "metric": "open_rate",
        "test_size_percent": 20,
        "variant_count": 2,
        "winner_id": None,
        "created_at": page["ab_tests"][0]["created_at"],
    }


@pytest.mark.parametrize(("metric", "rates"), [("open_rate", [0.2, 0.251]), ("click_rate", [0.04, 0.03]), ("reply_rate", [0.0, 0.002])])
def test_get_ab_test_shows_the_results_of_each_variant(platform: Platform, api: Api, metric: str, rates: Any) -> None:
    path = ab_test(api, metric=metric)
    first = {"send_count": 1000, "open_count": 200, "click_count": 40}
    count(platform, path, api, first, {"send_count": 1000, "open_count": 251, "click_count": 30, "reply_count": 2})

    variants = get(api, path)["variants"]

    assert [variant["rate"] for variant in variants] == rates
    assert (variants[0]["send_count"], variants[0]["open_count"], variants[0]["click_count"]) == (1000, 200, 40)
    assert all(variant["credible_interval"]["low"] <= variant["rate"] + 0.001 for variant in variants)
    assert variants[rates.index(max(rates))]["probability_best"] > 0.5
    if metric == "open_rate":
        assert variants[1]["probability_best"] == pytest.approx(0.996816, abs=1e-4)


def test_start_ab_test_is_refused_and_changes_nothing(api: Api) -> None:
    """Once it started, held its campaign and sent nothing."""
    path = ab_test(api)

    refused = api.post(f"{path}/start")

    assert (refused.status_code, refused.json["code"], refused.json["feature"]) == (403, "feature_unavailable", "ab_tests")
    assert get(api, path)["status"] == "draft"
    assert api.post(f"{campaign_of(api, path)}/send").status_code == 202


def test_an_ab_test_that_an_earlier_version_started_holds_its_campaign(api: Api) -> None:
    held = campaign_of(api, started_ab_test(api))

    for refused in (
        api.patch(held, json={"name": "x"}),
        api.delete(held),
        api.post(f"{held}/send"),
        api.post(f"{held}/schedule", json={"scheduled_at": LATER}),
    ):
        assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert api.get(held).json["campaign"]["status"] == "draft"
    assert api.post(f"{held}/test", json={"emails": ["ada@example.com"]}).status_code == 200


def test_delete_campaign_takes_a_test_along_that_was_not_started(api: Api, make: Make) -> None:
    path = ab_test(api)

    assert api.delete(campaign_of(api, path)).status_code == 200
    assert api.get(path).status_code == 404
    assert make.count(tables.Variant) == 0


def test_choose_winner_ends_the_test_and_gives_the_campaign_its_content(api: Api) -> None:
    path = started_ab_test(api, variants=[{}, {"subject": "Look", "from_name": "Ada", "body_html": "<p>B</p>"}])
    variant = get(api, path)["variants"][1]["id"]

    done = api.post(f"{path}/winner", json={"variantId": variant}).json["ab_test"]

    held = campaign_of(api, path)
    result = api.get(held).json["campaign"]
    assert (done["status"], done["winner_id"], done["completed_at"] is not None) == ("completed", variant, True)
    assert (result["subject"], result["from_name"], result["body_html"]) == ("Look", "Ada", "<p>B</p>")
    assert (result["body_text"], result["status"]) == (CAMPAIGN["body_text"], "draft")
    assert api.post(f"{held}/send").status_code == 202


def test_choose_winner_replaces_the_template_by_a_body(api: Api) -> None:
    path = ab_test(api, variants=[{}, {"body_text": "B"}])
    held = campaign_of(api, path)
    template = api.post("/api/v1/templates", json={"name": "T", "subject": "S", "body_html": "<p>T</p>"}).json["template"]["id"]
    api.patch(held, json={"template_id": template})
    mark_started(api, path)

    api.post(f"{path}/winner", json={"variant_id": get(api, path)["variants"][1]["id"]})

    result = api.get(held).json["campaign"]
    assert (result["template_id"], result["body_html"], result["body_text"]) == (None, None, "B")


def test_choose_winner_is_final(platform: Platform) -> None:
    account_id = platform.make.account()
    clients = [platform.api(account_id=account_id) for _ in range(6)]
    path = started_ab_test(clients[0])
    variants = [variant["id"] for variant in get(clients[0], path)["variants"]]

    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(
                lambda numbered: numbered[1].post(f"{path}/winner", json={"variant_id": variants[numbered[0] % 2]}), enumerate(clients)
            )
        )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    chosen = next(answer.json["ab_test"]["winner_id"] for answer in answers if answer.status_code == 200)
    assert get(clients[0], path)["winner_id"] == chosen
    assert clients[0].post(f"{path}/winner", json={"variant_id": chosen}).json["code"] == "wrong_state"


def test_choose_winner_refuses_before_the_start_and_unknown_variants(api: Api) -> None:
    path, other = ab_test(api), started_ab_test(api)
    variant = get(api, path)["variants"][0]["id"]

    early = api.post(f"{path}/winner", json={"variant_id": variant})
    foreign = api.post(f"{other}/winner", json={"variant_id": variant})

    assert (early.status_code, early.json["code"]) == (409, "wrong_state")
    assert (foreign.status_code, foreign.json["error"]) == (409, f"There is no variant {variant} in this A/B test")
    assert get(api, other)["status"] == "scheduled"
