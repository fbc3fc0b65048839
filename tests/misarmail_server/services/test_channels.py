from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from misarmail_server.db import tables
from misarmail_server.services.idempotency import LEASE
from tests.conftest import Api, Platform
from tests.support.calls.marketing import PUSH, WHATSAPP
from tests.support.servers.message_provider import Provider
from tests.support.servers.platform_process import free_port

WHATSAPP_PATH = "/api/v1/channels/whatsapp/send"
PUSH_PATH = "/api/v1/channels/push/send"
BODIES: dict[str, dict[str, Any]] = {WHATSAPP_PATH: WHATSAPP, PUSH_PATH: PUSH}
BROWSER = {"endpoint": "https://push.example.com/1", "keys": {"p256dh": "BNc", "auth": "tBH"}, "expirationTime": None}


def recorded(platform: Any) -> Any:
    """(state, outcomes) of every recorded message."""
    message = tables.ChannelMessage
    with platform.store.read() as connection:
        rows = connection.execute(select(message.state, message.outcomes_json).order_by(message.created_at)).all()
    return [(row.state, json.loads(row.outcomes_json)) for row in rows]


def saying(path: Any, word: Any) -> Any:
    """A body that makes the provider answer in a certain way."""
    return {"to": "+491512345678", "message": word} if path == WHATSAPP_PATH else PUSH | {"to": word}


def test_send_whatsapp_hands_a_template_to_the_provider(platform: Platform, api: Api, provider: Provider) -> None:
    answer = api.post(WHATSAPP_PATH, json=WHATSAPP | {"language": "pt-BR"})

    assert answer.json == {"success": True, "message_id": "wamid.1", "status": "sent", "channel": "whatsapp"}
    assert provider.received == [
        (
            "/v20/4711/messages",
            "Bearer secret",
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "to": "+491512345678",
                "type": "template",
                "template": {
                    "name": "order_update",
                    "language": {"code": "pt_BR"},
                    "components": [{"type": "body", "parameters": [{"type": "text", "text": "4711"}]}],
                },
            },
        )
    ]
    assert recorded(platform) == [("sent", [["taken", "wamid.1"]])]


def test_send_whatsapp_sends_free_text_to_a_number_however_it_is_written(api: Api, provider: Provider) -> None:
    assert api.post(WHATSAPP_PATH, json={"to": "+49 (151) 234-56.78", "message": "Your order\nhas left."}).status_code == 200

    _, _, message = provider.received[0]
    assert (message["to"], message["type"], message["text"]) == ("+491512345678", "text", {"body": "Your order\nhas left."})


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"message": "Hi"}, "to", "Is required"),
        ({"to": "0151 2345678", "message": "Hi"}, "to", "Must be a phone number in E.164, such as +491512345678"),
        ({"to": "+1234567890123456", "message": "Hi"}, "to", "Must be a phone number in E.164, such as +491512345678"),
        ({"to": "+49151234567"}, "template_name", "Give exactly one of template_name and message"),
        ({"to": "+49151234567", "message": "Hi", "template_name": "a"}, "template_name", "Give exactly one of template_name and message"),
        ({"to": "+49151234567", "message": "Hi", "parameters": []}, "parameters", "Needs template_name"),
        (
            {"to": "+49151234567", "template_name": "Order Update"},
            "template_name",
            "Must be a template name: lower-case letters, digits and _",
        ),
        ({"to": "+49151234567", "template_name": "a", "language": "english"}, "language", "Must be a language such as en or en_US"),
        ({"to": "+49151234567", "message": "x" * 4097}, "message", "Must have at most 4096 characters"),
        ({"to": "+49151234567", "message": "Hi", "contact_id": "cct_1"}, "contact_id", "There is no contact cct_1"),
        ({"to": "+49151234567", "template_name": "a", "parameters": [{"type": "image"}]}, "parameters", "[0].type: Must be text"),
    ],
)
def test_send_whatsapp_names_the_field_that_is_wrong(
    platform: Platform, api: Api, provider: Provider, body: Any, field: str, sentence: str
) -> None:
    refused = api.post(WHATSAPP_PATH, json=body)

    assert refused.status_code == 400
    assert sentence in refused.json["details"]["fieldErrors"][field]
    assert (provider.received, recorded(platform)) == ([], [])


