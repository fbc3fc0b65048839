"""One valid call of each marketing operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from misarmail_server.db import tables

CAMPAIGN = {
    "name": "Spring sale",
    "subject": "{{first_name}}, everything is 20 % off",
    "from_email": "news@yourdomain.com",
    "from_name": "Your Shop",
    "reply_to": "support@yourdomain.com",
    "body_html": "<h1>Hi {{first_name}},</h1><p>everything is 20 % off.</p>",
    "body_text": "Hi {{first_name}}, everything is 20 % off.",
}
AUTOMATION = {
    "name": "Trial",
    "trigger_type": "tag_added",
    "trigger_config": {"tag": "trial"},
    "exit_on": ["unsubscribed"],
    "steps": [{"type": "wait", "delay_minutes": 4320}, {"type": "add_tag", "tag": "overdue"}],
}
WHATSAPP = {"to": "+491512345678", "template_name": "order_update", "language": "en_US", "parameters": [{"text": "4711"}]}
PUSH = {"to": "token-1", "title": "Your order has left", "body": "It arrives tomorrow."}
LATER = "2099-04-06T12:00:00Z"

Call = tuple[str, str, dict[str, Any]]


def campaign(api: Any, *verbs: str, **changed: Any) -> str:
    """A new campaign's path, after these steps."""
    answer = api.post("/api/v1/campaigns", json=CAMPAIGN | changed)
    assert answer.status_code == 200, answer.json
    path = f"/api/v1/campaigns/{answer.json['campaign']['id']}"
    for verb in verbs:
        done = api.post(f"{path}/{verb}", json={"scheduled_at": LATER} if verb == "schedule" else None)
        assert done.status_code in {200, 202}, done.json
    return path


def activated(api: Any, path: str) -> None:
    """Make an automation active, as an earlier version did: this version activates none."""
    row = tables.Automation
    change = update(row).where(row.id == path.rsplit("/", 1)[1]).values(status="active", activated_at=1_000)
    api.make.store.write(lambda connection: connection.execute(change).rowcount)


def automation(api: Any, **changed: Any) -> str:
    """A new automation's path."""
    answer = api.post("/api/v1/automations", json=AUTOMATION | changed)
    assert answer.status_code == 200, answer.json
    return f"/api/v1/automations/{answer.json['automation']['id']}"


VARIANTS = [{"name": "Plain", "subject": "Everything is 20 % off"}, {"subject": "{{first_name}}, look"}]
AB_TEST = {"variants": VARIANTS, "test_size_percent": 20, "metric": "open_rate"}


def ab_test(api: Any, **changed: Any) -> str:
    """The path of a new test of a new campaign."""
    campaign_id = campaign(api).rsplit("/", 1)[1]
    answer = api.post("/api/v1/ab-tests", json=AB_TEST | {"campaign_id": campaign_id} | changed)
    assert answer.status_code == 200, answer.json
    return f"/api/v1/ab-tests/{answer.json['ab_test']['id']}"


def started_ab_test(api: Any, **changed: Any) -> str:
    """The path of a test that an earlier version started: this version starts none."""
    path = ab_test(api, **changed)
    mark_started(api, path)
    return path


def mark_started(api: Any, path: str) -> None:
    test = tables.AbTest
    change = update(test).where(test.id == path.rsplit("/", 1)[1]).values(status="scheduled", started_at=1_000)
    api.make.store.write(lambda connection: connection.execute(change).rowcount)


def winner(api: Any) -> Call:
    """A choice in a test that was started."""
    path = started_ab_test(api)
    return "POST", f"{path}/winner", {"json": {"variant_id": api.get(path).json["ab_test"]["variants"][1]["id"]}}


MARKETING: dict[str, Callable[[Any], Call]] = {
    "list_campaigns": lambda _: ("GET", "/api/v1/campaigns", {}),
    "create_campaign": lambda _: ("POST", "/api/v1/campaigns", {"json": CAMPAIGN}),
    "get_campaign": lambda api: ("GET", campaign(api), {}),
    "update_campaign": lambda api: ("PATCH", campaign(api), {"json": {"name": "Summer sale"}}),
    "delete_campaign": lambda api: ("DELETE", campaign(api), {}),
    "send_campaign": lambda api: ("POST", f"{campaign(api)}/send", {"json": {}}),
    "schedule_campaign": lambda api: ("POST", f"{campaign(api)}/schedule", {"json": {"scheduled_at": LATER}}),
    "pause_campaign": lambda api: ("POST", f"{campaign(api, 'send')}/pause", {}),
    "resume_campaign": lambda api: ("POST", f"{campaign(api, 'send', 'pause')}/resume", {}),
    "cancel_campaign": lambda api: ("POST", f"{campaign(api, 'send')}/cancel", {}),
    "test_campaign": lambda api: ("POST", f"{campaign(api)}/test", {"json": {"emails": ["ada@example.com"]}}),
    "get_campaign_audience": lambda api: ("GET", f"{campaign(api)}/audience", {}),
    "list_campaign_recipients": lambda api: ("GET", f"{campaign(api)}/recipients", {}),
    "get_campaign_progress": lambda api: ("GET", f"{campaign(api)}/progress", {}),
    "stream_campaign": lambda api: ("GET", f"{campaign(api).replace('/v1', '')}/send-stream", {}),
    "list_automations": lambda _: ("GET", "/api/v1/automations", {}),
    "create_automation": lambda _: ("POST", "/api/v1/automations", {"json": AUTOMATION}),
    "get_automation": lambda api: ("GET", automation(api), {}),
    "update_automation": lambda api: ("PATCH", automation(api), {"json": {"name": "Long trial"}}),
    "delete_automation": lambda api: ("DELETE", automation(api), {}),
    "activate_automation": lambda api: ("POST", f"{automation(api)}/activate", {"json": {"active": False}}),
    "toggle_automation": lambda api: ("PATCH", f"{automation(api)}/activate", {"json": {"active": False}}),
    "list_automation_enrollments": lambda api: ("GET", f"{automation(api)}/enrollments", {}),
    "list_ab_tests": lambda _: ("GET", "/api/v1/ab-tests", {}),
    "create_ab_test": lambda api: ("POST", "/api/v1/ab-tests", {"json": AB_TEST | {"campaign_id": campaign(api).rsplit("/", 1)[1]}}),
    "get_ab_test": lambda api: ("GET", ab_test(api), {}),
    "start_ab_test": lambda api: ("POST", f"{ab_test(api)}/start", {}),
    "choose_winner": winner,
    "send_whatsapp": lambda _: ("POST", "/api/v1/channels/whatsapp/send", {"json": WHATSAPP}),
    "send_push": lambda _: ("POST", "/api/v1/channels/push/send", {"json": PUSH}),
}
