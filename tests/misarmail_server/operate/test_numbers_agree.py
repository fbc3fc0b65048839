"""One month of a small company in short: what left, as the receiving server saw it, is what every part of the API says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.calls.marketing import CAMPAIGN
from tests.support.postgresql import server_database
from tests.support.servers.mail_receiver import Inbox, relay
from tests.support.servers.platform_process import Served, command, serving
from tests.support.waiting import until

SEND = {"from": {"email": "shop@yourdomain.com"}, "subject": "Receipt", "text": "Thank you"}
PEOPLE = [f"p{number}@example.com" for number in range(8)]
SUPPRESSED, GONE, LATER = ["s1@example.com", "s2@example.com"], ["gone1@example.com", "gone2@example.com"], ["later1@example.com"]


@contextmanager
def company(folder: Path) -> Iterator[tuple[Served, Inbox]]:
    """A server with a relay, of an account on the plan Pro, whose mails are counted."""
    kept = {"rate_limits": "off", **server_database()}
    with relay() as (inbox, relay_url), serving(folder, relay=relay_url, **kept) as running:
        command(folder, "accounts", "create", "shop@yourdomain.com", "--plan", "pro", "--senders", "any", relay=relay_url, **kept)
        made = command(folder, "keys", "create", "--scopes", "all", "--account", "shop@yourdomain.com", relay=relay_url, **kept)
        running.key = made[1].strip()
        yield running, inbox


def progress(running: Served, path: str) -> dict[str, Any]:
    result: dict[str, Any] = running.call("GET", f"{path}/progress").json["progress"]
    return result


def agree(running: Served, path: str) -> dict[str, Any]:
    """The totals of a campaign, after the equations between them and the analytics."""
    totals = progress(running, path)
    campaign = running.call("GET", path).json["campaign"]
    metrics = running.call("GET", f"/api/v1/analytics/campaigns/{path.rpartition('/')[2]}").json["metrics"]
    finished = [totals[name] for name in ("total_sent", "suppressed_count", "cancelled_count", "captured_count", "waiting_count")]
    assert totals["total_recipients"] == sum(finished)
    assert totals["total_delivered"] == totals["total_sent"] - totals["total_bounced"]
    for name in totals.keys() & metrics.keys():
        assert (name, metrics[name], campaign[name]) == (name, totals[name], totals[name])
    return totals


def test_numbers_agree_with_what_left(tmp_path: Path) -> None:
    with company(tmp_path) as (running, inbox):
        hook = running.call("POST", "/api/v1/webhooks", {"url": "https://hooks.example.com/x", "events": EVENTS}).json["webhook"]["id"]
        for email in (*PEOPLE, *SUPPRESSED, *GONE, *LATER):
            assert running.call("POST", "/api/v1/contacts", {"email": email}).status == 200
        for email in SUPPRESSED:
            assert running.call("POST", "/api/v1/suppressions", {"email": email, "reason": "manual"}).status == 200
        sent = running.call("POST", "/api/v1/send", SEND | {"to": [{"email": PEOPLE[0]}]}).json["message_id"]
        path = f"/api/v1/campaigns/{running.call('POST', '/api/v1/campaigns', CAMPAIGN).json['campaign']['id']}"
        assert running.call("POST", f"{path}/send").status == 202
        until(lambda: progress(running, path), lambda totals: totals["total_recipients"] and totals["waiting_count"] == len(LATER))
        totals = agree(running, path)
        before = running.call("GET", "/api/v1/usage").json["usage"]["emails_sent"]
        assert running.call("POST", f"{path}/cancel").status == 200
        until(lambda: progress(running, path)["cancelled_count"], lambda cancelled: cancelled == len(LATER))
        cancelled = agree(running, path)
        after = running.call("GET", "/api/v1/usage").json["usage"]["emails_sent"]
        report(running, sent, PEOPLE[0])
        overview = running.call("GET", "/api/v1/analytics/overview").json["metrics"]
        types = Counter(
            each["event_type"] for each in running.call("GET", f"/api/v1/webhooks/{hook}/deliveries?limit=100").json["deliveries"]
        )

    left, attempted = len(PEOPLE) + 1, len(PEOPLE) + len(GONE)
    assert (len(inbox.mails), Counter(inbox.recipients)[PEOPLE[0]]) == (left, 2)
    assert (totals["total_sent"], totals["total_delivered"], totals["total_bounced"]) == (attempted, len(PEOPLE), len(GONE))
    assert (totals["suppressed_count"], totals["waiting_count"]) == (reached(totals) - attempted - len(LATER), len(LATER))
    assert (cancelled["total_sent"], cancelled["waiting_count"]) == (attempted, 0)
    assert (before, after) == (attempted + 1 + len(LATER), attempted + 1)
    assert (overview["sends"], overview["delivered"], overview["bounces"]) == (attempted + 1, left - 1, len(GONE) + 1)
    assert (types["email.sent"], types["email.bounced"], types["campaign.sent"]) == (left, len(GONE) + 1, 1)


EVENTS = ["email.sent", "email.bounced", "campaign.sent", "campaign.completed"]


def reached(totals: dict[str, Any]) -> int:
    return int(totals["total_recipients"])


def report(running: Served, message_id: str, email: str) -> None:
    """The relay reports that a delivered mail came back."""
    path = running.call("GET", "/api/v1/webhooks/inbound").json["addresses"]["postmark"]
    body = {"RecordType": "Bounce", "Type": "HardBounce", "Email": email, "Description": "550 5.1.1 no such user"}
    answer = running.call("POST", path[path.index("/api/") :], body | {"Metadata": {"message_id": message_id}})
    assert answer.status == 200, answer.body
