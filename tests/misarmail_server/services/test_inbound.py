from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, update

from misarmail_server import vault
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import inbound, senders
from tests.conftest import Api, Make, Platform
from tests.support.calls.domains import create as create_domain
from tests.support.calls.domains import tenant, verified
from tests.support.calls.infrastructure import INBOUND
from tests.support.servers.dns_server import DnsServer


def create(api: Any, **changed: Any) -> Any:
    answer = api.post("/api/v1/inbound", json=INBOUND | changed)
    assert answer.status_code == 200, answer.json
    return answer.json["domain"]


def secrets(platform: Platform, store: Store) -> list[str]:
    with store.read() as connection:
        sealed = connection.scalars(select(tables.InboundDomain.webhook_secret_sealed)).all()
    return [vault.unseal(platform.settings, secret).decode() for secret in sealed]


def test_secrets_of_an_earlier_version_sign_and_are_sealed_at_the_next_start(platform: Platform, api: Api, store: Store) -> None:
    create(api)
    plain = update(tables.InboundDomain).values(webhook_secret_sealed=b"plain:0123456789abcdef")
    store.write(lambda connection: connection.execute(plain).rowcount)

    read = vault.unseal_or_plain(platform.settings, b"plain:0123456789abcdef")
    for _ in range(2):
        inbound.seal_secrets(platform.settings, store)

    assert (read, secrets(platform, store)) == (b"0123456789abcdef", ["0123456789abcdef"])


def test_create_inbound_domain_answers_the_mx_record_and_a_secret(platform: Platform, store: Store) -> None:
    api = platform.client(platform.everything().headers, inbound_host="Inbound.mail.example.net")

    domain = create(api, subdomain="Replies.Example.COM.")

    assert domain["id"].startswith("inb_")
    assert (domain["subdomain"], domain["status"], domain["webhook_url"]) == (
        "replies.example.com",
        "active",
        "https://hooks.example.com/mail",
    )
    assert domain["mx_record"] == {"type": "MX", "host": "replies.example.com", "value": "inbound.mail.example.net", "priority": 10}
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", domain["webhook_secret"])
    assert secrets(platform, store) == [domain["webhook_secret"]]


def test_create_inbound_domain_takes_a_secret(api: Api) -> None:
    assert create(api, webhook_secret="0123456789abcdef")["webhook_secret"] == "0123456789abcdef"


def test_create_inbound_domain_refuses_an_existing_host_without_naming_its_owner(platform: Platform, api: Api, make: Make) -> None:
    create(api)

    refused = platform.everything(make.account("eve@example.org")).post("/api/v1/inbound", json=INBOUND)

    assert (refused.status_code, refused.json["code"]) == (409, "already_exists")
    assert (refused.json["error"], make.count(tables.InboundDomain)) == ("The inbound domain replies.example.com already exists", 1)


def test_create_inbound_domain_refuses_a_host_on_anothers_domain(platform: Platform, dns: DnsServer, make: Make) -> None:
    owner = tenant(platform, "ada@example.org")
    verified(owner, dns)

    refused = tenant(platform, "eve@example.org").post("/api/v1/inbound", json=INBOUND)

    assert (refused.status_code, refused.json["code"], make.count(tables.InboundDomain)) == (409, "domain_taken", 0)
    assert refused.json["proof"]["host"] == "_misarmail.example.com"
    assert create(owner)["subdomain"] == "replies.example.com"


def test_create_inbound_domain_needs_a_domain_that_is_verified(platform: Platform, dns: DnsServer, make: Make) -> None:
    api = tenant(platform, "eve@example.org")
    create_domain(api)
    before = api.post("/api/v1/inbound", json=INBOUND)
    verified(api, dns, "example.net")
    elsewhere = api.post("/api/v1/inbound", json=INBOUND)

    assert [(each.status_code, each.json["code"]) for each in (before, elsewhere)] == [(409, "wrong_state")] * 2
    assert before.json["error"] == "Add replies.example.com, or the domain above it, to this account's domains and verify it first"
    assert make.count(tables.InboundDomain) == 0
    assert [create(api, subdomain=host)["subdomain"] for host in ("example.net", "a.b.example.net")] == ["example.net", "a.b.example.net"]


