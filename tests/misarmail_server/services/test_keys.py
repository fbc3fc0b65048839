from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from typing_extensions import override

from misarmail_server.context import DAY, at, now
from misarmail_server.db import tables
from misarmail_server.services.keys import ALL_SCOPES
from tests.conftest import Api, Make, Platform
from tests.support.calls.accounts import connect
from tests.support.calls.every_operation import SEND, WELCOME
from tests.support.waiting import until


def create(api: Any, **body: Any) -> Any:
    return api.post("/api/v1/keys", json={"name": "Web shop"} | body)


def client_with(platform: Any, secret: Any) -> Any:
    return platform.client({"Authorization": f"Bearer {secret}"})


def test_create_key_shows_the_secret_once(platform: Platform, api: Api) -> None:
    created = create(api, scopes=["send", "templates"]).json

    assert re.fullmatch(r"msk_[0-9a-f]{64}", created["key"])
    assert (created["key_prefix"], created["scopes"]) == (created["key"][:12], "send,templates")
    shown = api.get(f"/api/v1/keys/{created['id']}").get_data(as_text=True)
    assert created["key"] not in shown
    assert client_with(platform, created["key"]).get("/api/v1/templates").status_code == 200


def test_create_key_sends_only_without_scopes(platform: Platform, api: Api) -> None:
    created = create(api).json

    assert created["scopes"] == "send"
    assert client_with(platform, created["key"]).get("/api/v1/templates").status_code == 403


def test_create_key_cannot_grant_scopes_that_the_requesting_key_lacks(platform: Platform) -> None:
    api = platform.api("keys:manage", "templates")

    refused = create(api, scopes=["templates", "send", "read"])

    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert refused.json["error"] == "This key cannot grant scopes that it lacks: send, read"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["fly"]}, "scopes"),
        ({"scopes": ["send", "send"]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": None}, "expires_at"),
        ({"expires_at": "2030-06-30T23:59:60Z"}, "expires_at"),
        ({"expires_at": "2030-01-01T00:00:00Z", "expiresAt": "2030-01-01T00:00:00Z"}, "expires_at"),
    ],
)
def test_create_key_names_the_field_that_is_wrong(api: Api, body: Any, field: str) -> None:
    refused = create(api, **body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert len(api.get("/api/v1/keys").json["keys"]) == 1


def test_create_key_refuses_the_second_on_the_free_plan(platform: Platform) -> None:
    refused = create(platform.api(account_id=platform.make.account(plan="free")))

    assert (refused.status_code, refused.json["upgrade"]["feature"]) == (403, "api_keys")


def test_an_expired_key_is_refused(platform: Platform) -> None:
    secret = platform.make.key(platform.make.account(), expires_at=now() - 1)

    refused = client_with(platform, secret).get("/api/v1/templates")

    assert (refused.status_code, refused.json["code"]) == (401, "key_expired")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic YTpi", "msk_" + "0" * 64, "Bearer msk_" + "0" * 64, "Bearer msk_" + "0" * 64 + "\u00e9"]
)
def test_an_unknown_key_is_refused(platform: Platform, header: str) -> None:
    refused = platform.client({"Authorization": header}).get("/api/v1/templates")

    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
    assert "Authorization: Bearer msk_" in refused.json["error"]


def test_delete_key_revokes_at_once_on_every_process(platform: Platform, api: Api) -> None:
    created = create(api, scopes=["templates"]).json
    elsewhere = client_with(platform, created["key"])
    assert elsewhere.get("/api/v1/templates").status_code == 200

    revoked = api.delete(f"/api/v1/keys/{created['id']}")

    assert revoked.json == {"success": True, "id": created["id"]}
    refused = elsewhere.get("/api/v1/templates")
    assert (refused.status_code, refused.json["code"]) == (401, "key_revoked")
    assert api.delete(f"/api/v1/keys/{created['id']}").status_code == 404
    assert api.get(f"/api/v1/keys/{created['id']}").status_code == 404


