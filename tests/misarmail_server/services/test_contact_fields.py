from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_segments import matched, rule
from tests.support.calls.marketing import campaign

PATH = "/api/v1/contact-fields"
NEVER = object()


def declare(api: Any, name: str, type_: str, default: Any = NEVER) -> Any:
    answer = api.post(PATH, json={"name": name, "type": type_} | ({} if default is NEVER else {"default": default}))
    assert answer.status_code == 200, answer.json
    return answer.json["contact_field"]


def sentences(answer: Any) -> Any:
    return answer.status_code, answer.json["details"]["fieldErrors"]


def test_create_contact_field_answers_the_whole(api: Api) -> None:
    field = declare(api, "Seats", "number", "12")

    assert field.pop("created_at") == field.pop("updated_at")
    assert field.pop("id").startswith("fld_")
    assert field == {"name": "Seats", "type": "number", "default": 12}
    assert [each["name"] for each in api.get(PATH).json["contact_fields"]] == ["Seats"]


def test_create_contact_field_compares_names_without_case(api: Api) -> None:
    create(api, "ada@example.com", custom_fields={"seats": 3})
    declare(api, "SEATS", "number")

    again = [api.post(PATH, json={"name": name, "type": "text"}) for name in ("SEATS", "seats")]

    assert [(answer.status_code, answer.json["code"]) for answer in again] == [(409, "already_exists")] * 2


def test_create_contact_field_declares_a_name_in_use(api: Api) -> None:
    create(api, "ada@example.com", custom_fields={"seats": "many"})

    declare(api, "seats", "number")

    assert api.get("/api/v1/contacts").json["contacts"][0]["custom_fields"] == {"seats": "many"}


def test_create_contact_field_is_made_once_by_racing_calls(api: Api) -> None:
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda name: api.post(PATH, json={"name": name, "type": "text"}).status_code, ["a", "A"] * 4))

    assert sorted(codes) == [200] + [409] * 7


def test_create_contact_field_has_a_limit(api: Api) -> None:
    for number in range(200):
        declare(api, f"field {number}", "text")

    refused = api.post(PATH, json={"name": "one more", "type": "text"})

    assert (refused.status_code, refused.json["code"]) == (403, "plan_limit_exceeded")


@pytest.mark.parametrize(("type_", "default"), [("number", "many"), ("boolean", 2), ("date", "2026-02-30"), ("text", 1), ("json", ["\0"])])
def test_create_contact_field_refuses_a_default_of_another_type(api: Api, type_: str, default: Any) -> None:
    refused = api.post(PATH, json={"name": "x", "type": type_, "default": default})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["default"])


def test_list_contact_fields_and_get_contact_field_show_what_was_declared(api: Api) -> None:
    made = [api.post("/api/v1/contact-fields", json={"name": name, "type": "number"}).json["contact_field"] for name in ("seats", "age")]

    listed = api.get("/api/v1/contact-fields?limit=1").json

    assert (listed["contact_fields"], listed["total"]) == (made[1:], 2)
    assert api.get(f"/api/v1/contact-fields/{made[0]['id']}").json["contact_field"] == made[0]
    assert api.get("/api/v1/contact-fields/fld_unknown").status_code == 404


def test_get_contact_field_refuses_that_of_another_account(api: Api, make: Make, platform: Platform) -> None:
    made = api.post("/api/v1/contact-fields", json={"name": "seats", "type": "number"}).json["contact_field"]

    assert platform.api(account_id=make.account("eve@example.com")).get(f"/api/v1/contact-fields/{made['id']}").status_code == 404


def test_update_contact_field_changes_the_default(api: Api) -> None:
    path = f"{PATH}/{declare(api, 'seats', 'number')['id']}"

    defaults = [api.patch(path, json=body).json["contact_field"]["default"] for body in ({"default": 5}, {}, {"default": None})]
    refused = [api.patch(path, json=body).status_code for body in ({"default": "x"}, {"name": "y"}, {"type": "text"})]

    assert (defaults, refused) == ([5, 5, None], [400] * 3)


def test_delete_contact_field_keeps_the_values(api: Api) -> None:
    field = declare(api, "seats", "number")
    contact = create(api, "ada@example.com", custom_fields={"SEATS": 3})

    deleted = [api.delete(f"{PATH}/{field['id']}").status_code for _ in range(2)]
    changed = api.patch(f"/api/v1/contacts/{contact['id']}", json={"custom_fields": {"other": "x"}}).json["contact"]

    assert (deleted, changed["custom_fields"]) == ([200, 404], {"seats": 3, "other": "x"})
    assert api.get(PATH).json["total"] == 0
    declare(api, "Seats", "text")


