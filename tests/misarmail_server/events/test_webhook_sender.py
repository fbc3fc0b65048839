"""Posts to webhooks: signatures, attempts, the log and replay."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server import vault
from misarmail_server.db import tables
from misarmail_server.delivery.worker import background
from misarmail_server.delivery.worker.background import BackgroundTask
from misarmail_server.events import webhook_outbox
from misarmail_server.events.webhook_lanes import PostLanes
from misarmail_server.events.webhook_sender import WebhookSender
from tests.conftest import Api, Make, Platform
from tests.support.calls.webhooks import SECRET, bounce, create, deliveries, make_due
from tests.support.servers.webhook_receiver import receiver
from tests.support.waiting import until


def test_events_are_posted_with_three_signatures_that_fit(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    there = receiver()
    create(api, there.url, secret=SECRET)
    message_id = bounce(api, platform)

    assert post_due() == 1

    ((headers, body),) = there.posts
    event = json.loads(body)
    assert (event["id"], event["type"]) == (headers["webhook-id"], "email.bounced")
    assert event["data"] == {
        "message_id": message_id,
        "email": "user@example.com",
        "campaign_id": None,
        "timestamp": "2026-03-01T10:00:00Z",
        "bounce_type": "hard",
        "bounce_code": "550",
        "bounce_message": "5.1.1 no such user",
    }
    stamp = headers["X-Misar-Timestamp"]
    assert headers["X-MisarMail-Signature"] == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Misar-Signature"] == hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    standard = hmac.digest(b"twenty-four bytes of key", f"{event['id']}.{headers['webhook-timestamp']}.".encode() + body, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(standard).decode()}"


def test_events_go_only_to_webhooks_that_want_them(api: Api, platform: Platform, make: Make, post_due: Callable[[], Any]) -> None:
    wanted, other_type, paused, stranger = receiver(), receiver(), receiver(), receiver()
    create(api, wanted.url)
    create(api, other_type.url, "email.opened")
    switched_off = create(api, paused.url)["webhook"]["id"]
    api.patch(f"/api/v1/webhooks/{switched_off}", json={"active": False})
    create(platform.api(account_id=make.account("eve@example.com")), stranger.url)
    bounce(api, platform)

    post_due()

    assert [len(each.posts) for each in (wanted, other_type, paused, stranger)] == [1, 0, 0, 0]


def test_events_that_are_not_taken_are_posted_again_byte_for_byte(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    there = receiver(500, 302, 204)
    created = create(api, there.url)
    bounce(api, platform)

    counts = []
    for _ in range(4):
        counts.append(post_due())
        make_due(platform)

    assert counts == [1, 1, 1, 0]
    assert len({body for _, body in there.posts}) == len({headers["webhook-id"] for headers, _ in there.posts}) == 1
    (log,) = deliveries(api, created)
    assert (log["state"], log["attempt_count"], log["status_code"], log["error"]) == ("delivered", 3, 204, None)


def test_events_wait_longer_after_each_attempt_and_are_given_up_at_last(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    created = create(api, receiver(503).url)
    bounce(api, platform)

    for _ in webhook_outbox.RETRY_DELAYS:
        post_due()
        (log,) = deliveries(api, created)
        assert log["state"] == "pending"
        assert post_due() == 0
        make_due(platform)
    post_due()

    (log,) = deliveries(api, created, "state=failed")
    assert (log["attempt_count"], log["error"], log["next_attempt_at"]) == (10, "The receiver responded with 503", None)


def test_a_receiver_that_is_gone_switches_its_webhook_off(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    created = create(api, receiver(410).url)
    bounce(api, platform)

    post_due()

    assert api.get(f"/api/v1/webhooks/{created['webhook']['id']}").json["webhook"]["active"] is False
    assert deliveries(api, created)[0]["state"] == "failed"


def test_two_senders_post_an_event_once(api: Api, platform: Platform) -> None:
    there = receiver()
    create(api, there.url)
    bounce(api, platform)
    senders = [threading.Thread(target=WebhookSender(platform.settings, platform.store).post_due) for _ in range(4)]

    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert len(there.posts) == 1


def test_an_event_that_a_dead_sender_held_is_posted_when_its_lease_ran_out(
    api: Api, platform: Platform, post_due: Callable[[], Any]
) -> None:
    there = receiver()
    create(api, there.url)
    bounce(api, platform)
    platform.store.write(lambda connection: webhook_outbox.lease(connection, PostLanes()))

    held = post_due()
    platform.store.write(lambda connection: connection.execute(update(tables.WebhookDelivery).values(lease_until=1)).rowcount)

    assert (held, post_due(), len(there.posts)) == (0, 1, 1)


@pytest.mark.parametrize(
    "url", ["https://example.com:99999/", "https://[::", "https://[x]/", "https://.a/", "http://localhost/ü", "http://a\0b/"]
)
def test_an_address_that_is_none_is_a_failed_attempt(api: Api, platform: Platform, post_due: Callable[[], Any], url: str) -> None:
    created = create(api, "https://example.com/")
    platform.store.write(lambda connection: connection.execute(update(tables.Webhook).values(url=url)).rowcount)
    bounce(api, platform)

    assert (post_due(), api.post(f"/api/v1/webhooks/{created['webhook']['id']}/test").json["delivered"]) == (1, False)
    assert [delivery["attempt_count"] for delivery in deliveries(api, created)] == [1, 1]


def test_a_delivery_with_an_unforeseen_fault_stops_no_other(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    spoilt, there = create(api, "https://example.com/"), receiver()
    sealed = vault.seal(platform.settings, b"\xff")  # not text, as every secret is
    platform.store.write(lambda connection: connection.execute(update(tables.Webhook).values(secret_sealed=sealed)).rowcount)
    create(api, there.url)
    bounce(api, platform)

    assert (post_due(), len(there.posts)) == (2, 1)
    (log,) = deliveries(api, spoilt)
    assert (log["state"], log["attempt_count"], log["error"]) == ("pending", 1, "The event could not be posted")


def test_replay_webhook_delivery_posts_the_same_event(api: Api, platform: Platform, post_due: Callable[[], Any]) -> None:
    there = receiver(410, 200)
    created = create(api, there.url)
    bounce(api, platform)
    post_due()
    (failed,) = deliveries(api, created)

    again = api.post(f"/api/v1/webhooks/{created['webhook']['id']}/deliveries/{failed['id']}/replay").json

    assert (again["delivered"], there.posts[0][1] == there.posts[1][1]) == (True, True)
    assert deliveries(api, created)[0]["state"] == "delivered"


def test_replay_webhook_delivery_refuses_that_of_another_webhook(api: Api, platform: Platform) -> None:
    first, second = create(api, receiver().url), create(api, receiver().url, "email.opened")
    bounce(api, platform)
    (delivery,) = deliveries(api, first)

    refused = api.post(f"/api/v1/webhooks/{second['webhook']['id']}/deliveries/{delivery['id']}/replay")

    assert refused.status_code == 404


def test_list_webhook_deliveries_shows_what_waits(api: Api, platform: Platform) -> None:
    created = create(api, receiver().url)
    bounce(api, platform)

    (waiting,) = deliveries(api, created, "state=pending")

    assert (waiting["event_type"], waiting["attempt_count"], waiting["status_code"]) == ("email.bounced", 0, None)
    assert waiting["next_attempt_at"] is not None
    assert deliveries(api, created, "state=delivered") == []


def test_the_webhook_sender_of_a_worker_posts_by_itself(api: Api, platform: Platform) -> None:
    there = receiver()
    create(api, there.url)
    running = BackgroundTask("sender", WebhookSender(platform.settings, platform.store).post_due)
    running.start()
    try:
        bounce(api, platform)
        until(lambda: there.posts)
    finally:
        running.stop()

    assert not running.is_alive


def test_a_background_task_goes_on_after_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "FAULT_SECONDS", 0.01)
    calls = []

    def work() -> None:
        calls.append(1)
        raise ZeroDivisionError

    running = BackgroundTask("odd", work)
    running.start()
    try:
        until(lambda: len(calls) > 1)
        assert running.is_alive
    finally:
        running.stop()
