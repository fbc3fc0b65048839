"""The background task deletes old rows and keeps others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.services.retention import Retention
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import campaign
from tests.support.calls.results import CALLS
from tests.support.calls.send import send

FILES = {"attachments": [{"filename": "a.txt", "content": "eHl6" * 1_000}]}


def deleted(platform: Platform, **settings: Any) -> None:
    """Run the task until nothing is left to do."""
    task = Retention(replace(platform.settings, **settings), platform.store)
    while task.run_once():
        pass


def aged(platform: Platform, table: Any, days: int, column: str = "at") -> None:
    earlier = update(table).values({column: now() - days * DAY})
    platform.store.write(lambda connection: connection.execute(earlier).rowcount)


def used(platform: Platform) -> int:
    with platform.store.read() as connection:
        return connection.scalar(select(tables.SandboxSpace.used)) or 0


def captured(api: Api, **changed: Any) -> Any:
    return api.post("/api/v1/sandbox/send", json=SEND | changed)


def test_send_to_sandbox_is_limited_in_bytes_per_account(platform: Platform, make: Make) -> None:
    api = platform.api()
    small = platform.client(api.headers, account_id=api.account_id, sandbox_bytes=20_000)
    stranger = platform.client(platform.api(account_id=make.account("eve@example.com")).headers, sandbox_bytes=20_000)

    first, second = captured(small, **FILES), captured(small, to=[{"email": f"a{number}@example.com"} for number in range(9)])

    assert (first.status_code, second.status_code, second.json["code"]) == (200, 403, "plan_limit_exceeded")
    assert captured(small, **FILES).status_code == 200
    assert captured(small, **FILES).status_code == 403
    assert captured(stranger, **FILES).status_code == 200
    assert send(small).status_code == 200  # only the sandbox is full
    small.delete(f"/api/v1/sandbox/{first.json['message_id']}")
    assert captured(small, **FILES).status_code == 200
    small.delete("/api/v1/sandbox")
    assert [captured(small, **FILES).status_code for _ in range(3)] == [200, 200, 403]


@pytest.mark.parametrize("is_whole", [True, False])
def test_deleted_captures_are_freed_with_their_messages(platform: Platform, api: Api, make: Make, *, is_whole: bool) -> None:
    id_ = captured(api, **FILES).json["message_id"]
    captured(api, to=[{"email": "bounce+hard@sandbox.misarmail.test"}])
    before = used(platform)

    if is_whole:
        api.delete("/api/v1/sandbox")
    else:
        api.delete(f"/api/v1/sandbox/{id_}")
    left = used(platform)
    deleted(platform)

    kept = 0 if is_whole else 1
    assert (before > left, left > 0, used(platform)) == (True, not is_whole, left)
    assert [make.count(table) for table in (tables.Message, tables.Recipient, tables.Capture, tables.Attachment)] == [kept, kept, kept, 0]
    assert make.count(tables.Event) == kept
    assert api.get(f"/api/v1/messages/{id_}").status_code == 404


def test_expired_captures_are_freed(platform: Platform, api: Api, make: Make) -> None:
    captured(api, **FILES)
    aged(platform, tables.Capture, 8, "created_at")
    kept = captured(api).json["message_id"]

    deleted(platform)

    assert [each["id"] for each in api.get("/api/v1/sandbox").json["sends"]] == [kept]
    assert (make.count(tables.Message), used(platform)) == (1, 4_000 + len("Hello from MisarMail<p>Hello world!</p>Hello world!{}"))
    deleted(platform, sandbox_days=1)
    assert make.count(tables.Message) == 1


def test_expired_captures_of_ordinary_mail_leave_the_inbox_only(platform: Platform, api: Api, make: Make) -> None:
    old, young = (send(api, subject=subject).json["message_id"] for subject in ("Old", "Young"))
    captures = [{"message_id": id_, "account_id": api.account_id, "created_at": now() - days * DAY} for id_, days in ((old, 8), (young, 1))]
    platform.store.write(lambda connection: connection.execute(insert(tables.Capture), captures).rowcount)

    deleted(platform)

    assert [each["id"] for each in api.get("/api/v1/sandbox").json["sends"]] == [young]
    assert [make.count(table) for table in (tables.Capture, tables.Message)] == [1, 2]


def test_a_capture_with_an_open_recipient_is_freed_later(platform: Platform, api: Api, make: Make) -> None:
    captured(api, to=[{"email": "slow@sandbox.misarmail.test"}])
    api.delete("/api/v1/sandbox")
    deleted(platform)
    assert make.count(tables.Message) == 1

    aged(platform, tables.Message, 1, "created_at")
    done = update(tables.Recipient).values(state="leased")
    platform.store.write(lambda connection: connection.execute(done).rowcount)
    platform.store.write(lambda connection: connection.execute(update(tables.Recipient).values(state="captured")).rowcount)
    deleted(platform)

    assert (make.count(tables.Message), used(platform)) == (0, 0)


def finish(platform: Platform) -> None:
    for state in ("leased", "delivered"):
        change = update(tables.Recipient).values(state=state)
        platform.store.write(lambda connection, change=change: connection.execute(change).rowcount)  # type: ignore[misc]


def test_content_of_old_messages_is_deleted(platform: Platform, api: Api, make: Make) -> None:
    old, waiting = send(api, **FILES).json["message_id"], None
    finish(platform)
    waiting = send(api, subject="Later", to=[{"email": "bob@example.com"}]).json["message_id"]
    aged(platform, tables.Message, 366, "created_at")
    send(api, subject="New")

    deleted(platform)

    with platform.store.read() as connection:
        rows = dict(connection.execute(select(tables.Message.id, tables.Message.subject)).all())
        contents = connection.scalar(select(func.count()).where(tables.Message.body_html.is_not(None)))
    assert (rows.pop(old), rows.pop(waiting), list(rows.values())) == ("", "Later", ["New"])
    assert (contents, make.count(tables.Attachment), make.count(tables.Recipient)) == (2, 0, 3)
    assert api.get(f"/api/v1/messages/{old}").status_code == 200


def test_content_is_kept_by_setting(platform: Platform, api: Api) -> None:
    send(api)
    finish(platform)
    aged(platform, tables.Message, 5_000, "created_at")

    deleted(platform, content_days=0)

    with platform.store.read() as connection:
        assert connection.scalar(select(tables.Message.subject)) == "Hello from MisarMail"


def test_old_rows_of_logs_are_deleted_and_counts_remain(platform: Platform, api: Api, make: Make) -> None:
    method, path, options = CALLS["test_webhook"](api)
    api(method, path, **options)
    captured(api, idempotency_key="k")
    api.post("/api/v1/contacts", json={"email": "ada@example.com"})
    api.post("/api/v1/track/event", json={"event": "signup", "email": "ada@example.com"})
    logs: list[Any] = [tables.Event, tables.ContactEvent, tables.TrackedEvent, tables.AuditEntry]
    ended = update(tables.WebhookDelivery).values(state="failed")
    platform.store.write(lambda connection: connection.execute(ended).rowcount)
    counts = make.count(tables.EventCount)
    deleted(platform)
    assert all(make.count(table) for table in [*logs, tables.WebhookDelivery, tables.Idempotency])

    for table in logs:
        aged(platform, table, 731)
    aged(platform, tables.WebhookDelivery, 31, "created_at")
    aged(platform, tables.Idempotency, 8, "created_at")
    deleted(platform, event_days=0, tracked_event_days=0, webhook_days=0, audit_days=0)
    assert all(make.count(table) for table in [*logs, tables.WebhookDelivery])
    deleted(platform)

    assert [make.count(table) for table in [*logs, tables.WebhookDelivery, tables.Idempotency]] == [0] * 6
    assert (make.count(tables.EventCount), make.count(tables.Contact)) == (counts, 1)


def test_a_webhook_delivery_that_waits_is_kept(platform: Platform, api: Api, make: Make) -> None:
    api.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": ["contact.created"]})
    api.post("/api/v1/contacts", json={"email": "ada@example.com"})
    aged(platform, tables.WebhookDelivery, 31, "created_at")

    deleted(platform)

    assert make.count(tables.WebhookDelivery) == 1


def test_personal_values_of_a_finished_campaign_are_deleted(platform: Platform, api: Api) -> None:
    message = send(api).json["message_id"]
    values = update(tables.Recipient).values(values_json='{"first_name":"Ada"}')
    platform.store.write(lambda connection: connection.execute(values).rowcount)
    of_campaign = update(tables.Message).where(tables.Message.id == message).values(campaign_id=campaign(api))
    platform.store.write(lambda connection: connection.execute(of_campaign).rowcount)
    finish(platform)
    aged(platform, tables.Message, 366, "created_at")

    deleted(platform)

    with platform.store.read() as connection:
        assert connection.execute(select(tables.Recipient.values_json, tables.Recipient.address)).all() == [(None, "user@example.com")]
