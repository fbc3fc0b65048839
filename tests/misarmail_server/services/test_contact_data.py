"""The export of everything about a person, and the hash that remains after an erasure."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from misarmail_server.db import tables
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_campaign_runs import deliver, finish, lease
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_segments import segment
from tests.support.calls.marketing import automation, campaign
from tests.support.calls.send import send

EMAIL = "ada@example.com"


def imported(api: Api, *emails: str) -> Any:
    return api.post("/api/v1/contacts/import", json={"contacts": [{"email": email} for email in emails]}).json


def test_export_contact_data_has_everything_about_the_person(platform: Platform, api: Api) -> None:
    ada = create(api, EMAIL, first_name="Ada", custom_fields={"plan": "gold"})
    create(api, "eve@example.com")
    listed = segment(api, segment_type="static", contact_ids=[ada["id"]])["id"]
    receipt = send(api, to=[{"email": "Ada@example.com"}], subject="Receipt").json["message_id"]
    for event, email in (("viewed", "ADA@example.com"), ("other", "eve@example.com")):
        api.post("/api/v1/track/event", json={"email": email, "event": event})
    order = {"email": EMAIL, "order_id": "1", "amount": 12.5, "currency": "EUR", "items": [{"name": "Cup", "quantity": 1, "price": 12.5}]}
    api.post("/api/v1/track/purchase", json=order)
    path = campaign(api, "send")
    finish(CampaignRuns(platform.settings, platform.store))
    deliver(platform, lease(platform))
    enrolled(platform, automation(api).rpartition("/")[2], ada["id"])
    api.post("/api/v1/suppressions", json={"email": EMAIL, "scope": "marketing"})

    api.post("/api/v1/topics", json={"name": "News"})

    data = api.get(f"/api/v1/contacts/{ada['id']}/export").json

    assert [(each["name"], each["subscribed"]) for each in data["topics"]] == [("News", True)]
    assert (data["contact"]["email"], data["segment_ids"]) == (EMAIL, [listed])
    assert [(each["reason"], each["scope"]) for each in data["suppressions"]] == [("manual", "marketing")]
    assert {"created", "tracked", "delivered"} <= {each["type"] for each in data["activity"]}
    assert [each["data"]["event"] for each in data["activity"] if each["type"] == "tracked"] == ["viewed"]
    mails = {each["message_id"] == receipt: each for each in data["messages"]}
    assert (mails[True]["subject"], mails[True]["campaign_id"], mails[True]["values"]) == ("Receipt", None, None)
    assert (mails[False]["campaign_id"], mails[False]["values"]["first_name"]) == (path.rpartition("/")[2], "Ada")
    assert [(each["order_id"], each["amount"], each["items"][0]["name"]) for each in data["purchases"]] == [("1", 12.5, "Cup")]
    assert [each["status"] for each in data["enrollments"]] == ["active"]
    assert "eve@" not in str(data)


def enrolled(platform: Platform, automation_id: str, contact_id: str) -> None:
    with platform.store.read() as connection:
        row = connection.execute(select(tables.Automation.account_id, tables.Automation.version)).one()
    own = {"id": "enr_1", "account_id": row.account_id, "automation_id": automation_id, "version": row.version, "contact_id": contact_id}
    enrollment = insert(tables.Enrollment).values({**own, "status": "active", "position": 0, "enrolled_at": 1_000})
    platform.store.write(lambda connection: connection.execute(enrollment).rowcount)


def test_export_contact_data_refuses_a_contact_of_another_account(api: Api, platform: Platform, make: Make) -> None:
    eve = platform.api(account_id=make.account("eve@example.com"))

    assert api.get(f"/api/v1/contacts/{create(eve)['id']}/export").status_code == 404


def test_an_import_does_not_bring_an_erased_person_back(api: Api, platform: Platform) -> None:
    api.post(f"/api/v1/contacts/{create(api, EMAIL)['id']}/erase")

    answer = imported(api, "Ada@example.com", "bob@example.com", EMAIL)

    assert (answer["summary"]["imported"], answer["summary"]["skipped"]) == (1, 0)
    assert [(error["email"], error["reason"]) for error in answer["errors"]] == [
        (EMAIL, "The person was erased; create the contact if the person agrees")
    ] * 2
    with platform.store.read() as connection:
        hashes = connection.scalars(select(tables.ErasedAddress.hash)).all()
    assert [b"ada" in bytes(hash_) for hash_ in hashes] == [False]


def test_an_erased_person_who_is_created_again_can_be_imported(api: Api) -> None:
    api.post(f"/api/v1/contacts/{create(api, EMAIL)['id']}/erase")

    again = create(api, EMAIL)
    api.delete(f"/api/v1/contacts/{again['id']}")

    assert imported(api, EMAIL)["summary"]["imported"] == 1


def test_an_erasure_holds_for_its_account_only(api: Api, platform: Platform, make: Make) -> None:
    api.post(f"/api/v1/contacts/{create(api, EMAIL)['id']}/erase")
    other = platform.api(account_id=make.account("eve@example.com"))

    assert imported(other, EMAIL)["summary"]["imported"] == 1
