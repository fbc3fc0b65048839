"""Rules on behavior, against a reference: a random history of mail, events and purchases, and random rules, evaluated in Python."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from misarmail_server.context import DAY, HOUR, now
from misarmail_server.db import tables
from misarmail_server.events import behaviors, record
from misarmail_server.events.behaviors import Behavior
from misarmail_server.events.record import EmailEvent
from tests.conftest import Api, Platform
from tests.misarmail_server.services.test_contacts import create
from tests.misarmail_server.services.test_message_tracking import MESSAGE, PERSON, RECIPIENT, Sent
from tests.misarmail_server.services.test_segments import rule, segment
from tests.support.calls.marketing import campaign

NAMES = [f"p{number}" for number in range(10)]
URLS = ["https://shop.example/a", "https://shop.example/b"]
EVENTS, PRODUCTS, CURRENCIES = ["viewed", "signed_up"], ["cup", "Pot"], ["EUR", "JPY"]
DAYS = 60  # the length of the history
OUTCOMES = ["delivered"] * 5 + ["hard_bounced", "late", "ambiguous", "suppressed", "captured"]


@dataclass
class Act:
    """One act of a contact, or event of its mail."""

    kind: str
    name: str
    at: int
    details: dict[str, Any] = field(default_factory=dict)


class History:
    """Records what happens to people as the server does, at chosen times, and remembers it."""

    def __init__(self, platform: Platform, api: Api, choice: random.Random) -> None:
        self.platform, self.api, self.choice = platform, api, choice
        self.campaigns: list[str] = []
        self.happened: list[Act] = []
        self.responses: set[tuple[int, int]] = set()

    def message(self, number: int, *, is_campaign: bool) -> None:
        """A mail to most people, with opens and clicks."""
        id_, campaign_id = f"msg_{number}", None
        own = {"account_id": self.api.account_id, "id": id_, "body_html": "<p>Hi</p>"}
        if is_campaign:
            campaign_id = campaign(self.api).rpartition("/")[2]
            self.campaigns.append(campaign_id)
        self.write(insert(tables.Message).values({**MESSAGE, **own, "campaign_id": campaign_id}))
        self.write(update(tables.Campaign).where(tables.Campaign.id == campaign_id).values(message_id=id_))
        for name in NAMES[:-1]:  # the last gets nothing, and does nothing
            if self.choice.random() < 0.8:
                self.mail(name, id_, campaign_id)

    def mail(self, name: str, message_id: str, campaign_id: str | None) -> None:
        outcome, at = self.choice.choice(OUTCOMES), self.past()
        type_ = {"hard_bounced": "bounced", "late": "delivered"}.get(outcome, outcome)
        kind = "delivered" if outcome == "late" else outcome
        row = self.recipient(name, message_id, "bounced" if outcome == "late" else type_, at)
        event = EmailEvent(message_id, self.api.account_id, f"{name.upper()}@example.com", type_, kind, at, campaign_id)
        self.platform.store.write(lambda connection: record.record_events(connection, [event]))
        details = {"campaign_id": campaign_id}
        if outcome in {"delivered", "late", "ambiguous", "hard_bounced"}:
            self.add("email.sent", name, at, details)
        if outcome == "delivered":
            self.add("email.delivered", name, at, details)
        if outcome == "hard_bounced":
            self.add("email.bounced", name, at, details)
        if outcome == "late":
            bounce = event._replace(type="bounced", kind="soft_bounced", at=at + HOUR)
            self.platform.store.write(lambda connection: record.record_late_bounce(connection, bounce, "delivered", at))
            self.add("email.bounced", name, bounce.at, details)
        for _ in range(self.choice.randrange(3) if outcome in {"delivered", "captured"} else 0):
            self.respond(event, row, name, details)

    def respond(self, mail: EmailEvent, row: int, name: str, details: dict[str, Any]) -> None:
        is_click, is_person = self.choice.random() < 0.5, self.choice.random() < 0.8
        type_, url = ("clicked", self.choice.choice(URLS)) if is_click else ("opened", None)
        event = mail._replace(type=type_, kind=type_ if is_person else f"machine_{type_}", at=self.past(), url=url)
        self.platform.store.write(lambda connection: record.record_events(connection, [event]))
        if is_person:
            first = (row, -2 if is_click else -1)
            if first not in self.responses:
                self.responses.add(first)
                self.write(insert(tables.FirstResponse).values({"recipient_id": row, "what": first[1], "at": event.at}))
            self.add(f"email.{type_}", name, event.at, {**details, "url": url})

    def track(self, name: str) -> None:
        """A tracked event."""
        event, seats, at = self.choice.choice(EVENTS), self.choice.randrange(4), self.past()
        body = {"email": f"{name}@example.com", "event": event, "properties": {"seats": seats, "page": "Cups"}, "timestamp": iso(at)}
        assert self.api.post("/api/v1/track/event", json=body).status_code == 200
        self.add("event", name, at, {"name": event, "seats": seats})

    def purchase(self, name: str, number: int) -> None:
        """An order."""
        product, currency, amount, at = (
            self.choice.choice(PRODUCTS),
            self.choice.choice(CURRENCIES),
            self.choice.randrange(1, 40),
            self.past(),
        )
        body = {"email": f"{name}@example.com", "order_id": str(number), "amount": amount, "currency": currency, "timestamp": iso(at),
                "items": [{"id": f"sku-{product}", "name": product, "quantity": 1, "price": 1}]}  # fmt: skip
        assert self.api.post("/api/v1/track/purchase", json=body).status_code == 200
        self.add("purchase", name, at, {"product": product.lower(), "currency": currency, "amount": amount})

    def add(self, kind: str, name: str, at: int, details: dict[str, Any]) -> None:
        self.happened.append(Act(kind, name, at, details))

    def recipient(self, name: str, message_id: str, state: str, at: int) -> int:
        own = {"account_id": self.api.account_id, "message_id": message_id, "lane": self.api.account_id, "address": f"{name}@example.com"}
        values = {**RECIPIENT, **own, "state": "pending"}
        return int(self.platform.store.write(lambda connection: inserted(connection, values, state, at)))

    def write(self, statement: Any) -> None:
        self.platform.store.write(lambda connection: connection.execute(statement).rowcount)

    def past(self) -> int:
        """A whole second in the past, at least a minute from the edge of a day of now, so that the run's length changes nothing."""
        return now() // 1_000 * 1_000 - self.choice.randrange(1, DAYS) * DAY + self.choice.randrange(60_000, 23 * HOUR, 1_000)

    def matching(self, made: Any) -> set[str]:
        contacts = self.api.get(f"/api/v1/contacts?segment_id={made['id']}&limit=100").json["contacts"]
        assert made["contact_count"] == len(contacts)
        return {contact["email"].partition("@")[0] for contact in contacts}


