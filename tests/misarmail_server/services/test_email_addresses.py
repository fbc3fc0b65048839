"""An internationalized domain is the same in Unicode and as A-labels, wherever the API takes an address."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.services import email_addresses, senders
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND

UNICODE = "info@MÜNCHEN.example"
ASCII = "info@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    ("address", "converted"),
    [
        ("Ada@Example.com", "Ada@Example.com"),
        ("Ada@münchen.example", "Ada@xn--mnchen-3ya.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),  # IDNA 2008 keeps the sharp s
        ("a@\uff26\uff35\uff2c\uff2c.example", "a@full.example"),  # UTS 46 maps full width
        ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah"),
        ("a@mu\u0308nchen.example", "a@xn--mnchen-3ya.example"),  # decomposed
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_to_ascii_converts_the_domain(address: str, converted: str) -> None:
    assert email_addresses.to_ascii(address) == converted


@pytest.mark.parametrize("address", ["a@☃.example", "a@-ü.example", "ä@example.com", "a@ü..example", f"a@{'ü' * 63}.example", "ü", "@ü.de"])
def test_to_ascii_refuses_other_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="Must be an e-mail address"):
        email_addresses.to_ascii(address)


def test_contacts_have_one_form_of_a_domain(api: Api) -> None:
    created = api.post("/api/v1/contacts", json={"email": UNICODE}).json["contact"]
    again = api.post("/api/v1/contacts", json={"email": ASCII})
    updated = api.patch("/api/v1/contacts", json={"email": UNICODE, "first_name": "Ada"}).json["contact"]

    assert (created["email"], again.json["code"]) == (ASCII, "contact_exists")
    assert (updated["id"], updated["first_name"]) == (created["id"], "Ada")
    assert [contact["id"] for contact in api.get(f"/api/v1/contacts?search={quote(UNICODE)}").json["contacts"]] == [created["id"]]


def test_suppressions_have_one_form_of_a_domain(api: Api) -> None:
    created = api.post("/api/v1/suppressions", json={"email": UNICODE})

    refused = api.post("/api/v1/send", json=SEND | {"to": [{"email": ASCII}]})

    assert created.json["suppression"]["email"] == ASCII
    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert api.get(f"/api/v1/suppressions/{UNICODE}").json["suppression"]["email"] == ASCII
    assert [each["email"] for each in api.get(f"/api/v1/suppressions?search={quote(UNICODE)}").json["suppressions"]] == [ASCII]
    assert api.delete(f"/api/v1/suppressions/{UNICODE}").json["email"] == ASCII


def test_send_converts_every_address(api: Api, platform: Platform) -> None:
    mailbox = {"email": UNICODE}
    others = {kind: [{"email": f"{kind}@bücher.example"}] for kind in ("to", "cc", "bcc")}
    mail = SEND | others | {"from": mailbox, "reply_to": mailbox}

    assert api.post("/api/v1/send", json=mail).status_code == 200

    with platform.store.read() as connection:
        (message,) = connection.execute(select(tables.Message.__table__))
        addresses = set(connection.scalars(select(tables.Recipient.address)))
    assert addresses == {f"{kind}@xn--bcher-kva.example" for kind in ("to", "cc", "bcc")}
    assert (message.from_email, message.reply_to_json) == (ASCII, f'{{"email":"{ASCII}"}}')
    assert (message.to_json, message.cc_json) == tuple(f'[{{"email":"{kind}@xn--bcher-kva.example"}}]' for kind in ("to", "cc"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": [{"email": "a@example.com"}, {"email": "a@☃.example"}]}, ("to", "[1].email: Must be an e-mail address")),
        ({"from": {"email": "a@xn--ü.example"}}, ("from", "email: Must be an e-mail address")),
        ({"to": [{"email": "ä@example.com"}]}, ("to", "[0].email: Must be an e-mail address")),
    ],
)
def test_send_names_an_address_without_an_ascii_form(api: Api, change: Any, field: tuple[str, str]) -> None:
    refused = api.post("/api/v1/send", json=SEND | change)

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {field[0]: [field[1]]})


def test_senders_of_an_internationalized_domain(platform: Platform, make: Make) -> None:
    api = platform.everything(make.account(senders="verified"))
    platform.store.write(lambda connection: senders.vouch(connection, api.account_id, "@München.example"))

    assert api.post("/api/v1/send", json=SEND | {"from": {"email": UNICODE}}).status_code == 200
    assert api.post("/api/v1/send", json=SEND | {"from": {"email": ASCII}}).status_code == 200


def test_tracking_and_campaigns_convert_addresses(api: Api) -> None:
    contact = api.post("/api/v1/contacts", json={"email": ASCII}).json["contact"]["id"]
    api.post("/api/v1/track/event", json={"event": "signup", "email": UNICODE})
    campaign = {"name": "News", "subject": "Hi", "from_email": UNICODE, "reply_to": UNICODE, "body_html": "<p>x</p>"}

    created = api.post("/api/v1/campaigns", json=campaign).json["campaign"]

    assert api.get(f"/api/v1/contacts/{contact}/activity").json["activity"][0]["type"] == "tracked"
    assert (created["from_email"], created["reply_to"]) == (ASCII, ASCII)
