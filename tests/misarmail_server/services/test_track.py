from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from misarmail_server.context import DAY, SECOND, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.events import record as events_record
from misarmail_server.events.record import EmailEvent
from misarmail_server.services.track_purchases import DECIMALS
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.track import EVENT, PURCHASE

NONE = {"source": "none", "campaign_id": None, "automation_id": None, "message_id": None, "click_timestamp": None}
BOUGHT_AT = now() // SECOND * SECOND


def time(at: Any) -> Any:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat().replace("+00:00", "Z")


def track(api: Any, **changed: Any) -> Any:
    return api.post("/api/v1/track/event", json=EVENT | changed)


def buy(api: Any, **changed: Any) -> Any:
    return api.post("/api/v1/track/purchase", json=PURCHASE | changed)


def buy_without(api: Any, name: Any, **changed: Any) -> Any:
    return api.post("/api/v1/track/purchase", json={key: value for key, value in PURCHASE.items() if key != name} | changed)


def contact(api: Any, email: str = "ada@example.com") -> Any:
    return api.post("/api/v1/contacts", json={"email": email}).json["contact"]["id"]


def activity(api: Any, contact_id: Any, query: str = "") -> Any:
    return api.get(f"/api/v1/contacts/{contact_id}/activity?{query}").json["activity"]


def rows(store: Any, table: Any) -> Any:
    with store.read() as connection:
        return connection.execute(select(table.__table__)).all()


@pytest.fixture
def message_id(api: Api) -> Any:
    return api.post("/api/v1/send", json=SEND).json["message_id"]


@pytest.fixture
def happen(api: Api, message_id: Any, store: Store) -> Any:
    """Records an event of a mail to Ada, a time before the purchase."""

    def record(kind: Any, before: Any, campaign_id: Any = None, recipient: str = "Ada@example.com") -> None:
        item = EmailEvent(message_id, api.account_id, recipient, kind.rpartition("_")[2], kind, BOUGHT_AT - before, campaign_id)
        store.write(lambda connection: events_record.record_events(connection, [item]))

    return record


def test_track_event_stores_the_event_without_creating_a_contact(api: Api, make: Make, store: Store) -> None:
    answer = track(api, email="Ada@Example.com", timestamp="2026-03-01T10:00:00+01:00")

    row = rows(store, tables.TrackedEvent)[0]
    assert answer.json == {"success": True, "event_id": row.id}
    assert row.id.startswith("evt_")
    assert (row.account_id, row.email, row.event, row.message_id) == (api.account_id, "ada@example.com", "signed_up", None)
    assert (row.properties_json, time(row.at)) == ('{"plan":"gold","seats":12}', "2026-03-01T09:00:00Z")
    assert [make.count(each) for each in (tables.Contact, tables.AuditEntry)] == [0, 0]


def test_track_event_is_in_the_activity_of_its_contact(api: Api, message_id: Any) -> None:
    track(api, event="came", timestamp="2026-03-01T10:00:00Z")
    ada = contact(api)
    api.post(
        "/api/v1/track/event",
        json={"contact_id": ada, "event_name": "bought", "message_id": message_id, "timestamp": time(now() + DAY - SECOND)},
    )
    track(api, email="bob@example.com")

    later, created, before = activity(api, ada)

    later.pop("at")
    assert later == {"type": "tracked", "message_id": message_id, "data": {"event": "bought", "properties": {}}}
    assert created["type"] == "created"
    assert before == {
        "type": "tracked",
        "at": "2026-03-01T10:00:00Z",
        "message_id": None,
        "data": {"event": "came", "properties": {"plan": "gold", "seats": 12}},
    }
    assert activity(api, ada, "page=3&limit=1") == [before]


def test_track_event_keeps_the_order_of_simultaneous_events(api: Api) -> None:
    ada = contact(api)
    for number in range(5):
        track(api, event=f"step {number}", timestamp="2026-03-01T10:00:00Z")

    events = [each["data"]["event"] for each in activity(api, ada) if each["type"] == "tracked"]

    assert events == [f"step {number}" for number in (4, 3, 2, 1, 0)]


