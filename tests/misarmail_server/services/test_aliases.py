from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from tests.conftest import Api, Make, Platform
from tests.support.calls.domains import MAIL, tenant, verified
from tests.support.servers.dns_server import DnsServer


def create(api: Any, email: str = "news@example.com", **more: Any) -> Any:
    answer = api.post("/api/v1/aliases", json={"email": email, **more})
    assert answer.status_code == 200, answer.json
    return answer.json["alias"]


def get(api: Any, alias: Any) -> Any:
    return api.get(f"/api/v1/aliases/{alias['id']}").json["alias"]


def defaults(api: Any) -> Any:
    return [alias["email"] for alias in api.get("/api/v1/aliases").json["aliases"] if alias["is_default"]]


def test_create_alias_answers_the_whole(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.org")
    verified(api, dns)

    alias = create(api, "News@Example.com", name="Weekly News", is_default=True, ip_pool="marketing")

    assert alias["id"].startswith("ali_")
    assert alias == {
        "id": alias["id"],
        "email": "news@example.com",
        "name": "Weekly News",
        "is_default": True,
        "is_verified": True,
        "ip_pool": "marketing",
        "created_at": alias["created_at"],
        "updated_at": alias["created_at"],
    }
    assert get(api, alias) == alias


def test_create_alias_needs_only_an_address(api: Api) -> None:
    alias = create(api)

    assert (alias["name"], alias["is_default"], alias["is_verified"], alias["ip_pool"]) == (None, False, False, "transactional")


def test_create_alias_refuses_an_address_that_is_not_the_accounts(platform: Platform, dns: DnsServer, make: Make) -> None:
    verified(tenant(platform, "eve@example.org"), dns)
    api = tenant(platform, "ada@example.org")

    refused = api.post("/api/v1/aliases", json={"email": "news@example.com"})

    assert (refused.status_code, refused.json["code"], make.count(tables.Alias)) == (403, "sender_not_verified", 0)


def test_create_alias_refuses_a_second_of_the_address(api: Api, make: Make) -> None:
    create(api, "news@example.com", is_default=True)

    refused = api.post("/api/v1/aliases", json={"email": "NEWS@example.com", "is_default": True})

    assert (refused.status_code, refused.json["code"], make.count(tables.Alias)) == (409, "already_exists", 1)
    assert defaults(api) == ["news@example.com"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"email": "news"}, "email"), ({"ip_pool": "cold"}, "ip_pool"), ({"name": "a\nb"}, "name"), ({"is_default": 1}, "is_default")],
)
def test_create_alias_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/aliases", json={"email": "news@example.com"} | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"]), make.count(tables.Alias)) == (400, [field], 0)


def test_create_alias_moves_the_default_whoever_is_first(api: Api, make: Make) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: create(api, f"{number}@example.com", is_default=True), range(6)))

    assert (make.count(tables.Alias), len(defaults(api))) == (6, 1)


def test_list_aliases_is_newest_first_and_shows_verified_ones(platform: Platform, dns: DnsServer) -> None:
    account_id = platform.make.account()
    api = platform.everything(account_id)
    verified(api, dns)
    mine, other = create(api, "news@example.com"), create(api, "news@example.net")

    page = api.get("/api/v1/aliases").json

    assert [(alias["id"], alias["is_verified"]) for alias in page["aliases"]] == [(other["id"], False), (mine["id"], True)]
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 100)


def test_get_alias_is_verified_only_while_its_domain_is(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)
    alias = create(api)

    api.delete(f"/api/v1/domains/{domain['id']}")

    assert get(api, alias)["is_verified"] is False


def test_update_alias_changes_the_given_fields(api: Api) -> None:
    alias = create(api, name="Weekly News")

    changed = api.patch(f"/api/v1/aliases/{alias['id']}", json={"ip_pool": "newsletter"}).json["alias"]

    assert changed == alias | {"ip_pool": "newsletter", "updated_at": changed["updated_at"]}
    assert api.patch(f"/api/v1/aliases/{alias['id']}", json={"name": None}).json["alias"]["name"] is None


def test_update_alias_moves_the_default(api: Api) -> None:
    create(api, "a@example.com", is_default=True)
    second = create(api, "b@example.com")

    assert api.patch(f"/api/v1/aliases/{second['id']}", json={"is_default": True}).json["alias"]["is_default"]
    assert defaults(api) == ["b@example.com"]
    api.patch(f"/api/v1/aliases/{second['id']}", json={"is_default": False})
    assert defaults(api) == []


def test_update_alias_of_an_unknown_id_keeps_the_default(api: Api) -> None:
    create(api, "a@example.com", is_default=True)

    assert api.patch("/api/v1/aliases/ali_unknown", json={"is_default": True}).status_code == 404
    assert defaults(api) == ["a@example.com"]


def test_delete_alias_is_refused_the_second_time(api: Api) -> None:
    alias = create(api)

    answers = [api.delete(f"/api/v1/aliases/{alias['id']}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 404]


def test_send_email_uses_an_alias(api: Api, store: Store) -> None:
    alias = create(api, "news@example.com")

    sent = api.post("/api/v1/send", json=MAIL | {"alias_id": alias["id"], "from": {"email": "News@example.com"}})

    with store.read() as connection:
        assert connection.execute(select(tables.Message.id, tables.Message.alias_id)).all() == [(sent.json["message_id"], alias["id"])]


def test_send_email_refuses_an_alias_of_another_address(api: Api, make: Make) -> None:
    alias = create(api, "billing@example.com")

    refused = api.post("/api/v1/send", json=MAIL | {"alias_id": alias["id"]})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (
        400,
        {"alias_id": ["Is an alias of billing@example.com, which differs from from.email"]},
    )
    assert make.count(tables.Message) == 0


def test_send_email_refuses_an_alias_of_another_account(platform: Platform, api: Api) -> None:
    alias = create(tenant_any(platform), "news@example.com")

    assert api.post("/api/v1/send", json=MAIL | {"alias_id": alias["id"]}).status_code == 404


def tenant_any(platform: Any) -> Any:
    return platform.everything(platform.make.account("eve@example.org"))
