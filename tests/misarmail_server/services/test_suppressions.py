from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api
from tests.support.calls.every_operation import SEND


def suppress(api: Any, email: Any, **changed: Any) -> Any:
    return api.post("/api/v1/suppressions", json={"email": email} | changed)


def test_create_suppression_prevents_mail_to_the_address(api: Api) -> None:
    created = suppress(api, "User@Example.com", reason="unsubscribed")

    refused = api.post("/api/v1/send", json=SEND)

    assert created.json["suppression"]["email"] == "user@example.com"
    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")
    assert refused.json["error"] == "Every recipient is suppressed: user@example.com (unsubscribed)"


def test_create_suppression_keeps_the_first_reason(api: Api) -> None:
    suppress(api, "ada@example.com", reason="complained")

    refused = suppress(api, "ADA@example.com")

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")
    assert api.get("/api/v1/suppressions/ada@example.com").json["suppression"]["reason"] == "complained"


@pytest.mark.parametrize(
    ("body", "field"), [({"email": "nobody"}, "email"), ({"email": "a@example.com", "reason": "rude"}, "reason"), ({}, "email")]
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
