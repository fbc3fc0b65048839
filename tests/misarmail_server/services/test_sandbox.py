from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server import context
from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from tests.conftest import Api, Make, Platform
from tests.support.calls.domains import verified
from tests.support.calls.every_operation import SEND
from tests.support.servers.dns_server import DnsServer


def capture(api: Any, **changed: Any) -> Any:
    answer = api.post("/api/v1/sandbox/send", json=SEND | changed)
    assert answer.status_code == 200, answer.json
    return answer.json["message_id"]


def test_send_to_sandbox_captures_without_queueing(api: Api) -> None:
    answer = api.post("/api/v1/sandbox/send", json=SEND).json

    assert (answer["sandbox"], answer["provider"]) == (True, "sandbox")
    message = api.get(f"/api/v1/messages/{answer['message_id']}").json["message"]
    assert (message["state"], message["sandbox"]) == ("captured", True)
    assert [event["type"] for event in message["events"]] == ["accepted", "captured"]
    assert api.get("/api/readyz").json["due_count"] == 0


@pytest.mark.parametrize("broken", [{"to": []}, {"subject": "a\nb"}])
def test_send_to_sandbox_checks_as_a_real_send_does(api: Api, make: Make, broken: Any) -> None:
    assert api.post("/api/v1/sandbox/send", json=SEND | broken).status_code == 400
    assert make.count(tables.Capture) == 0


def test_send_to_sandbox_refuses_for_the_reasons_of_a_real_send(platform: Platform, api: Api) -> None:
    account_id = platform.make.account("free@example.com", plan="free")
    free = platform.api(account_id=account_id)
    platform.make.suppression(account_id, "user@example.com")
    missing = {name: value for name, value in SEND.items() if name in {"from", "to"}} | {"template_id": "tpl_1"}

    assert free.post("/api/v1/sandbox/send", json=SEND).status_code == 422
    assert api.post("/api/v1/sandbox/send", json=missing).status_code == 404


def test_send_to_sandbox_repeats_harmlessly(api: Api) -> None:
    first = api.post("/api/v1/sandbox/send", json=SEND, headers={"Idempotency-Key": "k"}).json
    again = api.post("/api/v1/sandbox/send", json=SEND, headers={"Idempotency-Key": "k"}).json
    other = api.post("/api/v1/sandbox/send", json=SEND | {"subject": "x"}, headers={"Idempotency-Key": "k"})

    assert again == first | {"idempotent": True}
    assert other.status_code == 409


def test_list_sandbox_sends_shows_addresses_bodies_and_headers(api: Api) -> None:
    id_ = capture(api, bcc=[{"email": "hidden@example.com"}], reply_to={"email": "support@yourdomain.com"})

    page = api.get("/api/v1/sandbox").json

    sent = page["sends"][0]
    assert (page["total"], sent["id"], sent["from"], sent["to"]) == (
        1,
        id_,
        "hello@yourdomain.com",
        ["user@example.com", "hidden@example.com"],
    )
    assert (sent["body_html"], sent["body_text"]) == ("<p>Hello world!</p>", "Hello world!")
    assert sent["headers"]["From"] == "Your App <hello@yourdomain.com>"
    assert sent["headers"]["Reply-To"] == "support@yourdomain.com"
    assert "hidden" not in str(sent["headers"])


def test_list_sandbox_sends_is_newest_first_and_pages(api: Api) -> None:
    ids = [capture(api, subject=f"Mail {number}") for number in range(3)]

    pages = [[send["id"] for send in api.get(f"/api/v1/sandbox?page={page}&limit=2").json["sends"]] for page in (1, 2, 3)]

    assert pages == [[ids[2], ids[1]], [ids[0]], []]


@pytest.mark.parametrize("query", ["page=0", "limit=101", "limit=x"])
def test_list_sandbox_sends_refuses_a_bad_page(api: Api, query: str) -> None:
    assert api.get(f"/api/v1/sandbox?{query}").status_code == 400


