"""Idempotency keys of sends: the same response, one mail, and separate keys per account."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import send as send_service
from tests.conftest import Api, Make, Platform
from tests.support.calls.send import send


def test_send_email_answers_a_repeat_with_the_first_answer(api: Api, make: Make) -> None:
    first = send(api, idempotency_key="order-1")
    again = send(api, {"Idempotency-Key": "order-1"}, idempotency_key="order-1")

    assert again.json == first.json | {"idempotent": True}
    assert make.count(tables.Message) == 1


def test_send_email_refuses_another_request_under_the_same_key(api: Api) -> None:
    send(api, {"Idempotency-Key": "order-1"})

    refused = send(api, {"Idempotency-Key": "order-1"}, subject="Another")

    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_mismatch")


def test_send_email_forgets_a_key_after_seven_days_and_after_a_refusal(api: Api, store: Store, make: Make) -> None:
    assert send(api, idempotency_key="order-1", to=[]).status_code == 400
    first = send(api, idempotency_key="order-1").json
    store.write(lambda connection: connection.execute(update(tables.Idempotency).values(created_at=now() - 7 * DAY - 1)).rowcount)

    again = send(api, idempotency_key="order-1").json

    assert "idempotent" not in again
    assert again["message_id"] != first["message_id"]
    assert make.count(tables.Message) == 2


def test_send_email_separates_idempotency_keys_of_accounts(platform: Platform, api: Api) -> None:
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    send(api, idempotency_key="order-1")

    assert "idempotent" not in send(stranger, idempotency_key="order-1").json


def test_send_email_called_64_times_at_once_with_one_key_sends_one_mail(platform: Platform, api: Api, make: Make) -> None:
    application = [platform.client(api.headers), platform.client(api.headers)]  # two processes' worth
    start, answers = threading.Barrier(64), []

    def call(number: Any) -> None:
        start.wait()
        answers.append(send(application[number % 2], idempotency_key="order-1"))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kinds = {(answer.status_code, answer.json.get("code", "")) for answer in answers}
    assert kinds <= {(200, ""), (409, "idempotency_in_flight")}
    assert len({answer.json["message_id"] for answer in answers if answer.status_code == 200}) == 1
    assert make.count(tables.Message) == make.count(tables.Recipient) == 1


def test_send_email_refuses_a_repeat_while_the_first_is_at_work(
    platform: Platform, api: Api, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, finish = threading.Event(), threading.Event()
    accept = send_service.accept

    def slow(ctx: Any, draft: Any) -> Any:
        started.set()
        finish.wait(30)
        return accept(ctx, draft)

    monkeypatch.setattr(send_service, "accept", slow)
    client = platform.client(api.headers)
    first = []
    caller = threading.Thread(target=lambda: first.append(send(client, idempotency_key="order-1")))
    caller.start()
    started.wait(30)

    refused = send(client, idempotency_key="order-1")
    finish.set()
    caller.join()

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (409, "idempotency_in_flight", "1")
    assert first[0].status_code == 200
    assert make.count(tables.Message) == 1


def test_send_email_does_not_treat_a_capture_as_a_repeat_of_a_send(platform: Platform) -> None:
    account_id = platform.make.account()
    sandboxed, full = platform.api("sandbox", account_id=account_id), platform.api(account_id=account_id)
    assert send(sandboxed, idempotency_key="order-1").json["sandbox"] is True

    refused = send(full, idempotency_key="order-1")

    assert (refused.status_code, refused.json["code"]) == (409, "idempotency_mismatch")


def test_send_email_takes_the_key_from_body_or_header_alike(api: Api) -> None:
    first = send(api, idempotency_key="order-1").json

    assert send(api, {"Idempotency-Key": "order-1"}).json == first | {"idempotent": True}


MEANING = {
    "from": {"email": "a@example.com"},
    "to": [{"email": "b@münchen.example", "name": "B"}],
    "subject": "Hi",
    "text": "x",
    "reply_to": {"email": "c@example.com"},
    "scheduled_at": "2099-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    "change",
    [
        {"scheduled_at": "2099-01-01T00:00:00+00:00"},
        {"scheduled_at": "2099-01-01T02:00:00.000+02:00"},
        {"to": [{"name": "B", "email": "b@xn--mnchen-3ya.example"}]},
        {"reply_to": None, "replyTo": {"email": "c@example.com"}},
        {"stream": "transactional"},
        {},
    ],
)
def test_send_email_answers_the_same_meaning_with_the_first_answer(api: Api, make: Make, change: Any) -> None:
    written = {
        name: value for name, value in {**change, **{n: v for n, v in MEANING.items() if n not in change}}.items() if value is not None
    }
    first = api.post("/api/v1/send", json=MEANING | {"idempotency_key": "order-1"})

    again = api.post("/api/v1/send", json=written, headers={"Idempotency-Key": "order-1"})

    assert again.json == first.json | {"idempotent": True}
    assert make.count(tables.Message) == 1


@pytest.mark.parametrize("change", [{"scheduled_at": "2099-01-01T00:00:01Z"}, {"reply_to": {"email": "d@example.com"}}, {"text": "y"}])
def test_send_email_refuses_another_meaning_under_the_same_key(api: Api, change: Any) -> None:
    api.post("/api/v1/send", json=MEANING | {"idempotency_key": "order-1"})

    assert api.post("/api/v1/send", json=MEANING | change | {"idempotency_key": "order-1"}).json["code"] == "idempotency_mismatch"
