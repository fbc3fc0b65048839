"""Valid calls of the declared fields of contacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CONTACT_FIELD = {"name": "seats", "type": "number", "default": 1}


def contact_field(api: Any, name: str = "seats") -> str:
    """The path of a new declared field."""
    made = api.post("/api/v1/contact-fields", json={"name": name, "type": "number"}).json["contact_field"]
    return f"/api/v1/contact-fields/{made['id']}"


CONTACT_FIELDS: dict[str, Callable[[Any], tuple[str, str, dict[str, Any]]]] = {
    "list_contact_fields": lambda _: ("GET", "/api/v1/contact-fields", {}),
    "create_contact_field": lambda _: ("POST", "/api/v1/contact-fields", {"json": CONTACT_FIELD}),
    "get_contact_field": lambda api: ("GET", contact_field(api), {}),
    "update_contact_field": lambda api: ("PATCH", contact_field(api), {"json": {"default": 5}}),
    "delete_contact_field": lambda api: ("DELETE", contact_field(api), {}),
}
