"""Helpers of the tests of campaigns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.events import record
from misarmail_server.events.record import EmailEvent
from tests.support.calls.every_operation import WELCOME

TOTALS = ("recipients", "sent", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed")


def get(api: Any, path: Any) -> Any:
    return api.get(path).json["campaign"]


def status(api: Any, path: Any) -> Any:
    return get(api, path)["status"]


def force(platform: Any, path: Any, **values: Any) -> None:
    """Put a campaign into a state that only the runner sets, directly in the database."""
    change = update(tables.Campaign).where(tables.Campaign.id == path.rsplit("/", 1)[1]).values(values)
    platform.store.write(lambda connection: connection.execute(change).rowcount)


def happened(platform: Any, path: Any, *kinds: str) -> None:
    """Write the outcomes of a campaign's mails, as the worker does."""
    id_ = path.rsplit("/", 1)[1]
    with platform.store.read() as connection:
        account_id = connection.scalar(select(tables.Campaign.account_id).where(tables.Campaign.id == id_))
    events = [EmailEvent("msg_1", account_id, "a@example.com", kind, kind, now(), id_) for kind in kinds]
    platform.store.write(lambda connection: record.count_events(connection, events))


def template(api: Any) -> Any:
    return api.post("/api/v1/templates", json=WELCOME).json["template"]["id"]


def segment(api: Any) -> Any:
    return api.post("/api/v1/segments", json={"name": "VIP", "segment_type": "static"}).json["segment"]["id"]


SENDER = insert(tables.Sender).values(address="@yourdomain.com", created_at=0)
