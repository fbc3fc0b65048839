"""A call for each error code that only some operations return; its conditions are created directly in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from call_table import BASE, Row, Table
from live_servers import Live, Server
from sqlalchemy import update

from misarmail_server.db import tables
from tests.support.calls.accounts import connect
from tests.support.calls.contacts import ADA
from tests.support.calls.every_operation import SEND, WELCOME
from tests.support.calls.marketing import PUSH, WHATSAPP, campaign

KEY = {"Idempotency-Key": "order-1"}
FREE_TEMPLATES = 10
SPENT = 10**9
BROKEN = "{"  # invalid JSON
TAKEN = {"domain": "taken.example.net"}
RECIPIENTS, WAITING = 100, 1_000  # of a mail at most, and of the bare server's queue


class Codes:
    """The rows, for the main server."""

    def __init__(self, table: Table, servers: dict[str, Server]) -> None:
        self._table = table
        self._server = servers["main"]
        self._bare = servers["bare"]

    def rows(self) -> Iterator[Row]:
        """At least one row for each code that not all operations return."""
        for arrange in (self.keys, self.plans, self.conflicts, self.idempotency, self.others, self.channels, self.backlog, self.faults):
            yield from arrange()

    def keys(self) -> Iterator[Row]:
        """Expired and revoked keys, and a wrong password."""
        caller = self._server.caller()
        expired = caller.make.key(caller.account_id, expires_at=1)
        revoked = self._server.caller()
        self._write(update(tables.Key).where(tables.Key.account_id == revoked.account_id).values(revoked_at=1))
        row = self._table.of("list_templates", caller)
        yield replace(row, status=401, code="key_expired", credentials={"api_key": expired})
        yield replace(row, status=401, code="key_revoked", credentials={"api_key": revoked.key})
        yield self._row("sign_in", caller, {"email": "ada@example.com", "password": "not the password"}, (401, "invalid_credentials"))

    def plans(self) -> Iterator[Row]:
        """Limits of a plan, and an unverified sender."""
        free = self._server.caller(plan="free")
        for number in range(FREE_TEMPLATES):
            free.post("/api/v1/templates", json=WELCOME | {"name": f"Number {number}"})
        yield self._row("create_template", free, WELCOME, (403, "plan_limit_exceeded"))
        free.post("/api/v1/send", json=SEND)
        self._write(update(tables.Usage).where(tables.Usage.account_id == free.account_id).values(used=SPENT))
        yield self._row("send_email", free, SEND, (429, "plan_limit_exceeded"))
        yield self._row("send_email", self._server.caller(senders="verified"), SEND, (403, "sender_not_verified"))

    def conflicts(self) -> Iterator[Row]:
        """Existing resources, and resources in another state."""
        caller = self._server.caller()
        caller.post("/api/v1/contacts", json=ADA)
        yield self._row("create_contact", caller, ADA, (409, "contact_exists"))
        caller.post("/api/v1/suppressions", json={"email": "bob@example.com"})
        yield self._row("create_suppression", caller, {"email": "bob@example.com"}, (409, "already_exists"))
        owner = self._server.caller(senders="verified")
        domain = owner.post("/api/v1/domains", json=TAKEN).json["domain"]
        self._server.names.publish_all(domain)
        owner.post(f"/api/v1/domains/{domain['id']}/verify")
        yield self._row("create_domain", self._server.caller(senders="verified"), TAKEN, (409, "domain_taken"))
        draft = campaign(caller).rpartition("/")[2]
        yield replace(self._row("pause_campaign", caller, None, (409, "wrong_state")), path={"campaign_id": draft})

    def idempotency(self) -> Iterator[Row]:
        """A key that was used for another request, and one whose first call is in progress."""
        caller = self._server.caller()
        caller.post("/api/v1/send", json=SEND | {"idempotency_key": "order-1"})
        yield replace(self._row("send_email", caller, SEND | {"subject": "Another"}, (409, "idempotency_mismatch")), header=KEY)
        busy = self._server.caller()
        first = SEND | {"idempotency_key": "order-2"}
        busy.post("/api/v1/send", json=first)
        self._write(update(tables.Idempotency).where(tables.Idempotency.account_id == busy.account_id).values(status=0))
        yield self._row("send_email", busy, first, (409, "idempotency_in_flight"))

    def others(self) -> Iterator[Row]:
        """Suppressed recipients, a failed login, an unknown method, pages of a list, temporary failures."""
        caller = self._server.caller()
        caller.make.suppression(caller.account_id, "user@example.com")
        yield self._row("send_email", caller, SEND, (422, "recipients_suppressed"))
        yield self._row("create_account", caller, connect(password="wrong"), (422, "connection_refused"))  # noqa: S106 - a wrong password
        row = self._table.of("list_templates", caller)
        yield replace(row, status=405, code="method_not_allowed", tamper="method")
        for number in range(3):
            caller.post("/api/v1/templates", json=WELCOME | {"name": f"Number {number}"})
        yield replace(row, query={"limit": "1"}, iterate=3)
        yield replace(row, tamper="flaky")
        yield replace(self._row("send_email", self._server.caller(), SEND, (200, None)), tamper="flaky")

    def channels(self) -> Iterator[Row]:
        """Providers that refuse, are down, or are not configured."""
        caller = self._server.caller()
        refused = WHATSAPP | {"template_name": "refused"}
        yield self._row("send_whatsapp", caller, refused, (422, "channel_refused"))
        yield self._row("send_whatsapp", caller, WHATSAPP | {"template_name": "overrun"}, (503, "unavailable"))
        yield self._row("send_push", self._bare.caller(), PUSH, (403, "feature_unavailable"))

    def backlog(self) -> Iterator[Row]:
        """A full queue: no worker runs, so all mail waits."""
        caller = self._bare.caller()
        many = SEND | {"to": [{"email": f"user{number}@example.com"} for number in range(RECIPIENTS)]}
        for _ in range(WAITING // RECIPIENTS):
            caller.post("/api/v1/send", json=many)
        yield self._row("send_email", caller, many, (503, "queue_full"))

    def faults(self) -> Iterator[Row]:
        """A row with invalid content."""
        caller = self._server.caller()
        row = self._table.of("get_contact", caller)
        self._write(update(tables.Contact).where(tables.Contact.account_id == caller.account_id).values(custom_json=BROKEN))
        yield replace(row, status=500, code="internal_error")

    def _row(self, operation: str, caller: Live, body: Any, expected: tuple[int, str | None]) -> Row:
        return Row(operation, caller.url + BASE, *expected, caller.credentials, body=body)

    def _write(self, statement: Any) -> None:
        changed = self._server.store.write(lambda connection: connection.execute(statement).rowcount)
        assert changed, statement
