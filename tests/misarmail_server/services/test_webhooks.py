from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from misarmail_server.db import tables
from misarmail_server.events import webhook_sender
from misarmail_server.services import account_limits
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import CALLS
from tests.support.calls.webhooks import bounce, create
from tests.support.servers.webhook_receiver import receiver, speaking


def test_create_webhook_shows_its_secret_once(api: Api, platform: Platform) -> None:
    created = create(api, "https://app.example.com/hooks", "email.bounced")

    webhook = api.get(f"/api/v1/webhooks/{created['webhook']['id']}").json["webhook"]
    assert webhook == created["webhook"]
    assert created["secret"].startswith("whsec_")
    assert created["secret"] not in str(webhook)
    with platform.store.read() as connection:
        assert created["secret"].encode() not in connection.execute(tables.Webhook.__table__.select()).one().secret_sealed


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "http://example.com/hooks"}, "url"),
        ({"url": "https://user:secret@example.com/"}, "url"),
        ({"url": "https://example.com/\r\nX: y"}, "url"),
        ({"url": "https://example.com:99999/"}, "url"),
        ({"url": "https://example.com:0/"}, "url"),
        ({"url": "https://[::/"}, "url"),
        ({"url": "https://a..b/"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["email.lost"]}, "events"),
        ({"secret": "short"}, "secret"),
        ({"secret": "with blanks in it here"}, "secret"),
    ],
)
def test_create_webhook_names_the_wrong_field(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/webhooks", json={"url": "https://example.com/", "events": ["email.sent"]} | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Webhook) == 0


@pytest.mark.parametrize("id_", ["create_webhook", "create_segment", "create_inbound_domain"])
def test_an_account_has_a_limited_number(api: Api, platform: Platform, make: Make, monkeypatch: pytest.MonkeyPatch, id_: str) -> None:
    monkeypatch.setattr(
        account_limits, "ACCOUNT_LIMITS", {table: (1, words) for table, (_, words) in account_limits.ACCOUNT_LIMITS.items()}
    )
    method, path, options = CALLS[id_](api)
    first, second = api(method, path, **options), api(method, path, **options)
    other = platform.everything(make.account("eve@example.com"))

    assert (first.status_code, second.status_code, second.json["code"]) == (200, 403, "plan_limit_exceeded")
    assert other(method, path, **options).status_code in {200, 409}


def test_list_webhooks_is_newest_first(api: Api) -> None:
    made = [create(api, f"https://example.com/{number}")["webhook"]["id"] for number in range(3)]

    page = api.get("/api/v1/webhooks?limit=2").json

    assert ([webhook["id"] for webhook in page["webhooks"]], page["total"]) == ([made[2], made[1]], 3)


def test_get_webhook_hides_its_secret(api: Api) -> None:
    created = create(api, "https://example.com/a", "email.sent")

    answer = api.get(f"/api/v1/webhooks/{created['webhook']['id']}")

    assert answer.json == {"success": True, "webhook": created["webhook"]}
    assert created["secret"] not in answer.get_data(as_text=True)


def test_update_webhook_changes_only_the_given_fields(api: Api) -> None:
    created = create(api, "https://example.com/a", "email.sent")["webhook"]

    changed = api.patch(f"/api/v1/webhooks/{created['id']}", json={"events": ["email.opened", "email.clicked"]}).json["webhook"]

    assert (changed["url"], changed["events"], changed["active"]) == ("https://example.com/a", ["email.opened", "email.clicked"], True)


def test_delete_webhook_takes_its_log_along(api: Api, platform: Platform, make: Make) -> None:
    created = create(api, receiver().url)
    bounce(api, platform)

    api.delete(f"/api/v1/webhooks/{created['webhook']['id']}")

    assert (make.count(tables.Webhook), make.count(tables.WebhookDelivery)) == (0, 0)


def test_test_webhook_reports_the_outcome(api: Api) -> None:
    there = receiver(200, 500)
    hook = f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}"

    taken, refused = api.post(f"{hook}/test").json, api.post(f"{hook}/test").json

    assert (taken["delivered"], taken["status_code"], taken["error"]) == (True, 200, None)
    assert (refused["delivered"], refused["status_code"], refused["error"]) == (False, 500, "The receiver responded with 500")
    assert json.loads(there.posts[0][1])["type"] == "email.sent"


