from __future__ import annotations

from misarmail_server.settings import VERSION
from tests.conftest import Api, Platform
from tests.support.calls.every_operation import SEND


def test_get_health_answers_without_a_key(platform: Platform) -> None:
    assert platform.client().get("/api/healthz").json == {"success": True, "status": "ok", "version": VERSION}


def test_get_health_answers_at_the_root_too(platform: Platform) -> None:
    assert platform.client().get("/healthz").json["status"] == "ok"


def test_get_readiness_counts_due_recipients(platform: Platform, api: Api) -> None:
    api.post("/api/v1/send", json=SEND | {"to": [{"email": "a@example.com"}, {"email": "b@example.com"}]})

    assert platform.client().get("/readyz").json == {"success": True, "status": "ready", "due_count": 2}
