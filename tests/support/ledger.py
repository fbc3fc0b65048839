"""Writes messages as the API does and reads their outcomes."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from misarmail_server.context import now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.message import marketing, stored_parts
from misarmail_server.delivery.queue import leased_row, leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.events import record
from misarmail_server.events.barred import SCOPES
from misarmail_server.events.record import EmailEvent
from misarmail_server.rows.recipient_states import FINAL, RecipientState

ACCOUNT = "acc_1"


def give_back(store: Store, owner: str) -> int:
    """Have nothing tried of what an owner leased; how many rows that were."""

    def work(connection: Connection) -> int:
        held = leases.read_leased(connection, leased_row.RECIPIENT.lease_owner == owner)
        return settlement.settle_in(connection, [Settlement(row, outcomes.NOT_TRIED) for row in held])

    return store.write(work)


def lead(store: Store, message_id: str, *states: RecipientState) -> None:
    """Put the recipients of a message into these states, one after the other; a final one is finished now."""
    of_message = update(tables.Recipient).where(tables.Recipient.message_id == message_id)

    def work(connection: Connection) -> None:
        for state in states:
            connection.execute(of_message.values(state=state, finished_at=now() if state in FINAL else None))
        if states[-1] == RecipientState.DELIVERED:
            _count(connection, message_id)

    store.write(work)


def _count(connection: Connection, message_id: str) -> None:
    """Count deliveries as a worker's settlement does."""
    row = tables.Recipient
    rows = connection.execute(select(row.account_id, row.address, row.finished_at).where(row.message_id == message_id))
    record.count_events(connection, [EmailEvent(message_id, *each[:2], "delivered", "delivered", each[2] or 0) for each in rows])


class Ledger:
    def __init__(self, store: Store) -> None:
        self.store = store
        self._numbers = count(1)
        self._insert(tables.Account, id=ACCOUNT, email="owner@example.com", plan="enterprise", senders="any", created_at=1)

    def post(self, *addresses: str, priority: int = 0, due_at: int | None = None, lane: str = "", **columns: Any) -> str:
        """A message to these addresses, due now unless told otherwise; gives its id."""
        at, message_id = now(), f"msg_{next(self._numbers)}"
        message = {**MESSAGE, "id": message_id, "account_id": ACCOUNT, "created_at": at, **columns}
        recipient = {
            "message_id": message_id,
            "account_id": ACCOUNT,
            "lane": lane or ACCOUNT,
            "priority": priority,
            "due_at": due_at or at,
            **RECIPIENT,
        }

        def work(connection: Connection) -> None:
            connection.execute(insert(tables.Message), message)
            if message["stream"] == "marketing":
                is_template = message.get("campaign_id") is not None
                stored_parts.store_links(connection, message_id, marketing.links(message.get("body_html"), is_template=is_template))
            if addresses:
                connection.execute(insert(tables.Recipient), [{**recipient, "address": address} for address in addresses])

        self.store.write(work)
        return message_id

    def suppress(self, address: str, reason: str = "unsubscribed", expires_at: int | None = None) -> None:
        self._insert(
            tables.Suppression,
            account_id=ACCOUNT,
            address=address,
            reason=reason,
            scope=SCOPES.get(reason, "all"),
            expires_at=expires_at,
            created_at=1,
        )

    def contact(self, address: str) -> None:
        named = {"id": "cct_1", "account_id": ACCOUNT, "email": address, "status": "subscribed"}
        self._insert(tables.Contact, **named, custom_json="{}", created_at=1, updated_at=1)

    def make_due(self) -> None:
        """Make all waiting recipients due and all leases expired."""
        self.store.write(lambda connection: connection.execute(update(tables.Recipient).values(due_at=1, lease_until=1)))

    def age_events(self, days: int) -> None:
        """Move the last event back by a number of days."""
        newest = select(func.max(tables.Event.id)).scalar_subquery()
        moved = update(tables.Event).where(tables.Event.id == newest).values(at=now() - days * 86_400_000)
        self.store.write(lambda connection: connection.execute(moved))

    def states(self) -> dict[str, str]:
        return {row.address: row.state for row in self.rows(tables.Recipient)}

    def state_counts(self) -> Counter[str]:
        return Counter(row.state for row in self.rows(tables.Recipient))

    def recipient(self, address: str) -> Any:
        return next(row for row in self.rows(tables.Recipient) if row.address == address)

    def events(self) -> list[tuple[str, str, int | None, str | None]]:
        return [(row.recipient, row.type, row.reply_code, row.reply_text) for row in self.rows(tables.Event)]

    def suppressions(self) -> dict[str, str]:
        return {row.address: row.reason for row in self.rows(tables.Suppression)}

    def captures(self) -> list[str]:
        return [row.message_id for row in self.rows(tables.Capture)]

    def rows(self, table: type[tables.Table]) -> list[Any]:
        with self.store.read() as connection:
            return list(connection.execute(select(table.__table__).order_by(*table.__table__.primary_key)))

    def _insert(self, table: type[tables.Table], **values: Any) -> None:
        self.store.write(lambda connection: connection.execute(insert(table), values))


MESSAGE = {
    "stream": "transactional",
    "is_sandbox": False,
    "from_email": "hello@example.com",
    "to_json": '[{"email":"shown@example.com"}]',
    "cc_json": "[]",
    "subject": "Hello",
    "body_html": "<p>Hello world!</p>",
    "body_text": "Hello world!",
    "headers_json": "{}",
    "tags_json": "[]",
    "metadata_json": "{}",
}
RECIPIENT = {"kind": "to", "state": "pending", "attempt_count": 0}
