from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from misarmail_server.context import Context, Principal
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import contact_counts, contacts, plans, segments
from tests.conftest import Api, Make, Platform
from tests.support.calls.contacts import ADA


def create(api: Any, email: str = "ada@example.com", **fields: Any) -> Any:
    answer = api.post("/api/v1/contacts", json={"email": email, **fields})
    assert answer.status_code == 200, answer.json
    return answer.json["contact"]


def emails(api: Any, query: str = "") -> Any:
    return [contact["email"] for contact in api.get(f"/api/v1/contacts?{query}").json["contacts"]]


def recounted(store: Any) -> Any:
    """Stored and actual counts, by account and status; zero is omitted."""
    with store.read() as connection:
        contact, count = tables.Contact, tables.ContactCount
        real = connection.execute(
            select(contact.account_id, contact.status, func.count()).group_by(contact.account_id, contact.status)
        ).all()
        kept = connection.execute(select(count.account_id, count.status, count.count).where(count.count != 0)).all()
    return sorted(map(tuple, kept)), sorted(map(tuple, real))


def test_create_contact_answers_the_whole(api: Api) -> None:
    contact = create(
        api, "Ada@Example.com", first_name="Ada", company="ACME", tags=["vip", "Beta", "VIP"], custom_fields={"seats": 3, "none": None}
    )

    assert contact.pop("created_at") == contact.pop("updated_at")
    assert contact.pop("id").startswith("cct_")
    assert contact == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": None,
        "phone": None,
        "company": "ACME",
        "status": "subscribed",
        "tags": ["Beta", "vip"],
        "custom_fields": {"seats": 3},
        "source": None,
        "timezone": None,
        "locale": None,
    }


def test_create_contact_takes_the_published_camel_case(api: Api) -> None:
    contact = create(api, firstName="Ada", lastName="Lovelace", customFields={"plan": "gold"})

    assert (contact["first_name"], contact["last_name"], contact["custom_fields"]) == ("Ada", "Lovelace", {"plan": "gold"})


def test_create_contact_refuses_a_taken_address(api: Api, store: Store) -> None:
    create(api, "ada@example.com")

    refused = api.post("/api/v1/contacts", json={"email": "ADA@example.com"})

    assert (refused.status_code, refused.json["code"]) == (409, "contact_exists")
    assert emails(api) == ["ada@example.com"]
    assert recounted(store)[0] == recounted(store)[1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": "a", "firstName": "a"}, "first_name"),
        ({"status": "active"}, "status"),
        ({"tags": ["x"] * 51}, "tags"),
        ({"tags": ["a,b"]}, "tags"),
        ({"custom_fields": {"a": [1]}}, "custom_fields"),
        ({"custom_fields": {'a"b': 1}}, "custom_fields"),
    ],
)
def test_create_contact_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/contacts", json=ADA | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Contact) == 0


def test_create_contact_concurrently_creates_one(api: Api, store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: api.post("/api/v1/contacts", json=ADA).status_code, range(8)))

    assert sorted(statuses) == [200] + [409] * 7
    assert recounted(store)[0] == recounted(store)[1]


def test_create_contact_stops_at_the_plan(platform: Platform, make: Make) -> None:
    account = make.account(plan="free")
    api = platform.api(account_id=account)
    api.post("/api/v1/contacts/import", json={"contacts": [{"email": f"a{number}@example.com"} for number in range(500)]})

    refused = api.post("/api/v1/contacts", json={"email": "ada@example.com"})

    assert (refused.status_code, refused.json["code"], refused.json["upgrade"]["usage"]["used"]) == (403, "plan_limit_exceeded", 500)


def test_list_contacts_is_newest_first_and_paged_from_either_end(api: Api) -> None:
    made = [create(api, f"a{number}@example.com")["email"] for number in range(5)][::-1]

    pages = [api.get(f"/api/v1/contacts?limit=2&page={page}").json for page in (1, 2, 3, 4)]

    assert [[contact["email"] for contact in page["contacts"]] for page in pages] == [made[:2], made[2:4], made[4:], []]
    assert pages[0]["pagination"] == {"page": 1, "limit": 2, "total": 5, "total_pages": 3}


