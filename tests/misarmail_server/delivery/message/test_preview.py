"""A captured mail is the mail that would have been sent, and its checks are made on that."""

from __future__ import annotations

from typing import Any

import dkim as dkimpy
import pytest
from sqlalchemy import update
from werkzeug.test import Client

from misarmail_server.app import create_app
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.outcomes import CAPTURED
from misarmail_server.delivery.queue import leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Platform
from tests.misarmail_server.delivery.worker.test_message_cache import verify
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import campaign
from tests.support.keys import zone
from tests.support.matching import matched

PAGE = '<p>Hi {{first_name|there}}, {{company}}</p><a href="https://shop.example/a">a</a><img src="https://shop.example/b.png" alt="">'


@pytest.fixture
def captured(api: Api, platform: Platform, store: Store) -> Any:
    """A campaign that the capturing transport took: (its message's id, what was made for each address)."""
    for name in ("ada", "bob"):
        api.post("/api/v1/contacts", json={"email": f"{name}@example.com", "first_name": name.title(), "company": "Engines & Sons"})
    verify(store, platform.settings, "yourdomain.com", account_id=api.account_id)
    campaign(api, "send", subject="For {{first_name}}", body_html=PAGE)
    runs = CampaignRuns(platform.settings, store)
    while runs.run():
        pass
    rows, messages = leases.lease(store, "me", 10, 300.0), MessageCache(platform.settings, store)
    made = {row.address: messages.envelope(row).content for row in rows}
    settlement.settle(store, [Settlement(row, CAPTURED) for row in rows])
    return rows[0].message_id, made


def test_captured_campaign_is_each_recipient_s_own_copy(api: Api, captured: Any) -> None:
    message_id, made = captured

    for address, name in (("ada@example.com", "Ada"), ("BOB@example.com", "Bob")):
        seen = api.get(f"/api/v1/sandbox/{message_id}?recipient={address}").json

        assert seen["raw"].encode() == made[address.lower()]
        assert seen["send"]["subject"] == f"For {name}"
        assert f"Hi {name}, Engines &amp; Sons" in seen["send"]["body_html"]
        assert seen["send"]["body_text"].startswith(f"Hi {name}, everything")
        assert (seen["send"]["headers"]["To"], seen["send"]["to"]) == (address.lower(), ["ada@example.com", "bob@example.com"])
        assert {check["check"]: check["status"] for check in seen["checks"]} == dict.fromkeys(
            [check["check"] for check in seen["checks"]], "ok"
        )


def test_captured_campaign_has_both_signatures_and_they_hold(api: Api, captured: Any) -> None:
    message_id, _ = captured

    seen = api.get(f"/api/v1/sandbox/{message_id}").json

    mail = dkimpy.DKIM(seen["raw"].encode())
    published = zone("yourdomain.com")
    assert [mail.verify(idx=number, dnsfunc=lambda name, timeout: published[name.decode()]) for number in (0, 1)] == [True, True]  # noqa: ARG005
    detail = next(check["detail"] for check in seen["checks"] if check["check"] == "signature")
    assert detail == "Signed by DKIM for yourdomain.com with rsa-sha256 and ed25519-sha256"
    assert seen["send"]["headers"]["DKIM-Signature"].count("d=yourdomain.com") == 2
    assert seen["send"]["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_captured_campaign_is_listed_filled(api: Api, captured: Any) -> None:
    message_id, _ = captured

    (listed,) = api.get("/api/v1/sandbox").json["sends"]

    assert (listed["id"], listed["subject"]) == (message_id, "For Ada")
    assert "Hi Ada" in listed["body_html"]
    assert "/u/" in listed["headers"]["List-Unsubscribe"]


def test_links_of_a_captured_campaign_work(api: Api, platform: Platform, store: Store, captured: Any) -> None:
    message_id, _ = captured
    page = api.get(f"/api/v1/sandbox/{message_id}?recipient=bob@example.com").json["send"]["body_html"]
    browser = Client(create_app(platform.settings, store))

    followed = browser.get(matched(r'href="[^"]*(/t/c/[^"]+)"', page)[1])
    left = browser.post(matched(r'href="[^"]*(/u/[^"]+)"', page)[1])

    assert (followed.status_code, followed.headers["Location"], left.status_code) == (302, "https://shop.example/a", 200)
    assert api.get("/api/v1/suppressions/bob@example.com").json["suppression"]["reason"] == "unsubscribed"


def test_captured_marketing_has_its_footer_and_text(api: Api) -> None:
    sent = api.post("/api/v1/sandbox/send", json=SEND | {"stream": "marketing", "html": "<p>Sale</p>"}).json

    seen = api.get(f"/api/v1/sandbox/{sent['message_id']}").json["send"]

    assert "Unsubscribe</a>" in seen["body_html"]
    assert "Unsubscribe: http" in seen["body_text"]
    assert seen["headers"]["Feedback-ID"].endswith(":marketing:misarmail")


def test_captured_mail_that_cannot_be_made_says_so(api: Api, store: Store) -> None:
    sent = api.post("/api/v1/sandbox/send", json=SEND).json
    store.write(lambda connection: connection.execute(update(tables.Message).values(from_email="nobody")).close())

    seen = api.get(f"/api/v1/sandbox/{sent['message_id']}").json

    assert (seen["raw"], seen["send"]["body_html"]) == (None, "<p>Hello world!</p>")
    assert seen["checks"][-1]["detail"] == "The message cannot be built: The sender address cannot be used"


def test_copy_of_somebody_who_is_no_recipient_is_not_found(api: Api, captured: Any) -> None:
    message_id, _ = captured

    assert api.get(f"/api/v1/sandbox/{message_id}?recipient=eve@example.com").status_code == 404
    assert api.get(f"/api/v1/sandbox/{message_id}?recipient=a%00@b").status_code == 400