def test_send_push_notifies_every_device_and_reports_each_outcome(platform: Platform, api: Api, provider: Provider) -> None:
    body = PUSH | {
        "to": ["token-1", "refused", BROWSER],
        "data": {"order": "4711"},
        "url": "https://shop.example.com/1",
        "icon": "https://shop.example.com/i.png",
        "ttl": 3600,
    }

    answer = api.post(PUSH_PATH, json=body).json

    first, second, third = answer.pop("results")
    assert answer.pop("message_id").startswith("chm_")
    assert answer == {"success": True, "channel": "push", "sent": 1, "failed": 2}
    assert (first["to"], first["success"], first["message_id"][:23]) == ("token-1", True, "projects/shop/messages/")
    assert second == {"to": "refused", "success": False, "error": "Template name does not exist in the translation"}
    assert (third["to"], third["success"]) == ("https://push.example.com/1", False)
    path, authorization, message = next(each for each in provider.received if each[2]["message"]["token"] == "token-1")
    assert (path, authorization) == ("/v1/projects/shop/messages:send", None)
    assert message["message"] == {
        "token": "token-1",
        "notification": {"title": "Your order has left", "body": "It arrives tomorrow."},
        "data": {"order": "4711", "url": "https://shop.example.com/1"},
        "webpush": {
            "notification": {"icon": "https://shop.example.com/i.png"},
            "fcm_options": {"link": "https://shop.example.com/1"},
            "headers": {"TTL": "3600"},
        },
        "android": {"ttl": "3600s"},
    }
    state, outcomes = recorded(platform)[0]
    assert (state, [kind for kind, _ in outcomes]) == ("sent", ["taken", "refused", "refused"])


def test_send_push_takes_500_devices(api: Api, provider: Provider) -> None:
    answer = api.post(PUSH_PATH, json=PUSH | {"to": [f"token-{number}" for number in range(500)]}).json

    assert (answer["sent"], answer["failed"], len(provider.received)) == (500, 0, 500)
    assert [result["to"] for result in answer["results"]] == [f"token-{number}" for number in range(500)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to": ""}, "to"),
        ({"to": []}, "to"),
        ({"to": ["a"] * 501}, "to"),
        ({"to": "a b"}, "to"),
        ({"to": {"endpoint": "http://push.example.com", "keys": {"p256dh": "a", "auth": "b"}}}, "to"),
        ({"contact_id": "cct_1"}, "to"),
        ({"title": ""}, "title"),
        ({"body": "x" * 2001}, "body"),
        ({"data": {"a": 1}}, "data"),
        ({"data": {"a b": "1"}}, "data"),
        ({"url": "ftp://example.com"}, "url"),
        ({"icon": "http://example.com/a"}, "icon"),
        ({"ttl": -1}, "ttl"),
    ],
)
def test_send_push_names_the_field_that_is_wrong(platform: Platform, api: Api, provider: Provider, changed: Any, field: str) -> None:
    refused = api.post(PUSH_PATH, json=PUSH | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert (provider.received, recorded(platform)) == ([], [])


def test_send_push_refuses_a_contact_that_is_not_there(api: Api) -> None:
    refused = api.post(PUSH_PATH, json={"contact_id": "cct_1", "title": "a", "body": "b"})

    assert refused.json["details"]["fieldErrors"] == {"contact_id": ["There is no contact cct_1"]}


def test_send_push_refuses_web_push_subscriptions_alone(api: Api, provider: Provider) -> None:
    refused = api.post(PUSH_PATH, json=PUSH | {"to": BROWSER})

    assert (refused.status_code, refused.json["code"], provider.received) == (422, "channel_refused", [])


@pytest.mark.parametrize(("path", "feature"), [(WHATSAPP_PATH, "whatsapp"), (PUSH_PATH, "push")])
def test_send_whatsapp_and_push_refuse_where_there_is_no_provider(platform: Platform, api: Api, path: Any, feature: str) -> None:
    bare = platform.client(api.headers, whatsapp_url="", push_url="")

    refused = bare.post(path, json=BODIES[path])

    assert (refused.status_code, refused.json["code"], refused.json["feature"]) == (403, "feature_unavailable", feature)
    assert recorded(platform) == []


@pytest.mark.parametrize("path", BODIES)
@pytest.mark.parametrize(
    ("word", "status", "code", "sentence", "state"),
    [
        ("refused", 422, "channel_refused", "refused the message: Template name does not exist in the translation", "failed"),
        ("speechless", 422, "channel_refused", "refused the message: it answered 400", "failed"),
        ("locked_out", 503, "unavailable", "it answered 401; nothing was sent", "failed"),
        ("overrun", 503, "unavailable", "it answered 503; nothing was sent", "failed"),
        ("silent", 503, "unavailable", "it did not answer (RemoteDisconnected); it is unknown whether the message was sent", "unknown"),
    ],
)
def test_send_whatsapp_and_push_tell_a_refusal_from_an_outage(
    platform: Platform, api: Api, path: Any, word: str, status: int, code: str, sentence: str, state: str
) -> None:
    refused = api.post(path, json=saying(path, word))

    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert refused.json["error"].endswith(sentence)
    assert [each[0] for each in recorded(platform)] == [state]


def test_send_whatsapp_distrusts_an_answer_without_a_message_id(platform: Platform, api: Api) -> None:
    assert api.post(WHATSAPP_PATH, json=saying(WHATSAPP_PATH, "nameless")).status_code == 503
    assert recorded(platform) == [("unknown", [["unanswered", "its answer names no message"]])]


@pytest.mark.parametrize("path", BODIES)
def test_send_whatsapp_and_push_say_that_a_provider_cannot_be_reached(platform: Platform, api: Api, path: Any) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    cut_off = platform.client(api.headers, whatsapp_url=nobody, push_url=nobody)

    refused = cut_off.post(path, json=BODIES[path])

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.json["error"].endswith("it cannot be reached (ConnectionRefusedError); nothing was sent")
    assert [each[0] for each in recorded(platform)] == ["failed"]


def test_send_whatsapp_is_recorded_before_the_call(platform: Platform, api: Api, provider: Provider) -> None:
    seen = []
    provider.meanwhile = lambda: seen.extend(recorded(platform))

    api.post(WHATSAPP_PATH, json=WHATSAPP)

    assert seen == [("sending", [])]


@pytest.mark.parametrize("path", BODIES)
def test_send_whatsapp_and_push_repeat_harmlessly(api: Api, provider: Provider, path: Any) -> None:
    key = {"Idempotency-Key": "order-4711"}

    first = api.post(path, json=BODIES[path], headers=key)
    again = api.post(path, json=BODIES[path] | {"idempotency_key": "order-4711"})
    other = api.post(path, json=saying(path, "other"), headers=key)

    assert again.json == {**first.json, "idempotent": True}
    assert (other.status_code, other.json["code"]) == (409, "idempotency_mismatch")
    assert len(provider.received) == 1


def test_send_whatsapp_sends_once_however_many_call_at_once(platform: Platform, provider: Provider) -> None:
    account_id = platform.make.account()
    clients = [platform.api(account_id=account_id) for _ in range(8)]  # each acts as a separate process, with separate memory

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda api: api.post(WHATSAPP_PATH, json=WHATSAPP, headers={"Idempotency-Key": "k"}), clients))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_flight"}
    assert len(provider.received) == 1


