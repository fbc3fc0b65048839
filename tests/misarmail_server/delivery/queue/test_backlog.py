"""A full queue: no more mail is accepted, with a reason, until there is room again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server.db import tables
from misarmail_server.delivery.queue import backlog
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Platform
from tests.support.calls.campaigns import get
from tests.support.calls.every_operation import SEND
from tests.support.calls.marketing import campaign
from tests.support.waiting import until

FULL = "recipients are already waiting; no more"


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue is counted often."""
    monkeypatch.setattr(backlog, "COUNT_SECONDS", 0.02)


@pytest.fixture
def small(platform: Platform, api: Api) -> Any:
    """The operator's client on a platform where four recipients may wait, three of them of marketing."""
    return platform.client(api.headers, account_id=api.account_id, queue_limit=4)


def send(client: Any, *names: str, **changed: Any) -> Any:
    people = [{"email": f"{name}@example.com"} for name in names]
    return client.post("/api/v1/send", json=SEND | {"to": people} | changed)


def finish(platform: Any, *names: str) -> None:
    """The work of the worker."""
    addresses = [f"{name}@example.com" for name in names]
    those = update(tables.Recipient).where(tables.Recipient.address.in_(addresses))
    for state in (RecipientState.LEASED, RecipientState.DELIVERED):
        platform.store.write(lambda connection, state=state: connection.execute(those.values(state=state)).rowcount)


def room(platform: Any) -> int:
    """How many wait, as the next send will know it."""
    return backlog.of(platform.store, platform.settings.state).seen().waiting


def test_send_email_is_refused_when_too_many_wait_and_nothing_is_stored(platform: Platform, small: Any) -> None:
    assert send(small, "a", "b", "c", "d").status_code == 200

    refused = send(small, "e", idempotency_key="order-1")

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "queue_full", "30")
    assert refused.json["error"] == f"4 {FULL} mail is accepted now"
    assert (platform.make.count(tables.Message), platform.make.count(tables.Recipient)) == (1, 4)
    finish(platform, "a")
    until(lambda: room(platform), lambda waiting: waiting == 3)
    assert send(small, "e", idempotency_key="order-1").status_code == 200


def test_send_email_leaves_the_last_of_the_room_to_transactional_mail(small: Any) -> None:
    assert send(small, "a", "b", "c", stream="marketing").status_code == 200

    refused = send(small, "d", stream="marketing")

    assert (refused.status_code, refused.json["error"]) == (503, f"3 {FULL} marketing mail is accepted now")
    assert send(small, "d").status_code == 200


def test_send_email_counts_what_waited_before_the_process_began(api: Api, small: Any) -> None:
    send(api, "a", "b", "c", "d")
    backlog.of.cache_clear()

    assert send(small, "e").json["code"] == "queue_full"


def test_send_email_to_the_sandbox_needs_no_room(small: Any) -> None:
    send(small, "a", "b", "c", "d")

    assert small.post("/api/v1/send", json=SEND, headers={"X-MisarMail-Sandbox": "true"}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"X-MisarMail-Sandbox": "true"}])
def test_send_email_is_refused_before_the_disk_is_full(platform: Platform, api: Api, headers: Any) -> None:
    reserved = platform.client(api.headers, disk_reserve=10**18)

    refused = reserved.post("/api/v1/send", json=SEND, headers=headers)

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "30")
    assert refused.json["error"] == "The disk is nearly full; no more mail is accepted now"
    assert platform.make.count(tables.Message) == 0


def test_get_readiness_says_that_too_many_wait(platform: Platform, small: Any) -> None:
    send(small, "a", "b", "c", "d")

    refused = small.get("/readyz")

    assert (refused.status_code, refused.json["error"]) == (503, f"4 {FULL} mail is accepted now")
    assert platform.client().get("/readyz").json["due_count"] == 4


def test_send_campaign_is_refused_while_too_many_wait(api: Api, small: Any) -> None:
    path = campaign(api)
    send(small, "a", "b", "c")

    refused = small.post(f"{path}/send")

    assert (refused.status_code, refused.json["code"]) == (503, "queue_full")
    assert get(small, path)["status"] == "draft"


def test_a_campaign_is_queued_as_room_appears(platform: Platform, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("misarmail_server.services.campaign_runs.BATCH_SIZE", 2)
    for name in ("a", "b", "c", "d", "e"):
        api.post("/api/v1/contacts", json={"email": f"{name}@example.com"})
    path = campaign(api, "send")
    runs = CampaignRuns(replace(platform.settings, queue_limit=4), platform.store)

    def queued() -> int:
        """How many are queued after one more step; a count of the queue may be behind for a moment."""
        runs.run()
        return platform.make.count(tables.Recipient)

    until(queued, lambda count: count == 4)
    assert get(api, path)["status"] == "sending"

    finish(platform, "a", "b", "c", "d")
    until(queued, lambda count: count == 5)
