from __future__ import annotations

import csv
from typing import Any

import pytest

from tests.conftest import Api
from tests.misarmail_server.services.test_contacts import create, emails
from tests.misarmail_server.services.test_segments import matched, rule

SPELLINGS = [
    ("timezone", "europe/berlin", "Europe/Berlin"),
    ("timezone", "US/EASTERN", "US/Eastern"),
    ("timezone", "utc", "UTC"),
    ("timezone", "America/Argentina/ComodRivadavia", "America/Argentina/ComodRivadavia"),
    ("locale", "en_us", "en-US"),
    ("locale", "ZH-hant-hk", "zh-Hant-HK"),
    ("locale", "iw", "he"),
    ("locale", "de-DE-1901-u-co-phonebk", "de-DE-1901-u-co-phonebk"),
]
INVALID = [
    ("timezone", "Europe/Berln", "Europe/Berln is not a time zone such as Europe/Berlin; did you mean Europe/Berlin?"),
    ("timezone", "+02:00", "+02:00 is not a time zone such as Europe/Berlin"),
    ("timezone", "../../etc/passwd", "../../etc/passwd is not a time zone such as Europe/Berlin"),
    ("timezone", "Factory", "Factory is not a time zone such as Europe/Berlin"),
    ("locale", "english", "english is not a language tag such as de or pt-BR"),
    ("locale", "en-", "en- is not a language tag such as de or pt-BR"),
    ("locale", "dé", "dé is not a language tag such as de or pt-BR"),
    ("locale", "'; --", "'; -- is not a language tag such as de or pt-BR"),
]


@pytest.mark.parametrize(("field", "given", "stored"), SPELLINGS)
def test_contacts_store_the_canonical_spelling(api: Api, field: str, given: str, stored: str) -> None:
    created = create(api, "ada@example.com", **{field: given})
    create(api, "bob@example.com")
    upserted = api("PUT", "/api/v1/contacts", json={"email": "bob@example.com", field: given}).json["contact"]
    api.post("/api/v1/contacts/import", json={"contacts": [{"email": "cy@example.com", field: given}]})

    values = {contact["email"]: contact[field] for contact in api.get("/api/v1/contacts").json["contacts"]}

    assert (created[field], upserted[field]) == (stored, stored)
    assert values == dict.fromkeys(("ada@example.com", "bob@example.com", "cy@example.com"), stored)


@pytest.mark.parametrize(("field", "given", "reason"), INVALID)
def test_contacts_refuse_an_invalid_value_on_every_way(api: Api, field: str, given: str, reason: str) -> None:
    known = create(api, "ada@example.com", **{field: "utc" if field == "timezone" else "de"})
    path = "/api/v1/contacts"

    answers = [
        api.post(path, json={"email": "new@example.com", field: given}),
        api("PUT", path, json={"email": "new@example.com", field: given}),
        api("PUT", path, json={"email": "ada@example.com", field: given}),
        api.patch(f"{path}/{known['id']}", json={field: given}),
        api.patch(path, json={"email": "ada@example.com", field: given}),
    ]
    imported = api.post(f"{path}/import", json={"contacts": [{"email": "new@example.com", field: given}]})

    assert [answer.status_code for answer in answers] == [400] * 5
    assert [answer.json["details"]["fieldErrors"] for answer in answers] == [{field: [reason]}] * 5
    assert imported.json["errors"] == [{"line": 1, "email": "new@example.com", "reason": reason}]
    assert emails(api) == ["ada@example.com"]


def test_update_contact_removes_time_zone_and_locale(api: Api) -> None:
    known = create(api, "ada@example.com", timezone="Europe/Berlin", locale="de")

    changed = api.patch(f"/api/v1/contacts/{known['id']}", json={"timezone": None, "locale": None}).json["contact"]

    assert (changed["timezone"], changed["locale"]) == (None, None)


def test_export_contacts_can_be_imported_with_time_zone_and_locale(api: Api, second: Any) -> None:
    create(api, "ada@example.com", timezone="Europe/Berlin", locale="pt-BR")
    file = api.get("/api/v1/contacts/export").data

    answer = second.post("/api/v1/contacts/import", data=file, headers={"Content-Type": "text/csv"})
    row = next(csv.DictReader(second.get("/api/v1/contacts/export").data.decode().splitlines()))

    assert answer.json["summary"]["imported"] == 1
    assert (row["timezone"], row["locale"]) == ("Europe/Berlin", "pt-BR")


@pytest.fixture
def second(platform: Any, make: Any) -> Any:
    return platform.api(account_id=make.account("eve@example.com"))


def test_create_segment_matches_time_zone_and_locale(api: Api) -> None:
    create(api, "ada@example.com", timezone="Europe/Berlin", locale="pt-BR")
    create(api, "bob@example.com", timezone="America/Lima")
    create(api, "cy@example.com")

    results = [
        matched(api, rule("timezone", "starts_with", "europe/")),
        matched(api, rule("timezone", "in", ["AMERICA/lima"])),
        matched(api, rule("locale", "equals", "PT-br")),
        matched(api, rule("locale", "is_empty")),
    ]

    assert results == ["ada", "bob", "ada", "bob cy"]