def test_delete_key_by_query_revokes_too(platform: Platform, api: Api) -> None:
    created = create(api).json

    assert api.delete(f"/api/v1/keys?id={created['id']}").status_code == 200
    assert client_with(platform, created["key"]).get("/api/v1/messages/x").status_code == 401


def test_delete_key_by_query_needs_the_id_and_finds_only_own_keys(platform: Platform, api: Api) -> None:
    stranger = platform.api(account_id=platform.make.account("eve@example.com"))
    own = api.get("/api/v1/keys").json["keys"][0]["id"]

    assert api.delete("/api/v1/keys").json["details"]["fieldErrors"] == {"id": ["Is required"]}
    assert stranger.delete(f"/api/v1/keys?id={own}").status_code == 404
    assert api.get("/api/v1/keys").status_code == 200


def test_list_keys_is_newest_first_without_revoked_ones(api: Api) -> None:
    first, second, third = (create(api, name=name).json["id"] for name in ("First", "Second", "Third"))
    api.delete(f"/api/v1/keys/{second}")

    ids = [key["id"] for key in api.get("/api/v1/keys").json["keys"]]

    assert ids[:2] == [third, first]
    assert len(ids) == 3


def test_get_key_shows_the_last_use_to_the_minute(platform: Platform, api: Api) -> None:
    created = create(api, scopes=["templates"], expiresAt="2090-01-01T00:00:00Z").json
    assert api.get(f"/api/v1/keys/{created['id']}").json["key"]["last_used_at"] is None

    client_with(platform, created["key"]).get("/api/v1/templates")

    key = until(lambda: api.get(f"/api/v1/keys/{created['id']}").json["key"], lambda key: key["last_used_at"])
    assert key["last_used_at"].endswith(":00Z")
    assert (key["is_active"], key["expires_at"]) == (True, "2090-01-01T00:00:00Z")


def test_a_session_manages_keys_without_scopes(platform: Platform) -> None:
    token = platform.make.session(platform.make.account())
    browser = platform.client({"Cookie": f"misarmail_session={token}"})

    created = create(browser, scopes=["read", "write"])

    assert (created.status_code, created.json["scopes"]) == (200, "read,write")
    assert platform.client({"Cookie": "misarmail_session=nobody"}).get("/api/v1/keys").status_code == 401
    assert browser.get("/api/v1/templates").status_code == 401


class Late(io.BytesIO):
    """A body that arrives after a callback has run; the validator of the exchange can read it again."""

    def __init__(self, body: Any, happens: Callable[[], Any]) -> None:
        super().__init__(json.dumps(body).encode())
        self._happens = [happens]

    @override
    def read(self, *_size: int | None) -> bytes:
        if self._happens:
            self._happens.pop()()
        return self.getvalue()


def late(body: Any, happens: Any) -> Any:
    """The options of a request with a late body."""
    stream = Late(body, happens)
    return {"input_stream": stream, "content_type": "application/json", "content_length": len(stream.getvalue())}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/templates", WELCOME),
        ("/api/v1/domains", {"domain": "late.example.com"}),  # calls external networks
        ("/api/v1/validate", {"emails": ["ada@example.com"]}),
    ],
)
def test_delete_key_stops_requests_whose_bodies_are_still_arriving(platform: Platform, api: Api, path: str, body: Any) -> None:
    created = create(api, scopes=list(ALL_SCOPES)).json
    slow = client_with(platform, created["key"])

    refused = slow.post(path, **late(body, lambda: api.delete(f"/api/v1/keys/{created['id']}")))

    assert (refused.status_code, refused.json["code"]) == (401, "key_revoked")
    assert platform.make.count(tables.Template) == platform.make.count(tables.Domain) == 0


