from __future__ import annotations

from typing import Any

import pytest

from misarmail_server import context
from tests.conftest import Api
from tests.support.calls.every_operation import SEND


def suppress(api: Any, email: Any, **changed: Any) -> Any:
    return api.post("/api/v1/suppressions", json={"email": email} | changed)


def test_create_suppression_prevents_marketing_mail_to_an_unsubscribed_address(api: Api) -> None:
    created = suppress(api, "User@Example.com", reason="unsubscribed")

    refused = api.post("/api/v1/send", json=SEND | {"stream": "marketing"})

    assert api.post("/api/v1/send", json=SEND).status_code == 200
    assert created.json["suppression"]["email"] == "user@example.com"
    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert refused.json["error"] == "Every recipient is suppressed: user@example.com (unsubscribed)"
    assert refused.json["suppressed"] == [{"email": "user@example.com", "reason": "unsubscribed", "scope": "marketing"}]


def test_create_suppression_refuses_the_same_reason_twice(api: Api) -> None:
    suppress(api, "ada@example.com", reason="complained")

    refused = suppress(api, "ADA@example.com", reason="complained")

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")


def test_get_suppression_returns_the_one_that_bars_most_or_that_of_a_reason(api: Api) -> None:
    suppress(api, "ada@example.com", reason="unsubscribed")
    suppress(api, "ada@example.com", reason="bounced")

    def got(query: str) -> Any:
        return api.get(f"/api/v1/suppressions/ada@example.com{query}").json["suppression"]["reason"]

    assert [got(""), got("?reason=unsubscribed")] == ["bounced", "unsubscribed"]
    assert api.get("/api/v1/suppressions/ada@example.com?reason=manual").status_code == 404


@pytest.mark.parametrize(
    ("reason", "scope", "barred_streams"),
    [
        ("unsubscribed", None, ["marketing"]),
        ("bounced", None, ["transactional", "marketing"]),
        ("complained", "all", ["transactional", "marketing"]),
        ("manual", None, ["transactional", "marketing"]),
        ("manual", "marketing", ["marketing"]),
    ],
)
def test_create_suppression_bars_what_its_scope_says(api: Api, reason: str, scope: str | None, barred_streams: list[str]) -> None:
    created = suppress(api, "user@example.com", reason=reason, **({} if scope is None else {"scope": scope}))

    answers = {stream: api.post("/api/v1/send", json=SEND | {"stream": stream}) for stream in ("transactional", "marketing")}

    assert created.json["suppression"]["scope"] == ("all" if len(barred_streams) == 2 else "marketing")
    assert [stream for stream, answer in answers.items() if answer.status_code == 422] == barred_streams


def test_create_suppression_of_a_domain_bars_its_addresses(api: Api) -> None:
    created = suppress(api, "*@Bücher.example")

    def status(address: str) -> int:
        return api.post("/api/v1/send", json=SEND | {"to": [{"email": address}]}).status_code

    assert created.json["suppression"]["email"] == "*@xn--bcher-kva.example"
    assert [status("Ada@BÜCHER.example"), status("ada@xn--bcher-kva.example"), status("ada@sub.xn--bcher-kva.example")] == [422, 422, 200]
    assert api.get("/api/v1/suppressions/*@Bücher.example").status_code == 200
    assert api.delete("/api/v1/suppressions/*@Bücher.example").status_code == 200
    assert status("ada@bücher.example") == 200


def test_create_suppression_ends_when_it_expires(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    suppress(api, "user@example.com", expires_at="2099-01-01T00:00:00Z")
    barred = api.post("/api/v1/send", json=SEND).status_code
    again = suppress(api, "user@example.com").status_code

    monkeypatch.setattr(context, "now", lambda: 4_070_908_800_000)  # 2099-01-01

    assert (barred, again) == (422, 409)
    assert api.get("/api/v1/suppressions").json["suppressions"] == []
    assert api.get("/api/v1/suppressions/user@example.com").status_code == 404
    assert api.delete("/api/v1/suppressions/user@example.com").status_code == 404
    assert api.post("/api/v1/send", json=SEND).status_code == 200
    assert suppress(api, "user@example.com", scope="marketing").json["suppression"]["expires_at"] is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.com", "reason": "rude"}, "reason"),
        ({}, "email"),
        ({"email": "a@example.com", "scope": "some"}, "scope"),
        ({"email": "a@example.com", "reason": "unsubscribed", "scope": "all"}, "scope"),
        ({"email": "a@example.com", "reason": "bounced", "scope": "marketing"}, "scope"),
        ({"email": "a@example.com", "reason": "bounced", "expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"email": "a@example.com", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"email": "*@example.com", "reason": "bounced"}, "reason"),
    ],
)
def test_create_suppression_names_the_field_that_is_wrong(api: Api, body: Any, field: str) -> None:
    refused = api.post("/api/v1/suppressions", json=body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


def test_list_suppressions_filters_and_pages(api: Api) -> None:
    for name, reason in (("ada", "bounced"), ("bob", "manual"), ("eve", "bounced")):
        suppress(api, f"{name}@example.com", reason=reason)

    def listed_addresses(query: Any) -> Any:
        return sorted(suppression["email"] for suppression in api.get(f"/api/v1/suppressions?{query}").json["suppressions"])

    assert listed_addresses("reason=bounced") == ["ada@example.com", "eve@example.com"]
    assert listed_addresses("search=BO") == ["bob@example.com"]
    assert listed_addresses("search=_") == []
    assert len(listed_addresses("page=2&limit=2")) == 1
    assert api.get("/api/v1/suppressions?page=9").json["pagination"] == {"page": 9, "limit": 20, "total": 3, "total_pages": 1}


def test_get_suppression_takes_the_address_in_any_case(api: Api) -> None:
    suppress(api, "ada@example.com")

    assert api.get("/api/v1/suppressions/ADA%40example.com").json["suppression"]["email"] == "ada@example.com"


def test_delete_suppression_allows_mail_again(api: Api) -> None:
    suppress(api, "user@example.com")

    lifted = api.delete("/api/v1/suppressions/USER@example.com")

    assert lifted.json == {"success": True, "email": "user@example.com"}
    assert api.post("/api/v1/send", json=SEND).status_code == 200
    assert api.delete("/api/v1/suppressions/user@example.com").status_code == 404
