"""Every source of a suppression has the same effect: suppressed, contact changed, webhooks notified, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import Client

from misarmail_server.app import create_app
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery import outcomes
from misarmail_server.delivery.queue import leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.rows.recipient_states import RecipientState
from tests.conftest import Platform
from tests.support.calls.every_operation import SEND
from tests.support.calls.results import relay_path
from tests.support.ledger import lead
from tests.support.reports import bounce, complaint
from tests.support.servers.own_smtp_server import deliver, listening

HOST = "mail.example.net"
ADA = "ada@example.com"
TOLD = ["email.sent", "email.bounced", "email.complained", "email.unsubscribed", "contact.updated"]


@dataclass
class World:
    """A contact that has got a mail of a campaign, and those who may say that it wants or takes no more."""

    api: Any
    platform: Any
    store: Store
    port: int
    message_id: str = ""
    row: int = 0

    def send(self) -> None:
        """A mail to the contact that is under way."""
        self.message_id = self.api.post("/api/v1/send", json=SEND | {"to": [{"email": "Ada@Example.com"}]}).json["message_id"]
        with self.store.read() as connection:
            self.row = int(connection.scalar(select(tables.Recipient.id).where(tables.Recipient.message_id == self.message_id)) or 0)

    def arrive(self) -> None:
        """The mail was taken by its receiver."""
        with self.store.read() as connection:
            state = connection.scalar(select(tables.Recipient.state).where(tables.Recipient.id == self.row))
        if state == RecipientState.PENDING:
            lead(self.store, self.message_id, RecipientState.LEASED, RecipientState.DELIVERED)

    def mail(self, kind: Any, content: str) -> None:
        """A mail comes back."""
        self.arrive()
        tokens = Tokens(self.platform.settings)
        assert deliver(self.port, f"{tokens.address(kind, self.row)}@{HOST}", content)[0] == 250

    def refuse(self) -> None:
        """The receiver reports during the SMTP session that the mailbox does not exist."""
        rows = leases.lease(self.store, "somebody", 10, 300.0)
        settlement.settle(
            self.store, [Settlement(row, outcomes.of_reply(550, b"5.1.1 no such user", is_about_recipient=True)) for row in rows]
        )

    def click(self) -> None:
        self.arrive()
        token = Tokens(self.platform.settings).make("unsubscribe", TokenClaim(self.message_id, self.row))
        assert Client(create_app(self.platform.settings, self.store)).post(f"/u/{token}").status_code == 200

    def report(self, **data: Any) -> None:
        """The account's relay reports."""
        self.arrive()
        output = {"Email": ADA, "Recipient": ADA, "Metadata": {"message_id": self.message_id}} | data
        assert self.platform.client().post(relay_path(self.api), json=output).status_code == 200

    def contact(self) -> dict[str, Any]:
        result: dict[str, Any] = self.api.get("/api/v1/contacts").json["contacts"][0]
        return result

    def reason(self) -> str | None:
        answer = self.api.get(f"/api/v1/suppressions/{ADA}")
        return answer.json["suppression"]["reason"] if answer.status_code == 200 else None

    def webhook_events(self) -> list[str]:
        """The events for the account's webhook."""
        with self.store.read() as connection:
            return sorted(connection.scalars(select(tables.WebhookDelivery.event_type)))

    def counted(self) -> dict[str, int]:
        with self.store.read() as connection:
            count = tables.EventCount
            query = select(count.kind, func.sum(count.count)).where(count.span == "day").group_by(count.kind)
            return {kind: int(number) for kind, number in connection.execute(query) if number}


@pytest.fixture
def world(platform: Platform, store: Store) -> Iterator[World]:
    settings = replace(platform.settings, hostname=HOST, return_path_host=HOST)
    with listening(settings, store) as ports:
        result = World(platform.everything(), platform, store, ports["inbound"])
        result.api.post("/api/v1/contacts", json={"email": ADA})
        result.send()
        made = result.api.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/x", "events": TOLD})
        assert made.status_code == 200, made.json
        yield result


BOUNCED: dict[str, Callable[[World], None]] = {
    "dialogue": World.refuse,
    "mail": lambda world: world.mail("b", bounce(ADA)),
    "relay": lambda world: world.report(RecordType="Bounce", Type="HardBounce"),
}
LEFT: dict[str, Callable[[World], None]] = {
    "link": World.click,
    "mail": lambda world: world.mail("u", "Subject: unsubscribe\r\n\r\n"),
    "relay": lambda world: world.report(RecordType="SubscriptionChange", SuppressSending=True),
}


