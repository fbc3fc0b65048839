"""One valid call of each operation that records what people did and bought."""

from __future__ import annotations

from typing import Any

EVENT = {"email": "ada@example.com", "event": "signed_up", "properties": {"plan": "gold", "seats": 12}}
PURCHASE = {"email": "ada@example.com", "order_id": "4711", "amount": 49.99, "currency": "EUR"}

CALLS: dict[str, Any] = {
    "track_event": lambda _: ("POST", "/api/v1/track/event", {"json": EVENT}),
    "track_purchase": lambda _: ("POST", "/api/v1/track/purchase", {"json": PURCHASE}),
}
