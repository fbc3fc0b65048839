from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from misarmail_server.context import DAY, SECOND, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from tests.conftest import Api, Make, Platform
from tests.support.calls.send import addresses, message, send


def test_send_email_takes_the_quick_start(api: Api) -> None:
    answer = send(api)

    assert answer.status_code == 200
    assert answer.json.keys() == {"success", "message_id", "provider", "timestamp"}
    assert answer.json["message_id"].startswith("msg_")
    assert addresses(message(api, answer)) == [("user@example.com", "to", "pending")]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"from": ...}, "from", "Is required"),
        ({"from": "hello@yourdomain.com"}, "from", "Must be an object"),
        ({"from": {"email": "hello"}}, "from", "email: Must be an e-mail address"),
        (
            {"from": {"email": "a@example.com", "name": "A\r\nBcc: x@example.com"}},
            "from",
            "name: Must be one line without control characters",
        ),
        ({"to": []}, "to", "Must have at least 1 recipient"),
        ({"to": None}, "to", "Must be a list"),
        ({"to": [{"email": "a@example.com"}] * 101}, "to", "Must have at most 100 recipients"),
        ({"to": [{"email": "a@example.com\n"}]}, "to", "[0].email: Must be an e-mail address"),
        ({"to": [{"name": "A"}]}, "to", "[0].email: Is required"),
        ({"to": [{"email": "a@example.com", "x": 1}]}, "to", "[0].x: Unknown field"),
        ({"cc": [{"email": "a@example.com"}] * 51}, "cc", "Must have at most 50 items"),
        ({"reply_to": "a@example.com"}, "reply_to", "Must be an object"),
        ({"subject": ...}, "subject", "Is required"),
        ({"subject": None}, "subject", "Must be text"),
        ({"subject": "a\r\nBcc: x@example.com"}, "subject", "Must be one line without control characters"),
        ({"subject": "x" * 999}, "subject", "Must have at most 998 characters"),
        ({"html": ..., "text": ...}, "html", "Give html, text or template_id"),
        ({"html": "x" * 500_001}, "html", "Must have at most 500000 characters"),
        ({"template_id": "tpl_1"}, "template_id", "Give template_id or html and text, not both"),
        ({"variables": {"a": 1}}, "variables", "Needs template_id"),
        ({"stream": "bulk"}, "stream", "Must be one of: transactional, marketing"),
        ({"tags": ["x"] * 11}, "tags", "Must have at most 10 items"),
        ({"metadata": {"a": 1}}, "metadata", "a: Must be text"),
        ({"headers": {"Bcc": "x@example.com"}}, "headers", "Bcc: Is set by the server"),
        ({"headers": {"delivered-to": "x@example.com"}}, "headers", "delivered-to: Is set by the server"),
        ({"headers": {"Apparently-To": "x@example.com"}}, "headers", "Apparently-To: Is set by the server"),
        ({"headers": {"Errors-To": "x@example.com"}}, "headers", "Errors-To: Is set by the server"),
        ({"headers": {"Original-From": "x@example.com"}}, "headers", "Original-From: Is set by the server"),
        ({"headers": {"Return-Receipt-To": "x@example.com"}}, "headers", "Return-Receipt-To: Is set by the server"),
        ({"headers": {"Disposition-Notification-To": "x@y.com"}}, "headers", "Disposition-Notification-To: Is set by the server"),
        (
            {"headers": {"X-MS-Exchange-Organization-SCL": "-1"}},
            "headers",
            "X-MS-Exchange-Organization-SCL: Is set by the server",
        ),
        ({"headers": {"X-A": "a\r\nBcc: b"}}, "headers", "X-A: Must be one line of printable ASCII"),
        ({"headers": {"X A": "a"}}, "headers", "X A: Must be a header field name"),
        (
            {"attachments": [{"filename": "a\nb", "content": ""}]},
            "attachments",
            "[0].filename: Must be a file name without control characters, / and \\",
        ),
        ({"attachments": [{"filename": "a", "content": "?"}]}, "attachments", "[0].content: Must be base64 without line breaks"),
        ({"scheduled_at": "soon"}, "scheduled_at", "Must be a date and time such as 2026-04-06T12:00:00Z"),
        ({"idempotency_key": "x" * 129}, "idempotency_key", "Must have at most 128 characters"),
        ({"replyTo": {"email": "a@example.com"}, "reply_to": {"email": "b@example.com"}}, "reply_to", "Give reply_to or replyTo, not both"),
    ],
)
def test_send_email_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str, sentence: str) -> None:
    refused = send(api, **changed)

    assert refused.status_code == 400
    assert refused.json["details"] == {"fieldErrors": {field: [sentence]}, "formErrors": []}
    assert (make.count(tables.Message), make.count(tables.Recipient), make.count(tables.Usage)) == (0, 0, 0)


