from __future__ import annotations

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Api, Platform
from tests.support.calls.every_operation import SEND

HERE = {"REMOTE_ADDR": "127.0.0.1"}


def numbers(answer: Any) -> dict[tuple[str, ...], float]:
    """Each sample by its name and label values."""
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.get_data(as_text=True))
    return {
        (sample.name, *(sample.labels[name] for name in ("stream", "state", "kind") if name in sample.labels)): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_tell_of_queue_events_and_webhooks(platform: Platform, api: Api) -> None:
    api.post("/api/v1/send", json=SEND)
    api.post("/api/v1/send", json=SEND | {"stream": "marketing"})

    result = numbers(platform.client().get("/metrics", environ_overrides=HERE))

    assert result["misarmail_queue_recipients", "transactional", "pending"] == 1
    assert result["misarmail_queue_recipients", "marketing", "pending"] == 1
    assert result["misarmail_queue_oldest_seconds", "transactional"] >= 0
    assert result["misarmail_webhook_deliveries_waiting",] == 0


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("192.0.2.7", {}),
        ("", {}),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}),
        ("::ffff:192.0.2.7", {}),
    ],
)
def test_metrics_are_not_there_for_others(platform: Platform, address: str, headers: Any) -> None:
    options = platform.client().get("/metrics", environ_overrides={"REMOTE_ADDR": address}, headers=headers)

    assert (options.status_code, "misarmail" in options.get_data(as_text=True)) == (404, False)


def test_metrics_ask_for_the_token_of_the_settings(platform: Platform) -> None:
    guarded = platform.client(metrics_token="scrape-me")
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}

    answers = [
        guarded.get("/metrics", environ_overrides=elsewhere, headers={"Authorization": output})
        for output in ("Bearer scrape-me", "Bearer no", "ü")
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert guarded.get("/metrics", environ_overrides=HERE).status_code == 404
