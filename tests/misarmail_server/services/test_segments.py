from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_contacts import create

NOTHING = object()
NO, YES = False, True


def rule(field: Any, operator: Any, value: Any = NOTHING) -> Any:
    return {"field": field, "operator": operator, **({} if value is NOTHING else {"value": value})}


def segment(api: Any, *rules: object, operator: str = "AND", **fields: Any) -> Any:
    body = (
        {"name": "S", "filter_criteria": {"operator": operator, "rules": list(rules)}} if rules else {"name": "S", "segment_type": "static"}
    )
    answer = api.post("/api/v1/segments", json=body | fields)
    assert answer.status_code == 200, answer.json
    return answer.json["segment"]


def matched(api: Any, *rules: object, operator: str = "AND") -> Any:
    made = segment(api, *rules, operator=operator)
    names = sorted(contact["email"].partition("@")[0] for contact in api.get(f"/api/v1/contacts?segment_id={made['id']}").json["contacts"])
    assert made["contact_count"] == len(names)
    return " ".join(names)


@pytest.fixture
def audience(api: Api) -> Any:
    create(api, "ada@example.com", first_name="Ada", last_name="Lovelace", company="Engines 100%", tags=["VIP", "beta"], source="form",
           custom_fields={"plan": "Gold", "seats": 12, "trial": False, "since": "2025-03-01"})  # fmt: skip
    create(
        api,
        "bob@mail.example.org",
        first_name="Bob",
        phone="+44 20",
        status="unsubscribed",
        tags=["vip"],
        custom_fields={"seats": "9", "trial": True},
    )
    create(api, "cy@example.com", first_name="Émile", custom_fields={"plan": "silver", "a b.c": "üX", "seats": "many"})
    return api


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("email", "equals", "ADA@example.com")], "ada"),
        ([rule("email", "ends_with", "@example.com")], "ada cy"),
        ([rule("email", "starts_with", "b")], "bob"),
        ([rule("first_name", "equals", "émile")], "cy"),
        ([rule("first_name", "not_equals", "ada")], "bob cy"),
        ([rule("last_name", "is_empty")], "bob cy"),
        ([rule("last_name", "is_not_empty")], "ada"),
        ([rule("last_name", "not_contains", "love")], "bob cy"),
        ([rule("company", "contains", "%")], "ada"),
        ([rule("company", "contains", "_")], ""),
        ([rule("phone", "starts_with", "+44")], "bob"),
        ([rule("source", "in", ["FORM", "x"])], "ada"),
        ([rule("source", "not_in", ["FORM", "x"])], "bob cy"),
        ([rule("status", "equals", "subscribed")], "ada cy"),
        ([rule("status", "not_in", ["subscribed"])], "bob"),
        ([rule("status", "is_empty")], ""),
        ([rule("tags", "contains", "vip")], "ada bob"),
        ([rule("tags", "in", ["Beta", "x"])], "ada"),
        ([rule("tags", "not_equals", "beta")], "bob cy"),
        ([rule("tags", "is_empty")], "cy"),
        ([rule("tags", "is_not_empty")], "ada bob"),
        ([rule("tags", "starts_with", "be")], "ada"),
        ([rule("created_at", "after", "2020-01-01")], "ada bob cy"),
        ([rule("created_at", "before", "2020-01-01T00:00:00Z")], ""),
        ([rule("updated_at", "less_than", "2120-01-01T00:00:00+02:00")], "ada bob cy"),
        ([rule("updated_at", "is_not_empty")], "ada bob cy"),
        ([rule("custom_fields.plan", "equals", "gold")], "ada"),
        ([rule("custom_fields.plan", "not_equals", "gold")], "bob cy"),
        ([rule("custom_fields.plan", "in", ["gold", "SILVER"])], "ada cy"),
        ([rule("custom_fields.plan", "is_empty")], "bob"),
        ([rule("custom_fields.a b.c", "equals", "üx")], "cy"),
        ([rule("custom_fields.seats", "greater_than", 10)], "ada"),
        ([rule("custom_fields.seats", "less_than", 10.5)], "bob"),
        ([rule("custom_fields.seats", "equals", 9)], "bob"),
        ([rule("custom_fields.trial", "equals", NO)], "ada"),
        ([rule("custom_fields.trial", "equals", 1)], ""),
        ([rule("custom_fields.since", "before", "2025-06")], "ada"),
        ([rule("tags", "contains", "vip"), rule("status", "equals", "subscribed")], "ada"),
        (
            [
                rule("tags", "contains", "vip"),
                {"operator": "OR", "rules": [rule("email", "starts_with", "cy"), rule("phone", "is_not_empty")]},
            ],
            "bob",
        ),
        ([rule("custom_fields.plan", "equals", "' OR 1=1 --")], ""),
        ([rule("custom_fields.' OR 1=1 --", "equals", "x")], ""),
    ],
)
def test_create_segment_matches(audience: Any, rules: Any, expected: str) -> None:
    assert matched(audience, *rules) == expected


