from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server.context import DAY
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.smtp import warmup
from misarmail_server.delivery.smtp.warmup import WarmupStage
from misarmail_server.services import dedicated_ips
from tests.conftest import Api, Make, Platform
from tests.support.calls.domains import tenant


def fill(store: Any, *addresses: str, rdns: Any = None) -> None:
    store.write(lambda connection: dedicated_ips.add(connection, addresses, rdns))


def create(api: Any, **body: Any) -> Any:
    answer = api.post("/api/v1/dedicated-ips", json=body)
    assert answer.status_code == 200, answer.json
    return answer.json["ip"]


def get(api: Any, ip: Any) -> Any:
    return api.get(f"/api/v1/dedicated-ips/{ip['id']}").json["ip"]


def age(store: Any, days: Any) -> None:
    older = update(tables.DedicatedIp).values(provisioned_at=tables.DedicatedIp.provisioned_at - days * DAY)
    store.write(lambda connection: connection.execute(older).rowcount)


def test_create_dedicated_ip_takes_the_oldest_of_the_pool(api: Api, store: Store) -> None:
    fill(store, "192.0.2.10")
    fill(store, "192.0.2.20", rdns="mail2.example.net")

    answer = api.post("/api/v1/dedicated-ips", json={"pool": "transactional", "rdns": "Mail1.Example.com"}).json

    ip = answer["ip"]
    assert ip["id"].startswith("ip_")
    assert ip == {
        "id": ip["id"],
        "address": "192.0.2.10",
        "status": "active",
        "pool": "transactional",
        "rdns": "mail1.example.com",
        "warmup_enabled": True,
        "warmup_status": "warming",
        "warmup_day": 1,
        "warmup_percent": 0,
        "daily_limit": 50,
        "created_at": ip["created_at"],
        "provisioned_at": ip["created_at"],
    }
    assert answer["message"] == "The address is ready and its warm-up has begun"
    assert create(api)["rdns"] == "mail2.example.net"


def test_create_dedicated_ip_waits_if_none_is_free(api: Api, store: Store) -> None:
    answer = api.post("/api/v1/dedicated-ips").json

    ip = answer["ip"]
    assert (ip["status"], ip["address"], ip["pool"], ip["warmup_status"], ip["warmup_day"], ip["daily_limit"], ip["provisioned_at"]) == (
        "provisioning",
        None,
        "marketing",
        "not_started",
        None,
        0,
        None,
    )
    assert answer["message"].startswith("No address is available now")
    later = create(api)
    fill(store, "192.0.2.10", rdns="mail1.example.com")
    assert (get(api, ip)["address"], get(api, ip)["rdns"], get(api, ip)["warmup_status"]) == ("192.0.2.10", "mail1.example.com", "warming")
    assert get(api, later)["address"] is None


@pytest.mark.parametrize(("plan", "limit"), [("free", 0), ("pro", 0), ("max", 1)])
def test_create_dedicated_ip_is_counted_by_the_plan(platform: Platform, plan: str, limit: int) -> None:
    api = tenant(platform, "ada@example.org", plan=plan)
    for _ in range(limit):
        create(api)

    refused = api.post("/api/v1/dedicated-ips")

    assert (refused.status_code, refused.json["upgrade"]["feature"], refused.json["upgrade"]["usage"]["limit"]) == (
        403,
        "dedicated_ips",
        limit,
    )