def test_track_event_knows_only_its_own_account(api: Api, platform: Platform, make: Make, message_id: Any, store: Store) -> None:
    ada = contact(api)
    other = platform.api(account_id=make.account("eve@example.com"))
    others = contact(other)

    of_contact = other.post("/api/v1/track/event", json={"contact_id": ada, "event": "x"})
    of_message = track(other, message_id=message_id)
    track(other)

    assert of_contact.json["details"]["fieldErrors"] == {"contact_id": [f"There is no contact {ada}"]}
    assert of_message.json["details"]["fieldErrors"] == {"message_id": [f"There is no message {message_id}"]}
    assert [row.account_id for row in rows(store, tables.TrackedEvent)] == [other.account_id]
    assert [[item["type"] for item in activity(*each)] for each in ((api, ada), (other, others))] == [["created"], ["tracked", "created"]]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"email": "ada"}, "email"),
        ({"contact_id": "cct_1"}, "email"),
        ({"event_name": "signed_up"}, "event"),
        ({"event": ""}, "event"),
        ({"event": "x" * 101}, "event"),
        ({"properties": {"a": [1]}}, "properties"),
        ({"properties": {str(number): 1 for number in range(101)}}, "properties"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": time(now() + DAY + 3600 * SECOND)}, "timestamp"),
        ({"message_id": "msg_unknown"}, "message_id"),
    ],
)
def test_track_event_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = track(api, **changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.TrackedEvent) == 0


@pytest.mark.parametrize(("body", "fields"), [({"event": "x"}, ["email"]), ({"email": "ada@example.com"}, ["event"])])
def test_track_event_requires_a_contact_and_an_event(api: Api, body: Any, fields: Any) -> None:
    refused = api.post("/api/v1/track/event", json=body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, fields)


def test_track_purchase_stores_the_order(api: Api, store: Store) -> None:
    items = [{"id": "sku-17", "name": "Cup", "quantity": 2, "price": 12.5}, {"name": "Beans", "quantity": 1, "price": 24.99}]

    answer = buy(api, email="Ada@Example.com", items=items, timestamp="2026-03-01T10:00:00Z")

    row = rows(store, tables.Purchase)[0]
    assert answer.json == {"success": True, "purchase_id": row.id, "attribution": NONE}
    assert row.id.startswith("pur_")
    assert (row.email, row.order_id, row.amount_minor, row.currency) == ("ada@example.com", "4711", 4999, "EUR")
    assert row.items_json == ('[{"name":"Cup","quantity":2,"price":12.5,"id":"sku-17"},{"name":"Beans","quantity":1,"price":24.99}]')
    assert time(row.at) == "2026-03-01T10:00:00Z"


@pytest.mark.parametrize(
    ("sum_", "minor"),
    [
        ({"amount": 49.99, "currency": "EUR"}, 4999),
        ({"amount": 0.29, "currency": "USD"}, 29),
        ({"amount": 0.29}, 29),
        ({"amount": 0, "currency": "EUR"}, 0),
        ({"amount": 1e2, "currency": "EUR"}, 10000),
        ({"amount": 999999999999, "currency": "EUR"}, 99999999999900),
        ({"amount": 5000, "currency": "JPY"}, 5000),
        ({"amount": 1.125, "currency": "KWD"}, 1125),
        ({"amount": 1.1234, "currency": "CLF"}, 11234),
        ({"total_cents": 4999, "currency": "EUR"}, 4999),
        ({"total_cents": 0, "currency": "JPY"}, 0),
    ],
)
def test_track_purchase_counts_in_minor_units(api: Api, store: Store, sum_: Any, minor: int) -> None:
    answer = api.post("/api/v1/track/purchase", json={"email": "ada@example.com", "order_id": "4711"} | sum_)

    row = rows(store, tables.Purchase)[0]
    assert (answer.status_code, row.amount_minor, row.currency) == (200, minor, sum_.get("currency", "USD"))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": 10.001}, "amount"),
        ({"amount": 1e-7}, "amount"),
        ({"amount": 1.5, "currency": "JPY"}, "amount"),
        ({"amount": 1.1234, "currency": "KWD"}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 1e12}, "amount"),
        ({"amount": "49.99"}, "amount"),
        ({"total_cents": 4999}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"order_id": ""}, "order_id"),
        ({"email": "ada"}, "email"),
        ({"items": [{"name": "Cup", "quantity": 0, "price": 1}]}, "items"),
        ({"items": [{"name": "Cup", "quantity": 1, "price": 1}] * 201}, "items"),
        ({"timestamp": time(now() + DAY + 3600 * SECOND)}, "timestamp"),
    ],
)
def test_track_purchase_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = buy(api, **changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Purchase) == 0


def test_track_purchase_names_the_error_in_an_amount(api: Api) -> None:
    fine = buy(api, amount=10.001)
    unknown = buy(api, currency="ABC")
    missing = buy_without(api, "amount")

    assert fine.json["details"]["fieldErrors"] == {"amount": ["Must have at most 2 decimals in EUR"]}
    assert unknown.json["details"]["fieldErrors"] == {"currency": ["Must be a currency code (ISO 4217), such as EUR"]}
    assert missing.json["details"]["fieldErrors"] == {"amount": ["Give exactly one of amount and total_cents"]}