def test_list_contacts_filters(api: Api) -> None:
    create(api, "ada@example.com", tags=["VIP"])
    create(api, "bob@example.com", status="unsubscribed", tags=["vip"])
    listed = api.post(
        "/api/v1/segments", json={"name": "S", "segment_type": "static", "contact_ids": [create(api, "cy@example.com")["id"]]}
    )

    assert emails(api, "status=unsubscribed") == ["bob@example.com"]
    assert emails(api, "tag=Vip") == ["bob@example.com", "ada@example.com"]
    assert emails(api, "tag=vip&status=subscribed") == ["ada@example.com"]
    assert emails(api, f"segment_id={listed.json['segment']['id']}") == ["cy@example.com"]
    assert api.get("/api/v1/contacts?segment_id=seg_unknown").status_code == 404
    assert api.get("/api/v1/contacts?status=unsubscribed").json["pagination"]["total"] == 1


def test_list_contacts_searches_by_the_beginnings_of_words(api: Api) -> None:
    create(api, "ada@example.com", first_name="Émilie", last_name="Lovelace", company="Analytical Engines")
    create(api, "emil@example.com", last_name="%x", status="bounced")

    assert emails(api, "search=%C3%89MI") == ["ada@example.com"]
    assert emails(api, "search=love+ada") == ["ada@example.com"]
    assert emails(api, "search=love+bob") == []
    assert emails(api, "search=emil&status=subscribed") == []
    assert emails(api, "search=%25") == ["emil@example.com"]
    assert emails(api, "search=anal") == ["ada@example.com"]
    assert emails(api, "search=+") == []
    page = api.get("/api/v1/contacts?search=e&limit=1").json
    assert (len(page["contacts"]), page["pagination"]["total"]) == (1, 1)


def test_list_contacts_limits_the_results_of_a_search(api: Api) -> None:
    api.post(
        "/api/v1/contacts/import", json={"contacts": [{"email": f"a{number}@example.com", "first_name": "A"} for number in range(1010)]}
    )

    page = api.get("/api/v1/contacts?search=a&page=10").json

    assert (page["pagination"]["total"], len(page["contacts"])) == (500, 50)
    assert api.get("/api/v1/contacts").json["pagination"]["total"] == 1010


def test_list_contacts_returns_one_by_id(api: Api) -> None:
    made = create(api)
    create(api, "bob@example.com")

    page = api.get(f"/api/v1/contacts?id={made['id']}").json

    assert (page["contacts"], page["contact"], page["pagination"]["total"]) == ([made], made, 1)
    assert api.get("/api/v1/contacts?id=cct_unknown").status_code == 404


def test_get_contact_answers_it(api: Api) -> None:
    made = create(api)

    assert api.get(f"/api/v1/contacts/{made['id']}").json == {"success": True, "contact": made}


def test_update_contact_changes_the_given_fields(api: Api, store: Store) -> None:
    made = create(api, first_name="Ada", company="ACME", tags=["a"], custom_fields={"x": 1, "y": 2})

    change = {"company": None, "tags": ["b"], "custom_fields": {"x": None, "z": True}, "status": "unsubscribed", "lastName": "L"}
    changed = api.patch(f"/api/v1/contacts/{made['id']}", json=change).json["contact"]

    assert (changed["first_name"], changed["last_name"], changed["company"], changed["tags"]) == ("Ada", "L", None, ["b"])
    assert (changed["custom_fields"], changed["status"]) == ({"y": 2, "z": True}, "unsubscribed")
    assert api.get(f"/api/v1/contacts/{made['id']}").json["contact"] == changed
    assert emails(api, "search=acme") == []
    assert recounted(store)[0] == recounted(store)[1]


def test_update_contact_does_not_change_the_address(api: Api) -> None:
    made = create(api)

    refused = api.patch(f"/api/v1/contacts/{made['id']}", json={"email": "x@example.com"})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["email"])


def test_update_contact_without_a_change_is_not_recorded(api: Api) -> None:
    made = create(api, first_name="Ada", tags=["a"], custom_fields={"x": 1})

    change = {"first_name": "Ada", "tags": ["a"], "custom_fields": {"x": 1}, "status": "subscribed"}
    same = api.patch(f"/api/v1/contacts/{made['id']}", json=change).json["contact"]

    assert same == made
    assert api.get(f"/api/v1/contacts/{made['id']}/activity").json["pagination"]["total"] == 1


def test_update_contact_by_email_finds_it_in_any_case(api: Api) -> None:
    create(api)

    changed = api.patch("/api/v1/contacts", json={"email": "ADA@example.com", "first_name": "Ada"})
    unknown = api.patch("/api/v1/contacts", json={"email": "bob@example.com"})

    assert changed.json["contact"]["first_name"] == "Ada"
    assert (unknown.status_code, unknown.json["error"]) == (404, "There is no contact bob@example.com")