def test_test_webhook_reports_a_receiver_that_does_not_answer(api: Api) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        hook = create(api, f"http://127.0.0.1:{taken.getsockname()[1]}/")["webhook"]["id"]

        answer = api.post(f"/api/v1/webhooks/{hook}/test").json

    assert (answer["delivered"], answer["status_code"]) == (False, None)
    assert answer["error"].startswith("127.0.0.1 does not respond on port")


def test_test_webhook_times_out(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    there = receiver()
    there.is_open.clear()
    monkeypatch.setattr(webhook_sender, "RESPONSE_SECONDS", 0.2)

    answer = api.post(f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}/test").json
    there.is_open.set()

    assert answer["error"] == "The receiver did not respond within 0.2 seconds"


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: half a li"])
def test_test_webhook_refuses_an_incomplete_response(api: Api, monkeypatch: pytest.MonkeyPatch, reply: bytes) -> None:
    monkeypatch.setattr(webhook_sender, "RESPONSE_SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        hook = create(api, f"http://127.0.0.1:{server.getsockname()[1]}/")["webhook"]["id"]
        with speaking(server, reply):
            answer = api.post(f"/api/v1/webhooks/{hook}/test").json

    assert (answer["status_code"], answer["error"]) == (None, "The receiver did not respond within 0.2 seconds")


def test_test_webhook_follows_no_redirect(api: Api) -> None:
    there = receiver(302)

    answer = api.post(f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}/test").json

    assert (answer["delivered"], answer["status_code"], len(there.posts)) == (False, 302, 1)


def test_test_webhook_stays_out_of_private_networks(platform: Platform, make: Make) -> None:
    allowing = platform.everything(make.account())
    guarded = platform.client(allowing.headers, allows_private_targets=False)
    there = receiver()

    answer = guarded.post(f"/api/v1/webhooks/{create(allowing, there.url)['webhook']['id']}/test").json

    assert answer["error"] == "127.0.0.1 is in a private network, to which this platform connects only with MISARMAIL_PRIVATE_TARGETS=on"
    assert there.posts == []


def test_rotate_webhook_secret_signs_with_the_new_one(api: Api) -> None:
    there = receiver()
    hook = f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}"

    secret = api.post(f"{hook}/rotate-secret").json["secret"]
    api.post(f"{hook}/test")

    headers, body = there.posts[0]
    assert headers["X-MisarMail-Signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_rotate_webhook_secret_takes_the_callers_own(api: Api) -> None:
    hook = create(api, receiver().url)["webhook"]["id"]

    assert api.post(f"/api/v1/webhooks/{hook}/rotate-secret", json={"secret": "sixteen-characters"}).json["secret"] == "sixteen-characters"


def test_contacts_that_are_added_or_changed_are_events(api: Api, post_due: Callable[[], Any]) -> None:
    there = receiver()
    create(api, there.url, "contact.created", "contact.updated")

    added = api.post("/api/v1/contacts", json={"email": "Ada@example.com"}).json["contact"]
    for change in ({"first_name": "Ada"}, {"first_name": "Ada"}, {"status": "unsubscribed"}):
        api.patch(f"/api/v1/contacts/{added['id']}", json=change)
    post_due()

    events = sorted((json.loads(body) for _, body in there.posts), key=lambda event: event["id"])
    assert [(event["type"], event["data"]["status"]) for event in events] == [
        ("contact.created", "subscribed"),
        ("contact.updated", "subscribed"),
        ("contact.updated", "unsubscribed"),
    ]
    assert events[0]["data"]["contact_id"] == added["id"]
