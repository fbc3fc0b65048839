"""All orders of all ways to change a contact's status or a suppression: the two never contradict each other.

A model of a few lines says what holds after each step; the database must agree with it, and so must a send of either stream. All orders of
two ways are walked, and every way from every state that any order leads to, which covers the orders of any length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Connection, func, select

from misarmail_contract import models
from misarmail_server.context import Context, Principal
from misarmail_server.db import tables
from misarmail_server.errors import Conflict, NotFound, Unprocessable
from misarmail_server.events import suppress
from misarmail_server.events.barred import WEIGHTS
from misarmail_server.events.suppress import SuppressionCause
from misarmail_server.received.relay_reports import FeedbackReport
from misarmail_server.rows.recipient_states import STREAMS, Stream
from misarmail_server.services import (
    contact_erasure,
    contact_import_batches,
    contacts,
    message_feedback,
    send,
    suppressions,
    unsubscribes,
)
from misarmail_server.services.contact_import_rows import ImportRow
from misarmail_server.services.message_recipients import MessageRecipient, Visitor
from tests.conftest import Platform

ADA = "ada@example.com"
LENGTH = 2


State = tuple[str | None, frozenset[tuple[str, str]]]  # a contact's status, and the suppressions by reason


@dataclass
class Model:
    """The expected state: whether there is a contact, and the suppressions of the address."""

    is_contact: bool = False
    reasons: dict[str, str] = field(default_factory=dict)  # reason -> scope

    def copy(self) -> Model:
        return Model(self.is_contact, dict(self.reasons))

    @property
    def state(self) -> State:
        return self.status, frozenset(self.reasons.items())

    @property
    def status(self) -> str | None:
        weights = ["subscribed", *(reason for reason in self.reasons if reason != "manual")]
        return max(weights, key=lambda reason: WEIGHTS[reason]) if self.is_contact else None

    def bars(self, stream: str) -> bool:
        return bool(self.reasons) if stream == "marketing" else "all" in self.reasons.values()

    def add(self, reason: str, scope: str | None = None) -> None:
        self.reasons.setdefault(reason, scope or ("marketing" if reason == "unsubscribed" else "all"))

    def arrive(self, status: str) -> None:
        """The contact is created or imported."""
        if status != "subscribed" and (self.status is None or WEIGHTS[status] > WEIGHTS[self.status]):
            self.add(status)
        self.is_contact = True

    def create(self, status: str) -> None:
        if not self.is_contact:
            self.arrive(status)

    def leave(self) -> None:
        self.is_contact = False

    def update(self, status: str) -> None:
        if self.is_contact:
            for reason in [reason for reason in self.reasons if reason != "manual" and WEIGHTS[reason] > WEIGHTS[status]]:
                del self.reasons[reason]
            if status != "subscribed":
                self.add(status)

    def lift(self, reason: str | None) -> None:
        self.reasons = {} if reason is None else {known: scope for known, scope in self.reasons.items() if known != reason}


Way = tuple[Callable[[Context], object], Callable[[Model], None]]


def contact_id(ctx: Context) -> str:
    row = contacts.find(ctx, ADA)
    if row is None:
        raise NotFound("contact", ADA)
    return row.id


def create(status: models.ContactStatus) -> Way:
    return lambda ctx: contacts.create(ctx, models.ContactCreate(email=ADA, status=status)), lambda model: model.create(status)


def import_(status: models.ContactStatus) -> Way:
    row = ImportRow(1, ADA, {}, status, [], {})
    return lambda ctx: contact_import_batches.store(ctx, [row], changes_existing=True), lambda model: model.arrive(status)


def upsert(status: models.ContactStatus) -> Way:
    new = models.ContactUpsert(email=ADA, status=status)
    return lambda ctx: contacts.upsert(ctx, new), lambda model: model.arrive(status)


def update(status: models.ContactStatus) -> Way:
    change = models.ContactUpdate(status=status)
    return lambda ctx: contacts.update(ctx, contact_id(ctx), change), lambda model: model.update(status)


def add(reason: models.SuppressionReason, scope: models.SuppressionScope) -> Way:
    new = models.SuppressionCreate(email=ADA, reason=reason, scope=scope)
    return lambda ctx: suppressions.create(ctx, new), lambda model: model.add(reason, scope)


def lift(reason: models.SuppressionReason | None) -> Way:
    return lambda ctx: suppressions.delete_(ctx, ADA, reason), lambda model: model.lift(reason)


def report(kind: str, reason: str) -> Way:
    feedback = FeedbackReport(kind, ADA, None, None, None)  # type: ignore[arg-type]
    return lambda ctx: message_feedback.apply(ctx, [feedback]), lambda model: model.add(reason)


def click(ctx: Context) -> None:
    """The link, the one-click button and a mail to the unsubscribe address end here."""
    message_id = ctx.connection.scalar(select(tables.Message.id)) or ""
    recipient = MessageRecipient(1, message_id, ctx.account_id, ADA, "delivered", ctx.now(), None, "hello@example.com")
    unsubscribes.unsubscribe(ctx, recipient, Visitor())


def settle_bounce(ctx: Context) -> None:
    suppress.apply(ctx.connection, [SuppressionCause(ctx.account_id, ADA, "bounced")], ctx.now())


WAYS: dict[str, Way] = {
    "create": create("subscribed"),
    "create unsubscribed": create("unsubscribed"),
    "import": import_("subscribed"),
    "import bounced": import_("bounced"),
    "import unsubscribed": import_("unsubscribed"),
    "upsert": upsert("subscribed"),
    "upsert unsubscribed": upsert("unsubscribed"),
    "update to subscribed": update("subscribed"),
    "update to bounced": update("bounced"),
    "update to unsubscribed": update("unsubscribed"),
    "delete": (lambda ctx: contacts.delete_(ctx, contact_id(ctx)), Model.leave),
    "erase": (lambda ctx: contact_erasure.erase(ctx, contact_id(ctx)), Model.leave),
    "click": (click, lambda model: model.add("unsubscribed")),
    "bounce": (settle_bounce, lambda model: model.add("bounced")),
    "report a complaint": report("complained", "complained"),
    "report an unsubscription": report("unsubscribed", "unsubscribed"),
    "suppress": add("manual", "all"),
    "suppress marketing": add("manual", "marketing"),
    "suppress unsubscribed": add("unsubscribed", "marketing"),
    "lift": lift(None),
    "lift the unsubscription": lift("unsubscribed"),
}


def mail(stream: Stream) -> models.EmailSend:
    sender, to = models.Mailbox(email="hello@example.com"), [models.Mailbox(email=ADA)]
    return models.EmailSend(from_=sender, to=to, subject="Hello", text="Hello", stream=stream)


@dataclass
class Walk:
    """Walks all orders, each step in a savepoint."""

    platform: Platform
    connection: Connection
    account_id: str
    expanded: set[State] = field(default_factory=set)
    sent: set[State] = field(default_factory=set)

    def context(self) -> Context:
        principal = Principal(self.account_id, "enterprise", "any", scopes=None)
        return Context.of_principal(self.platform.store, self.platform.settings, self.connection, principal)

    def go(self, model: Model, path: tuple[str, ...] = ()) -> None:
        for name, (act, follow) in WAYS.items():
            savepoint = self.connection.begin_nested()
            self.step(act)
            after = model.copy()
            follow(after)
            self.check(after, (*path, name))
            if len(path) + 1 < LENGTH or after.state not in self.expanded:
                self.expanded.add(after.state)
                self.go(after, (*path, name))
            savepoint.rollback()

    def step(self, act: Callable[[Context], object]) -> None:
        savepoint = self.connection.begin_nested()
        try:
            act(self.context())
        except (Conflict, NotFound):
            savepoint.rollback()
        else:
            savepoint.commit()

    def check(self, model: Model, path: tuple[str, ...]) -> None:
        contact, suppression, counted = tables.Contact, tables.Suppression, tables.ContactCount
        status = self.connection.scalar(select(contact.status))
        rows = {each.reason: each.scope for each in self.connection.execute(select(suppression.reason, suppression.scope))}
        numbers = {name: number for name, number in self.connection.execute(select(counted.status, counted.count)) if number}
        assert (status, rows) == (model.status, model.reasons), path
        assert numbers == ({} if status is None else {status: 1}), path
        if model.state not in self.sent:
            self.sent.add(model.state)
            assert [self.is_refused(stream) for stream in STREAMS] == [model.bars(stream) for stream in STREAMS], path

    def is_refused(self, stream: Stream) -> bool:
        savepoint = self.connection.begin_nested()
        try:
            send.queue(self.context(), mail(stream))
        except Unprocessable:
            return True
        finally:
            savepoint.rollback()
        return False


def test_status_and_suppressions_agree_after_all_orders_of_all_ways(platform: Platform) -> None:
    account_id = platform.make.account()

    def walk(connection: Connection) -> Walk:
        result = Walk(platform, connection, account_id)
        send.queue(result.context(), mail("marketing"))
        result.go(Model())
        return result

    result = platform.store.write(walk)

    assert len(result.sent) == len(result.expanded) == 2 * 2**3 * 3  # contact or none, three reasons, manual in neither or either scope
    with platform.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.Contact)) == 0


@pytest.mark.parametrize("stream", STREAMS)
def test_a_contact_that_unsubscribed_was_deleted_and_is_created_again_stays_unsubscribed(platform: Platform, stream: Stream) -> None:
    api = platform.everything()
    first = api.post("/api/v1/contacts", json={"email": ADA, "status": "unsubscribed"}).json["contact"]
    api.delete(f"/api/v1/contacts/{first['id']}")

    again = api.post("/api/v1/contacts", json={"email": ADA}).json["contact"]

    mail = {"from": {"email": "hello@example.com"}, "to": [{"email": ADA}], "subject": "x", "text": "x", "stream": stream}
    assert again["status"] == "unsubscribed"
    assert api.post("/api/v1/send", json=mail).status_code == (422 if stream == "marketing" else 200)