def test_create_segment_takes_any_of_its_rules(audience: Any) -> None:
    assert matched(audience, rule("email", "starts_with", "ada"), rule("email", "starts_with", "bob"), operator="OR") == "ada bob"


def nested(depth: Any) -> Any:
    return rule("email", "is_empty") if depth == 0 else {"operator": "AND", "rules": [nested(depth - 1)]}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (0.00001, 0.00001),
        (-3, -3),
        (12.0, 12),
        ("+1.5", 1.5),
        ("-2", -2),
        ("1e3", 1000),
        ("2.5E-1", 0.25),
        ("007", 7),
        (2**53 - 1, 2**53 - 1),
    ],
)
def test_a_rule_of_numbers_reads_numeric_text(api: Api, written: Any, number: float) -> None:
    create(api, "ada@example.com", custom_fields={"n": written})

    same, more, less = (
        matched(api, rule("custom_fields.n", *options))
        for options in (("equals", number), ("greater_than", number - 1), ("less_than", number - 1))
    )

    assert (same, more, less) == ("ada", "ada", "")


@pytest.mark.parametrize(
    "written", ["2024-01-15", "1.2.3", "1-2", "1e", ".", "-", "--1", "1.", "0x10", "1e400", "9" * 400, "1 ", "\u0661", "true", True, False]
)
def test_a_rule_of_numbers_ignores_other_text(api: Api, written: bool | str) -> None:
    create(api, "ada@example.com", custom_fields={"n": written})

    rules = [rule("custom_fields.n", "greater_than", -1000), rule("custom_fields.n", "less_than", 1000)]

    assert matched(api, *rules, operator="OR") == ""
    assert matched(api, rule("custom_fields.n", "in", [1, 2024, 1.2, 0])) == ""


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([rule("age", "equals", "x")], "rules.0: Unknown field age; did you mean custom_fields.age?"),
        ([rule("custom_fields.", "equals", "x")], "rules.0: Unknown field custom_fields."),
        ([rule('custom_fields.a"b', "equals", "x")], 'rules.0: Unknown field custom_fields.a"b'),
        ([rule("email", "equals", 7)], "rules.0: equals on email needs text"),
        ([rule("email", "equals")], "rules.0: equals on email needs text"),
        ([rule("email", "in", "x")], "rules.0: in on email needs a list"),
        ([rule("email", "in", ["x", 1])], "rules.0: in on email needs a list of texts"),
        ([rule("email", "is_empty", "x")], "rules.0: is_empty on email needs no value"),
        ([rule("email", "before", "2025-01-01")], "rules.0: before cannot be used with email"),
        ([rule("created_at", "equals", "2025-01-01")], "rules.0: equals cannot be used with created_at"),
        ([rule("created_at", "before", "soon")], "rules.0: before on created_at needs a date or a time"),
        ([rule("status", "equals", "active")], "rules.0: active is not a status; use subscribed, unsubscribed, bounced, complained"),
        ([rule("status", "contains", "sub")], "rules.0: contains cannot be used with status"),
        ([rule("tags", "greater_than", 1)], "rules.0: greater_than cannot be used with tags"),
        ([rule("custom_fields.x", "greater_than", "1")], "rules.0: greater_than on custom_fields.x needs a number"),
        ([rule("custom_fields.x", "greater_than", YES)], "rules.0: greater_than on custom_fields.x needs a number"),
        ([rule("custom_fields.x", "equals", [1])], "rules.0: equals on custom_fields.x needs one value"),
        ([{"operator": "AND", "field": "email", "rules": [nested(0)]}], "rules[0].field: A group has only operator and rules"),
        ([{"operator": "OR", "value": "x", "rules": [nested(0)]}], "rules[0].value: A group has only operator and rules"),
        ([{"operator": "AND"}], "rules[0].rules: Is required for a group"),
        ([{"operator": "OR", "rules": []}], "rules[0].rules: Must have at least 1 item"),
        ([{"operator": "OR", "rules": [{"operator": "AND"}]}], "rules[0].rules[0].rules: Is required for a group"),
        ([rule("email", "is_empty") | {"rules": [nested(0)]}], "rules[0].rules: Only a group with AND or OR has rules"),
        ([{"operator": "equals", "value": "x"}], "rules[0].field: Is required for a rule"),
        (
            [{"operator": "OR", "rules": [nested(0), rule("x", "equals", "y")]}],
            "rules.0.rules.1: Unknown field x; did you mean custom_fields.x?",
        ),
        ([nested(5)], "rules.0.rules.0.rules.0.rules.0.rules.0: groups can be nested at most 5 deep"),
        ([nested(1)] * 26, "Has more than 50 rules and groups"),
    ],
)
def test_create_segment_names_the_rule_that_is_wrong(api: Api, make: Make, rules: Any, sentence: str) -> None:
    refused = api.post("/api/v1/segments", json={"name": "S", "filter_criteria": {"operator": "AND", "rules": rules}})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"filter_criteria": [sentence]})
    assert make.count(tables.Segment) == 0


