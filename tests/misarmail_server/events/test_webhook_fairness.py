"""Endpoints that do not respond hold up no others, and are left alone for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, update

from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.events import webhook_lanes, webhook_sender
from misarmail_server.events.webhook_lanes import PostLanes, PostTarget
from misarmail_server.events.webhook_sender import WebhookSender
from tests.conftest import Api, Make, Platform
from tests.support.calls.webhooks import bounce, create, deliveries
from tests.support.servers.webhook_receiver import receiver
from tests.support.waiting import until


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield f"http://localhost:{server.getsockname()[1]}/hook"


@pytest.fixture
def sender(platform: Platform) -> Iterator[WebhookSender]:
    sender = WebhookSender(platform.settings, platform.store)
    yield sender
    sender.close()


def counts(platform: Platform) -> dict[int, int]:
    """How many deliveries were attempted so often."""
    delivery = tables.WebhookDelivery
    with platform.store.read() as connection:
        rows = connection.execute(select(delivery.attempt_count, func.count()).group_by(delivery.attempt_count)).all()
    return {row[0]: row[1] for row in rows}


def change(platform: Platform, **values: Any) -> None:
    platform.store.write(lambda connection: connection.execute(update(tables.Webhook).values(values)).rowcount)


def test_a_hundred_events_for_a_silent_receiver_hold_up_nobody_elses(
    api: Api, platform: Platform, make: Make, sender: WebhookSender, silent: str
) -> None:
    create(api, silent)
    for _ in range(100):
        bounce(api, platform)
    there, other = receiver(), platform.everything(make.account("eve@example.com"))
    create(other, there.url)
    bounce(other, platform)

    started = sender.dispatch()
    until(lambda: there.posts)

    assert (started, counts(platform)[0] >= 100) == (webhook_lanes.MAX_PER_HOST + 1, True)


def test_a_silent_endpoint_is_left_alone_and_tried_by_one_delivery(
    api: Api, platform: Platform, sender: WebhookSender, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sender, "RESPONSE_SECONDS", 0.05)
    create(api, silent)
    for _ in range(10):
        bounce(api, platform)

    first = sender.post_due(), sender.post_due()
    change(platform, paused_until=1)
    probe = sender.post_due(), sender.post_due()

    assert (first, probe, counts(platform)) == ((4, 0), (1, 0), {0: 5, 1: 5})


def test_a_response_ends_the_silence(api: Api, platform: Platform, sender: WebhookSender) -> None:
    there = receiver(500, 200)
    create(api, there.url)
    change(platform, silent_since=1, paused_until=1)
    for _ in range(3):
        bounce(api, platform)

    assert (sender.post_due(), sender.post_due(), sender.post_due()) == (1, 2, 0)
    with platform.store.read() as connection:
        assert connection.execute(select(tables.Webhook.silent_since, tables.Webhook.paused_until)).one() == (None, None)


def test_an_endpoint_that_asks_for_less_is_paused(api: Api, platform: Platform, sender: WebhookSender) -> None:
    create(api, receiver(429).url)
    bounce(api, platform)
    sender.post_due()
    bounce(api, platform)

    assert sender.post_due() == 0


@pytest.mark.parametrize(("silence", "least", "most"), [(0, 10_000, 60_000), (600_000, 600_000, 660_000), (DAY, 3_600_000, 3_660_000)])
def test_the_pause_grows_with_the_silence(
    api: Api, platform: Platform, sender: WebhookSender, silent: str, silence: int, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sender, "RESPONSE_SECONDS", 0.05)
    create(api, silent)
    change(platform, silent_since=now() - silence if silence else None)
    bounce(api, platform)
    before = now()

    sender.post_due()

    with platform.store.read() as connection:
        until_ = connection.scalar(select(tables.Webhook.paused_until)) or 0
    assert least <= until_ - before <= most


def test_deliveries_of_an_endpoint_that_was_silent_for_four_days_fail(
    api: Api, platform: Platform, sender: WebhookSender, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sender, "RESPONSE_SECONDS", 0.05)
    created = create(api, silent)
    for _ in range(3):
        bounce(api, platform)
    old = update(tables.WebhookDelivery).values(created_at=now() - 5 * DAY)
    platform.store.write(lambda connection: connection.execute(old).rowcount)
    change(platform, silent_since=now() - 4 * DAY)
    bounce(api, platform)

    sender.post_due()

    failed = deliveries(api, created, "state=failed")
    assert {delivery["error"] for delivery in failed} == {"The endpoint has not responded for four days"}
    assert (len(failed), len(deliveries(api, created, "state=pending"))) == (3, 1)


def test_an_endpoint_that_is_changed_is_tried_at_once(api: Api, platform: Platform, sender: WebhookSender) -> None:
    there = receiver()
    created = create(api, "http://localhost:1/")
    change(platform, silent_since=1, paused_until=now() + DAY)
    bounce(api, platform)

    api.patch(f"/api/v1/webhooks/{created['webhook']['id']}", json={"url": there.url})

    assert (sender.post_due(), len(there.posts)) == (1, 1)


def test_lanes_are_shared_by_account_and_host() -> None:
    lanes = PostLanes()

    one_host = [lanes.enter(PostTarget("a", f"w{number}", "https://one.example/", is_silent=False)) for number in range(5)]
    one_account = [lanes.enter(PostTarget("a", f"w{number}", f"https://{number}.example/", is_silent=False)) for number in range(5)]
    others = [lanes.enter(PostTarget(f"b{number}", f"v{number}", f"https://b{number}.example/", is_silent=False)) for number in range(9)]

    assert one_host == [True] * 4 + [False]
    assert one_account == [True] * 4 + [False]
    assert (others, lanes.free) == ([True] * 8 + [False], 0)


def test_a_lane_that_a_post_leaves_is_free_and_a_copy_counts_by_itself() -> None:
    lanes = PostLanes()
    target = PostTarget("a", "w", "https://[broken", is_silent=True)

    lanes.enter(target)
    draft = lanes.copy()
    lanes.leave(target)

    assert (draft.enter(target), lanes.enter(target), lanes.enter(target)) == (False, True, False)