def test_create_inbound_domain_takes_the_operators_word(platform: Platform, store: Store) -> None:
    api = tenant(platform, "eve@example.org")
    store.write(lambda connection: senders.vouch(connection, api.account_id, "@example.com"))

    assert create(api)["subdomain"] == "replies.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:8443/a/b?c=d%20e",
        "http://localhost:9000/mail",
        "http://127.0.0.1/",
        "http://[::1]:9000",
        "https://192.0.2.1/mail",
    ],
)
def test_create_inbound_domain_takes_addresses_that_can_be_posted_to(api: Api, url: str) -> None:
    assert create(api, webhook_url=url)["webhook_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/mail",
        "https://ada:secret@hooks.example.com/",
        "https://hooks.example.com@evil.example/",
        "http://localhost.evil.example/",
        "http://localhost@evil.example/",
        "https://",
        "https:///mail",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\n",
        "https://-a.example.com/",
        "ftp://hooks.example.com/",
        "/mail",
        "",
    ],
)
def test_create_inbound_domain_refuses_other_addresses(api: Api, make: Make, url: str) -> None:
    refused = api.post("/api/v1/inbound", json=INBOUND | {"webhook_url": url})

    sentence = "Must be an https URL without user name and password"
    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"webhook_url": [sentence]})
    assert make.count(tables.InboundDomain) == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"subdomain": "replies"}, "subdomain"),
        ({"subdomain": "co.uk"}, "subdomain"),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"webhook_secret": "x" * 129}, "webhook_secret"),
        ({"webhook_secret": "0123456789 abcdef"}, "webhook_secret"),
    ],
)
def test_create_inbound_domain_names_the_field_that_is_wrong(api: Api, make: Make, changed: Any, field: str) -> None:
    refused = api.post("/api/v1/inbound", json=INBOUND | changed)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])
    assert make.count(tables.InboundDomain) == 0


def test_list_inbound_domains_is_newest_first_without_secrets(api: Api) -> None:
    first, second = create(api), create(api, subdomain="answers.example.com")

    page = api.get("/api/v1/inbound")

    assert [domain["id"] for domain in page.json["domains"]] == [second["id"], first["id"]]
    assert (page.json["total"], page.json["page"], page.json["limit"]) == (2, 1, 100)
    assert "secret" not in page.get_data(as_text=True)


def test_get_inbound_domain_shows_no_secret(api: Api) -> None:
    created = create(api)
    created.pop("webhook_secret")

    assert api.get(f"/api/v1/inbound/{created['id']}").json["domain"] == created


def test_update_inbound_domain_changes_url_and_secret(platform: Platform, api: Api, store: Store) -> None:
    created = create(api)
    path = f"/api/v1/inbound/{created['id']}"

    changed = api.patch(path, json={"webhook_url": "https://other.example.com/", "webhook_secret": "fedcba9876543210"}).json["domain"]

    assert (changed["webhook_url"], "webhook_secret" in changed, secrets(platform, store)) == (
        "https://other.example.com/",
        False,
        ["fedcba9876543210"],
    )
    assert api.patch(path, json={}).json["domain"]["webhook_url"] == "https://other.example.com/"


def test_update_inbound_domain_refuses_another_host(api: Api) -> None:
    created = create(api)

    refused = api.patch(f"/api/v1/inbound/{created['id']}", json={"subdomain": "other.example.com"})

    assert refused.json["details"]["fieldErrors"] == {"subdomain": ["Unknown field"]}


def test_delete_inbound_domain_frees_the_host(platform: Platform, api: Api) -> None:
    created = create(api)

    answers = [api.delete(f"/api/v1/inbound/{created['id']}").status_code for _ in range(2)]

    assert answers == [200, 404]
    assert create(platform.everything(platform.make.account("eve@example.org")))["subdomain"] == "replies.example.com"