@pytest.mark.parametrize(("age", "count"), [(7 * DAY - 1, 1), (7 * DAY, 0)])
def test_list_sandbox_sends_ends_after_seven_days(api: Api, store: Store, monkeypatch: pytest.MonkeyPatch, age: int, count: int) -> None:
    capture(api)
    later = now() + DAY
    store.write(lambda connection: connection.execute(update(tables.Capture).values(created_at=later - age)).rowcount)
    monkeypatch.setattr(context, "now", lambda: later)

    assert api.get("/api/v1/sandbox").json["total"] == count


def test_get_sandbox_send_returns_one(api: Api) -> None:
    id_ = capture(api)

    assert api.get(f"/api/v1/sandbox/{id_}").json["send"]["subject"] == "Hello from MisarMail"


def test_delete_sandbox_send_removes_one(api: Api) -> None:
    kept, gone = capture(api), capture(api)

    assert api.delete(f"/api/v1/sandbox/{gone}").json == {"success": True, "deleted": 1}
    assert api.delete(f"/api/v1/sandbox/{gone}").status_code == 404
    assert [send["id"] for send in api.get("/api/v1/sandbox").json["sends"]] == [kept]


def test_clear_sandbox_empties_only_its_own_inbox(platform: Platform, api: Api) -> None:
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    capture(api)
    capture(api)
    capture(stranger)

    assert api.delete("/api/v1/sandbox").json == {"success": True, "deleted": 2}
    assert api.delete("/api/v1/sandbox").json == {"success": True, "deleted": 0}
    assert stranger.get("/api/v1/sandbox").json["total"] == 1


@pytest.mark.parametrize(
    ("local", "state", "events"),
    [
        ("Bounce+hard", "bounced", [("bounced", 550)]),
        ("bounce+soft", "bounced", [("bounced", 452)]),
        ("complaint", "captured", [("captured", None), ("complained", None)]),
        ("defer", "deferred", [("deferred", 451)]),
        ("slow", "pending", []),
        ("anybody", "captured", [("captured", None)]),
    ],
)
def test_send_to_sandbox_plays_the_fault_that_an_address_names(api: Api, make: Make, local: str, state: str, events: Any) -> None:
    id_ = capture(api, to=[{"email": f"{local}@sandbox.misarmail.test"}])

    message = api.get(f"/api/v1/messages/{id_}").json["message"]
    assert message["recipients"][0]["state"] == state
    assert [(event["type"], event["reply_code"]) for event in message["events"][1:]] == events
    assert (make.count(tables.Suppression), make.count(tables.EventCount)) == (0, 0)


def test_send_to_sandbox_posts_a_simulated_bounce_to_webhooks(api: Api, make: Make) -> None:
    api.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/mail", "events": ["email.bounced"]})

    capture(api, to=[{"email": "bounce+hard@sandbox.misarmail.test"}, {"email": "user@example.com"}])

    assert make.count(tables.WebhookDelivery) == 1


def test_get_sandbox_send_checks_the_mail(api: Api) -> None:
    id_ = capture(api, subject="BUY THIS NOW", html="<a href=''>x</a> {{first_name}}")

    checks = {check["check"]: check["status"] for check in api.get(f"/api/v1/sandbox/{id_}").json["checks"]}

    assert checks == {
        "subject": "warning",
        "signature": "problem",
        "text": "ok",
        "size": "ok",
        "links": "problem",
        "images": "ok",
        "merge_tags": "problem",
        "unsubscribe": "ok",
        "headers": "ok",
    }


def test_get_sandbox_send_knows_the_keys_of_a_verified_domain(api: Api, dns: DnsServer) -> None:
    verified(api, dns, "yourdomain.com")

    checks = {check["check"]: check for check in api.get(f"/api/v1/sandbox/{capture(api)}").json["checks"]}

    assert checks["signature"] == {
        "check": "signature",
        "status": "ok",
        "detail": "Signed by DKIM for yourdomain.com with rsa-sha256 and ed25519-sha256",
    }
