"""One valid call of each operation: what the tests that run over all operations start from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.calls import accounts, infrastructure, results, track
from tests.support.calls.contact_fields import CONTACT_FIELDS
from tests.support.calls.contacts import AUDIENCE
from tests.support.calls.marketing import MARKETING
from tests.support.calls.topics import TOPICS

SEND = {
    "from": {"email": "hello@yourdomain.com", "name": "Your App"},
    "to": [{"email": "user@example.com"}],
    "subject": "Hello from MisarMail",
    "html": "<p>Hello world!</p>",
    "text": "Hello world!",
}
WELCOME = {
    "name": "Welcome Email",
    "subject": "Welcome to {{company_name}}, {{first_name}}!",
    "body_html": "<h1>Hi {{first_name}},</h1><p>Welcome aboard!</p>",
    "body_text": "Hi {{first_name}}, Welcome aboard!",
    "category": "onboarding",
}

Call = tuple[str, str, dict[str, Any]]  # method, path, options
Build = Callable[[Any], Call]  # from a client that may do everything


def _template(api: Any) -> str:
    return str(api.post("/api/v1/templates", json=WELCOME).json["template"]["id"])


def _captured(api: Any) -> str:
    return str(api.post("/api/v1/sandbox/send", json=SEND).json["message_id"])


def _key(api: Any) -> str:
    return str(api.post("/api/v1/keys", json={"name": "Another"}).json["id"])


CALLS: dict[str, Build] = {
    "send_email": lambda _: ("POST", "/api/v1/send", {"json": SEND}),
    "get_message": lambda api: ("GET", f"/api/v1/messages/{_captured(api)}", {}),
    "list_templates": lambda _: ("GET", "/api/v1/templates", {}),
    "create_template": lambda _: ("POST", "/api/v1/templates", {"json": WELCOME}),
    "render_template": lambda api: ("POST", "/api/v1/templates/render", {"json": {"template_id": _template(api)}}),
    "get_template": lambda api: ("GET", f"/api/v1/templates/{_template(api)}", {}),
    "update_template": lambda api: ("PATCH", f"/api/v1/templates/{_template(api)}", {"json": {"name": "Goodbye"}}),
    "delete_template": lambda api: ("DELETE", f"/api/v1/templates/{_template(api)}", {}),
    "list_sandbox_sends": lambda _: ("GET", "/api/v1/sandbox", {}),
    "clear_sandbox": lambda _: ("DELETE", "/api/v1/sandbox", {}),
    "send_to_sandbox": lambda _: ("POST", "/api/v1/sandbox/send", {"json": SEND}),
    "get_sandbox_send": lambda api: ("GET", f"/api/v1/sandbox/{_captured(api)}", {}),
    "delete_sandbox_send": lambda api: ("DELETE", f"/api/v1/sandbox/{_captured(api)}", {}),
    "list_keys": lambda _: ("GET", "/api/v1/keys", {}),
    "create_key": lambda _: ("POST", "/api/v1/keys", {"json": {"name": "Web shop"}}),
    "delete_key_by_query": lambda api: ("DELETE", f"/api/v1/keys?id={_key(api)}", {}),
    "get_key": lambda api: ("GET", f"/api/v1/keys/{_key(api)}", {}),
    "delete_key": lambda api: ("DELETE", f"/api/v1/keys/{_key(api)}", {}),
    "get_health": lambda _: ("GET", "/api/healthz", {}),
    "get_readiness": lambda _: ("GET", "/api/readyz", {}),
}
CALLS |= accounts.CALLS | results.CALLS
CALLS |= infrastructure.CALLS
CALLS |= track.CALLS
CALLS |= MARKETING
CALLS |= AUDIENCE
CALLS |= CONTACT_FIELDS
CALLS |= TOPICS
