from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select

from misarmail_server.context import Context, Principal
from misarmail_server.db import tables
from misarmail_server.services import campaign_progress
from tests.conftest import Api, Platform
from tests.support.calls.campaigns import TOTALS, force, happened
from tests.support.calls.marketing import campaign


def test_get_campaign_progress_shows_state_and_totals(platform: Platform, api: Api) -> None:
    path = campaign(api, "send")
    force(platform, path, status="sending", started_at=0, total_recipients=10)
    happened(platform, path, "delivered", "delivered", "hard_bounced", "soft_bounced", "unique_opened", "unsubscribed")
    happened(platform, path, "ambiguous", "suppressed", "cancelled", "cancelled")

    progress = api.get(f"{path}/progress").json["progress"]

    assert progress == {
        "campaign_id": path.rsplit("/", 1)[1],
        "status": "sending",
        "scheduled_at": progress["scheduled_at"],
        "started_at": "1970-01-01T00:00:00Z",
        "completed_at": None,
        **{f"total_{total}": 0 for total in TOTALS},
        "total_recipients": 10,
        "total_sent": 5,
        "total_delivered": 2,
        "total_opened": 1,
        "total_bounced": 2,
        "total_unsubscribed": 1,
        "suppressed_count": 1,
        "cancelled_count": 2,
        "captured_count": 0,
        "waiting_count": 2,
        "reason": None,
    }


def stream_path(path: Any) -> Any:
    return f"{path.replace('/v1', '')}/send-stream"


def frames(answer: Any) -> Any:
    return answer.get_data(as_text=True).split("\n\n")[:-1]


@pytest.mark.parametrize("state", ["draft", "paused", "cancelled", "sent", "failed"])
def test_stream_campaign_ends_at_once_in_a_resting_state(platform: Platform, api: Api, state: str) -> None:
    path = campaign(api)
    force(platform, path, status=state)

    answer = api.get(stream_path(path))

    first, last = frames(answer)
    assert answer.mimetype == "text/event-stream"
    assert json.loads(first.removeprefix("data: ")) == api.get(f"{path}/progress").json["progress"]
    assert last == "data: [DONE]"


def test_stream_campaign_ends_after_the_configured_time(platform: Platform, api: Api) -> None:
    path = campaign(api, "send")
    brief = platform.client(api.headers, stream_seconds=0.0)

    shown = frames(brief.get(stream_path(path)))

    assert json.loads(shown[0].removeprefix("data: "))["status"] == "scheduled"
    assert shown[1:] == ["data: [DONE]"]


def test_stream_campaign_works_with_a_browsers_session(platform: Platform) -> None:
    account_id = platform.make.account()
    path = campaign(platform.api(account_id=account_id))
    browser = platform.client({"Cookie": f"misarmail_session={platform.make.session(account_id)}"})

    assert browser.get(stream_path(path)).status_code == 200


def test_stream_campaign_shows_changes(platform: Platform, api: Api) -> None:
    path = campaign(api, "send")
    id_ = path.rsplit("/", 1)[1]
    with platform.store.read() as connection:
        account_id = connection.scalars(select(tables.Campaign.account_id)).one()
        stream = campaign_progress.follow(
            Context.of_principal(platform.store, platform.settings, connection, Principal(account_id, "free", "any")), id_
        )

    first, unchanged = next(stream), next(stream)
    force(platform, path, status="sending")
    happened(platform, path, "delivered")
    changed = next(stream)

    assert (b'"status":"scheduled"' in first, unchanged, b'"total_sent":1' in changed) == (True, b": still here\n\n", True)


def test_stream_campaign_ends_when_the_campaign_is_deleted(platform: Platform, api: Api) -> None:
    path = campaign(api, "send")
    with platform.store.read() as connection:
        account_id = connection.scalars(select(tables.Campaign.account_id)).one()
        ctx = Context.of_principal(platform.store, platform.settings, connection, Principal(account_id, "free", "any"))
        stream = campaign_progress.follow(ctx, path.rsplit("/", 1)[1])
    next(stream)
    platform.store.write(lambda connection: connection.execute(delete(tables.Campaign)).rowcount)

    assert list(stream) == [b"data: [DONE]\n\n"]