def test_create_dedicated_ip_by_many_at_once_gives_each_address_once(platform: Platform, store: Store) -> None:
    apis = [tenant(platform, f"{number}@example.org") for number in range(6)]
    fill(store, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda api: create(api)["address"], apis))

    assert sorted(address for address in given if address) == ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
    assert given.count(None) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [({"pool": "cold"}, "pool"), ({"rdns": "mail"}, "rdns"), ({"rdns": "a b.example"}, "rdns"), ({"address": "192.0.2.1"}, "address")],
)
def test_create_dedicated_ip_names_the_field_that_is_wrong(api: Api, make: Make, body: Any, field: str) -> None:
    refused = api.post("/api/v1/dedicated-ips", json=body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"]), make.count(tables.DedicatedIp)) == (400, [field], 0)


def test_list_dedicated_ips_is_newest_first(api: Api) -> None:
    first, second = create(api), create(api)

    page = api.get("/api/v1/dedicated-ips").json

    assert page == {"success": True, "ips": [second, first], "total": 2, "page": 1, "limit": 100}


def test_get_dedicated_ip_follows_the_warm_up(api: Api, store: Store) -> None:
    fill(store, "192.0.2.10")
    ip = create(api)

    age(store, 7)
    week = get(api, ip)
    age(store, 23)
    done = get(api, ip)

    assert (week["warmup_day"], week["warmup_percent"], week["daily_limit"]) == (8, 23, 2000)
    assert (done["warmup_status"], done["warmup_day"], done["warmup_percent"], done["daily_limit"]) == ("active", 31, 100, None)


def test_update_dedicated_ip_changes_the_given_fields(api: Api, store: Store) -> None:
    fill(store, "192.0.2.10")
    ip = create(api, rdns="mail1.example.com")
    path = f"/api/v1/dedicated-ips/{ip['id']}"

    assert api.patch(path, json={"pool": "newsletter"}).json["ip"] == ip | {"pool": "newsletter"}
    assert api.patch(path, json={"rdns": "MAIL2.example.com"}).json["ip"]["rdns"] == "mail2.example.com"
    assert api.patch(path, json={"rdns": None}).json["ip"]["rdns"] is None
    paused = api.patch(path, json={"warmup_enabled": False}).json["ip"]
    assert (paused["warmup_status"], paused["daily_limit"]) == ("paused", None)


def test_delete_dedicated_ip_assigns_the_address_to_the_oldest_claim(platform: Platform, store: Store) -> None:
    fill(store, "192.0.2.10")
    first, second, third = (tenant(platform, f"{number}@example.org") for number in range(3))
    old, waiting, later = create(first), create(second), create(third)
    age(store, 5)

    assert first.delete(f"/api/v1/dedicated-ips/{old['id']}").status_code == 200

    assert (get(second, waiting)["address"], get(second, waiting)["warmup_day"]) == ("192.0.2.10", 1)
    assert get(third, later)["address"] is None
    assert first.delete(f"/api/v1/dedicated-ips/{old['id']}").status_code == 404


def test_get_warmup_shows_each_address(platform: Platform, store: Store) -> None:
    api = tenant(platform, "ada@example.org")
    fill(store, "192.0.2.10")
    ip = create(api, pool="transactional")
    create(api)
    create(tenant(platform, "eve@example.org"))
    age(store, 2)

    assert api.get("/api/v1/warmup").json == {
        "success": True,
        "data": [
            {
                "id": ip["id"],
                "ip_address": "192.0.2.10",
                "pool_name": "transactional",
                "status": "warming",
                "warmup_day": 3,
                "daily_limit_today": 200,
                "sent_today": 0,
                "progress_pct": 6,
            }
        ],
        "count": 1,
    }


@pytest.mark.parametrize(
    ("day", "limit"),
    [
        (1, 50),
        (2, 50),
        (3, 200),
        (5, 200),
        (6, 500),
        (7, 500),
        (8, 2000),
        (14, 2000),
        (15, 5000),
        (21, 5000),
        (22, 10_000),
        (30, 10_000),
        (31, None),
    ],
)
def test_warmup_follows_the_curve(day: int, limit: int | None) -> None:
    state = warmup.of(DAY, day * DAY, is_enabled=True)

    assert (state.day, state.daily_limit, state.status) == (day, limit, "active" if limit is None else "warming")


def test_warmup_has_not_begun_without_an_address() -> None:
    assert warmup.of(None, DAY, is_enabled=True) == WarmupStage("not_started", None, 0, 0)
