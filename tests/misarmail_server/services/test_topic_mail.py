"""Mail of topics: who receives it, and what its unsubscribe link leaves."""

from __future__ import annotations

import email
import re
from concurrent.futures import ThreadPoolExecutor
from email.policy import default
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.delivery.message import dkim
from misarmail_server.delivery.queue import leases
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Make, Platform
from tests.misarmail_server.services.test_campaign_runs import finish, lease, ledger, people, runs
from tests.misarmail_server.services.test_message_tracking import browser, ready_browser
from tests.misarmail_server.services.test_segments import matched, rule
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import CAMPAIGN
from tests.support.calls.topics import contact

__all__ = ["people", "runs"]
ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}
FORM = "application/x-www-form-urlencoded"


def topic_id(api: Any, name: str = "News", **fields: object) -> str:
    return str(api.post("/api/v1/topics", json={"name": name, **fields}).json["topic"]["id"])


def choose(api: Any, address: str, topic: str, *, subscribed: bool) -> Any:
    choice = {"topic_id": topic, "subscribed": subscribed}
    return api.patch(f"{contact(api, address)}/topics", json={"topics": [choice]})


def start(api: Any, topic: str) -> str:
    path = f"/api/v1/campaigns/{api.post('/api/v1/campaigns', json=CAMPAIGN | {'topic_id': topic}).json['campaign']['id']}"
    assert api.post(f"{path}/send").status_code == 202
    return path


def mail_of(platform: Platform, row: Any) -> Any:
    return email.message_from_bytes(MessageCache(platform.settings, platform.store).envelope(row).content, policy=default)


def link(mail: Any) -> str:
    return str(re.findall(r"<https?://[^/]+(/u/[^>]+)>", str(mail["List-Unsubscribe"]))[0])


def events(platform: Platform) -> list[tuple[str, str | None]]:
    event = tables.Event
    with platform.store.read() as connection:
        return [
            (row.type, row.topic_id) for row in connection.execute(select(event.type, event.topic_id).where(event.type == "unsubscribed"))
        ]


@pytest.mark.parametrize(("choice", "reached"), [("opt_out", ["bob", "cy"]), ("opt_in", ["bob"])])
def test_a_campaign_reaches_the_subscribers_of_its_topic(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any, choice: str, reached: list[str]
) -> None:
    people("ada", "bob", "cy")
    topic = topic_id(api, default=choice)
    choose(api, "ada@example.com", topic, subscribed=False)
    choose(api, "bob@example.com", topic, subscribed=True)

    path = start(api, topic)
    counted = api.get(f"{path}/audience").json
    finish(runs)

    assert sorted(ledger(platform)) == [f"{name}@example.com" for name in reached]
    assert (counted["count"], counted["left_out"]["topic"]) == (len(reached), 3 - len(reached))
    assert api.get(path).json["campaign"]["topic_id"] == topic