def test_create_segment_answers_the_whole(audience: Any) -> None:
    made = segment(audience, rule("custom_fields.seats", "equals", 9), description="Nine")

    assert made.pop("id").startswith("seg_")
    assert made.pop("created_at") == made.pop("updated_at") == made.pop("last_calculated_at")
    assert made == {
        "name": "S",
        "description": "Nine",
        "segment_type": "dynamic",
        "filter_criteria": {"operator": "AND", "rules": [{"field": "custom_fields.seats", "operator": "equals", "value": 9}]},
        "contact_count": 1,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "filter_criteria"),
        ({"segment_type": "static", "filter_criteria": {"operator": "OR", "rules": [nested(0)]}}, "filter_criteria"),
        ({"contact_ids": [], "filter_criteria": {"operator": "OR", "rules": [nested(0)]}}, "contact_ids"),
        ({"segment_type": "static", "contact_ids": ["cct_unknown"]}, "contact_ids"),
        ({"filter_criteria": {"operator": "XOR", "rules": [nested(0)]}}, "filter_criteria"),
        ({"filter_criteria": {"operator": "OR", "rules": []}}, "filter_criteria"),
    ],
)
def test_create_segment_refuses_contradictory_fields(api: Api, make: Make, body: Any, field: str) -> None:
    refused = api.post("/api/v1/segments", json={"name": "S", **body})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Segment) == 0


def test_list_segments_is_newest_first(api: Api) -> None:
    made = [segment(api)["id"] for _ in range(3)][::-1]

    page = api.get("/api/v1/segments?limit=2").json["data"]

    assert [each["id"] for each in page["segments"]] == made[:2]
    assert page["pagination"] == {"page": 1, "limit": 2, "total": 3, "total_pages": 2}


def test_get_segment_answers_it(api: Api) -> None:
    made = segment(api)

    assert api.get(f"/api/v1/segments/{made['id']}").json["segment"] == made


def test_update_segment_changes_rules_and_recounts(audience: Any) -> None:
    made = segment(audience, rule("tags", "contains", "vip"), description="D")

    change = {"name": "T", "description": None, "filter_criteria": {"operator": "AND", "rules": [rule("tags", "is_empty")]}}
    changed = audience.patch(f"/api/v1/segments/{made['id']}", json=change).json["segment"]

    assert (changed["name"], changed["description"], changed["contact_count"]) == ("T", None, 1)


