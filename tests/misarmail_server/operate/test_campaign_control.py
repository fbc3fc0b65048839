"""Stopping a campaign acts on mail that workers hold already, and nothing uses up the right to stop it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.calls.marketing import CAMPAIGN
from tests.support.postgresql import server_database
from tests.support.servers.mail_receiver import relay
from tests.support.servers.platform_process import Served, serving
from tests.support.waiting import until

CONNECTIONS = 10  # of a worker to a relay
PEOPLE = 200


def begun(running: Served) -> str:
    """A campaign to many contacts, on its way."""
    contacts = [{"email": f"p{number}@example.com"} for number in range(PEOPLE)]
    assert running.call("POST", "/api/v1/contacts/import", {"contacts": contacts}).status == 200
    path = f"/api/v1/campaigns/{running.call('POST', '/api/v1/campaigns', CAMPAIGN).json['campaign']['id']}"
    assert running.call("POST", f"{path}/send").status == 202
    return path


@pytest.mark.parametrize(("verb", "status"), [("cancel", "cancelled"), ("pause", "paused")])
def test_after_the_answer_only_the_open_connections_finish(tmp_path: Path, verb: str, status: str) -> None:
    """Once 170 to 220 more mails left, because a worker had leased them."""
    with relay() as (inbox, url), serving(tmp_path, relay=url, rate_limits="off", **server_database()) as running:
        inbox.answers.clear()
        path = begun(running)
        until(lambda: len(inbox.mails), lambda given: given == CONNECTIONS)
        stopped = running.call("POST", f"{path}/{verb}")
        inbox.answers.set()
        progress = until(lambda: running.call("GET", f"{path}/progress").json["progress"], lambda now: now["total_sent"] == CONNECTIONS)
        if verb == "cancel":
            waiting = until(lambda: running.call("GET", f"{path}/progress").json["progress"], lambda now: now["waiting_count"] == 0)
            assert waiting["cancelled_count"] == PEOPLE - CONNECTIONS
        assert (stopped.status, progress["status"], len(inbox.mails)) == (200, status, CONNECTIONS)


def test_looking_does_not_use_up_the_right_to_stop(tmp_path: Path) -> None:
    with serving(tmp_path, workers="0", **server_database()) as running:
        path = begun(running)
        looks = {running.call("GET", f"{path}/progress").status for _ in range(70)}  # of which more than 30 are in one minute
        stopped = [running.call("POST", f"{path}/{verb}").status for verb in ("pause", "cancel")]

    assert (looks, stopped) == ({200, 429}, [200, 200])