def test_leaving_the_topic_in_the_middle_of_a_run_stops_the_rest(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada", "bob")
    topic = topic_id(api)
    path = start(api, topic)
    finish(runs)
    (held,) = leases.lease(platform.store, "me", 1, 300)

    choose(api, "ada@example.com", topic, subscribed=False)
    choose(api, "bob@example.com", topic, subscribed=False)

    assert [outcome.text for outcome in leases.recheck(platform.store, [held]).values()] == [
        f"The address is suppressed: not subscribed to the topic {topic}"
    ]
    assert lease(platform) == []
    assert sorted(ledger(platform).values()) == ["leased", "suppressed"]
    assert api.get(f"{path}/progress").json["progress"]["suppressed_count"] == 1
    assert api.get("/api/v1/suppressions").json["total"] == 0


def test_one_click_leaves_the_topic_only(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada")
    topic = topic_id(api, 'News "ö" <x>')
    hook = api.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/x", "events": ["email.unsubscribed"]})
    assert hook.status_code == 200
    start(api, topic)
    finish(runs)
    (row,) = lease(platform)
    mail = mail_of(platform, row)

    first, again = (browser(platform, platform.store).post(link(mail), **ONE_CLICK) for _ in range(2))

    assert mail["List-Id"] == f'News "ö" <x> <{topic}.{row_domain(mail)}>'
    assert "list-id" in dkim.SIGNED
    assert ("is unsubscribed from" in first.text, "was already unsubscribed" in again.text) == (True, True)
    assert "&lt;x&gt;" in first.text
    assert events(platform) == [("unsubscribed", topic)]
    assert api.get("/api/v1/suppressions").json["total"] == 0
    (held,) = api.get(f"{contact(api)}/topics").json["topics"]
    assert (held["subscribed"], held["source"]) == (False, "link")
    assert api.get(contact(api)).json["contact"]["status"] == "subscribed"
    activity = api.get(f"{contact(api)}/activity").json["activity"]
    assert {"topic_id": topic, "source": "link"} in [each["data"] for each in activity if each["type"] == "topic_left"]
    with platform.store.read() as connection:
        (payload,) = connection.scalars(select(tables.WebhookDelivery.body)).all()
    assert topic in str(payload)


def row_domain(mail: Any) -> str:
    return str(mail["From"].addresses[0].domain)


def test_the_page_offers_to_leave_all(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada")
    topic = topic_id(api)
    start(api, topic)
    finish(runs)
    path = link(mail_of(platform, lease(platform)[0]))
    visitor = browser(platform, platform.store)

    page = visitor.get(path)
    unchanged = api.get(f"{contact(api)}/topics").json["topics"][0]["subscribed"]
    visitor.post(path, data="leave=all", content_type=FORM)

    assert (page.text.count("<form"), unchanged) == (2, True)
    assert api.get("/api/v1/suppressions/ada@example.com").json["suppression"]["reason"] == "unsubscribed"
    assert events(platform) == [("unsubscribed", None)]
    assert api.get(f"{contact(api)}/topics").json["topics"][0]["subscribed"] is True


def test_two_clicks_at_once_are_one_event(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada")
    start(api, topic_id(api))
    finish(runs)
    path = link(mail_of(platform, lease(platform)[0]))
    clients = [ready_browser(platform) for _ in range(4)]

    with ThreadPoolExecutor(4) as mail_programs:
        answers = list(mail_programs.map(lambda client: client.post(path, **ONE_CLICK).text, clients))

    assert sum("is unsubscribed" in answer for answer in answers) == 1
    assert len(events(platform)) == 1


def test_leaving_and_joining_at_once_is_one_of_both(api: Api, platform: Platform) -> None:
    topic = topic_id(api)
    path = f"{contact(api)}/topics"
    clients = [platform.everything(api.account_id) for _ in range(4)]
    for client in clients:
        client.get(path)

    with ThreadPoolExecutor(4) as callers:
        bodies = [{"topics": [{"topic_id": topic, "subscribed": number % 2 == 0}]} for number in range(8)]
        statuses = list(callers.map(lambda number: clients[number % 4].patch(path, json=bodies[number]).status_code, range(8)))

    activity = [each["type"] for each in api.get(f"{contact(api)}/activity").json["activity"] if each["type"].startswith("topic_")]
    subscribed = api.get(path).json["topics"][0]["subscribed"]
    assert set(statuses) == {200}
    assert activity[0] == ("topic_joined" if subscribed else "topic_left")
    assert all(first != second for first, second in pairwise(activity))


def test_a_topic_is_not_deleted_under_a_new_campaign(api: Api, platform: Platform) -> None:
    topic = topic_id(api)
    clients = [platform.everything(api.account_id) for _ in range(2)]
    for client in clients:
        client.get("/api/v1/topics")

    with ThreadPoolExecutor(2) as callers:
        made = callers.submit(clients[0].post, "/api/v1/campaigns", json=CAMPAIGN | {"topic_id": topic})
        deleted = callers.submit(clients[1].delete, f"/api/v1/topics/{topic}")

    assert (made.result().status_code, deleted.result().status_code) in {(200, 409), (400, 200)}


def test_the_link_of_a_deleted_topic_leaves_all(api: Api, platform: Platform) -> None:
    topic = topic_id(api)
    api.post("/api/v1/send", json=SEND | {"stream": "marketing", "topic_id": topic})
    (row,) = lease(platform)
    path = link(mail_of(platform, row))
    assert api.delete(f"/api/v1/topics/{topic}").status_code == 200

    browser(platform, platform.store).post(path, **ONE_CLICK)

    assert api.get("/api/v1/suppressions/user@example.com").json["suppression"]["reason"] == "unsubscribed"


def test_mail_that_waits_for_a_deleted_topic_is_suppressed(api: Api, platform: Platform) -> None:
    topic = topic_id(api)
    api.post("/api/v1/send", json=SEND | {"stream": "marketing", "topic_id": topic})

    api.delete(f"/api/v1/topics/{topic}")

    assert (lease(platform), ledger(platform)) == ([], {"user@example.com": "suppressed"})


def test_send_skips_recipients_outside_the_topic(api: Api, platform: Platform) -> None:
    topic = topic_id(api, default="opt_in")
    choose(api, "in@example.com", topic, subscribed=True)
    mail = SEND | {"stream": "marketing", "topic_id": topic, "to": [{"email": "In@example.com"}, {"email": "out@example.com"}]}

    sent = api.post("/api/v1/send", json=mail)
    none = api.post("/api/v1/send", json=mail | {"to": [{"email": "out@example.com"}]})

    left_out = [{"email": "out@example.com", "reason": "unsubscribed", "scope": "marketing", "topic_id": topic}]
    assert sent.json["suppressed"] == left_out
    assert (none.status_code, none.json["code"], none.json["suppressed"]) == (422, "recipients_suppressed", left_out)
    assert [row.address for row in lease(platform)] == ["In@example.com"]


def test_a_receipt_reaches_those_who_left_the_topic(api: Api, platform: Platform) -> None:
    choose(api, "user@example.com", topic_id(api), subscribed=False)

    assert api.post("/api/v1/send", json=SEND).status_code == 200
    assert [row.address for row in lease(platform)] == ["user@example.com"]


@pytest.mark.parametrize("hostile", ["top_unknown", "'; DROP TABLE topics; --", "top_\u00e9\u202e"])
def test_unknown_topics_are_refused_on_the_field(api: Api, hostile: str) -> None:
    campaign = api.post("/api/v1/campaigns", json=CAMPAIGN | {"topic_id": hostile})
    sent = api.post("/api/v1/send", json=SEND | {"stream": "marketing", "topic_id": hostile})

    assert [answer.status_code for answer in (campaign, sent)] == [400, 400]
    assert [list(answer.json["details"]["fieldErrors"]) for answer in (campaign, sent)] == [["topic_id"], ["topic_id"]]


def test_a_transactional_message_has_no_topic(api: Api) -> None:
    refused = api.post("/api/v1/send", json=SEND | {"topic_id": topic_id(api)})

    assert refused.json["details"]["fieldErrors"] == {"topic_id": ['Needs "stream": "marketing"']}


def test_topics_of_other_accounts_do_not_exist(api: Api, platform: Platform, make: Make) -> None:
    foreign = topic_id(platform.api(account_id=make.account("eve@example.com")))
    rules = [rule("in_topic", "equals", foreign)]

    refused = [
        api.post("/api/v1/campaigns", json=CAMPAIGN | {"topic_id": foreign}),
        api.post("/api/v1/send", json=SEND | {"stream": "marketing", "topic_id": foreign}),
        choose(api, "ada@example.com", foreign, subscribed=True),
        api.post("/api/v1/segments", json={"name": "S", "filter_criteria": {"operator": "AND", "rules": rules}}),
    ]

    assert [answer.status_code for answer in refused] == [400] * 4
    assert api.get(f"/api/v1/topics/{foreign}").status_code == 404


def test_segments_by_topic(api: Api, people: Any) -> None:
    people("ada", "bob", "cy")
    out, in_ = topic_id(api, "Out"), topic_id(api, "In", default="opt_in")
    choose(api, "ada@example.com", out, subscribed=False)
    choose(api, "bob@example.com", in_, subscribed=True)

    assert matched(api, rule("in_topic", "equals", out)) == "bob cy"
    assert matched(api, rule("in_topic", "not_equals", out)) == "ada"
    assert matched(api, rule("in_topic", "equals", in_)) == "bob"
    assert matched(api, rule("in_topic", "in", [out, in_])) == "bob cy"
    assert matched(api, rule("in_topic", "not_in", [out, in_])) == "ada"


def test_get_contact_topics_is_kept_without_the_contact_and_erasing_keeps_what_was_left(api: Api) -> None:
    left, joined = topic_id(api, "Left"), topic_id(api, "Joined", default="opt_in")
    choose(api, "ada@example.com", left, subscribed=False)
    choose(api, "ada@example.com", joined, subscribed=True)

    api.delete(contact(api))
    recreated = {each["name"]: each["subscribed"] for each in api.get(f"{contact(api)}/topics").json["topics"]}
    api.post(f"{contact(api)}/erase")
    erased = {each["name"]: each["subscribed"] for each in api.get(f"{contact(api)}/topics").json["topics"]}

    assert (recreated, erased) == ({"Left": False, "Joined": True}, {"Left": False, "Joined": False})


def test_update_contact_topics_again_keeps_the_time_and_a_repeated_topic_is_refused(api: Api) -> None:
    topic = topic_id(api)
    first = choose(api, "ada@example.com", topic, subscribed=True).json["topics"]

    again = choose(api, "ada@example.com", topic, subscribed=True).json["topics"]
    twice = api.patch(f"{contact(api)}/topics", json={"topics": [{"topic_id": topic, "subscribed": value} for value in (True, False)]})

    assert (again, twice.status_code, "listed twice" in twice.json["error"] + str(twice.json["details"])) == (first, 400, True)


def test_delete_topic_is_refused_while_a_campaign_names_it(api: Api) -> None:
    topic = topic_id(api)
    campaign = api.post("/api/v1/campaigns", json=CAMPAIGN | {"topic_id": topic}).json["campaign"]["id"]

    refused = api.delete(f"/api/v1/topics/{topic}")
    api.patch(f"/api/v1/campaigns/{campaign}", json={"topic_id": None})

    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert api.delete(f"/api/v1/topics/{topic}").status_code == 200
