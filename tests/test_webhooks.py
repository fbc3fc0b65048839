from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
from contextlib import closing

import pytest
from sqlalchemy import update

from calls import CALLS, SEND
from misarmail_server import tables, vault
from misarmail_server.delivery import chores, happenings, webhooks
from misarmail_server.delivery.chores import Chore
from misarmail_server.delivery.happenings import Happening
from misarmail_server.delivery.poster import Poster
from misarmail_server.services import caps
from receivers import receiver, speaking
from waiting import until

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


def create(api, url, *events: str, **changed):
    body = {"url": url, "events": list(events) or ["email.bounced", "email.delivered"]} | changed
    return api.post("/api/v1/webhooks", json=body).json


def bounce(api, platform, kind="hard_bounced"):
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]
    one = Happening(message_id, api.account_id, "user@example.com", "bounced", kind, 1_772_359_200_000, None, 550, "5.1.1 no such user")
    platform.store.write(lambda connection: happenings.record(connection, [one]))
    return message_id


def deliveries(api, webhook, query=""):
    return api.get(f"/api/v1/webhooks/{webhook['webhook']['id']}/deliveries?{query}").json["deliveries"]


def make_due(platform):
    platform.store.write(lambda connection: connection.execute(update(tables.WebhookDelivery).values(due_at=0)).rowcount)


@pytest.fixture
def post_due(platform):
    return Poster(platform.settings, platform.store).post_due


def test_create_webhook_shows_its_secret_once(api, platform):
    created = create(api, "https://app.example.com/hooks", "email.bounced")

    found = api.get(f"/api/v1/webhooks/{created['webhook']['id']}").json["webhook"]
    assert found == created["webhook"]
    assert created["secret"].startswith("whsec_")
    assert created["secret"] not in str(found)
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
def test_create_webhook_names_what_is_wrong(api, make, changed, field):
    refused = api.post("/api/v1/webhooks", json={"url": "https://example.com/", "events": ["email.sent"]} | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.Webhook) == 0


@pytest.mark.parametrize("id_", ["create_webhook", "create_segment", "create_inbound_domain"])
def test_an_account_has_only_so_many(api, platform, make, monkeypatch, id_):
    monkeypatch.setattr(caps, "CAPS", {table: (1, words) for table, (_, words) in caps.CAPS.items()})
    method, path, options = CALLS[id_](api)
    first, second = api(method, path, **options), api(method, path, **options)
    other = platform.everything(make.account("eve@example.com"))

    assert (first.status_code, second.status_code, second.json["code"]) == (200, 403, "plan_limit_exceeded")
    assert other(method, path, **options).status_code in {200, 409}


def test_list_webhooks_is_newest_first(api):
    made = [create(api, f"https://example.com/{number}")["webhook"]["id"] for number in range(3)]

    page = api.get("/api/v1/webhooks?limit=2").json

    assert ([one["id"] for one in page["webhooks"]], page["total"]) == ([made[2], made[1]], 3)


def test_get_webhook_hides_its_secret(api):
    created = create(api, "https://example.com/a", "email.sent")

    answer = api.get(f"/api/v1/webhooks/{created['webhook']['id']}")

    assert answer.json == {"success": True, "webhook": created["webhook"]}
    assert created["secret"] not in answer.get_data(as_text=True)


def test_update_webhook_changes_only_what_is_given(api):
    created = create(api, "https://example.com/a", "email.sent")["webhook"]

    changed = api.patch(f"/api/v1/webhooks/{created['id']}", json={"events": ["email.opened", "email.clicked"]}).json["webhook"]

    assert (changed["url"], changed["events"], changed["active"]) == ("https://example.com/a", ["email.opened", "email.clicked"], True)


def test_delete_webhook_takes_its_log_along(api, platform, make):
    created = create(api, receiver().url)
    bounce(api, platform)

    api.delete(f"/api/v1/webhooks/{created['webhook']['id']}")

    assert (make.count(tables.Webhook), make.count(tables.WebhookDelivery)) == (0, 0)


def test_events_are_posted_with_three_signatures_that_fit(api, platform, post_due):
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


