"""One valid call of each operation about the results of mail: suppressions, analytics."""

from __future__ import annotations

from typing import Any

from tests.support.calls.marketing import campaign
from tests.support.servers.webhook_receiver import receiver


def _suppressed(api: Any) -> str:
    return str(api.post("/api/v1/suppressions", json={"email": "Bob@example.com"}).json["suppression"]["email"])


CALLS: dict[str, Any] = {
    "list_suppressions": lambda _: ("GET", "/api/v1/suppressions", {}),
    "create_suppression": lambda _: ("POST", "/api/v1/suppressions", {"json": {"email": "bob@example.com"}}),
    "get_suppression": lambda api: ("GET", f"/api/v1/suppressions/{_suppressed(api)}", {}),
    "delete_suppression": lambda api: ("DELETE", f"/api/v1/suppressions/{_suppressed(api)}", {}),
    "get_analytics": lambda _: ("GET", "/api/v1/analytics", {}),
    "get_analytics_overview": lambda _: ("GET", "/api/v1/analytics/overview", {}),
}


def _webhook(api: Any, **changed: Any) -> Any:
    body = {"url": receiver().url, "events": ["email.bounced"]} | changed
    return api.post("/api/v1/webhooks", json=body).json["webhook"]


def _hook(api: Any) -> str:
    return f"/api/v1/webhooks/{_webhook(api)['id']}"


def _replay(api: Any) -> str:
    hook = _hook(api)
    return f"{hook}/deliveries/{api.post(f'{hook}/test').json['delivery_id']}/replay"


CALLS |= {
    "list_webhooks": lambda _: ("GET", "/api/v1/webhooks", {}),
    "create_webhook": lambda _: ("POST", "/api/v1/webhooks", {"json": {"url": receiver().url, "events": ["email.bounced"]}}),
    "get_webhook": lambda api: ("GET", _hook(api), {}),
    "update_webhook": lambda api: ("PATCH", _hook(api), {"json": {"active": False}}),
    "delete_webhook": lambda api: ("DELETE", _hook(api), {}),
    "test_webhook": lambda api: ("POST", f"{_hook(api)}/test", {}),
    "rotate_webhook_secret": lambda api: ("POST", f"{_hook(api)}/rotate-secret", {"json": {}}),
    "list_webhook_deliveries": lambda api: ("GET", f"{_hook(api)}/deliveries", {}),
    "replay_webhook_delivery": lambda api: ("POST", _replay(api), {}),
}


def relay_path(api: Any, provider: str = "postmark") -> str:
    """Where a relay of the account reports to."""
    return "/api" + str(api.get("/api/v1/webhooks/inbound").json["addresses"][provider]).partition("/api")[2]


CALLS |= {
    "get_relay_addresses": lambda _: ("GET", "/api/v1/webhooks/inbound", {}),
    "receive_relay_events": lambda api: ("POST", relay_path(api), {"json": {"RecordType": "Open"}}),
}
CALLS["get_campaign_analytics"] = lambda api: ("GET", f"/api/v1/analytics/campaigns/{campaign(api).rpartition('/')[2]}", {})
