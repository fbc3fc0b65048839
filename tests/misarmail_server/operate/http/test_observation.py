"""The record of requests: counts of all processes, and the access log."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from misarmail_server.operate.http import process
from misarmail_server.services.request_counts import RequestCount, RequestCounts
from misarmail_server.settings import Settings
from tests.conftest import Api
from tests.support.calls.every_operation import SEND
from tests.support.servers.http_front import Front, fronting
from tests.support.waiting import until


def requests(front: Front) -> dict[tuple[str, str], float]:
    """The counted requests by operation and status."""
    text = front.ask("GET", "/metrics")[2].decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    counted = [sample for sample in samples if sample.name == "misarmail_http_requests_total"]
    return {(sample.labels["operation"], sample.labels["status"]): sample.value for sample in counted}


def test_requests_are_counted_by_operation_and_status(chosen: Settings, api: Api) -> None:
    key = {"Authorization": api.headers["Authorization"]}
    with fronting(replace(chosen, metrics_access="open")) as front:
        front.ask("POST", "/api/v1/send", SEND, key)
        front.ask("POST", "/api/v1/send", SEND, key)
        front.ask("POST", "/api/v1/send", SEND)
        front.ask("GET", "/api/v1/messages/msg_none", headers=key)
        front.ask("GET", "/nowhere")
        front.ask("GET", "/api/nowhere")
        counted = until(lambda: requests(front), lambda rows: rows.get(("", "404")) == 2)

    assert counted["send_email", "200"] == 2
    assert counted["send_email", "401"] == 1
    assert counted["get_message", "404"] == 1


def test_counts_of_all_processes_are_one_sum() -> None:
    counts = RequestCounts(["send_email"], processes=2)
    child = os.fork()
    if not child:
        counts.use_row(1)
        counts.add("send_email", 200, 0.5)
        counts.add("unknown", 299, 0.5)
        counts.add("unknown", 404, 0.5)
        os._exit(0)
    os.waitpid(child, 0)
    assert not any(counts._map[: len(counts._map) // 2])  # noqa: SLF001 - the rows of two processes must not overlap
    counts.add("send_email", 200, 0.25)

    assert list(counts.totals()) == [
        RequestCount("", "", 1, 0.5),
        RequestCount("", "404", 1, 0.5),
        RequestCount("send_email", "200", 2, 0.75),
    ]


def test_every_operation_is_counted() -> None:
    counts = process.request_counts()
    counts.add("send_email", 503, 0.0)
    counts.add("get_session", 304, 0.0)

    assert {(count.operation, count.status) for count in counts.totals()} == {("send_email", "503"), ("get_session", "304")}


def test_the_access_log_has_a_line_for_each_request_and_no_secret(chosen: Settings, api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    key = {"Authorization": api.headers["Authorization"], "User-Agent": "agent/1"}
    with fronting(replace(chosen, has_access_log=True)) as front:
        _, headers, body = front.ask("GET", "/api/v1/templates?page=1&limit=7", headers=key)
        front.ask("GET", "/u/secret-token", headers={"Cookie": "misarmail_session=secret-session"})
        front.ask("GET", "/reset-password?token=secret-reset")
        front.ask("POST", "/api/session", {"email": "ada@example.com", "password": "secret-password"})
        hook = "/api/v1/webhooks/inbound/ses/secret-hook"
        front.ask("POST", hook, {})
        front.ask("GET", hook)
        front.ask("POST", f"{hook}/more", {})
        front.ask("POST", hook.removeprefix("/api"), {})
        seen: list[str] = []

        def lines() -> list[dict[str, Any]]:
            seen.extend(line for line in capfd.readouterr().err.splitlines() if '"event": "request"' in line)
            return [json.loads(line) for line in seen]

        first, unsubscribe, reset, sign_in, *hooks = until(lines, lambda rows: len(rows) == 8)

    timeless = {name: value for name, value in first.items() if name not in {"milliseconds", "timestamp"}}
    assert timeless == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "path": "/api/v1/templates",
        "operation": "list_templates",
        "status": 200,
        "bytes": len(body),
        "client": "127.0.0.1",
        "user_agent": "agent/1",
        "request_id": headers["x-request-id"],
    }
    assert (unsubscribe["path"], reset["path"], sign_in["operation"]) == ("/u/...", "/reset-password", "sign_in")
    masked = "/api/v1/webhooks/inbound/ses/{token}"
    assert [line["path"] for line in hooks] == [masked, masked, masked, masked.removeprefix("/api")]
    assert "secret" not in "".join(seen)
    assert key["Authorization"].removeprefix("Bearer ") not in "".join(seen)
