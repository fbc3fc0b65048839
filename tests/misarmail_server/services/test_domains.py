from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from misarmail_server import vault
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services import senders
from misarmail_server.settings import Settings
from tests.conftest import Api, Make, Platform
from tests.support.calls.domains import MAIL, create, get, keys, tenant, verified, verify
from tests.support.calls.every_operation import SEND
from tests.support.servers.dns_server import DnsServer


def test_create_domain_returns_the_records_to_publish(platform: Platform, store: Store, chosen: Settings) -> None:
    api = platform.client(platform.everything().headers, spf="include:spf.mail.example.net", inbound_host="in.example.net")

    domain = create(api)

    records = domain["dns_records"]
    assert (domain["domain"], domain["status"], domain["dkim_status"], domain["checked_at"]) == ("example.com", "pending", "pending", None)
    assert domain["id"].startswith("dom_")
    assert {purpose: (record["type"], record["host"]) for purpose, record in records.items()} == {
        "dkim": ("TXT", "mm._domainkey.example.com"),
        "dkim_ed25519": ("TXT", "mm-ed25519._domainkey.example.com"),
        "spf": ("TXT", "example.com"),
        "dmarc": ("TXT", "_dmarc.example.com"),
        "mx": ("MX", "inbound.example.com"),
        "return_path": ("CNAME", "bounces.example.com"),
    }
    assert records["spf"]["value"] == "v=spf1 include:spf.mail.example.net ~all"
    assert (records["mx"]["value"], records["mx"]["priority"]) == ("in.example.net", 10)
    assert {record["status"] for record in records.values()} == {"pending"}
    assert domain["proof"]["host"] == "_misarmail.example.com"
    edwards, rsa = keys(store)
    public = records["dkim"]["value"].removeprefix("v=DKIM1; k=rsa; p=")
    private_key: Any = load_der_private_key(vault.unseal(chosen, rsa.private_key), None)
    public_key: Any = load_der_public_key(base64.b64decode(public))
    public_key.verify(private_key.sign(b"mail", padding.PKCS1v15(), SHA256()), b"mail", padding.PKCS1v15(), SHA256())
    public = records["dkim_ed25519"]["value"].removeprefix("v=DKIM1; k=ed25519; p=")
    private_key = load_der_private_key(vault.unseal(chosen, edwards.private_key), None)
    assert base64.b64decode(public) == private_key.public_key().public_bytes_raw()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("News.Example.COM.", "news.example.com"), ("münchen.de", "xn--mnchen-3ya.de"), ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de")],
)
def test_create_domain_normalises_the_name(api: Api, given: str, kept: str) -> None:
    assert create(api, given)["domain"] == kept


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("example", "Must be a domain name such as example.com"),
        ("exa mple.com", "Must be a domain name such as example.com"),
        ("-a.example.com", "Must be a domain name such as example.com"),
        ("192.0.2.1", "Must be a domain name such as example.com"),
        ("xn--zzzzzz-.example.com", "Must be a domain name such as example.com"),
        ("xn--a.example.com", "Must be a domain name such as example.com"),
        ("co.uk", "Must be below co.uk, which is a public suffix"),
        ("a" * 64 + ".com", "Must be a domain name such as example.com"),
        ("a." * 99 + "com", "Must have at most 200 characters"),
    ],
)
def test_create_domain_refuses_names_that_cannot_be_registered(api: Api, make: Make, name: str, sentence: str) -> None:
    refused = api.post("/api/v1/domains", json={"domain": name})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"domain": [sentence]})
    assert make.count(tables.Domain) == 0


def test_create_domain_refuses_the_second_of_a_name(api: Api, make: Make) -> None:
    create(api)

    refused = api.post("/api/v1/domains", json={"domain": "EXAMPLE.com."})

    assert (refused.status_code, refused.json["code"], make.count(tables.Domain)) == (409, "already_exists", 1)


def test_create_domain_is_not_in_the_free_plan(platform: Platform) -> None:
    refused = tenant(platform, "eve@example.org", plan="free").post("/api/v1/domains", json={"domain": "example.com"})

    assert (refused.status_code, refused.json["upgrade"]["feature"], refused.json["upgrade"]["usage"]["limit"]) == (
        403,
        "custom_domains",
        0,
    )


def test_create_domain_concurrently_creates_one(api: Api, make: Make) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.post("/api/v1/domains", json={"domain": "example.com"}).status_code, range(6)))

    assert (sorted(answers), make.count(tables.Domain), make.count(tables.DkimKey)) == ([200] + [409] * 5, 1, 2)


