"""Running campaigns: audience, recipients, personalized mail, pauses, repeated steps and concurrent changes."""

from __future__ import annotations

import email
from concurrent.futures import ThreadPoolExecutor
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from misarmail_server.db import tables
from misarmail_server.delivery.outcomes import CAPTURED, Outcome
from misarmail_server.delivery.queue import leased_row, leases, settlement
from misarmail_server.delivery.queue.settlement import Settlement
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.services import campaign_runs
from misarmail_server.services.campaign_runs import CampaignRuns
from tests.conftest import Api, Make, Platform
from tests.support.calls.every_operation import WELCOME
from tests.support.calls.marketing import campaign

DELIVERED = Outcome("delivered", 250, "2.0.0 kept")


@pytest.fixture
def runs(platform: Platform) -> CampaignRuns:
    return CampaignRuns(platform.settings, platform.store)


@pytest.fixture
def people(api: Api) -> Any:
    """Creates subscribed contacts with these names."""

    def make(*names: str, **fields: object) -> None:
        for name in names:
            contact = {"email": f"{name}@example.com", "first_name": name.title(), **fields}
            assert api.post("/api/v1/contacts", json=contact).status_code == 200

    return make


def finish(runs: CampaignRuns) -> None:
    """Run all steps that are due."""
    while runs.run():
        pass


def lease(platform: Any) -> list[leased_row.Leased]:
    return leases.lease(platform.store, "me", 1_000, 300)


def deliver(platform: Any, rows: Any) -> None:
    settlement.settle(platform.store, [Settlement(row, DELIVERED) for row in rows])


def get(api: Any, path: Any) -> Any:
    return api.get(path).json["campaign"]


def ledger(platform: Any) -> dict[str, str]:
    row = tables.Recipient
    with platform.store.read() as connection:
        return {each.address: each.state for each in connection.execute(select(row.address, row.state))}