def test_delete_contact_takes_everything_of_it_along(api: Api, store: Store, make: Make) -> None:
    made = create(api, tags=["a"])
    api.post("/api/v1/segments", json={"name": "S", "segment_type": "static", "contact_ids": [made["id"]]})

    first, second = (api.delete(f"/api/v1/contacts/{made['id']}") for _ in range(2))

    assert (first.json, second.status_code) == ({"success": True, "id": made["id"]}, 404)
    assert [make.count(each) for each in (tables.ContactTag, tables.ContactEvent, tables.SegmentMember)] == [0, 0, 0]
    assert recounted(store) == ([], [])


def test_delete_contact_by_query_deletes_it(api: Api) -> None:
    made = create(api)

    assert api.delete(f"/api/v1/contacts?id={made['id']}").json["id"] == made["id"]
    assert (emails(api), api.delete(f"/api/v1/contacts?id={made['id']}").status_code) == ([], 404)


def test_list_contact_activity_joins_the_contact_and_its_mail(api: Api, store: Store) -> None:
    made = create(api)
    sent = api.post(
        "/api/v1/sandbox/send", json={"from": {"email": "a@b.example"}, "to": [{"email": "ada@example.com"}], "subject": "S", "text": "T"}
    )
    api.patch(f"/api/v1/contacts/{made['id']}", json={"first_name": "Ada", "status": "unsubscribed"})
    with store.read() as connection:
        account = connection.scalar(select(tables.Contact.account_id))
    row = {"message_id": sent.json["message_id"], "account_id": account, "recipient": "ada@example.com", "type": "bounced", "at": 2**42}
    store.write(lambda connection: connection.execute(insert(tables.Event).values(row | {"reply_code": 550, "reply_text": "No"})).close())

    page = api.get(f"/api/v1/contacts/{made['id']}/activity?limit=2").json

    assert page["activity"][0]["data"] == {"reply_code": 550, "reply_text": "No"}
    assert page["activity"][0]["message_id"] == sent.json["message_id"]
    types = [each["type"] for each in api.get(f"/api/v1/contacts/{made['id']}/activity").json["activity"]]
    assert [type_ for type_ in types if type_ != "captured"] == ["bounced", "unsubscribed", "updated", "created"]


def test_export_contacts_streams_all_as_csv(api: Api) -> None:
    create(api, "ada@example.com", first_name="=1+1", tags=["b", "a"], custom_fields={"=x": True, "seats": 3})
    create(api, "bob@example.com", last_name='O"N, x', phone="+1", status="unsubscribed")

    answer = api.get("/api/v1/contacts/export")

    assert answer.mimetype == "text/csv"
    header, ada, bob = answer.get_data(as_text=True).splitlines()
    assert header == "id,email,first_name,last_name,phone,company,status,tags,source,timezone,locale,created_at,updated_at,'=x,seats"
    assert ada.split(",")[1:9] == ["ada@example.com", "'=1+1", "", "", "", "subscribed", "a;b", ""]
    assert ada.endswith("Z,true,3")
    assert bob.split(",", 1)[1].startswith("""bob@example.com,,"O""N, x",'+1,,unsubscribed,,,""")
    assert api.get("/api/v1/contacts/export?status=bounced").get_data(as_text=True).count("\r\n") == 1
    assert api.get("/api/v1/contacts/export?segment_id=seg_unknown").status_code == 404


def test_export_contacts_comes_back_as_it_went(api: Api, platform: Platform, make: Make) -> None:
    many = [{"email": f"a{number}@example.com", "first_name": "-x", "custom_fields": {"n": str(number)}} for number in range(2100)]
    api.post("/api/v1/contacts/import", json={"contacts": many})
    exported = api.get("/api/v1/contacts/export").data
    other = platform.api(account_id=make.account("eve@example.com"))

    summary = other.post("/api/v1/contacts/import", data=exported, content_type="text/csv").json["summary"]

    assert summary == {"imported": 2100, "updated": 0, "skipped": 0, "errors": 0}
    assert other.get("/api/v1/contacts?search=a2099").json["contacts"][0]["custom_fields"] == {"n": "2099"}
    assert other.get("/api/v1/contacts?search=a2099").json["contacts"][0]["first_name"] == "-x"


def test_contacts_of_another_account_are_hidden(api: Api, platform: Platform, make: Make) -> None:
    made = create(api, tags=["vip"], custom_fields={"secret": 1})
    eve = platform.api(account_id=make.account("eve@example.com"))

    assert (emails(eve), emails(eve, "search=ada"), emails(eve, "tag=vip")) == ([], [], [])
    assert eve.get("/api/v1/contacts/export").get_data(as_text=True).count("secret") == 0
    assert eve.patch("/api/v1/contacts", json={"email": "ada@example.com"}).status_code == 404
    assert create(eve)["id"] != made["id"]


