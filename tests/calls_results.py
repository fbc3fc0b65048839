"""One valid call of each operation that tells or records what became of mail: suppressions, analytics."""

from __future__ import annotations

from typing import Any


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
