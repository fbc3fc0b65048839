"""Verification of sending domains: the required DNS records, and the ownership of names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Api, Platform
from tests.support.calls.domains import MAIL, create, get, tenant, verified, verify
from tests.support.servers.dns_server import DnsServer


def test_verify_domain_allows_sending_from_it(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.org")
    domain = create(api)
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    dns.publish_all(domain)

    done = verify(api, domain)

    assert (done["verified"], done["domain"]["status"]) == (True, "verified")
    assert {record["status"] for record in done["domain"]["dns_records"].values()} == {"valid"}
    assert done["checks"]["mx"] == {"status": "valid", "found": ["10 localhost.localdomain"], "error": None}
    assert done["checks"]["proof"] == {"status": "missing", "found": [], "error": None}
    assert done["domain"] == get(api, domain)
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_is_no_error_before_anything_is_published(api: Api) -> None:
    done = verify(api, create(api))

    assert (done["verified"], done["domain"]["status"]) == (False, "pending")
    assert {check["status"] for check in done["checks"].values()} == {"missing"}
    assert done["domain"]["verified_at"] is None
    assert done["domain"]["checked_at"] is not None


@pytest.mark.parametrize(
    ("published", "is_verified"),
    [(("dkim", "spf"), True), (("dkim_ed25519", "spf"), True), (("dkim",), False), (("spf",), False), (("proof", "spf", "dmarc"), False)],
)
def test_verify_domain_needs_a_key_and_spf(api: Api, dns: DnsServer, published: Any, is_verified: bool) -> None:
    domain = create(api)
    dns.publish_all(domain, *published)

    assert verify(api, domain)["verified"] is is_verified


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (["v=spf1 include:a.example A:localhost.localdomain ip4:192.0.2.1 -all", "other"], "valid"),
        (["v=spf1 +a:localhost.localdomain ?all"], "valid"),
        (["v=spf1 ~all a:localhost.localdomain"], "invalid"),
        (["v=spf1 -a:localhost.localdomain ~all"], "invalid"),
        (["v=spf1 a:localhost.localdomain -all", "v=spf1 -all"], "invalid"),
        (["v=spf1 include:other.example ~all"], "invalid"),
        (["v=spf10 a:localhost.localdomain"], "missing"),
        (["", "google-site-verification=1"], "missing"),
    ],
)
def test_verify_domain_judges_spf(api: Api, dns: DnsServer, texts: Any, status: str) -> None:
    domain = create(api)
    dns.publish("example.com", "TXT", *texts)

    seen = verify(api, domain)["checks"]["spf"]

    assert (seen["status"], sorted(seen["found"])) == (status, sorted(texts))


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        (["v=DMARC1;p=reject"], "valid"),
        (["v = DMARC1; p=none; rua=mailto:dmarc@example.com"], "valid"),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "invalid"),
        (["v=DMARC12"], "missing"),
    ],
)
def test_verify_domain_judges_dmarc(api: Api, dns: DnsServer, texts: Any, status: str) -> None:
    domain = create(api)
    dns.publish("_dmarc.example.com", "TXT", *texts)

    assert verify(api, domain)["checks"]["dmarc"]["status"] == status


def test_verify_domain_reads_keys_as_rfc_6376_writes_them(api: Api, dns: DnsServer) -> None:
    domain = create(api)
    record = domain["dns_records"]["dkim"]
    public = record["value"].partition("p=")[2]

    def status(text: Any) -> Any:
        dns.publish(record["host"], "TXT", text)
        return verify(api, domain)["checks"]["dkim"]["status"]

    assert status(f"p={public}") == "valid"
    assert status(f" v = DKIM1;k=rsa ; t=s; p= {public[:100]} {public[100:]} ;") == "valid"
    assert status("v=DKIM1; k=rsa; p=") == "invalid"
    assert status(f"v=DKIM1; k=ed25519; p={public}") == "invalid"
    assert status(f"v=DKIM2; p={public}") == "invalid"


def test_verify_domain_names_mx_and_return_path_that_lead_elsewhere(api: Api, dns: DnsServer) -> None:
    domain = create(api)
    dns.publish("inbound.example.com", "MX", "10 Other.example.")
    dns.publish("bounces.example.com", "CNAME", "other.example.")

    checks = verify(api, domain)["checks"]

    assert checks["mx"] == {"status": "invalid", "found": ["10 other.example"], "error": None}
    assert checks["return_path"] == {"status": "invalid", "found": ["other.example"], "error": None}


def test_verify_domain_changes_nothing_without_a_dns_answer(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)
    dns.failing.update(record["host"] for record in domain["dns_records"].values())

    done = verify(api, domain)

    assert (done["verified"], done["checks"]["spf"]) == (True, {"status": "valid", "found": [], "error": "server_failure"})
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_reports_an_unreachable_resolver(platform: Platform) -> None:
    api = platform.client(platform.everything().headers, dns=("127.0.0.1", 1))

    done = verify(api, create(api))

    assert {check["error"] for check in done["checks"].values()} <= {"server_failure", "timeout"}
    assert {check["status"] for check in done["checks"].values()} == {"pending"}


def test_verify_domain_fails_if_the_records_are_missing_again(platform: Platform, dns: DnsServer) -> None:
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)
    dns.publish("example.com", "TXT")

    done = verify(api, domain)

    assert (done["verified"], done["domain"]["status"], done["domain"]["spf_status"]) == (False, "failed", "missing")
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    dns.publish_all(domain)
    assert verify(api, domain)["verified"]
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_refuses_a_name_that_another_account_has_verified(platform: Platform, dns: DnsServer) -> None:
    first, second = tenant(platform, "ada@example.org"), tenant(platform, "eve@example.org")
    theirs = create(second)
    mine = verified(first, dns)
    dns.publish_all(theirs, "dkim_ed25519")

    refused = second.post(f"/api/v1/domains/{theirs['id']}/verify")
    created = tenant(platform, "mallory@example.org").post("/api/v1/domains", json={"domain": "example.com"})

    assert (refused.status_code, refused.json["code"]) == (409, "domain_taken")
    assert refused.json["proof"] == {name: theirs["proof"][name] for name in ("type", "host", "value")}
    assert (created.status_code, created.json["code"]) == (409, "domain_taken")
    assert created.json["proof"]["value"] not in {mine["proof"]["value"], theirs["proof"]["value"]}
    assert get(first, mine)["status"] == "verified"
    assert get(second, theirs)["status"] == "pending"


def test_verify_domain_moves_a_name_to_the_account_that_proves_it(platform: Platform, dns: DnsServer) -> None:
    first, second = tenant(platform, "ada@example.org"), tenant(platform, "eve@example.org")
    old = verified(first, dns)
    proof = second.post("/api/v1/domains", json={"domain": "example.com"}).json["proof"]
    dns.publish(proof["host"], "TXT", proof["value"])
    new = create(second)
    assert not verify(second, new)["verified"]
    assert get(first, old)["status"] == "verified"
    dns.publish_all(new, "dkim", "spf")

    assert verify(second, new)["verified"]

    assert get(first, old)["status"] == "failed"
    assert first.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    assert second.post("/api/v1/send", json=MAIL).status_code == 200
    assert first.post(f"/api/v1/domains/{old['id']}/verify").json["code"] == "domain_taken"


def test_verify_domain_by_two_accounts_at_once_has_one_winner(platform: Platform, dns: DnsServer) -> None:
    apis = [tenant(platform, f"{number}@example.org") for number in range(4)]
    domains = [create(api) for api in apis]
    for domain in domains:
        dns.publish_all(domain, "spf")
    values = [domain["dns_records"]["dkim"]["value"] for domain in domains]
    dns.publish("mm._domainkey.example.com", "TXT", *values)

    with ThreadPoolExecutor(4) as pool:
        paths = [f"/api/v1/domains/{domain['id']}/verify" for domain in domains]
        answers = list(pool.map(lambda api, path: api.post(path).status_code, apis, paths))

    assert sorted(answers) == [200, 409, 409, 409]
    assert sorted(get(api, domain)["status"] for api, domain in zip(apis, domains, strict=True)) == ["pending"] * 3 + ["verified"]


def test_verify_domain_unversioned_verifies_too(api: Api, dns: DnsServer) -> None:
    domain = create(api)
    dns.publish_all(domain)

    assert api.post(f"/api/domains/{domain['id']}/verify").json["verified"]


def test_verify_domain_unversioned_refuses_a_taken_name(platform: Platform, dns: DnsServer) -> None:
    verified(tenant(platform, "ada@example.org"), dns)
    second = tenant(platform, "eve@example.org")
    proof = second.post("/api/domains", json={"domain": "example.com"}).json["proof"]
    dns.publish(proof["host"], "TXT", proof["value"])
    domain = create(second)
    dns.publish(proof["host"], "TXT")

    refused = second.post(f"/api/domains/{domain['id']}/verify")

    assert (refused.status_code, refused.json["proof"]) == (409, proof)