def activity(world: World) -> list[str]:
    """The entries of the contact's log about its changes and unsubscriptions."""
    page = world.api.get(f"/api/v1/contacts/{world.contact()['id']}/activity").json["activity"]
    return sorted(each["type"] for each in page if each["message_id"] is None)


@pytest.mark.parametrize("bounce_from", BOUNCED.values(), ids=BOUNCED)
def test_hard_bounce_has_the_same_effect_from_each_source(world: World, bounce_from: Any) -> None:
    bounce_from(world)

    assert (world.reason(), world.contact()["status"]) == ("bounced", "bounced")
    assert world.webhook_events() == ["contact.updated", "email.bounced"]
    assert world.counted() == {"hard_bounced": 1}
    assert activity(world) == ["bounced", "created"]
    assert [world.api.get(f"/api/v1/contacts?status={each}").json["pagination"]["total"] for each in ("subscribed", "bounced")] == [0, 1]


@pytest.mark.parametrize("first", LEFT.values(), ids=LEFT)
@pytest.mark.parametrize("again", LEFT.values(), ids=LEFT)
def test_who_leaves_does_so_once_whichever_way(world: World, first: Any, again: Any) -> None:
    first(world)
    again(world)

    assert (world.reason(), world.contact()["status"]) == ("unsubscribed", "unsubscribed")
    assert world.webhook_events() == ["contact.updated", "email.unsubscribed"]
    assert world.counted() == {"delivered": 1, "unsubscribed": 1}
    assert activity(world) == ["created", "unsubscribed"]


def test_complaint_outweighs_an_unsubscription_which_remains(world: World) -> None:
    world.click()

    world.mail("b", complaint(f"b-x@{HOST}"))

    assert (world.reason(), world.contact()["status"]) == ("complained", "complained")
    assert world.api.delete(f"/api/v1/suppressions/{ADA}?reason=complained").status_code == 200
    assert (world.reason(), world.contact()["status"]) == ("unsubscribed", "unsubscribed")
    assert world.webhook_events() == [*["contact.updated"] * 3, "email.complained", "email.unsubscribed"]


def test_status_over_the_api_suppresses_and_lifts(world: World) -> None:
    path = f"/api/v1/contacts/{world.contact()['id']}"

    world.api.patch(path, json={"status": "unsubscribed"})
    refused = world.api.post("/api/v1/send", json=SEND | {"to": [{"email": ADA}], "stream": "marketing"})
    reason = world.reason()
    world.api.patch(path, json={"status": "subscribed"})

    assert (refused.status_code, refused.json["code"], reason, world.reason()) == (422, "recipients_suppressed", "unsubscribed", None)
    assert world.webhook_events() == ["contact.updated", "contact.updated"]


def test_status_over_the_api_lifts_nobody_else_s_suppression(world: World) -> None:
    path = f"/api/v1/contacts/{world.contact()['id']}"
    world.api.post("/api/v1/suppressions", json={"email": ADA})

    world.api.patch(path, json={"status": "unsubscribed"})
    world.api.patch(path, json={"status": "subscribed"})

    assert world.reason() == "manual"


def test_suppression_over_the_api_changes_the_contact(world: World) -> None:
    world.api.post("/api/v1/suppressions", json={"email": "ADA@example.com", "reason": "unsubscribed"})

    assert (world.contact()["status"], world.webhook_events()) == ("unsubscribed", ["contact.updated"])


def test_contact_that_comes_unsubscribed_is_suppressed(world: World) -> None:
    world.api.post("/api/v1/contacts", json={"email": "bob@example.com", "status": "unsubscribed"})
    rows = [{"email": "eve@example.com", "status": "bounced"}, {"email": ADA, "status": "complained"}, {"email": "fay@example.com"}]
    world.api.post("/api/v1/contacts/import", json={"contacts": rows, "update_existing": True})

    result = {suppression["email"]: suppression["reason"] for suppression in world.api.get("/api/v1/suppressions").json["suppressions"]}
    assert result == {"bob@example.com": "unsubscribed", "eve@example.com": "bounced", ADA: "complained"}