def test_create_domain_unversioned_refuses_the_same(api: Api) -> None:
    create(api)

    assert api.post("/api/domains", json={"domain": "example.com"}).json["code"] == "already_exists"


def test_list_domains_is_newest_first(api: Api) -> None:
    first, second = create(api, "a.example"), create(api, "b.example")

    page = api.get("/api/v1/domains").json

    assert [domain["id"] for domain in page["domains"]] == [second["id"], first["id"]]
    assert page["domains"][0].keys() == {"id", "domain", "status", "dkim_status", "spf_status", "dmarc_status", "created_at"}
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 100)
    assert [domain["id"] for domain in api.get("/api/v1/domains?page=2&limit=1").json["domains"]] == [first["id"]]


def test_list_domains_unversioned_answers_the_same(api: Api) -> None:
    create(api)

    assert api.get("/api/domains?limit=1").json == api.get("/api/v1/domains?limit=1").json


def test_get_domain_shows_no_private_key(api: Api, store: Store, chosen: Settings) -> None:
    domain = create(api)

    shown = api.get(f"/api/v1/domains/{domain['id']}").get_data(as_text=True)

    for key in keys(store):
        assert base64.b64encode(vault.unseal(chosen, key.private_key)).decode()[60:100] not in shown


def test_get_domain_unversioned_answers_the_same(api: Api) -> None:
    domain = create(api)

    assert api.get(f"/api/domains/{domain['id']}").json == api.get(f"/api/v1/domains/{domain['id']}").json


def test_rotate_domain_keeps_the_old_keys_until_the_new_are_published(api: Api, dns: DnsServer, store: Store) -> None:
    domain = verified(api, dns)

    rotated = api.post(f"/api/v1/domains/{domain['id']}/rotate").json["domain"]

    assert rotated["dns_records"]["dkim"]["host"] == "mm2._domainkey.example.com"
    assert rotated["dns_records"]["dkim"]["status"] == "pending"
    assert (rotated["status"], rotated["dkim_status"]) == ("verified", "valid")
    assert [(key.selector, key.state) for key in keys(store)] == [
        ("mm-ed25519", "active"),
        ("mm", "active"),
        ("mm2-ed25519", "pending"),
        ("mm2", "pending"),
    ]
    assert verify(api, domain)["verified"]
    dns.publish_all(rotated, "dkim")
    assert verify(api, domain)["checks"]["dkim"]["status"] == "valid"
    assert [(key.selector, key.state, key.private_key is None) for key in keys(store)] == [
        ("mm-ed25519", "active", False),
        ("mm", "retired", True),
        ("mm2-ed25519", "pending", False),
        ("mm2", "active", False),
    ]


def test_rotate_domain_replaces_unpublished_keys(api: Api, store: Store) -> None:
    domain = create(api)

    api.post(f"/api/v1/domains/{domain['id']}/rotate")
    rotated = api.post(f"/api/v1/domains/{domain['id']}/rotate").json["domain"]

    assert rotated["dns_records"]["dkim_ed25519"]["host"] == "mm3-ed25519._domainkey.example.com"
    assert [key.selector for key in keys(store)] == ["mm3-ed25519", "mm3"]


def test_rotate_domain_unversioned_rotates_too(api: Api) -> None:
    domain = create(api)

    rotated = api.post(f"/api/domains/{domain['id']}/rotate").json["domain"]

    assert rotated == get(api, domain)


def test_delete_domain_takes_the_sender_and_the_keys_away(platform: Platform, dns: DnsServer, make: Make) -> None:
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)

    answer = api.delete(f"/api/v1/domains/{domain['id']}")

    assert answer.json == {"success": True, "id": domain["id"]}
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    assert [make.count(table) for table in (tables.Domain, tables.DkimKey, tables.VerifiedDomain, tables.Sender)] == [0, 0, 0, 0]
    assert api.delete(f"/api/v1/domains/{domain['id']}").status_code == 404
    assert create(tenant(platform, "eve@example.org"))["status"] == "pending"


def test_delete_domain_unversioned_deletes_too(api: Api) -> None:
    domain = create(api)

    assert api.delete(f"/api/domains/{domain['id']}").status_code == 200
    assert api.get(f"/api/v1/domains/{domain['id']}").status_code == 404


def test_delete_domain_keeps_senders_confirmed_by_the_operator(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.com")
    platform.store.write(lambda connection: senders.vouch(connection, api.account_id, "@example.com"))
    domain = verified(api, dns)

    api.delete(f"/api/v1/domains/{domain['id']}")

    assert api.post("/api/v1/send", json=SEND | {"from": {"email": "news@example.com"}}).status_code == 200
