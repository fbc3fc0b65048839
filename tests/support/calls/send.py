"""Sends that several tests make."""

from __future__ import annotations

from typing import Any

from tests.support.calls.every_operation import SEND


def send(api: Any, with_headers: Any = None, **changed: Any) -> Any:
    body = {name: value for name, value in (SEND | changed).items() if value is not ...}
    return api.post("/api/v1/send", json=body, headers=with_headers or {})


def message(api: Any, answer: Any) -> Any:
    return api.get(f"/api/v1/messages/{answer.json['message_id']}").json["message"]


def addresses(rows: Any) -> Any:
    return [(recipient["email"], recipient["kind"], recipient["state"]) for recipient in rows["recipients"]]