def inserted(connection: Any, values: dict[str, Any], state: str, at: int) -> int:
    """The row of a recipient in a final state."""
    row = tables.Recipient
    id_ = connection.execute(insert(row).values(values).returning(row.id)).scalar_one()
    for step in ("leased", state):
        connection.execute(update(row).where(row.id == id_).values(state=step, finished_at=at))
    return int(id_)


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).isoformat()


@pytest.fixture
def sent(platform: Platform, api: Api) -> Sent:
    return Sent(platform, api)


@pytest.fixture
def history(platform: Platform, api: Api) -> History:
    made = History(platform, api, random.Random(20_261_201))
    for name in NAMES:
        create(api, f"{name}@example.com")
    for number in range(5):
        made.message(number, is_campaign=number < 3)
    for number in range(60):
        made.track(made.choice.choice(NAMES[:-1]))
        made.purchase(made.choice.choice(NAMES[:-1]), number)
    return made


counts = st.one_of(
    st.none(),
    st.builds(lambda least: {"at_least": least}, st.integers(0, 4)),
    st.builds(lambda most: {"at_most": most}, st.integers(0, 4)),
    st.builds(lambda least, more: {"at_least": least, "at_most": least + more}, st.integers(0, 3), st.integers(0, 3)),
)
days_ago = st.integers(1, DAYS)


