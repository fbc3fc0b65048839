"""After an erasure nothing in the account's rows names the person, but a suppression."""

from __future__ import annotations

import pytest
from sqlalchemy import ColumnElement, MetaData, insert, literal, select, true, update

from misarmail_server.db import tables
from misarmail_server.services import contact_erasure
from misarmail_server.services.retention import Retention
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.send import send

EMAIL = "ada.x@example.com"
OTHER = "eve.x@example.com"


def traces(platform: Platform, text: str) -> set[str]:
    """The columns of all tables in which a text occurs, in any case."""
    reflected: MetaData = tables.Table.metadata
    columns = set()
    with platform.store.read() as connection:
        for table in reflected.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    shown = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
                    if text in shown.lower():
                        columns.add(f"{table.name}.{name}")
    return columns


def finish(platform: Platform) -> None:
    """Search the logs to their end, as the background task does."""
    task = Retention(platform.settings, platform.store)
    while task.run_once():
        pass


def moved(platform: Platform, *states: str, where: ColumnElement[bool] | None = None) -> None:
    with platform.store.read() as connection:
        ids = list(connection.scalars(select(tables.Recipient.id).where(true() if where is None else where)))
    for state in states:
        change = update(tables.Recipient).where(tables.Recipient.id.in_(ids)).values(state=state)
        platform.store.write(lambda connection, change=change: connection.execute(change).rowcount)  # type: ignore[misc]


def live(api: Api, email: str = EMAIL) -> str:
    """A contact with traces everywhere."""
    api.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["contact.created", "email.bounced"]})
    created = api.post("/api/v1/contacts", json={"email": email, "first_name": "Ada", "tags": ["vip"]}).json["contact"]["id"]
    api.post("/api/v1/track/event", json={"event": "signup", "email": email})
    order = {
        "email": email,
        "order_id": f"o-{email[:3]}",
        "amount": 9.5,
        "currency": "EUR",
        "items": [{"name": "x", "quantity": 1, "price": 9.5}],
    }
    api.post("/api/v1/track/purchase", json=order)
    mail = {"to": [{"email": email, "name": "Ada"}], "cc": [{"email": "boss@example.com"}], "text": f"Dear {email}"}
    api.post("/api/v1/sandbox/send", json=SEND | mail)
    api.get(f"/api/v1/suppressions/{email}")
    api.post("/api/v1/contacts/import", json={"contacts": [{"email": email, "status": "x"}], "idempotency_key": f"i-{email[:3]}"})
    send(api, **mail)
    return str(created)


def test_erase_contact_leaves_no_trace_of_the_person(platform: Platform, api: Api) -> None:
    other = live(api, OTHER)
    contact = live(api)
    api.post("/api/v1/suppressions", json={"email": EMAIL})
    api.delete(f"/api/v1/suppressions/{EMAIL}")
    before = traces(platform, OTHER)

    answer = api.post(f"/api/v1/contacts/{contact}/erase")
    finish(platform)
    waiting = traces(platform, EMAIL)
    moved(platform, "leased", "delivered", where=tables.Recipient.state == "pending")
    finish(platform)

    assert answer.json == {"success": True, "id": contact, "suppressed": False}
    assert waiting == {"messages.body_text"}  # of mail that another recipient still gets
    assert traces(platform, EMAIL) == set()
    assert traces(platform, OTHER) == before
    assert api.get(f"/api/v1/contacts/{contact}").status_code == 404
    assert api.get(f"/api/v1/contacts/{other}").status_code == 200


def test_erase_contact_cancels_mail_that_waits(platform: Platform, api: Api, make: Make) -> None:
    contact = api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"]
    send(api, to=[{"email": EMAIL}, {"email": "bob@example.com"}])
    used = api.get("/api/v1/usage").json

    api.post(f"/api/v1/contacts/{contact}/erase")

    with platform.store.read() as connection:
        states = connection.execute(select(tables.Recipient.state, tables.Recipient.address).order_by(tables.Recipient.id)).all()
        to_json = connection.scalar(select(tables.Message.to_json))
    assert [state for state, _ in states] == ["cancelled", "pending"]
    assert states[0][1].endswith("@erased.invalid")
    assert states[1][1] == "bob@example.com"
    assert to_json == '[{"email":"bob@example.com"}]'
    assert api.get("/api/v1/usage").json != used
    assert make.count(tables.Message) == 1


def test_erase_contact_covers_mail_that_is_being_delivered(platform: Platform, api: Api) -> None:
    contact = api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"]
    send(api, to=[{"email": EMAIL}], text="Dear Ada")
    moved(platform, "leased")

    api.post(f"/api/v1/contacts/{contact}/erase")
    waits = [platform.store.write(contact_erasure.continue_one) for _ in range(3)]
    during = traces(platform, EMAIL)
    moved(platform, "delivered")
    finish(platform)

    assert (waits, "recipients.address" in during) == ([True] * 3, True)
    assert traces(platform, EMAIL) == set()
    assert traces(platform, "dear ada") == set()


