"""Calls about webhooks that several tests make."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from sqlalchemy import Connection, Update, update

from misarmail_server.db import tables
from misarmail_server.events import record
from misarmail_server.events.record import EmailEvent
from tests.support.calls.every_operation import SEND

SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes of key").decode()


def create(api: Any, url: Any, *events: str, **changed: Any) -> Any:
    body = {"url": url, "events": list(events) or ["email.bounced", "email.delivered"]} | changed
    return api.post("/api/v1/webhooks", json=body).json


def bounce(api: Any, platform: Any, kind: str = "hard_bounced") -> Any:
    message_id = api.post("/api/v1/send", json=SEND).json["message_id"]
    item = EmailEvent(message_id, api.account_id, "user@example.com", "bounced", kind, 1_772_359_200_000, None, 550, "5.1.1 no such user")
    platform.store.write(lambda connection: record.record_events(connection, [item]))
    return message_id


def deliveries(api: Any, webhook: Any, query: str = "") -> Any:
    return api.get(f"/api/v1/webhooks/{webhook['webhook']['id']}/deliveries?{query}").json["deliveries"]


def make_due(platform: Any) -> None:
    for change in (
        update(tables.WebhookDelivery).values(due_at=0),
        update(tables.Webhook).values(paused_until=None),
        update(tables.InboundDomain).values(paused_until=None),
    ):
        platform.store.write(partial(_execute, change))


def _execute(change: Update, connection: Connection) -> int:
    return connection.execute(change).rowcount