def test_track_purchase_has_the_decimals_of_currencies_that_there_are(api: Api) -> None:
    for number, code in enumerate(DECIMALS):
        assert buy(api, order_id=str(number), amount=1, currency=code).status_code == 200


def test_track_purchase_of_one_order_is_one_purchase(api: Api, make: Make, happen: Any) -> None:
    first = buy(api, timestamp=time(BOUGHT_AT)).json
    happen("clicked", 0)

    again = buy(api, email="bob@example.com")
    in_cents = buy_without(api, "amount", total_cents=4999)

    assert again.json == first | {"duplicate": True}
    assert in_cents.json == first | {"duplicate": True}
    assert make.count(tables.Purchase) == 1


@pytest.mark.parametrize("changed", [{"amount": 50}, {"currency": "CHF"}])
def test_track_purchase_refuses_another_sum_for_an_order(api: Api, store: Store, changed: Any) -> None:
    buy(api)

    refused = buy(api, **changed)

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")
    assert [(row.amount_minor, row.currency) for row in rows(store, tables.Purchase)] == [(4999, "EUR")]


def test_track_purchase_concurrently_records_one(api: Api, make: Make) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = [each.json for each in pool.map(lambda _: buy(api), range(8))]

    assert len({answer["purchase_id"] for answer in answers}) == 1
    assert sorted(answer.get("duplicate", False) for answer in answers) == [False] + [True] * 7
    assert make.count(tables.Purchase) == 1


def test_track_purchase_of_another_account_is_its_own(api: Api, platform: Platform, make: Make, happen: Any) -> None:
    happen("clicked", DAY)
    other = platform.api(account_id=make.account("eve@example.com"))

    ids = [buy(each, amount=amount).json["purchase_id"] for each, amount in ((api, 49.99), (other, 12))]

    assert len(set(ids)) == 2
    assert buy(other, order_id="4712").json["attribution"] == NONE


def test_track_purchase_repeats_its_answer_to_the_same_key(api: Api, make: Make) -> None:
    first = api.post("/api/v1/track/purchase", json=PURCHASE, headers={"Idempotency-Key": "order-4711"})
    again = buy(api, idempotency_key="order-4711")
    other = buy(api, order_id="4712", idempotency_key="order-4711")

    assert again.json == first.json | {"idempotent": True}
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    assert make.count(tables.Purchase) == 1


def test_track_purchase_belongs_to_the_last_click(api: Api, happen: Any, message_id: Any) -> None:
    happen("unique_clicked", 6 * DAY, "camp_old")
    happen("clicked", 5 * DAY, "camp_new")
    happen("opened", DAY, "camp_opened")
    happen("machine_clicked", DAY, "camp_machine")
    happen("clicked", DAY, "camp_of_bob", "bob@example.com")
    happen("clicked", -SECOND, "camp_after")

    attribution = buy(api, email="aDa@example.com", timestamp=time(BOUGHT_AT)).json["attribution"]

    assert attribution == {
        "source": "click",
        "campaign_id": "camp_new",
        "automation_id": None,
        "message_id": message_id,
        "click_timestamp": time(BOUGHT_AT - 5 * DAY),
    }


@pytest.mark.parametrize(
    ("kind", "before", "source"),
    [
        ("clicked", 7 * DAY, "click"),
        ("clicked", 7 * DAY + 1, "none"),
        ("unique_opened", 3 * DAY, "open"),
        ("opened", 3 * DAY + 1, "none"),
        ("machine_opened", DAY, "none"),
        ("delivered", DAY, "none"),
    ],
)
def test_track_purchase_looks_back_for_days(api: Api, happen: Any, message_id: Any, kind: str, before: Any, source: str) -> None:
    happen(kind, before)

    attribution = buy(api, timestamp=time(BOUGHT_AT)).json["attribution"]

    assert (attribution["source"], attribution["message_id"]) == (source, None if source == "none" else message_id)
    assert (attribution["click_timestamp"] is None) == (source != "click")


def test_list_contact_activity_has_mail_to_the_address_in_any_case(api: Api, happen: Any) -> None:
    happen("clicked", DAY, recipient="ADA@example.com")

    assert [each["type"] for each in activity(api, contact(api))] == ["created", "clicked"]


def test_track_purchase_finds_the_mail_by_index(store: Store) -> None:
    if not store.is_sqlite:
        return
    with store.read() as connection:
        options = "SELECT at FROM events WHERE account_id = 'a' AND lower(recipient) = 'b' AND at BETWEEN 1 AND 2 ORDER BY at DESC"
        plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {options}"))]

    assert plan == ["SEARCH events USING INDEX ix_events_account_recipient (account_id=? AND <expr>=? AND at>? AND at<?)"]