def test_send_email_sends_one_mail_per_address(api: Api) -> None:
    answer = send(
        api,
        to=[{"email": "Ada@Example.com"}, {"email": "Ada@example.COM"}],
        cc=[{"email": "Ada@example.com"}, {"email": "bob@example.com"}],
        bcc=[{"email": "carl@example.com"}],
    )

    result = message(api, answer)
    assert addresses(result) == [
        ("Ada@example.com", "to", "pending"),
        ("bob@example.com", "cc", "pending"),
        ("carl@example.com", "bcc", "pending"),
    ]
    assert "carl" not in str(result["to"] + result["cc"])


def test_send_email_fills_a_template(api: Api) -> None:
    template = {"name": "T", "subject": "Hi {{first_name}}", "body_html": "<p>{{contact.company|you}}</p>", "body_text": "{{missing}}."}
    template_id = api.post("/api/v1/templates", json=template).json["template"]["id"]

    answer = send(
        api, {"X-MisarMail-Sandbox": "true"}, subject=..., html=..., text=..., templateId=template_id, variables={"first_name": "<Ada>"}
    )

    captured = api.get(f"/api/v1/sandbox/{answer.json['message_id']}").json["send"]
    assert (captured["subject"], captured["body_html"], captured["body_text"]) == ("Hi <Ada>", "<p>you</p>", ".")
    assert message(api, answer)["template_id"] == template_id


def test_send_email_needs_a_template_of_its_own_account(platform: Platform, api: Api) -> None:
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    template = {"name": "T", "subject": "S", "body_html": "<p></p>"}
    template_id = stranger.post("/api/v1/templates", json=template).json["template"]["id"]

    refused = send(api, subject=..., html=..., text=..., template_id=template_id)

    assert (refused.status_code, refused.json["error"]) == (404, f"There is no template {template_id}")


def test_send_email_stores_attachments_headers_tags_and_metadata(api: Api, store: Store) -> None:
    file = {
        "filename": "r\u00e9sum\u00e9.txt",
        "content": base64.b64encode(b"hello").decode(),
        "content_type": "text/plain",
        "content_id": "r@1",
    }

    answer = send(
        api, {"X-Source-App": "shop"}, attachments=[file], headers={"X-Order": "4711"}, tags=["receipt"], metadata={"order": "4711"}
    )

    result = message(api, answer)
    assert (result["tags"], result["metadata"]) == (["receipt"], {"order": "4711"})
    with store.read() as connection:
        row = connection.execute(select(tables.Attachment.__table__)).one()
        assert (row.filename, row.content_type, row.content_id, row.content) == ("r\u00e9sum\u00e9.txt", "text/plain", "r@1", b"hello")
        stored = connection.execute(select(tables.Message.headers_json, tables.Message.source_app)).one()
    assert tuple(stored) == ('{"X-Order":"4711"}', "shop")


