"""Valid calls of topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TOPIC = {"name": "Product news", "default": "opt_out"}


def topic(api: Any, name: str = "Product news") -> str:
    """The path of a new topic."""
    made = api.post("/api/v1/topics", json=TOPIC | {"name": name}).json["topic"]
    return f"/api/v1/topics/{made['id']}"


def contact(api: Any, email: str = "ada@example.com") -> str:
    """The path of the contact of an address, which is created if necessary."""
    made = api("PUT", "/api/v1/contacts", json={"email": email}).json["contact"]
    return f"/api/v1/contacts/{made['id']}"


def _choice(api: Any) -> tuple[str, str, dict[str, Any]]:
    choice = {"topic_id": topic(api).rpartition("/")[2], "subscribed": False}
    return "PATCH", f"{contact(api)}/topics", {"json": {"topics": [choice]}}


TOPICS: dict[str, Callable[[Any], tuple[str, str, dict[str, Any]]]] = {
    "list_topics": lambda _: ("GET", "/api/v1/topics", {}),
    "create_topic": lambda _: ("POST", "/api/v1/topics", {"json": TOPIC}),
    "get_topic": lambda api: ("GET", topic(api), {}),
    "update_topic": lambda api: ("PATCH", topic(api), {"json": {"name": "Company news"}}),
    "delete_topic": lambda api: ("DELETE", topic(api), {}),
    "get_contact_topics": lambda api: ("GET", f"{contact(api)}/topics", {}),
    "update_contact_topics": _choice,
}
