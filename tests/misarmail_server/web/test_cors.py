"""Requests of web pages from other origins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Platform

APP = "https://app.example.com"
PREFLIGHT = {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
def named(platform: Platform, api: Api) -> Api:
    return platform.client(api.headers, cors_origins=frozenset({APP}))


def granted(answer: Any) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


def test_a_preflight_names_what_the_operation_takes(named: Api) -> None:
    answer = named("OPTIONS", "/api/v1/send", headers=PREFLIGHT)

    assert (answer.status_code, answer.data) == (204, b"")
    fields = granted(answer)
    assert fields["Access-Control-Allow-Origin"] == APP
    assert fields["Access-Control-Allow-Credentials"] == "true"
    assert fields["Access-Control-Allow-Methods"] == "POST"
    accepted = {name.strip().lower() for name in fields["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "x-misarmail-sandbox", "x-source-app"} <= accepted
    assert "*" not in fields["Access-Control-Allow-Headers"]
    assert answer.headers["Vary"] == "Origin"


def test_responses_and_refusals_may_be_read_by_the_origin(named: Api, platform: Platform) -> None:
    nobody = platform.client(cors_origins=frozenset({APP}))
    for answer in (named.get("/api/v1/templates", headers={"Origin": APP}), nobody.get("/api/v1/templates", headers={"Origin": APP})):
        assert granted(answer)["Access-Control-Allow-Origin"] == APP
        assert "X-Request-Id" in granted(answer)["Access-Control-Expose-Headers"]
        assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    "origin", ["https://app.example.com.evil.example", "http://app.example.com", "https://app.example.com:444", "null", ""]
)
def test_other_origins_get_no_permission(named: Api, origin: str) -> None:
    for answer in (
        named("OPTIONS", "/api/v1/send", headers=PREFLIGHT | {"Origin": origin}),
        named.get("/api/v1/templates", headers={"Origin": origin}),
        named.get("/api/v1/templates"),
    ):
        assert granted(answer) == {}
        assert answer.headers["Vary"] == "Origin"


def test_any_origin_may_use_keys_but_no_cookies(platform: Platform, api: Api) -> None:
    anybody = platform.client(api.headers, cors_origins=frozenset({"*"}))

    answer = anybody.get("/api/v1/templates", headers={"Origin": "https://elsewhere.example"})

    assert granted(answer)["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_named_origin_beside_any_keeps_its_cookies(platform: Platform, api: Api) -> None:
    both = platform.client(api.headers, cors_origins=frozenset({"*", APP}))

    assert granted(both.get("/api/v1/templates", headers={"Origin": APP}))["Access-Control-Allow-Credentials"] == "true"


def test_without_the_setting_nothing_is_added(api: Api) -> None:
    answer = api.get("/api/v1/templates", headers={"Origin": APP})

    assert (granted(answer), "Vary" in answer.headers) == ({}, False)
    assert granted(api("OPTIONS", "/api/v1/send", headers=PREFLIGHT)) == {}