def test_contact_fields_belong_to_an_account(api: Api, make: Make, platform: Platform) -> None:
    field = declare(api, "seats", "number")
    eve = platform.api(account_id=make.account("eve@example.com"))

    answers = [
        eve.get(f"{PATH}/{field['id']}"),
        eve.patch(f"{PATH}/{field['id']}", json={"default": 1}),
        eve.delete(f"{PATH}/{field['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert create(eve, "ada@example.com", custom_fields={"seats": "many"})["custom_fields"] == {"seats": "many"}


@pytest.mark.parametrize(
    ("type_", "given", "stored"),
    [
        ("text", "x", "x"),
        ("number", "12", 12),
        ("number", "-1.5e3", -1500.0),
        ("number", 2**53 - 1, 2**53 - 1),
        ("boolean", "YES", True),
        ("boolean", False, False),
        ("date", "2026-03", "2026-03"),
        ("date", "2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00+02:00"),
        ("json", [{"name": "cup", "tags": ["'", '"', "%"]}, None, 1.5], [{"name": "cup", "tags": ["'", '"', "%"]}, None, 1.5]),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("json", "{not json", "{not json"),
    ],
)
def test_contacts_store_values_of_a_declared_type(api: Api, type_: str, given: Any, stored: Any) -> None:
    declare(api, "Field", type_)
    fields = {"custom_fields": {"fIELD": given}}

    created = create(api, "ada@example.com", **fields)
    create(api, "bob@example.com")
    upserted = api("PUT", "/api/v1/contacts", json={"email": "bob@example.com"} | fields).json["contact"]
    api.post("/api/v1/contacts/import", json={"contacts": [{"email": "cy@example.com"} | fields]})

    assert [contact["custom_fields"] for contact in (created, upserted)] == [{"Field": stored}] * 2
    assert [contact["custom_fields"] for contact in api.get("/api/v1/contacts").json["contacts"]] == [{"Field": stored}] * 3


@pytest.mark.parametrize(
    ("type_", "given", "reason"),
    [
        ("text", 1, "must be text"),
        ("number", "many", "must be a number"),
        ("number", True, "must be a number"),
        ("number", "NaN", "must be a number"),
        ("number", "Infinity", "must be a number"),
        ("number", "1e308", "must be a number"),
        ("number", "9" * 400, "must be a number"),
        ("boolean", 1, "must be true or false"),
        ("date", "2026-02-30", "must be a date or a timestamp (ISO 8601)"),
        ("date", "20260301", "must be a date or a timestamp (ISO 8601)"),
        ("date", "0000", "must be a date or a timestamp (ISO 8601)"),
        ("json", ["a\0b"], "must not contain the character U+0000"),
        ("json", [1e308], "must have numbers up to 9007199254740991"),
        ("json", ["x" * 1_000] * 11, "must have at most 10,000 characters"),
        ("json", [[[[[[[[[1]]]]]]]]], "must have at most 8 levels"),
    ],
)
def test_contacts_refuse_values_of_another_type_on_every_way(api: Api, type_: str, given: Any, reason: str) -> None:
    declare(api, "Field", type_)
    known = create(api, "ada@example.com")
    fields = {"custom_fields": {"field": given}}
    path = "/api/v1/contacts"

    answers = [
        api.post(path, json={"email": "new@example.com"} | fields),
        api("PUT", path, json={"email": "new@example.com"} | fields),
        api("PUT", path, json={"email": "ada@example.com"} | fields),
        api.patch(f"{path}/{known['id']}", json=fields),
        api.patch(path, json={"email": "ada@example.com"} | fields),
    ]
    imported = api.post(f"{path}/import", json={"contacts": [{"email": "new@example.com"} | fields, {"email": "bob@example.com"}]})

    sentence = f"custom_fields.Field {reason}"
    assert [sentences(answer) for answer in answers] == [(400, {"custom_fields": [sentence]})] * 5
    assert imported.json["errors"] == [{"line": 1, "email": "new@example.com", "reason": sentence}]
    assert imported.json["summary"] == {"imported": 1, "updated": 0, "skipped": 0, "errors": 1}


def test_contacts_refuse_lists_in_undeclared_fields_and_two_spellings(api: Api) -> None:
    declare(api, "Seats", "number")

    answers = [create_refused(api, {"x": [1]}), create_refused(api, {"x": {}}), create_refused(api, {"seats": 1, "SEATS": 2})]

    hint = "custom_fields.x is a list or an object; declare the field with the type json first"
    assert answers == [hint, hint, "custom_fields.Seats is given twice"]


def create_refused(api: Any, fields: dict[str, Any]) -> str:
    status, reasons = sentences(api.post("/api/v1/contacts", json={"email": "ada@example.com", "custom_fields": fields}))
    assert status == 400
    return str(reasons["custom_fields"][0])


def test_import_contacts_converts_cells_of_csv(api: Api) -> None:
    declare(api, "seats", "number")
    declare(api, "trial", "boolean")
    file = b"email,Seats,trial\nada@example.com,12,yes\nbob@example.com,many,no\n"

    answer = api.post("/api/v1/contacts/import", data=file, headers={"Content-Type": "text/csv"})

    assert answer.json["errors"] == [{"line": 3, "email": "bob@example.com", "reason": "custom_fields.seats must be a number"}]
    assert api.get("/api/v1/contacts").json["contacts"][0]["custom_fields"] == {"seats": 12, "trial": True}


@pytest.fixture
def audience(api: Api) -> Any:
    declare(api, "Since", "date", "2026-01-01")
    declare(api, "seats", "number", 5)
    declare(api, "trial", "boolean")
    declare(api, "cart", "json")
    create(api, "ada@example.com", custom_fields={"since": "2026-03-01T02:00:00+02:00", "seats": 12, "trial": True, "cart": [{"n": "cup"}]})
    create(api, "bob@example.com", custom_fields={"since": "2025", "seats": "2"})
    create(api, "cy@example.com")
    return api


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("custom_fields.since", "equals", "2026-03-01")], "ada"),
        ([rule("custom_fields.SINCE", "in", ["2025-01-01T00:00:00Z", "x"])], "bob"),
        ([rule("custom_fields.since", "not_equals", "2026-03-01")], "bob cy"),
        ([rule("custom_fields.since", "greater_than", "2025-06-01")], "ada cy"),
        ([rule("custom_fields.since", "before", "2026-01-02")], "bob cy"),
        ([rule("custom_fields.since", "is_empty")], ""),
        ([rule("custom_fields.seats", "equals", "12.0")], "ada"),
        ([rule("custom_fields.seats", "greater_than", "4")], "ada cy"),
        ([rule("custom_fields.seats", "less_than", 6)], "bob cy"),
        ([rule("custom_fields.seats", "in", ["5", 12])], "ada cy"),
        ([rule("custom_fields.trial", "equals", "yes")], "ada"),
        ([rule("custom_fields.trial", "is_empty")], "bob cy"),
        ([rule("custom_fields.cart", "contains", "cup")], "ada"),
        ([rule("custom_fields.other", "is_empty")], "ada bob cy"),
    ],
)
def test_create_segment_compares_declared_fields_by_type(audience: Any, rules: Any, expected: str) -> None:
    assert matched(audience, *rules) == expected