def test_update_segment_changes_a_static_list(audience: Any) -> None:
    ids = [contact["id"] for contact in audience.get("/api/v1/contacts").json["contacts"]]
    made = segment(audience, segment_type="static", contact_ids=ids[:1])

    def change(**fields: Any) -> Any:
        return audience.patch(f"/api/v1/segments/{made['id']}", json=fields).json["segment"]["contact_count"]

    assert change(add_contact_ids=ids, remove_contact_ids=[ids[0], "cct_unknown"]) == 2
    assert change(contact_ids=ids[:1]) == 1
    refused = audience.patch(
        f"/api/v1/segments/{made['id']}", json={"name": "X", "add_contact_ids": [f"cct_{number}" for number in range(12)]}
    )
    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["add_contact_ids"])
    assert refused.json["details"]["fieldErrors"]["add_contact_ids"][0].endswith("cct_9 and 2 more")
    assert audience.get(f"/api/v1/segments/{made['id']}").json["segment"]["name"] == "S"


def test_update_segment_refuses_another_account_s_contacts(api: Api, platform: Platform, make: Make) -> None:
    eve = platform.api(account_id=make.account("eve@example.com"))
    mine = segment(api)

    refused = api.patch(f"/api/v1/segments/{mine['id']}", json={"contact_ids": [create(eve)["id"]]})

    assert refused.status_code == 400


def test_delete_segment_keeps_its_contacts(audience: Any) -> None:
    made = segment(audience, segment_type="static", contact_ids=[audience.get("/api/v1/contacts").json["contacts"][0]["id"]])

    first, second = (audience.delete(f"/api/v1/segments/{made['id']}") for _ in range(2))

    assert (first.json, second.status_code) == ({"success": True, "id": made["id"]}, 404)
    assert audience.get("/api/v1/contacts").json["pagination"]["total"] == 3


def test_preview_segment_shows_some_and_counts(audience: Any) -> None:
    made = segment(audience, rule("tags", "contains", "vip"))

    preview = audience.get(f"/api/v1/segments/{made['id']}/preview").json

    assert (preview["count"], preview["is_count_exact"], preview["segment_id"]) == (2, True, made["id"])
    assert sorted(contact["email"] for contact in preview["contacts"]) == ["ada@example.com", "bob@mail.example.org"]


def test_preview_segment_counts_up_to_its_limit(audience: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misarmail_server.services.segments.MAX_COUNTED", 2)
    made = segment(audience, rule("email", "is_not_empty"))

    preview = audience.get(f"/api/v1/segments/{made['id']}/preview").json

    assert (preview["count"], preview["is_count_exact"]) == (2, False)


def test_refresh_segment_recounts(audience: Any) -> None:
    made = segment(audience, rule("tags", "contains", "vip"))
    create(audience, "di@example.com", tags=["vip"])

    refreshed = audience.post(f"/api/v1/segments/{made['id']}/refresh").json["segment"]

    assert (made["contact_count"], refreshed["contact_count"]) == (2, 3)
    assert audience.get(f"/api/v1/segments/{made['id']}").json["segment"] == refreshed


def test_list_segment_members_pages_ids(audience: Any) -> None:
    ids = [contact["id"] for contact in audience.get("/api/v1/contacts").json["contacts"]]
    made = segment(audience, rule("email", "is_not_empty"))

    page = audience.get(f"/api/v1/segments/{made['id']}/members?limit=2&page=2").json

    assert page["data"] == {"segment_id": made["id"], "contact_ids": ids[2:]}
    assert page["pagination"] == {"page": 2, "limit": 2, "total": 3, "total_pages": 2}


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("static", {"filter_criteria": {"operator": "AND", "rules": [rule("email", "contains", "a")]}}, "A static segment has no rules"),
        ("dynamic", {"contact_ids": []}, "A dynamic segment has no list of contacts"),
        ("dynamic", {"add_contact_ids": []}, "A dynamic segment has no list of contacts"),
    ],
)
def test_update_segment_refuses_fields_of_the_other_type(api: Api, kind: str, change: Any, sentence: str) -> None:
    made = segment(api) if kind == "static" else segment(api, rule("email", "contains", "a"))

    refused = api.patch(f"/api/v1/segments/{made['id']}", json=change)

    assert (refused.status_code, refused.json["code"], refused.json["error"]) == (409, "wrong_state", sentence)