def test_delete_session_stops_requests_whose_bodies_are_still_arriving(platform: Platform, make: Make) -> None:
    browser = platform.client({"Cookie": f"misarmail_session={make.session(make.account())}"})

    refused = browser.post("/api/v1/keys", **late({"name": "Late"}, lambda: browser.delete("/api/session")))

    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
    assert make.count(tables.Key) == 0


def test_a_session_ends(platform: Platform, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    token = make.session(make.account())
    later = now() + 15 * DAY
    monkeypatch.setattr("misarmail_server.services.session_tokens.now", lambda: later)

    assert platform.client({"Cookie": f"misarmail_session={token}"}).get("/api/v1/keys").status_code == 401


def test_create_key_gives_away_parts_of_a_wider_scope(platform: Platform) -> None:
    created = create(platform.api("keys:manage", "send"), scopes=["send:transactional"])

    assert (created.status_code, created.json["scopes"]) == (200, "send:transactional")


def test_create_key_cannot_outlive_the_asking_key(platform: Platform) -> None:
    ends_at = now() + DAY
    api = client_with(platform, platform.make.key(platform.make.account(), "keys:manage", expires_at=ends_at))

    inherited = create(api, scopes=["keys:manage"]).json
    refused = create(api, scopes=["keys:manage"], expires_at="2090-01-01T00:00:00Z")

    assert inherited["expires_at"] == at(ends_at).isoformat().replace("+00:00", "Z")
    assert refused.json["details"]["fieldErrors"] == {"expires_at": ["Must not be after the expiry of the requesting key"]}


def test_create_key_refuses_a_time_that_no_clock_shows(api: Api) -> None:
    assert create(api, expires_at="9999-12-31T23:59:59-14:00").status_code == 400


def bound(api: Any, platform: Any, **changed: Any) -> Any:
    """(a client whose key is bound to a connected account, that account's id)."""
    connected = api.post("/api/accounts", json=connect()).json["account"]["id"]
    made = api.post("/api/v1/keys", json={"name": "Bound", "scopes": ["send", "keys:manage"], "allowed_account_id": connected} | changed)
    return platform.client({"Authorization": f"Bearer {made.json['key']}"}), connected


def test_create_key_bound_to_an_account_sends_only_from_it(api: Api, platform: Platform) -> None:
    key, connected = bound(api, platform)

    from_it = key.post("/api/v1/send", json=SEND | {"from": {"email": "ada@example.com"}})
    from_another = key.post("/api/v1/send", json=SEND)

    assert (from_it.status_code, from_another.status_code, from_another.json["code"]) == (200, 403, "sender_not_verified")
    assert from_another.json["error"] == "This key may only send from ada@example.com"
    api.delete(f"/api/accounts/{connected}")
    from_deleted = key.post("/api/v1/send", json=SEND | {"from": {"email": "ada@example.com"}})
    assert (from_deleted.status_code, from_deleted.json["error"]) == (403, "This key may only send from an account that was deleted")


def test_create_key_by_a_bound_key_is_bound_too(api: Api, platform: Platform) -> None:
    key, connected = bound(api, platform)

    made = key.post("/api/v1/keys", json={"name": "Child"}).json

    assert api.get(f"/api/v1/keys/{made['id']}").json["key"]["allowed_account_id"] == connected


def test_create_key_refuses_an_account_that_is_not_its_own(api: Api, platform: Platform, make: Make) -> None:
    stranger = platform.everything(make.account("eve@example.com"))
    connected = api.post("/api/accounts", json=connect()).json["account"]["id"]

    refused = stranger.post("/api/v1/keys", json={"name": "Thief", "allowedAccountId": connected})

    assert refused.json["details"]["fieldErrors"] == {"allowed_account_id": [f"There is no connected account {connected}"]}


def test_create_key_in_a_session_outlives_it(platform: Platform, make: Make) -> None:
    browser = platform.client({"Cookie": f"misarmail_session={make.session(make.account())}"})

    assert browser.post("/api/v1/keys", json={"name": "Shop"}).json["expires_at"] is None