def test_send_email_refuses_more_than_ten_megabytes_of_files(api: Api, make: Make) -> None:
    half = base64.b64encode(b"x" * 5_000_001).decode()

    refused = send(api, attachments=[{"filename": "a", "content": half}, {"filename": "b", "content": half}])

    assert refused.json["details"]["fieldErrors"] == {"attachments": ["Must have at most 10,000,000 bytes in total"]}
    assert make.count(tables.Message) == 0


def test_send_email_answers_an_earlier_message(api: Api) -> None:
    first = send(api).json["message_id"]

    answer = send(api, {"X-MisarMail-Sandbox": "true"}, in_reply_to=first)

    headers = api.get(f"/api/v1/sandbox/{answer.json['message_id']}").json["send"]["headers"]
    assert headers["In-Reply-To"] == headers["References"] == f"<{first}@yourdomain.com>"
    assert send(api, in_reply_to="msg_unknown").status_code == 404


def test_send_email_waits_for_its_time(api: Api) -> None:
    answer = send(api, scheduled_at="2090-01-01T00:00:00+01:00")

    result = message(api, answer)
    assert (result["state"], result["scheduled_at"]) == ("scheduled", "2089-12-31T23:00:00Z")
    assert result["recipients"][0]["next_attempt_at"] == "2089-12-31T23:00:00Z"


def test_send_email_takes_a_past_time_as_now(api: Api) -> None:
    result = message(api, send(api, scheduledAt="2020-01-01T00:00:00Z"))

    assert result["state"] == "queued"
    assert result["recipients"][0]["next_attempt_at"] == result["created_at"]


def test_send_email_omits_suppressed_recipients(api: Api, platform: Platform) -> None:
    platform.make.suppression(own_account(platform), "gone@example.com", "complained")

    answer = send(api, to=[{"email": "Gone@Example.com"}, {"email": "user@example.com"}])

    assert answer.json["suppressed"] == [{"email": "Gone@example.com", "reason": "complained", "scope": "all"}]
    assert addresses(message(api, answer)) == [("Gone@example.com", "to", "suppressed"), ("user@example.com", "to", "pending")]


def test_send_email_refuses_if_all_recipients_are_suppressed(api: Api, platform: Platform) -> None:
    platform.make.suppression(own_account(platform), "user@example.com")

    refused = send(api)

    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert refused.json["error"] == "Every recipient is suppressed: user@example.com (bounced)"
    assert refused.json["suppressed"] == [{"email": "user@example.com", "reason": "bounced", "scope": "all"}]
    assert platform.make.count(tables.Message) == 0


def test_send_email_ignores_suppressions_of_other_accounts(api: Api, platform: Platform) -> None:
    platform.make.suppression(platform.make.account("eve@example.com"), "user@example.com")

    assert send(api).status_code == 200


def test_send_email_refuses_a_sender_that_is_not_verified(platform: Platform) -> None:
    account_id = platform.make.account(senders="verified")
    api = platform.api(account_id=account_id)

    refused = send(api)

    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    platform.store.write(
        lambda connection: (
            connection.execute(insert(tables.Sender).values(account_id=account_id, address="@yourdomain.com", created_at=now())).rowcount
        )
    )
    assert send(api, **{"from": {"email": "Other@YourDomain.com"}}).status_code == 200
    assert send(api, **{"from": {"email": "a@notyourdomain.com"}}).status_code == 403


@pytest.mark.parametrize(
    ("scope", "stream", "status"),
    [
        ("send", "marketing", 200),
        ("send:marketing", "marketing", 200),
        ("send:marketing", "transactional", 403),
        ("send:transactional", "marketing", 403),
    ],
)
def test_send_email_respects_the_streams_of_its_key(platform: Platform, scope: str, stream: str, status: int) -> None:
    assert send(platform.api(scope), stream=stream).status_code == status