@pytest.mark.parametrize("state", ["delivered", "ambiguous", "bounced"])
def test_erase_contact_keeps_links_that_another_recipient_uses(platform: Platform, api: Api, make: Make, state: str) -> None:
    contacts = [api.post("/api/v1/contacts", json={"email": email}).json["contact"]["id"] for email in (EMAIL, OTHER)]
    mailboxes = [{"email": EMAIL}, {"email": OTHER}]
    send(api, to=mailboxes, stream="marketing", html=f'<a href="https://example.com/?to={EMAIL}&amp;x=1">x</a>')
    links = insert(tables.MessageLink).from_select(
        ["message_id", "number", "target"],
        select(tables.Message.id, literal(7), literal(f"https://example.com/?to={EMAIL.replace('@', '%40')}")),
    )
    platform.store.write(lambda connection: connection.execute(links).rowcount)
    linked = make.count(tables.MessageLink)
    moved(platform, "leased", state)

    api.post(f"/api/v1/contacts/{contacts[0]}/erase")
    finish(platform)
    kept, left = make.count(tables.MessageLink), traces(platform, EMAIL) | traces(platform, EMAIL.replace("@", "%40"))
    api.post(f"/api/v1/contacts/{contacts[1]}/erase")
    finish(platform)

    assert linked == 2
    assert (kept, left) == (0 if state == "bounced" else linked, set())
    assert make.count(tables.MessageLink) == 0


def test_erase_contact_keeps_its_suppression(platform: Platform, api: Api) -> None:
    contact = api.post("/api/v1/contacts", json={"email": EMAIL, "status": "unsubscribed"}).json["contact"]["id"]

    answer = api.post(f"/api/v1/contacts/{contact}/erase")
    finish(platform)

    assert answer.json["suppressed"] is True
    assert traces(platform, EMAIL) == {"suppressions.address"}
    again = api.post("/api/v1/send", json=SEND | {"to": [{"email": EMAIL}]} | {"stream": "marketing"})
    assert again.json["code"] == "recipients_suppressed"


def test_erase_contact_keeps_a_repeat_harmless(platform: Platform, api: Api) -> None:
    key = {"Idempotency-Key": "k"}
    body = {"contacts": [{"email": EMAIL, "status": "x"}, {"email": "bob@example.com"}]}
    first = api.post("/api/v1/contacts/import", json=body, headers=key).json
    contact = api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"]
    api.post(f"/api/v1/contacts/{contact}/erase")
    finish(platform)

    again = api.post("/api/v1/contacts/import", json=body, headers=key).json

    assert (again["idempotent"], again["summary"]) == (True, first["summary"])
    assert again["errors"][0]["email"] == "erased@erased.invalid"


def test_erase_contact_is_by_account(platform: Platform, api: Api) -> None:
    stranger = platform.everything(platform.make.account("eve@example.org"))
    live(stranger)
    before = traces(platform, EMAIL)
    contact = api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"]

    assert stranger.post(f"/api/v1/contacts/{contact}/erase").status_code == 404
    api.post(f"/api/v1/contacts/{contact}/erase")
    finish(platform)

    assert traces(platform, EMAIL) == before


def erased(api: Api) -> str:
    contact = str(api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"])
    assert api.post(f"/api/v1/contacts/{contact}/erase").status_code == 200
    return contact


def test_erase_contact_twice(platform: Platform, api: Api) -> None:
    first, second = (erased(api) for _ in range(2))
    assert (first != second, api.post(f"/api/v1/contacts/{second}/erase").status_code) == (True, 404)
    finish(platform)
    assert traces(platform, EMAIL) == set()


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        (f'"{EMAIL}"', True),
        (EMAIL.upper(), True),
        (f"<{EMAIL}>.", True),
        (f"x{EMAIL}", False),
        (f"{EMAIL}.au", False),
        ("adaxx@example.com", False),
    ],
)
def test_erasure_matches_whole_addresses(platform: Platform, api: Api, make: Make, text: str, *, is_found: bool) -> None:
    contact = api.post("/api/v1/contacts", json={"email": EMAIL}).json["contact"]["id"]
    entry = update(tables.AuditEntry).values(target=text)
    platform.store.write(lambda connection: connection.execute(entry).rowcount)

    api.post(f"/api/v1/contacts/{contact}/erase")
    finish(platform)

    assert (make.count(tables.AuditEntry), bool(traces(platform, "erased@erased.invalid"))) == (2, is_found)