def test_events_go_only_to_webhooks_that_want_them(api, platform, make, post_due):
    wanted, other_type, paused, stranger = receiver(), receiver(), receiver(), receiver()
    create(api, wanted.url)
    create(api, other_type.url, "email.opened")
    switched_off = create(api, paused.url)["webhook"]["id"]
    api.patch(f"/api/v1/webhooks/{switched_off}", json={"active": False})
    create(platform.api(account_id=make.account("eve@example.com")), stranger.url)
    bounce(api, platform)

    post_due()

    assert [len(one.posts) for one in (wanted, other_type, paused, stranger)] == [1, 0, 0, 0]


def test_events_that_are_not_taken_are_posted_again_byte_for_byte(api, platform, post_due):
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


def test_events_wait_longer_after_each_attempt_and_are_given_up_at_last(api, platform, post_due):
    created = create(api, receiver(503).url)
    bounce(api, platform)

    for _ in webhooks.RETRIES:
        post_due()
        (log,) = deliveries(api, created)
        assert log["state"] == "pending"
        assert post_due() == 0
        make_due(platform)
    post_due()

    (log,) = deliveries(api, created, "state=failed")
    assert (log["attempt_count"], log["error"], log["next_attempt_at"]) == (10, "The receiver answered 503", None)


def test_a_receiver_that_is_gone_switches_its_webhook_off(api, platform, post_due):
    created = create(api, receiver(410).url)
    bounce(api, platform)

    post_due()

    assert api.get(f"/api/v1/webhooks/{created['webhook']['id']}").json["webhook"]["active"] is False
    assert deliveries(api, created)[0]["state"] == "failed"


def test_two_posters_post_an_event_once(api, platform):
    there = receiver()
    create(api, there.url)
    bounce(api, platform)
    posters = [threading.Thread(target=Poster(platform.settings, platform.store).post_due) for _ in range(4)]

    for one in posters:
        one.start()
    for one in posters:
        one.join()

    assert len(there.posts) == 1


def test_an_event_that_a_dead_poster_held_is_posted_when_its_lease_ran_out(api, platform, post_due):
    there = receiver()
    create(api, there.url)
    bounce(api, platform)
    platform.store.write(lambda connection: webhooks.lease(connection, 10))

    held = post_due()
    platform.store.write(lambda connection: connection.execute(update(tables.WebhookDelivery).values(lease_until=1)).rowcount)

    assert (held, post_due(), len(there.posts)) == (0, 1, 1)


def test_test_webhook_says_how_it_went(api):
    there = receiver(200, 500)
    hook = f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}"

    taken, refused = api.post(f"{hook}/test").json, api.post(f"{hook}/test").json

    assert (taken["delivered"], taken["status_code"], taken["error"]) == (True, 200, None)
    assert (refused["delivered"], refused["status_code"], refused["error"]) == (False, 500, "The receiver answered 500")
    assert json.loads(there.posts[0][1])["type"] == "email.sent"


def test_test_webhook_says_that_nobody_answers(api):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        hook = create(api, f"http://127.0.0.1:{taken.getsockname()[1]}/")["webhook"]["id"]

        answer = api.post(f"/api/v1/webhooks/{hook}/test").json

    assert (answer["delivered"], answer["status_code"]) == (False, None)
    assert answer["error"].startswith("127.0.0.1 does not answer on port")


def test_test_webhook_does_not_wait_for_ever(api, monkeypatch):
    there = receiver()
    there.is_open.clear()
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.2)

    answer = api.post(f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}/test").json
    there.is_open.set()

    assert answer["error"] == "The receiver did not answer in 0.2 seconds"


@pytest.mark.parametrize(
    "url", ["https://example.com:99999/", "https://[::", "https://[x]/", "https://.a/", "http://localhost/ü", "http://a\0b/"]
)
def test_an_address_that_is_none_is_a_failed_attempt(api, platform, post_due, url):
    created = create(api, "https://example.com/")
    platform.store.write(lambda connection: connection.execute(update(tables.Webhook).values(url=url)).rowcount)
    bounce(api, platform)

    assert (post_due(), api.post(f"/api/v1/webhooks/{created['webhook']['id']}/test").json["delivered"]) == (1, False)
    assert [one["attempt_count"] for one in deliveries(api, created)] == [1, 1]