def test_a_campaign_reaches_each_subscribed_contact_once(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada", "bob")
    people("eve", status="unsubscribed")
    path = campaign(api, "send")

    finish(runs)
    sending = get(api, path)
    rows = lease(platform)
    deliver(platform, rows)
    finish(runs)
    sent = get(api, path)

    assert (sending["status"], sending["total_recipients"], sending["total_sent"]) == ("sending", 2, 0)
    assert sending["started_at"] is not None
    assert sorted(row.address for row in rows) == ["ada@example.com", "bob@example.com"]
    assert (sent["status"], sent["total_recipients"], sent["total_sent"], sent["total_delivered"]) == ("sent", 2, 2, 2)
    assert sent["completed_at"] is not None
    finish(runs)
    assert lease(platform) == []


def test_suppressed_and_captured_mail_is_counted_and_given_back(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada", "bob", "cyd")
    path = campaign(api, "send")
    finish(runs)
    api.post("/api/v1/suppressions", json={"email": "ada@example.com", "reason": "manual"})
    captured, delivered = lease(platform)
    settlement.settle(platform.store, [Settlement(captured, CAPTURED), Settlement(delivered, DELIVERED)])
    finish(runs)

    result = get(api, path)

    assert [result[name] for name in ("total_recipients", "total_sent", "suppressed_count", "captured_count", "waiting_count")] == [
        *(3, 1, 1, 1, 0)
    ]
    assert api.get("/api/v1/usage").json["usage"]["emails_sent"] == 1


def test_a_campaign_tells_webhooks_when_it_is_queued_and_when_it_ends(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any
) -> None:
    types = ["campaign.sent", "campaign.completed"]
    hook = api.post("/api/v1/webhooks", json={"url": "https://hooks.example.com/x", "events": types}).json["webhook"]["id"]
    people("ada", "bob")
    path = campaign(api, "send")

    finish(runs)
    queued = events(api, hook)
    deliver(platform, lease(platform))
    finish(runs)

    assert (queued, events(api, hook)) == (["campaign.sent"], types)
    assert get(api, path)["status"] == "sent"


def events(api: Api, hook: str) -> list[str]:
    """The types of the events for a webhook, oldest first."""
    return [each["event_type"] for each in reversed(api.get(f"/api/v1/webhooks/{hook}/deliveries").json["deliveries"])]


def test_a_campaign_s_mail_is_its_recipient_s_own(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada", company="Engines & Sons", custom_fields={"plan": "gold"})
    campaign(
        api,
        "send",
        body_html='<p>{{first_name}} <b>{{company}}</b> {{plan}}{{contact.custom_fields.plan}} <a href="https://example.com/a">a</a></p>',
    )
    finish(runs)

    (row,) = lease(platform)
    messages = MessageCache(platform.settings, platform.store)
    message = email.message_from_bytes(messages.envelope(row).content, policy=default)
    body: Any = message.get_body(("html",))
    page = body.get_content()

    assert (message["To"], message["Subject"]) == ("ada@example.com", "Ada, everything is 20 % off")
    assert message["From"] == "Your Shop <news@yourdomain.com>"
    assert message["Reply-To"] == "support@yourdomain.com"
    assert "<p>Ada <b>Engines &amp; Sons</b> goldgold " in page
    assert "https://example.com/a" not in page
    assert message["List-Unsubscribe"] is not None
    assert messages.envelope(row) == messages.envelope(row)


def test_a_campaign_reaches_custom_fields_by_every_documented_spelling(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any
) -> None:
    people("ada", custom_fields={"plan": "gold", "Gr\u00f6\u00dfe": "XL", "first choice": "red"})
    tags = "{{plan}} {{contact.plan}} {{custom.plan}} {{custom_fields.plan}} {{gr\u00f6\u00dfe|no}} {{First Choice}} {{custom.x|none}}"
    campaign(api, "send", subject=tags, body_html=f"<p>{tags}</p>")
    finish(runs)

    (row,) = lease(platform)
    message = email.message_from_bytes(MessageCache(platform.settings, platform.store).envelope(row).content, policy=default)

    body: Any = message.get_body(("html",))
    assert message["Subject"] == "gold gold gold gold XL red none"
    assert "<p>gold gold gold gold XL red none</p>" in body.get_content()


def test_a_campaign_takes_the_text_of_its_template_when_it_begins(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada")
    template_id = api.post("/api/v1/templates", json=WELCOME).json["template"]["id"]
    path = campaign(api)
    api.patch(path, json={"template_id": template_id})
    api.post(f"{path}/send")
    finish(runs)
    api.delete(f"/api/v1/templates/{template_id}")

    (row,) = lease(platform)

    assert b"Ada" in MessageCache(platform.settings, platform.store).envelope(row).content


def test_a_campaign_speaks_to_the_subscribed_of_its_segment(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada", "bob", tags=["vip"])
    people("eve")
    people("dan", tags=["vip"], status="bounced")
    rules = {"operator": "AND", "rules": [{"field": "tags", "operator": "contains", "value": "vip"}]}
    segment_id = api.post("/api/v1/segments", json={"name": "VIP", "filter_criteria": rules}).json["segment"]["id"]

    campaign(api, "send", segment_id=segment_id)
    finish(runs)

    assert sorted(ledger(platform)) == ["ada@example.com", "bob@example.com"]


def test_a_campaign_without_recipients_is_sent_at_once(api: Api, runs: CampaignRuns) -> None:
    path = campaign(api, "send")

    finish(runs)

    assert (get(api, path)["status"], get(api, path)["total_recipients"]) == ("sent", 0)


def test_a_paused_campaign_waits_and_resumes(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "BATCH_SIZE", 2)
    people("ada", "bob", "cyd", "dan", "eve")
    path = campaign(api, "send")
    runs.run()  # it begins, and the first two are in the ledger
    api.post(f"{path}/pause")

    finish(runs)
    paused = (lease(platform), len(ledger(platform)), get(api, path)["status"])
    api.post(f"{path}/resume")
    finish(runs)
    rows = lease(platform)
    deliver(platform, rows)
    finish(runs)

    assert paused == ([], 2, "paused")
    assert (len(rows), get(api, path)["status"], get(api, path)["total_delivered"]) == (5, "sent", 5)


def test_a_cancelled_campaign_stops_sending(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "BATCH_SIZE", 2)
    people("ada", "bob", "cyd", "dan", "eve")
    path = campaign(api, "send")
    finish(runs)
    leased = leases.lease(platform.store, "me", 1, 300)

    api.post(f"{path}/cancel")
    finish(runs)
    deliver(platform, leased)

    assert sorted(ledger(platform).values()) == ["cancelled"] * 4 + ["delivered"]
    assert (get(api, path)["status"], get(api, path)["total_delivered"]) == ("cancelled", 1)
    assert lease(platform) == []
    assert [get(api, path)[name] for name in ("total_recipients", "total_sent", "cancelled_count", "waiting_count")] == [5, 1, 4, 0]
    assert api.get("/api/v1/usage").json["usage"]["emails_sent"] == 1


def test_a_contact_that_unsubscribes_during_a_run_gets_no_more_mail(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any, make: Make
) -> None:
    people("ada", "bob")
    path = campaign(api, "send")
    finish(runs)
    make.suppression(api.account_id, "ada@example.com", "unsubscribed")

    deliver(platform, lease(platform))
    finish(runs)

    assert ledger(platform) == {"ada@example.com": "suppressed", "bob@example.com": "delivered"}
    assert get(api, path)["status"] == "sent"


def test_concurrent_runners_and_repeated_steps_create_no_duplicates(
    api: Api, platform: Platform, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "BATCH_SIZE", 3)
    people(*(f"person{number}" for number in range(20)))
    path = campaign(api, "send")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: finish(CampaignRuns(platform.settings, platform.store)), range(4)))

    assert len(ledger(platform)) == len(lease(platform)) == 20
    assert get(api, path)["total_recipients"] == 20


def test_a_campaign_that_may_not_be_sent_any_more_fails(platform: Platform, runs: CampaignRuns, make: Make) -> None:
    account_id = make.account(senders="verified")
    api = platform.everything(account_id)
    platform.store.write(lambda connection: connection.execute(sender(account_id)).rowcount)
    path = campaign(api, "send")
    platform.store.write(lambda connection: connection.execute(delete(tables.Sender)).rowcount)

    finish(runs)

    assert (get(api, path)["status"], make.count(tables.Message)) == ("failed", 0)
    assert "news@yourdomain.com" in get(api, path)["reason"]


def sender(account_id: Any) -> Any:
    values = {"account_id": account_id, "address": "news@yourdomain.com", "created_at": 1}
    return insert(tables.Sender).values(values)


def test_a_campaign_beyond_the_month_s_mails_is_paused(platform: Platform, runs: CampaignRuns, make: Make) -> None:
    account_id = make.account("cal@example.com", plan="free")
    api = platform.everything(account_id)
    assert api.post("/api/v1/contacts", json={"email": "x@example.com"}).status_code == 200
    path = campaign(api, "send")
    runs.run()
    platform.store.write(lambda connection: connection.execute(update(tables.Usage).values(used=10**9)).rowcount)
    again = campaign(api, "send")

    finish(runs)

    assert get(api, path)["status"] == "sending"
    assert (get(api, again)["status"], get(api, again)["total_recipients"]) == ("paused", 0)
    assert get(api, again)["reason"] == "The Free plan allows 1,000 e-mails per month"
    assert api.post(f"{again}/resume").json["campaign"]["reason"] is None


def test_a_campaign_whose_segment_is_deleted_fails_and_queued_mail_is_sent(
    api: Api, platform: Platform, runs: CampaignRuns, people: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_runs, "BATCH_SIZE", 1)
    people("ada", "bob")
    rules = {"operator": "AND", "rules": [{"field": "email", "operator": "is_not_empty"}]}
    ids = [api.post("/api/v1/segments", json={"name": name, "filter_criteria": rules}).json["segment"]["id"] for name in "AB"]
    begun, waiting = campaign(api, "send", segment_id=ids[0]), campaign(api, "schedule", segment_id=ids[1])
    api.post(f"{waiting}/send")
    api.delete(f"/api/v1/segments/{ids[1]}")
    runs.run()
    api.delete(f"/api/v1/segments/{ids[0]}")

    finish(runs)

    assert [(get(api, path)["status"], get(api, path)["total_recipients"]) for path in (begun, waiting)] == [("failed", 1), ("failed", 0)]
    assert len(lease(platform)) == 1


def test_a_campaign_with_a_fault_stops_no_other(api: Api, platform: Platform, runs: CampaignRuns, people: Any) -> None:
    people("ada")
    broken, fine = campaign(api, "send"), campaign(api, "send")
    change = update(tables.Campaign).where(tables.Campaign.id == broken.rsplit("/", 1)[1]).values(template_id="tpl_gone")
    platform.store.write(lambda connection: connection.execute(change).rowcount)

    finish(runs)

    assert (get(api, broken)["status"], get(api, fine)["status"]) == ("failed", "sending")