def test_services_find_contacts_and_all_subscribed_ones(platform: Platform, make: Make, store: Store) -> None:
    account = make.account("eve@example.com")
    eve = platform.api(account_id=account)
    create(eve, "ada@example.com")
    create(eve, "bob@example.com", status="bounced")
    with store.read() as connection:
        ctx = Context.of_principal(store, platform.settings, connection, Principal(account, "enterprise", "any"))

        ada = contacts.find(ctx, "ADA@example.com")
        assert ada is not None
        assert ada.email == "ada@example.com"
        assert contacts.find(ctx, "x@example.com") is None
        assert [scalar.email for scalar in ctx.db.scalars(segments.subscribed(ctx))] == ["ada@example.com"]
        assert contact_counts.total(ctx) == 2


def many(first: Any, count: Any) -> Any:
    return {f"f{number}": number for number in range(first, first + count)}


def test_update_contact_refuses_more_custom_fields_than_a_contact_can_have(api: Api) -> None:
    path = f"/api/v1/contacts/{create(api, custom_fields=many(0, 60))['id']}"

    refused = api.patch(path, json={"custom_fields": many(60, 41)})
    by_email = api.patch("/api/v1/contacts", json={"email": "ada@example.com", "customFields": many(60, 41)})
    taken = api.patch(path, json={"custom_fields": {**many(60, 41), "f0": None}})

    output = "A contact can have at most 100 custom fields; this one would have 101"
    for answer in (refused, by_email):
        assert (answer.status_code, answer.json["details"]["fieldErrors"]) == (400, {"custom_fields": [output]})
    assert taken.json["contact"]["custom_fields"] == many(1, 100)


def test_update_contact_takes_a_tag_in_its_new_spelling(api: Api) -> None:
    path = f"/api/v1/contacts/{create(api, tags=['VIP'])['id']}"

    changed = api.patch(path, json={"tags": ["vip", "Vip"]}).json["contact"]
    same = api.patch(path, json={"tags": ["vip"]}).json["contact"]

    assert changed["tags"] == ["vip"]
    assert same["updated_at"] == changed["updated_at"]


def upsert(api: Api, **fields: Any) -> Any:
    return api("PUT", "/api/v1/contacts", json={"email": "ada@example.com"} | fields)


def test_upsert_contact_creates_and_then_updates(api: Api) -> None:
    created = upsert(api, first_name="Ada", tags=["a"], custom_fields={"x": 1}, status="unsubscribed")
    updated = upsert(api, email="ADA@example.com", last_name="Lovelace", custom_fields={"y": 2})
    unchanged = upsert(api, last_name="Lovelace")

    assert [answer.json["created"] for answer in (created, updated, unchanged)] == [True, False, False]
    contact = updated.json["contact"]
    assert (contact["id"], contact["first_name"], contact["last_name"]) == (created.json["contact"]["id"], "Ada", "Lovelace")
    assert (contact["tags"], contact["custom_fields"]) == (["a"], {"x": 1, "y": 2})
    assert unchanged.json["contact"] == contact


def test_upsert_contact_only_strengthens_the_status(api: Api) -> None:
    statuses = [upsert(api, status=status).json["contact"]["status"] for status in ("bounced", "subscribed", "unsubscribed", "bounced")]

    assert statuses == ["bounced", "bounced", "unsubscribed", "unsubscribed"]
    assert api.get("/api/v1/contacts?status=unsubscribed").json["total"] == 1


def test_upsert_contact_needs_room_only_for_a_new_contact(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    api = platform.api(account_id=platform.make.account(plan="free"))
    upsert(api)
    monkeypatch.setitem(plans.PLANS, "free", replace(plans.PLANS["free"], contacts=1))

    refused = upsert(api, email="bob@example.com")

    assert (refused.status_code, refused.json["code"]) == (403, "plan_limit_exceeded")
    assert upsert(api, first_name="Ada").status_code == 200


def test_upsert_contact_by_many_at_once_creates_one(platform: Platform) -> None:
    api = platform.everything()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: upsert(api, custom_fields={f"field_{number}": number}), range(16)))

    assert sorted(answer.json["created"] for answer in answers) == [False] * 15 + [True]
    listed = api.get("/api/v1/contacts").json["contacts"]
    assert [contact["custom_fields"] for contact in listed] == [{f"field_{number}": number for number in range(16)}]
