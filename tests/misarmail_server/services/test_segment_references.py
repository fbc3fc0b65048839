"""Rules that refer to the time of evaluation, to other segments and to campaigns, and the refusal of rules that cannot hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from misarmail_server.context import now
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_segments import audience, matched, rule, segment
from tests.support.calls.marketing import campaign

__all__ = ["audience"]
TODAY = datetime.fromtimestamp(now() / 1_000, UTC).date()


def refused(api: Any, *rules: object) -> str:
    """The sentence about rules that are refused."""
    answer = api.post("/api/v1/segments", json={"name": "S", "filter_criteria": {"operator": "AND", "rules": list(rules)}})
    assert (answer.status_code, list(answer.json["details"]["fieldErrors"])) == (400, ["filter_criteria"]), answer.json
    return str(answer.json["details"]["fieldErrors"]["filter_criteria"][0])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (rule("created_at", "after", {"days_ago": 1}), "ada bob"),
        (rule("created_at", "before", {"days_ago": 1}), ""),
        (rule("created_at", "before", {"days_ahead": 1}), "ada bob"),
        (rule("created_at", "anniversary", {"days_ahead": 0}), "ada bob"),
        (rule("custom_fields.renews", "after", {"days_ago": 3}), "ada bob"),
        (rule("custom_fields.renews", "after", {"days_ahead": 3}), "bob"),
        (rule("custom_fields.renews", "less_than", {"days_ahead": 3}), "ada"),
        (rule("custom_fields.born", "anniversary", {"days_ahead": 0}), "ada"),
        (rule("custom_fields.born", "anniversary", {"days_ahead": 7}), "ada bob"),
        (rule("custom_fields.born", "anniversary", {"days_ago": 7}), "ada"),
    ],
)
def test_relative_times(api: Api, written: Any, expected: str) -> None:
    create(api, "ada@example.com", custom_fields={"born": f"1984-{TODAY:%m-%d}", "renews": f"{TODAY}"})
    soon = TODAY + timedelta(days=5)
    create(api, "bob@example.com", custom_fields={"born": f"1983-{soon:%m-%d}T23:00:00Z", "renews": f"{soon}"})
    create(api, "cy@example.com", custom_fields={"born": "unknown"})

    assert matched(api, written, rule("email", "not_contains", "cy")) == expected


def test_leap_day_is_the_day_before_in_other_years(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    create(api, "ada@example.com", custom_fields={"born": "1984-02-29"})
    matching = {}
    for day in (
        datetime(2027, 2, 28, tzinfo=UTC),
        datetime(2027, 3, 1, tzinfo=UTC),
        datetime(2028, 2, 28, tzinfo=UTC),
        datetime(2028, 2, 29, tzinfo=UTC),
    ):
        monkeypatch.setattr("misarmail_server.services.segment_operands.now", lambda day=day: int(day.timestamp() * 1_000))
        matching[f"{day:%Y-%m-%d}"] = matched(api, rule("custom_fields.born", "anniversary", {"days_ahead": 0}))

    assert matching == {"2027-02-28": "ada", "2027-03-01": "", "2028-02-28": "", "2028-02-29": "ada"}


def test_segments_within_segments(audience: Any) -> None:
    vip, gold = (
        segment(audience, rule("tags", "contains", "vip"))["id"],
        segment(audience, rule("custom_fields.plan", "equals", "gold"))["id"],
    )
    ids = [contact["id"] for contact in audience.get("/api/v1/contacts?search=cy").json["contacts"]]
    listed = segment(audience, segment_type="static", contact_ids=ids)["id"]

    assert matched(audience, rule("in_segment", "equals", vip)) == "ada bob"
    assert matched(audience, rule("in_segment", "not_equals", vip)) == "cy"
    assert matched(audience, rule("in_segment", "in", [gold, listed])) == "ada cy"
    assert matched(audience, rule("in_segment", "not_in", [gold, listed])) == "bob"


def test_a_segment_cannot_contain_itself(audience: Any) -> None:
    inner = segment(audience, rule("tags", "contains", "vip"))["id"]
    outer = segment(audience, rule("in_segment", "equals", inner))["id"]
    circle = {"filter_criteria": {"operator": "AND", "rules": [rule("email", "is_not_empty"), rule("in_segment", "in", [outer])]}}

    answer = audience.patch(f"/api/v1/segments/{inner}", json=circle)

    sentence = f"rules.1: in the segment {outer}: rules.0: The segment {inner} would contain itself"
    assert (answer.status_code, answer.json["details"]["fieldErrors"]) == (400, {"filter_criteria": [sentence]})


def test_two_segments_cannot_contain_each_other_at_once(audience: Any) -> None:
    ids = [segment(audience, rule("tags", "contains", "vip"))["id"] for _ in range(2)]

    def contain(own: str, other: str) -> int:
        body = {"filter_criteria": {"operator": "AND", "rules": [rule("in_segment", "equals", other)]}}
        return int(audience.patch(f"/api/v1/segments/{own}", json=body).status_code)

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(contain, ids, ids[::-1]))

    assert sorted(statuses) == [200, 400]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (rule("email.opend", "did"), "rules.0: Unknown field email.opend; did you mean email.opened?"),
        (rule("email.opened", "equals", "x"), "rules.0: email.opened needs the operator did or did_not"),
        (rule("email", "did"), "rules.0: did cannot be used with email"),
        (rule("email.opened", "did", "x"), "rules.0: did on email.opened needs no value"),
        ({**rule("email", "is_not_empty"), "count": {"at_least": 1}}, "rules.0.count: Is not used by email"),
        ({**rule("email.opened", "did"), "url": "https://a.example"}, "rules.0.url: Is not used by email.opened"),
        ({"operator": "OR", "rules": [rule("email", "is_empty")], "within": {"days": 1}}, "rules.0.within: Is not used by a group"),
        ({**rule("email.opened", "did"), "count": {"at_least": 3, "at_most": 2}}, "rules.0.count: at_least is more than at_most"),
        ({**rule("email.opened", "did"), "within": {"days": 1}, "after": "2026-01-01"}, "rules.0: Give within or after, not both"),
        (
            {**rule("email.opened", "did"), "within": {"days": 1}, "before": "2026-01-01"},
            "rules.0: The period of within ends before it begins",
        ),
        (
            {**rule("email.opened", "did"), "after": "2026-02-01", "before": "2026-01-01"},
            "rules.0: The period of after ends before it begins",
        ),
        ({**rule("email.opened", "did"), "after": "soon"}, "rules.0.after: Must be a date or a time"),
        ({**rule("email.opened", "did"), "campaign_id": "cmp_unknown"}, "rules.0.campaign_id: There is no campaign cmp_unknown"),
        (rule("event", "did"), "rules.0.name: Is required for event"),
        (
            {**rule("event", "did"), "name": "a", "properties": [rule('a"b', "equals", 1)]},
            "rules.0.properties.0.field: Must not contain quotation marks and backslashes",
        ),
        (
            {**rule("event", "did"), "name": "a", "properties": [rule("seats", "greater_than", "many")]},
            "rules.0.properties.0: greater_than on seats needs a number",
        ),
        ({**rule("purchase", "did"), "sum": {"at_least": 10}}, "rules.0.currency: Is required with sum"),
        (rule("in_segment", "equals", "seg_unknown"), "rules.0: There is no segment seg_unknown"),
        (rule("in_segment", "in", [1]), "rules.0: in on in_segment needs a list of ids"),
        (rule("in_segment", "contains", "seg_a"), "rules.0: contains cannot be used with in_segment"),
        (
            rule("custom_fields.born", "anniversary", "2026-01-01"),
            "rules.0: anniversary on custom_fields.born needs days_ago or days_ahead",
        ),
        (rule("created_at", "anniversary", {"days_ahead": 400}), "rules.0: anniversary on created_at needs at most 366 days"),
        (rule("email", "equals", {"days_ago": 1}), "rules.0: equals on email needs text"),
    ],
)
def test_rules_that_cannot_hold_are_refused(api: Api, written: Any, sentence: str) -> None:
    assert refused(api, written) == sentence


def test_segments_nest_to_a_limit(api: Api) -> None:
    inner = segment(api, rule("email", "is_not_empty"))["id"]
    for _ in range(5):
        inner = segment(api, rule("in_segment", "equals", inner))["id"]

    assert refused(api, rule("in_segment", "equals", inner)).endswith("Segments can contain each other at most 5 deep")


def test_nested_segments_have_a_limit_in_total(api: Api) -> None:
    wide = segment(api, *[rule("email", "contains", str(number)) for number in range(49)])["id"]
    wider = segment(api, *[rule("in_segment", "equals", wide)] * 9)["id"]

    assert "Has more than 500 rules and groups with those of the segments that it contains" in refused(
        api, *[rule("in_segment", "equals", wider)] * 2
    )


def test_segments_and_campaigns_of_other_accounts_do_not_exist(api: Api, platform: Platform, make: Make) -> None:
    eve = platform.api(account_id=make.account("eve@example.com"))
    hers, mine = campaign(eve).rpartition("/")[2], segment(eve, rule("email", "is_not_empty"))["id"]

    assert refused(api, {**rule("email.opened", "did"), "campaign_id": hers}).endswith(f"There is no campaign {hers}")
    assert refused(api, rule("in_segment", "equals", mine)).endswith(f"There is no segment {mine}")


def test_a_rule_on_a_deleted_campaign_says_so(api: Api) -> None:
    path = campaign(api)
    id_ = path.rpartition("/")[2]
    made = segment(api, {**rule("email.opened", "did_not"), "campaign_id": id_})
    api.delete(path)

    answer = api.get(f"/api/v1/segments/{made['id']}/preview")

    assert (answer.status_code, answer.json["details"]["fieldErrors"]) == (
        400,
        {"filter_criteria": [f"rules.0.campaign_id: There is no campaign {id_}"]},
    )