TIMES = {
    "2026-03-01": "2026-03-01T00:00:00+00:00",
    "2026-03": "2026-03-01T00:00:00+00:00",
    "2026": "2026-01-01T00:00:00+00:00",
    "2026-03-01T00:30:00+02:00": "2026-02-28T22:30:00+00:00",
    "2026-02-28T23:00:00-05:00": "2026-03-01T04:00:00+00:00",
    "2026-02-28T23:00:00-0530": "2026-03-01T04:30:00+00:00",
    "2026-02-28 22:29": "2026-02-28T22:29:00+00:00",
    "2026-02-28t22:31z": "2026-02-28T22:31:00+00:00",
    "2026-02-28T22:30:00.5Z": "2026-02-28T22:30:00.500+00:00",
    "2026-02-28T22:30:00.499Z": "2026-02-28T22:30:00.499+00:00",
    "2026-02-28T22:30:00.123456789+00:00": "2026-02-28T22:30:00.123+00:00",
    "2024-02-29T12:00:00+14:00": "2024-02-28T22:00:00+00:00",
    "1969-12-31T23:59:59.99-00:00": "1969-12-31T23:59:59.990+00:00",
    "0001-01-02": "0001-01-02T00:00:00+00:00",
    "9999-12-31T23:59:59Z": "9999-12-31T23:59:59+00:00",
}
NO_TIMES = ("soon", "2026-13-01", "2026-00-01", "2026-01-32", "01.03.2026", "2026-03-01T24:00", "2026-03-01T10", "20260301", "2026-03-01x")


@pytest.mark.parametrize("value", TIMES)
def test_rules_on_custom_fields_compare_instants(api: Api, value: str) -> None:
    for number, text in enumerate(TIMES):
        create(api, f"t{number:02}@example.com", custom_fields={"since": text})
    for number, other in enumerate((*NO_TIMES, 20260301, True)):
        create(api, f"n{number:02}@example.com", custom_fields={"since": other})
    instants = {f"t{number:02}": datetime.fromisoformat(instant) for number, instant in enumerate(TIMES.values())}
    limit = datetime.fromisoformat(TIMES[value])

    before, after = (matched(api, rule("custom_fields.since", operator, value)) for operator in ("before", "after"))

    assert before.split() == [name for name, instant in instants.items() if instant < limit]
    assert after.split() == [name for name, instant in instants.items() if instant > limit]


def test_a_date_that_does_not_exist_fails_no_query(api: Api) -> None:
    create(api, "ada@example.com", custom_fields={"since": "2026-02-30"})

    assert matched(api, rule("custom_fields.since", "after", "2026-02-28")) == "ada"


def test_rules_on_custom_fields_need_a_date(api: Api) -> None:
    body = {"name": "S", "filter_criteria": {"operator": "AND", "rules": [rule("custom_fields.since", "before", "soon")]}}

    refused = api.post("/api/v1/segments", json=body)

    assert refused.json["details"]["fieldErrors"]["filter_criteria"] == ["rules.0: before on custom_fields.since needs a date or a time"]


def test_preview_segment_explains_its_rules(audience: Any) -> None:
    vip, yes = rule("tags", "contains", "vip"), rule("email", "is_not_empty")
    both = {"operator": "OR", "rules": [rule("first_name", "equals", "ada"), rule("company", "equals", "x")]}
    made = segment(audience, vip, yes, both)

    answer = audience.get(f"/api/v1/segments/{made['id']}/preview?explain=true").json

    effects = [(each["rule"], each["removes"], each["is_exact"]) for each in answer["rules"]]
    assert (answer["count"], effects) == (1, [("rules.0", 0, True), ("rules.1", 0, True), ("rules.2", 1, True)])
    assert "rules" not in audience.get(f"/api/v1/segments/{made['id']}/preview").json


def test_preview_segment_explains_nothing_without_rules_that_must_match(audience: Any) -> None:
    any_of = segment(audience, rule("tags", "contains", "vip"), rule("email", "is_empty"), operator="OR")

    for made in (any_of, segment(audience)):
        assert audience.get(f"/api/v1/segments/{made['id']}/preview?explain=true").json["rules"] == []