def test_send_whatsapp_reports_that_the_first_call_is_in_progress(platform: Platform, api: Api, provider: Provider) -> None:
    key, seen = {"Idempotency-Key": "k"}, list[Any]()
    elsewhere = platform.client(api.headers)
    provider.meanwhile = lambda: seen.extend(each.post(WHATSAPP_PATH, json=WHATSAPP, headers=key) for each in (api, elsewhere))

    assert api.post(WHATSAPP_PATH, json=WHATSAPP, headers=key).status_code == 200
    assert [(each.status_code, each.json["code"]) for each in seen] == [(409, "idempotency_in_flight")] * 2
    assert [int(each.headers["Retry-After"]) for each in seen] == [1, pytest.approx(LEASE // 1_000, abs=5)]
    assert len(provider.received) == 1


def test_send_whatsapp_releases_the_key_of_a_failed_call(api: Api, provider: Provider) -> None:
    key = {"Idempotency-Key": "k"}
    failed = api.post(WHATSAPP_PATH, json=saying(WHATSAPP_PATH, "overrun"), headers=key)

    again = api.post(WHATSAPP_PATH, json=WHATSAPP, headers=key)

    assert (failed.status_code, again.status_code, len(provider.received)) == (503, 200, 2)


@pytest.mark.parametrize(("age", "status"), [(LEASE - 10_000, 409), (LEASE + 1, 200)])
def test_send_whatsapp_frees_the_key_of_a_call_that_was_cut_off(platform: Platform, api: Api, age: Any, status: int) -> None:
    key = {"Idempotency-Key": "k"}
    assert api.post(WHATSAPP_PATH, json=WHATSAPP, headers=key).status_code == 200
    claim = tables.Idempotency
    cut_off = update(claim).values(status=0, answer=b"", created_at=claim.created_at - age, lease_until=claim.created_at + LEASE - age)
    platform.store.write(lambda connection: connection.execute(cut_off).rowcount)

    answer = api.post(WHATSAPP_PATH, json=WHATSAPP, headers=key)

    assert answer.status_code == status
    assert status == 200 or 5 <= int(answer.headers["Retry-After"]) <= 10  # the rest of the lease


def test_send_push_reaches_the_devices_of_a_contact(api: Api, provider: Provider) -> None:
    contact = api.post("/api/v1/contacts", json={"email": "ada@example.com", "custom_fields": {"push_tokens": "one two"}}).json["contact"][
        "id"
    ]
    bare = api.post("/api/v1/contacts", json={"email": "bob@example.com"}).json["contact"]["id"]

    sent = api.post(PUSH_PATH, json={"contact_id": contact, "title": "a", "body": "b"})
    refused = api.post(PUSH_PATH, json={"contact_id": bare, "title": "a", "body": "b"})

    assert (sent.json["sent"], len(provider.received)) == (2, 2)
    assert refused.json["details"]["fieldErrors"] == {"contact_id": ["This contact has no device: its custom field push_tokens is empty"]}
