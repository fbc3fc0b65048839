from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from tests.conftest import Api, Make, Platform
from tests.support.calls.campaigns import get, template
from tests.support.calls.marketing import campaign


def test_test_campaign_sends_each_address_a_mail_of_its_own(platform: Platform, api: Api) -> None:
    path = campaign(api, subject="{{first_name}} & {{contact.last_name}}, {{email}}", body_html="<p>{{first_name}} {{unsubscribe_url}}</p>")

    answer = api.post(f"{path}/test", json={"emails": ["ada@example.com", "grace@example.com", "ADA@example.com"]})

    sent = answer.json["messages"]
    assert [each["email"] for each in sent] == ["ADA@example.com", "grace@example.com"]
    message = api.get(f"/api/v1/messages/{sent[1]['message_id']}").json["message"]
    assert (message["subject"], message["stream"], message["state"]) == ("Ada & Lovelace, grace@example.com", "marketing", "queued")
    assert [each["email"] for each in message["to"]] == ["grace@example.com"]
    with platform.store.read() as connection:
        rows = connection.execute(select(tables.Message.body_html, tables.Message.body_text, tables.Message.reply_to_json)).all()
    assert rows[0] == ("<p>Ada {{unsubscribe_url}}</p>", "Hi Ada, everything is 20 % off.", '{"email":"support@yourdomain.com"}')
    assert get(api, path)["total_sent"] == 0


def test_test_campaign_renders_its_template_below_its_own_subject(platform: Platform, api: Api) -> None:
    path = campaign(api)
    api.patch(path, json={"template_id": template(api), "subject": "For {{first_name}}"})

    api.post(f"{path}/test", json={"emails": ["ada@example.com"]})

    with platform.store.read() as connection:
        row = connection.execute(select(tables.Message.subject, tables.Message.body_html)).one()
    assert row == ("For Ada", "<h1>Hi Ada,</h1><p>Welcome aboard!</p>")


def test_test_campaign_omits_suppressed_addresses(platform: Platform, make: Make) -> None:
    account_id = make.account()
    api = platform.api(account_id=account_id)
    make.suppression(account_id, "ada@example.com")
    path = campaign(api)

    partly = api.post(f"{path}/test", json={"emails": ["Ada@example.com", "grace@example.com"]}).json
    refused = api.post(f"{path}/test", json={"emails": ["ada@example.com"]})

    assert partly["suppressed"] == [{"email": "Ada@example.com", "reason": "bounced", "scope": "all"}]
    assert [message["email"] for message in partly["messages"]] == ["grace@example.com"]
    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert make.count(tables.Message) == 1


@pytest.mark.parametrize("emails", [[], ["x"], [f"a{number}@example.com" for number in range(11)]])
def test_test_campaign_names_invalid_addresses(api: Api, emails: Any) -> None:
    refused = api.post(f"{campaign(api)}/test", json={"emails": emails})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["emails"])


@pytest.mark.parametrize(("field", "count"), [("subject", 100), ("body_html", 50_000), ("body_text", 50_000)])
def test_test_campaign_refuses_content_that_renders_too_large(api: Api, make: Make, field: str, count: int) -> None:
    path = campaign(api, **{field: "{{email}}" * count})

    refused = api.post(f"{path}/test", json={"emails": [f"{'a' * 60}@example.com"]})

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Message) == 0
