"""Valid calls of the operations on contacts and segments."""

from __future__ import annotations

from itertools import count
from typing import Any

ADA = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace", "tags": ["vip"], "custom_fields": {"plan": "gold"}}
GOLD = {
    "name": "Gold",
    "filter_criteria": {"operator": "AND", "rules": [{"field": "custom_fields.plan", "operator": "equals", "value": "gold"}]},
}
_numbers = count(1)


def _contact(api: Any) -> str:
    return str(api.post("/api/v1/contacts", json=ADA | {"email": f"ada{next(_numbers)}@example.com"}).json["contact"]["id"])


def _address(api: Any) -> str:
    email = f"grace{next(_numbers)}@example.com"
    api.post("/api/v1/contacts", json={"email": email})
    return email


def _segment(api: Any) -> str:
    return str(api.post("/api/v1/segments", json=GOLD).json["segment"]["id"])


AUDIENCE: dict[str, Any] = {
    "list_contacts": lambda _: ("GET", "/api/v1/contacts", {}),
    "create_contact": lambda _: ("POST", "/api/v1/contacts", {"json": ADA}),
    "upsert_contact": lambda api: ("PUT", "/api/v1/contacts", {"json": ADA | {"email": _address(api)}}),
    "update_contact_by_email": lambda api: ("PATCH", "/api/v1/contacts", {"json": {"email": _address(api), "first_name": "Grace"}}),
    "delete_contact_by_query": lambda api: ("DELETE", f"/api/v1/contacts?id={_contact(api)}", {}),
    "search_contacts": lambda _: ("POST", "/api/v1/contacts/search", {"json": {"criteria": GOLD["filter_criteria"]}}),
    "import_contacts": lambda _: ("POST", "/api/v1/contacts/import", {"json": {"contacts": [ADA]}}),
    "export_contacts": lambda _: ("GET", "/api/v1/contacts/export", {}),
    "get_contact": lambda api: ("GET", f"/api/v1/contacts/{_contact(api)}", {}),
    "update_contact": lambda api: ("PATCH", f"/api/v1/contacts/{_contact(api)}", {"json": {"first_name": "Augusta"}}),
    "delete_contact": lambda api: ("DELETE", f"/api/v1/contacts/{_contact(api)}", {}),
    "export_contact_data": lambda api: ("GET", f"/api/v1/contacts/{_contact(api)}/export", {}),
    "erase_contact": lambda api: ("POST", f"/api/v1/contacts/{_contact(api)}/erase", {}),
    "list_contact_activity": lambda api: ("GET", f"/api/v1/contacts/{_contact(api)}/activity", {}),
    "list_segments": lambda _: ("GET", "/api/v1/segments", {}),
    "create_segment": lambda _: ("POST", "/api/v1/segments", {"json": GOLD}),
    "get_segment": lambda api: ("GET", f"/api/v1/segments/{_segment(api)}", {}),
    "update_segment": lambda api: ("PATCH", f"/api/v1/segments/{_segment(api)}", {"json": {"name": "Silver"}}),
    "delete_segment": lambda api: ("DELETE", f"/api/v1/segments/{_segment(api)}", {}),
    "preview_segment": lambda api: ("GET", f"/api/v1/segments/{_segment(api)}/preview", {}),
    "refresh_segment": lambda api: ("POST", f"/api/v1/segments/{_segment(api)}/refresh", {}),
    "list_segment_members": lambda api: ("GET", f"/api/v1/segments/{_segment(api)}/members", {}),
}