periods = st.one_of(
    st.just({}),
    st.builds(lambda days: {"within": {"days": days}}, days_ago),
    st.builds(lambda days: {"before": {"days_ago": days}}, days_ago),
    st.builds(lambda days: {"after": {"days_ago": days}}, days_ago),
    st.lists(days_ago, min_size=2, max_size=2, unique=True).map(
        lambda days: {"after": {"days_ago": max(days)}, "before": {"days_ago": min(days)}}
    ),
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """The parts of a rule that only purchases have."""
    drawn: dict[str, Any] = {"product": draw(st.none() | st.sampled_from(["cup", "POT", "sku-pot"]))}
    drawn["currency"] = draw(st.none() | st.sampled_from(CURRENCIES))
    if drawn["currency"] is not None and draw(st.booleans()):
        drawn["sum"] = {draw(st.sampled_from(["at_least", "at_most"])): draw(st.integers(0, 100))}
    return drawn


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule on behavior; `campaign` is the number of a campaign."""
    kind = draw(st.sampled_from(["email.sent", "email.delivered", "email.opened", "email.clicked", "email.bounced", "event", "purchase"]))
    drawn: dict[str, Any] = {"field": kind, "operator": draw(st.sampled_from(["did", "did_not"])), "count": draw(counts)}
    if kind.startswith("email."):
        drawn["campaign"] = draw(st.none() | st.integers(0, 2))
    if kind == "email.clicked":
        drawn["url"] = draw(st.none() | st.sampled_from(URLS))
    if kind == "event":
        drawn["name"] = draw(st.sampled_from(EVENTS))
        seats = draw(st.none() | st.integers(0, 3))
        drawn["properties"] = None if seats is None else [rule("seats", "greater_than", seats), rule("page", "equals", "cups")]
    if kind == "purchase":
        drawn |= draw(orders())
    drawn |= draw(periods)
    return {name: value for name, value in drawn.items() if value is not None}


def expected(history: History, wanted: dict[str, Any]) -> set[str]:
    """The names that a rule matches, counted one by one."""
    return {name for name in NAMES if _did(history, wanted, name) is (wanted["operator"] == "did")}


def _did(history: History, wanted: dict[str, Any], name: str) -> bool:
    times = [each for each in history.happened if (each.kind, each.name) == (wanted["field"], name) and _fits(history, wanted, each)]
    limits = wanted.get("count", {})
    least = limits.get("at_least", 0 if limits.get("at_most") == 0 else 1)
    total, sums = sum(each.details.get("amount", 0) for each in times), wanted.get("sum", {})
    if sums and not times:
        return False
    in_sum = sums.get("at_least", total) <= total <= sums.get("at_most", total)
    return bool(least <= len(times) <= limits.get("at_most", len(times)) and in_sum)


def _fits(history: History, wanted: dict[str, Any], each: Act) -> bool:
    """Whether an act fits all parts of a rule but the numbers."""
    checks: dict[str, Callable[[Any], bool]] = {
        "campaign": lambda number: each.details["campaign_id"] == history.campaigns[number],
        "url": lambda url: each.details["url"] == url,
        "name": lambda name: each.details["name"] == name,
        "properties": lambda properties: each.details["seats"] > properties[0]["value"],
        "product": lambda product: each.details["product"] == product.lower().removeprefix("sku-"),
        "currency": lambda currency: each.details["currency"] == currency,
        "within": lambda period: each.at >= now() - period["days"] * DAY,
        "after": lambda time: each.at >= now() - time["days_ago"] * DAY,
        "before": lambda time: each.at < now() - time["days_ago"] * DAY,
    }
    return all(check(wanted[name]) for name, check in checks.items() if name in wanted)


def sent_rule(history: History, wanted: dict[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in wanted.items() if name != "campaign"}
    return sent | ({"campaign_id": history.campaigns[wanted["campaign"]]} if "campaign" in wanted else {})


@pytest.mark.parametrize("many", [30_000, 0], ids=["few match", "many match"])
def test_behavior_equals_the_reference(history: History, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misarmail_server.services.segment_behaviors.MANY", many)
    sizes = set()

    @settings(max_examples=120, deadline=None, derandomize=True, database=None)
    @given(wanted=rules())
    def check(wanted: dict[str, Any]) -> None:
        made = segment(history.api, sent_rule(history, wanted))
        assert history.matching(made) == expected(history, wanted)
        sizes.add(made["contact_count"])

    check()
    assert len(sizes) == len(NAMES) + 1  # rules that match none, some, and all


def test_clicks_of_a_program_are_taken_back(sent: Sent) -> None:
    """A burst over all links reveals a scanner: its first clicks had counted as a person's."""
    api = sent.api
    clicked = segment(api, rule("email.clicked", "did"))["id"]
    (mail,) = sent.send("ada@example.com")

    counts = []
    for link in mail.links:
        sent.browser.get(link, headers=PERSON)
        counts.append(api.get(f"/api/v1/segments/{clicked}/preview").json["count"])

    assert (counts[0], counts[-1]) == (1, 0)


def test_behavior_of_an_erased_person_is_erased(platform: Platform, api: Api) -> None:
    id_ = create(api, "ada@example.com")["id"]
    for event in ("viewed", "signed_up"):
        api.post("/api/v1/track/event", json={"email": "Ada@example.com", "event": event})
    api.post("/api/v1/track/event", json={"email": "bob@example.com", "event": "viewed"})

    assert api.post(f"/api/v1/contacts/{id_}/erase").status_code == 200

    with platform.store.read() as connection:
        rows = connection.execute(select(tables.Behavior.address, tables.Behavior.kind, tables.Behavior.count)).all()
    assert [tuple(row) for row in rows] == [("bob@example.com", "event:viewed", 1)]


def test_behavior_that_was_withdrawn_keeps_older_times(platform: Platform) -> None:
    first, last = Behavior("acc_1", "opened", "ada@example.com", 1_000), Behavior("acc_1", "opened", "ada@example.com", 5_000)

    def work(connection: Any) -> Any:
        behaviors.add(connection, [last, first])  # in any order
        behaviors.withdraw(connection, [last])
        return connection.execute(select(tables.Behavior.count, tables.Behavior.first_at)).all()

    assert [tuple(row) for row in platform.store.write(work)] == [(1, 1_000)]
