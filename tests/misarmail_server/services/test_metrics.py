from __future__ import annotations

from ipaddress import ip_network
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

    result = numbers(platform.client(metrics_access="local").get("/metrics", environ_overrides=HERE))

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
    answer = platform.client(metrics_access="local").get("/metrics", environ_overrides={"REMOTE_ADDR": address}, headers=headers)

    assert (answer.status_code, "misarmail" in answer.get_data(as_text=True)) == (404, False)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.7"])
def test_metrics_ask_for_the_token_of_the_settings(platform: Platform, address: str) -> None:
    guarded = platform.client(metrics_token="scrape-me")
    options: Any = {"environ_overrides": {"REMOTE_ADDR": address}}

    answers = [
        guarded.get("/metrics", headers={"Authorization": output}, **options) for output in ("Bearer scrape-me", "Bearer no", "ü", "")
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 404]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": ""}])
def test_without_a_token_nobody_reads_the_metrics(platform: Platform, headers: Any) -> None:
    assert platform.client().get("/metrics", environ_overrides=HERE, headers=headers).status_code == 404


def test_metrics_are_open_if_the_settings_say_so(platform: Platform) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}

    assert platform.client(metrics_access="open").get("/metrics", environ_overrides=elsewhere).status_code == 200
    assert platform.client(metrics_access="local", metrics_token="x").get("/metrics", environ_overrides=HERE).status_code == 200


def test_a_client_behind_a_trusted_proxy_of_this_machine_is_not_local(platform: Platform) -> None:
    behind = platform.client(metrics_access="local", trusted_proxies=(ip_network("127.0.0.1"),))

    assert behind.get("/metrics", environ_overrides=HERE, headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404
    assert behind.get("/metrics", environ_overrides=HERE).status_code == 200
