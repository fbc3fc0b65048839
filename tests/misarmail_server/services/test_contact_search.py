from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_segments import rule, segment

LISTS = ["", "status=subscribed", "tag=VIP", "search=person", "segment_id={dynamic}", "segment_id={static}", "segment_id={static}&tag=vip"]
CURSOR_FORM = "Must be the next_cursor of a previous page, with the same filters and order"


def people(api: Any, count: int, **fields: Any) -> list[str]:
    return [create(api, f"person{number}@example.com", tags=["vip"], **fields)["id"] for number in range(count)]


def criteria(*rules: Any, operator: str = "AND") -> dict[str, Any]:
    return {"operator": operator, "rules": list(rules)}


def search(api: Any, **body: Any) -> Any:
    answer = api.post("/api/v1/contacts/search", json={"criteria": criteria(rule("email", "starts_with", "person"))} | body)
    assert answer.status_code == 200, answer.json
    return answer.json


def refused_fields(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.json
    return {field: sentences[0] for field, sentences in answer.json["details"]["fieldErrors"].items()}


def ids(page: Any) -> list[str]:
    return [contact["id"] for contact in page["contacts"]]


def listed(api: Any, query: str) -> Any:
    answer = api.get(f"/api/v1/contacts?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json


def of_segments(api: Any, query: str, members: list[str]) -> str:
    dynamic = segment(api, rule("email", "starts_with", "person"))["id"]
    static = segment(api, segment_type="static", contact_ids=members)["id"]
    return query.format(dynamic=dynamic, static=static)


@pytest.mark.parametrize("query", LISTS)
def test_list_contacts_continues_after_a_cursor(api: Api, query: str) -> None:
    query = of_segments(api, query, people(api, 5))
    oldest = ids(listed(api, query))[::-1]

    first = listed(api, f"{query}&limit=2")
    create(api, "person-new@example.com", tags=["vip"])
    api.delete(f"/api/v1/contacts/{oldest[3]}")  # the last one of the first page
    second = listed(api, f"{query}&limit=2&cursor={first['next_cursor']}")
    third = listed(api, f"{query}&limit=2&cursor={second['next_cursor']}")

    assert [ids(page) for page in (first, second, third)] == [oldest[:2:-1], oldest[2:0:-1], oldest[:1]]
    assert [page["total"] for page in (first, second, third)] == [5, 5, 5]
    assert third["next_cursor"] is None


@pytest.mark.parametrize("query", LISTS)
def test_list_contacts_has_no_cursor_after_the_last_page(api: Api, query: str) -> None:
    query = of_segments(api, query, people(api, 4))

    cursors = [listed(api, f"{query}&limit={limit}&page={page}")["next_cursor"] for limit, page in ((4, 1), (2, 2), (5, 1), (2, 3))]

    assert cursors == [None] * 4


def test_list_contacts_continues_a_numbered_page(api: Api) -> None:
    people(api, 5)
    oldest = ids(listed(api, ""))[::-1]

    second = listed(api, "limit=2&page=2")
    third = listed(api, f"limit=50&cursor={second['next_cursor']}")

    assert ids(third) == oldest[:1]


def test_list_contacts_refuses_the_cursor_of_another_list(api: Api, make: Make, platform: Platform) -> None:
    people(api, 3)
    cursor = listed(api, "limit=1&status=subscribed")["next_cursor"]
    cursor_of_search = search(api, limit=1)["next_cursor"]
    other = platform.api(account_id=make.account("eve@example.com"))

    answers = [
        api.get(f"/api/v1/contacts?cursor={cursor}"),
        api.get(f"/api/v1/contacts?status=unsubscribed&cursor={cursor}"),
        api.get(f"/api/v1/contacts?status=subscribed&cursor={cursor_of_search}"),
        other.get(f"/api/v1/contacts?status=subscribed&cursor={cursor}"),
    ]

    assert [refused_fields(answer) for answer in answers] == [{"cursor": CURSOR_FORM}] * 4


def test_list_contacts_refuses_a_cursor_with_a_page(api: Api) -> None:
    people(api, 2)
    cursor = listed(api, "limit=1")["next_cursor"]

    refused = api.get(f"/api/v1/contacts?limit=1&page=2&cursor={cursor}")

    assert refused_fields(refused) == {"page": "Give page or cursor, not both"}


def test_list_contacts_refuses_a_forged_cursor(api: Api) -> None:
    people(api, 2)
    payload, _, proof = listed(api, "limit=1")["next_cursor"].partition(".")
    forged = base64.urlsafe_b64encode(b'[9999999999999,"cct_zzz",7]').decode().rstrip("=")

    answers = [
        api.get(f"/api/v1/contacts?limit=1&cursor={cursor}")
        for cursor in (f"{forged}.{proof}", f"{payload}.", f".{proof}", f"{payload}.{proof[:-1]}", ".", "a.b", "1" * 511 + ".")
    ]

    assert [refused_fields(answer) for answer in answers] == [{"cursor": CURSOR_FORM}] * 7


@pytest.mark.parametrize("cursor", ["", "%00", "x", "a.b.c", "a%20.b", "%F0%9F%98%80", "1" * 513])
def test_list_contacts_refuses_what_is_not_a_cursor(api: Api, cursor: str) -> None:
    refused = api.get(f"/api/v1/contacts?cursor={cursor}")

    assert list(refused_fields(refused)) == ["cursor"]


@pytest.mark.parametrize(("sort", "step"), [("newest", -1), ("oldest", 1)])
def test_search_contacts_returns_pages_in_order(api: Api, sort: str, step: int) -> None:
    people(api, 5)
    oldest = ids(listed(api, ""))[::-1]
    create(api, "other@example.com")

    first = search(api, sort=sort, limit=2)
    second = search(api, sort=sort, limit=2, cursor=first["next_cursor"])
    third = search(api, sort=sort, limit=2, cursor=second["next_cursor"])

    assert ids(first) + ids(second) + ids(third) == oldest[::step]
    assert [(page["count"], page["is_count_exact"], page["limit"]) for page in (first, second, third)] == [(5, True, 2)] * 3
    assert third["next_cursor"] is None


def test_search_contacts_matches_as_a_segment_does(api: Api) -> None:
    create(api, "ada@example.com", custom_fields={"plan": "Gold"})
    create(api, "bob@example.com", custom_fields={"plan": "silver"})
    gold = rule("custom_fields.plan", "equals", "gold")
    made = segment(api, gold)

    pages = [search(api, criteria=criteria(each)) for each in (gold, rule("in_segment", "equals", made["id"]))]

    assert [[contact["email"] for contact in page["contacts"]] for page in pages] == [["ada@example.com"]] * 2
    assert api.get("/api/v1/segments").json["total"] == 1


def test_search_contacts_counts_up_to_a_thousand(api: Api) -> None:
    rows = [{"email": f"person{number}@example.com"} for number in range(1_001)]
    api.post("/api/v1/contacts/import", json={"contacts": rows})

    first = search(api, limit=1)
    second = search(api, limit=1, cursor=first["next_cursor"])

    assert [(page["count"], page["is_count_exact"]) for page in (first, second)] == [(1_000, False)] * 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (rule("emial", "equals", "x"), "rules.0: Unknown field emial; did you mean email?"),
        (criteria(rule("created_at", "after", "soon")), "rules.0.rules.0: after on created_at needs a date or a time"),
        (rule("in_segment", "equals", "seg_none"), "rules.0: There is no segment seg_none"),
    ],
)
def test_search_contacts_names_the_rule_that_is_wrong(api: Api, wrong: Any, reason: str) -> None:
    refused = api.post("/api/v1/contacts/search", json={"criteria": criteria(wrong)})

    assert refused_fields(refused) == {"criteria": reason}


@pytest.mark.parametrize("changed", [{"sort": "oldest"}, {"criteria": criteria(rule("email", "starts_with", "p"))}])
def test_search_contacts_refuses_the_cursor_of_another_search(api: Api, changed: dict[str, Any]) -> None:
    people(api, 2)
    cursor = search(api, limit=1)["next_cursor"]
    body = {"criteria": criteria(rule("email", "starts_with", "person")), "cursor": cursor} | changed

    refused = api.post("/api/v1/contacts/search", json=body)

    assert refused_fields(refused) == {"cursor": CURSOR_FORM}


def test_search_contacts_returns_only_contacts_of_the_account(api: Api, make: Make, platform: Platform) -> None:
    people(api, 1)
    other = platform.api(account_id=make.account("eve@example.com"))

    assert search(other)["contacts"] == []