def test_create_segment_refuses_a_name_that_is_nearly_declared(audience: Any) -> None:
    body = {"operator": "AND", "rules": [rule("custom_fields.seat", "equals", 1)]}

    refused = audience.post("/api/v1/segments", json={"name": "S", "filter_criteria": body})
    searched = audience.post("/api/v1/contacts/search", json={"criteria": body})
    create(audience, "dan@example.com", custom_fields={"seat": 1})
    known = audience.post("/api/v1/segments", json={"name": "S", "filter_criteria": body})

    sentence = "rules.0: Unknown field custom_fields.seat; did you mean custom_fields.seats?"
    assert sentences(refused) == (400, {"filter_criteria": [sentence]})
    assert sentences(searched) == (400, {"criteria": [sentence]})
    assert known.json["segment"]["contact_count"] == 1


def test_export_contacts_writes_lists_as_json(audience: Any) -> None:
    assert '"[{""n"":""cup""}]"' in audience.get("/api/v1/contacts/export").get_data(as_text=True)


def test_a_campaign_uses_the_default_of_a_contact_without_a_value(api: Api, platform: Platform) -> None:
    declare(api, "plan", "text", "free")
    create(api, "ada@example.com", custom_fields={"plan": "gold"})
    create(api, "bob@example.com")
    campaign(api, "send")

    CampaignRuns(platform.settings, platform.store).run()

    row = tables.Recipient
    with platform.store.read() as connection:
        values = {address: json.loads(str(encoded)) for address, encoded in connection.execute(select(row.address, row.values_json))}
    plans = {address: (each["plan"], each["contact"]["custom_fields"]["plan"]) for address, each in values.items()}
    assert plans == {"ada@example.com": ("gold", "gold"), "bob@example.com": ("free", "free")}