def test_send_email_with_only_the_sandbox_scope_captures(platform: Platform) -> None:
    answer = send(platform.api("sandbox"))

    assert (answer.json["sandbox"], answer.json["provider"]) == (True, "sandbox")
    assert answer.json["message_id"].startswith("sb_msg_")


def test_send_email_stops_at_the_plans_allowance(platform: Platform) -> None:
    account_id = platform.make.account(plan="free")
    api = platform.api(account_id=account_id)
    send(api)
    platform.store.write(lambda connection: connection.execute(update(tables.Usage).values(used=998)).rowcount)
    two = [{"email": "a@example.com"}, {"email": "b@example.com"}]
    assert send(api, to=two).status_code == 200

    refused = send(api)

    assert (refused.status_code, refused.json["code"]) == (429, "plan_limit_exceeded")
    assert refused.json["upgrade"]["usage"] | {"resets_at": ""} == {
        "used": 1000,
        "limit": 1000,
        "remaining": 0,
        "period": "month",
        "resets_at": "",
    }
    assert 1 <= int(refused.headers["Retry-After"]) == refused.json["retryAfter"] <= 31 * DAY // SECOND
    assert send(api, {"X-MisarMail-Sandbox": "true"}).status_code == 429


def test_send_email_counts_only_sent_recipients(platform: Platform) -> None:
    account_id = platform.make.account(plan="free")
    api = platform.api(account_id=account_id)
    platform.make.suppression(account_id, "gone@example.com")

    send(api, {"X-MisarMail-Sandbox": "true"})
    send(api, to=[{"email": "gone@example.com"}, {"email": "user@example.com"}])

    with platform.store.read() as connection:
        assert connection.scalar(select(tables.Usage.used)) == 1


def test_send_email_reports_queued_while_the_relay_is_down(platform: Platform, api: Api) -> None:
    relay = platform.client(api.headers, relay="smtp://127.0.0.1:2525")
    (platform.settings.state / "relay.json").write_text('{"relay": "smtp://127.0.0.1:2525", "since": 1, "reason": "refused"}')

    answer = send(relay)

    assert (answer.status_code, answer.json["success"], answer.json["queued"]) == (202, False, True)
    assert message(api, answer)["state"] == "queued"


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_send_email_refuses_times_that_no_clock_shows(api: Api, make: Make, time: str) -> None:
    refused = send(api, scheduled_at=time)

    assert refused.json["details"]["fieldErrors"] == {"scheduled_at": ["Must be in the years 1 to 9999 in UTC"]}
    assert make.count(tables.Message) == 0


def test_send_email_fills_the_tags_of_its_own_subject(api: Api) -> None:
    template = {"name": "T", "subject": "S", "body_html": "<p></p>"}
    template_id = api.post("/api/v1/templates", json=template).json["template"]["id"]

    answer = send(api, html=..., text=..., subject="Hi {{n}}", template_id=template_id, variables={"n": "Bob"})

    assert message(api, answer)["subject"] == "Hi Bob"


def own_account(platform: Any) -> Any:
    with platform.store.read() as connection:
        return connection.scalar(select(tables.Account.id).order_by(tables.Account.created_at).limit(1))


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain; charset=utf-8",
        "text/calendar; method=REQUEST",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
        'TEXT/Calendar;method="REQUEST" ; charset=utf-8;',
        "image/svg+xml",
    ],
)
def test_send_takes_media_types_with_parameters(api: Api, media_type: str) -> None:
    file = {"filename": "a.ics", "content": "eA==", "content_type": media_type}

    assert send(api, attachments=[file]).status_code == 200


@pytest.mark.parametrize(
    "media_type", ["text", "text/", "text/plain charset=x", "text/plain; charset", "text/plain;\r\n x=y", "t/p; x=\u00fc"]
)
def test_send_refuses_malformed_media_types(api: Api, media_type: str) -> None:
    file = {"filename": "a.ics", "content": "eA==", "content_type": media_type}

    refused = send(api, attachments=[file])

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["attachments"])
