"""Sends that several tests make."""

from __future__ import annotations

from tests.support.calls import SEND


def send(api, with_headers=None, **changed):
    body = {name: value for name, value in (SEND | changed).items() if value is not ...}
    return api.post("/api/v1/send", json=body, headers=with_headers or {})


def message(api, answer):
    return api.get(f"/api/v1/messages/{answer.json['message_id']}").json["message"]


def addresses(rows):
    return [(recipient["email"], recipient["kind"], recipient["state"]) for recipient in rows["recipients"]]