def test_a_delivery_with_an_unforeseen_fault_stops_no_other(api, platform, post_due):
    spoilt, there = create(api, "https://example.com/"), receiver()
    sealed = vault.seal(platform.settings, b"\xff")  # not text, as every secret is
    platform.store.write(lambda connection: connection.execute(update(tables.Webhook).values(secret_sealed=sealed)).rowcount)
    create(api, there.url)
    bounce(api, platform)

    assert (post_due(), len(there.posts)) == (2, 1)
    (log,) = deliveries(api, spoilt)
    assert (log["state"], log["attempt_count"], log["error"]) == ("pending", 1, "The event could not be posted")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: half a li"])
def test_test_webhook_takes_no_half_answer_for_one(api, monkeypatch, said):
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.2)
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        hook = create(api, f"http://127.0.0.1:{server.getsockname()[1]}/")["webhook"]["id"]
        with speaking(server, said):
            answer = api.post(f"/api/v1/webhooks/{hook}/test").json

    assert (answer["status_code"], answer["error"]) == (None, "The receiver did not answer in 0.2 seconds")


def test_test_webhook_follows_no_redirect(api):
    there = receiver(302)

    answer = api.post(f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}/test").json

    assert (answer["delivered"], answer["status_code"], len(there.posts)) == (False, 302, 1)


def test_test_webhook_stays_out_of_private_networks(platform, make):
    guarded = platform.client(platform.everything(make.account()).headers, allows_private_targets=False)
    there = receiver()

    answer = guarded.post(f"/api/v1/webhooks/{create(guarded, there.url)['webhook']['id']}/test").json

    assert answer["error"] == "127.0.0.1 is in a private network, where this platform does not connect to"
    assert there.posts == []


def test_replay_webhook_delivery_posts_the_same_event(api, platform, post_due):
    there = receiver(410, 200)
    created = create(api, there.url)
    bounce(api, platform)
    post_due()
    (failed,) = deliveries(api, created)

    again = api.post(f"/api/v1/webhooks/{created['webhook']['id']}/deliveries/{failed['id']}/replay").json

    assert (again["delivered"], there.posts[0][1] == there.posts[1][1]) == (True, True)
    assert deliveries(api, created)[0]["state"] == "delivered"


def test_replay_webhook_delivery_refuses_that_of_another_webhook(api, platform):
    first, second = create(api, receiver().url), create(api, receiver().url, "email.opened")
    bounce(api, platform)
    (delivery,) = deliveries(api, first)

    refused = api.post(f"/api/v1/webhooks/{second['webhook']['id']}/deliveries/{delivery['id']}/replay")

    assert refused.status_code == 404


def test_rotate_webhook_secret_signs_with_the_new_one(api):
    there = receiver()
    hook = f"/api/v1/webhooks/{create(api, there.url)['webhook']['id']}"

    secret = api.post(f"{hook}/rotate-secret").json["secret"]
    api.post(f"{hook}/test")

    headers, body = there.posts[0]
    assert headers["X-MisarMail-Signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_rotate_webhook_secret_takes_the_callers_own(api):
    hook = create(api, receiver().url)["webhook"]["id"]

    assert api.post(f"/api/v1/webhooks/{hook}/rotate-secret", json={"secret": "sixteen-characters"}).json["secret"] == "sixteen-characters"


def test_list_webhook_deliveries_shows_what_waits(api, platform):
    created = create(api, receiver().url)
    bounce(api, platform)

    (waiting,) = deliveries(api, created, "state=pending")

    assert (waiting["event_type"], waiting["attempt_count"], waiting["status_code"]) == ("email.bounced", 0, None)
    assert waiting["next_attempt_at"] is not None
    assert deliveries(api, created, "state=delivered") == []


def test_the_poster_of_a_worker_posts_by_itself(api, platform):
    there = receiver()
    create(api, there.url)
    running = Chore("poster", Poster(platform.settings, platform.store).post_due)
    running.start()
    try:
        bounce(api, platform)
        until(lambda: there.posts)
    finally:
        running.stop()

    assert not running.is_alive


def test_a_chore_goes_on_after_a_fault(monkeypatch):
    monkeypatch.setattr(chores, "FAULT_SECONDS", 0.01)
    calls = []

    def work():
        calls.append(1)
        raise ZeroDivisionError

    running = Chore("odd", work)
    running.start()
    try:
        until(lambda: len(calls) > 1)
        assert running.is_alive
    finally:
        running.stop()


def test_contacts_that_are_added_or_changed_are_events(api, post_due):
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
