from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from sqlalchemy import select

from calls import SEND
from misarmail_server import tables, vault
from misarmail_server.services import senders

MAIL = {"from": {"email": "news@example.com"}, "to": [{"email": "user@example.org"}], "subject": "Hello", "text": "Hello"}


def create(api, name="example.com"):
    answer = api.post("/api/v1/domains", json={"domain": name})
    assert answer.status_code == 200, answer.json
    return answer.json["domain"]


def verify(api, domain):
    answer = api.post(f"/api/v1/domains/{domain['id']}/verify")
    assert answer.status_code == 200, answer.json
    return answer.json


def get(api, domain):
    return api.get(f"/api/v1/domains/{domain['id']}").json["domain"]


def verified(api, dns, name="example.com"):
    domain = create(api, name)
    dns.publish_all(domain)
    assert verify(api, domain)["verified"]
    return domain


def tenant(platform, email, plan="enterprise"):
    return platform.everything(platform.make.account(email, plan=plan, senders="verified"))


def keys(store):
    with store.read() as connection:
        return connection.execute(select(tables.DkimKey.__table__).order_by(tables.DkimKey.generation, tables.DkimKey.algorithm)).all()


def test_create_domain_answers_what_to_publish(platform, store, chosen):
    api = platform.client(platform.everything().headers, spf="include:spf.mail.example.net", inbound_host="in.example.net")

    domain = create(api)

    records = domain["dns_records"]
    assert (domain["domain"], domain["status"], domain["dkim_status"], domain["checked_at"]) == ("example.com", "pending", "pending", None)
    assert domain["id"].startswith("dom_")
    assert {purpose: (one["type"], one["host"]) for purpose, one in records.items()} == {
        "dkim": ("TXT", "mm._domainkey.example.com"),
        "dkim_ed25519": ("TXT", "mm-ed25519._domainkey.example.com"),
        "spf": ("TXT", "example.com"),
        "dmarc": ("TXT", "_dmarc.example.com"),
        "mx": ("MX", "inbound.example.com"),
        "return_path": ("CNAME", "bounces.example.com"),
    }
    assert records["spf"]["value"] == "v=spf1 include:spf.mail.example.net ~all"
    assert (records["mx"]["value"], records["mx"]["priority"]) == ("in.example.net", 10)
    assert {one["status"] for one in records.values()} == {"pending"}
    assert domain["proof"]["host"] == "_misarmail.example.com"
    edwards, rsa = keys(store)
    public = records["dkim"]["value"].removeprefix("v=DKIM1; k=rsa; p=")
    signature = load_der_private_key(vault.unseal(chosen, rsa.private_key), None).sign(b"mail", padding.PKCS1v15(), SHA256())
    load_der_public_key(base64.b64decode(public)).verify(signature, b"mail", padding.PKCS1v15(), SHA256())
    public = records["dkim_ed25519"]["value"].removeprefix("v=DKIM1; k=ed25519; p=")
    assert base64.b64decode(public) == load_der_private_key(vault.unseal(chosen, edwards.private_key), None).public_key().public_bytes_raw()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("News.Example.COM.", "news.example.com"), ("münchen.de", "xn--mnchen-3ya.de"), ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de")],
)
def test_create_domain_keeps_one_form_of_a_name(api, given, kept):
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
        ("co.uk", "Must be below co.uk, under which everybody can have a name"),
        ("a" * 64 + ".com", "Must be a domain name such as example.com"),
        ("a." * 99 + "com", "Must have at most 200 characters"),
    ],
)
def test_create_domain_refuses_what_nobody_owns(api, make, name, sentence):
    refused = api.post("/api/v1/domains", json={"domain": name})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"domain": [sentence]})
    assert make.count(tables.Domain) == 0


def test_create_domain_refuses_the_second_of_a_name(api, make):
    create(api)

    refused = api.post("/api/v1/domains", json={"domain": "EXAMPLE.com."})

    assert (refused.status_code, refused.json["code"], make.count(tables.Domain)) == (409, "already_exists", 1)


def test_create_domain_is_not_in_the_free_plan(platform):
    refused = tenant(platform, "eve@example.org", plan="free").post("/api/v1/domains", json={"domain": "example.com"})

    assert (refused.status_code, refused.json["upgrade"]["feature"], refused.json["upgrade"]["usage"]["limit"]) == (
        403,
        "custom_domains",
        0,
    )


def test_create_domain_by_many_at_once_adds_one(api, make):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.post("/api/v1/domains", json={"domain": "example.com"}).status_code, range(6)))

    assert (sorted(answers), make.count(tables.Domain), make.count(tables.DkimKey)) == ([200] + [409] * 5, 1, 2)


def test_create_domain_unversioned_refuses_the_same(api):
    create(api)

    assert api.post("/api/domains", json={"domain": "example.com"}).json["code"] == "already_exists"


def test_list_domains_is_newest_first(api):
    first, second = create(api, "a.example"), create(api, "b.example")

    page = api.get("/api/v1/domains").json

    assert [one["id"] for one in page["domains"]] == [second["id"], first["id"]]
    assert page["domains"][0].keys() == {"id", "domain", "status", "dkim_status", "spf_status", "dmarc_status", "created_at"}
    assert (page["total"], page["page"], page["limit"]) == (2, 1, 100)
    assert [one["id"] for one in api.get("/api/v1/domains?page=2&limit=1").json["domains"]] == [first["id"]]


def test_list_domains_unversioned_answers_the_same(api):
    create(api)

    assert api.get("/api/domains?limit=1").json == api.get("/api/v1/domains?limit=1").json


def test_get_domain_shows_no_private_key(api, store, chosen):
    domain = create(api)

    shown = api.get(f"/api/v1/domains/{domain['id']}").get_data(as_text=True)

    for key in keys(store):
        assert base64.b64encode(vault.unseal(chosen, key.private_key)).decode()[60:100] not in shown


def test_get_domain_unversioned_answers_the_same(api):
    domain = create(api)

    assert api.get(f"/api/domains/{domain['id']}").json == api.get(f"/api/v1/domains/{domain['id']}").json


def test_verify_domain_makes_a_sender_of_it(platform, dns):
    api = tenant(platform, "ada@example.org")
    domain = create(api)
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    dns.publish_all(domain)

    done = verify(api, domain)

    assert (done["verified"], done["domain"]["status"]) == (True, "verified")
    assert {one["status"] for one in done["domain"]["dns_records"].values()} == {"valid"}
    assert done["checks"]["mx"] == {"status": "valid", "found": ["10 localhost.localdomain"], "error": None}
    assert done["checks"]["proof"] == {"status": "missing", "found": [], "error": None}
    assert done["domain"] == get(api, domain)
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_is_no_error_before_anything_is_published(api):
    done = verify(api, create(api))

    assert (done["verified"], done["domain"]["status"]) == (False, "pending")
    assert {one["status"] for one in done["checks"].values()} == {"missing"}
    assert done["domain"]["verified_at"] is None
    assert done["domain"]["checked_at"] is not None


@pytest.mark.parametrize(
    ("published", "is_verified"),
    [(("dkim", "spf"), True), (("dkim_ed25519", "spf"), True), (("dkim",), False), (("spf",), False), (("proof", "spf", "dmarc"), False)],
)
def test_verify_domain_needs_a_key_and_spf(api, dns, published, is_verified):
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
def test_verify_domain_judges_spf(api, dns, texts, status):
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
def test_verify_domain_judges_dmarc(api, dns, texts, status):
    domain = create(api)
    dns.publish("_dmarc.example.com", "TXT", *texts)

    assert verify(api, domain)["checks"]["dmarc"]["status"] == status


def test_verify_domain_reads_keys_as_rfc_6376_writes_them(api, dns):
    domain = create(api)
    record = domain["dns_records"]["dkim"]
    public = record["value"].partition("p=")[2]

    def status(text):
        dns.publish(record["host"], "TXT", text)
        return verify(api, domain)["checks"]["dkim"]["status"]

    assert status(f"p={public}") == "valid"
    assert status(f" v = DKIM1;k=rsa ; t=s; p= {public[:100]} {public[100:]} ;") == "valid"
    assert status("v=DKIM1; k=rsa; p=") == "invalid"
    assert status(f"v=DKIM1; k=ed25519; p={public}") == "invalid"
    assert status(f"v=DKIM2; p={public}") == "invalid"


def test_verify_domain_names_mx_and_return_path_that_lead_elsewhere(api, dns):
    domain = create(api)
    dns.publish("inbound.example.com", "MX", "10 Other.example.")
    dns.publish("bounces.example.com", "CNAME", "other.example.")

    checks = verify(api, domain)["checks"]

    assert checks["mx"] == {"status": "invalid", "found": ["10 other.example"], "error": None}
    assert checks["return_path"] == {"status": "invalid", "found": ["other.example"], "error": None}


def test_verify_domain_changes_nothing_while_nobody_answers(platform, dns):
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)
    dns.failing.update(one["host"] for one in domain["dns_records"].values())

    done = verify(api, domain)

    assert (done["verified"], done["checks"]["spf"]) == (True, {"status": "valid", "found": [], "error": "server_failure"})
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_says_that_there_is_no_resolver(platform):
    api = platform.client(platform.everything().headers, dns=("127.0.0.1", 1))

    done = verify(api, create(api))

    assert {one["error"] for one in done["checks"].values()} <= {"server_failure", "timeout"}
    assert {one["status"] for one in done["checks"].values()} == {"pending"}


def test_verify_domain_fails_one_that_lost_its_records(platform, dns):
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)
    dns.publish("example.com", "TXT")

    done = verify(api, domain)

    assert (done["verified"], done["domain"]["status"], done["domain"]["spf_status"]) == (False, "failed", "missing")
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    dns.publish_all(domain)
    assert verify(api, domain)["verified"]
    assert api.post("/api/v1/send", json=MAIL).status_code == 200


def test_verify_domain_refuses_what_another_account_has_verified(platform, dns):
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


def test_verify_domain_moves_a_name_to_who_proves_it(platform, dns):
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


def test_verify_domain_by_two_accounts_at_once_has_one_winner(platform, dns):
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


def test_verify_domain_unversioned_verifies_too(api, dns):
    domain = create(api)
    dns.publish_all(domain)

    assert api.post(f"/api/domains/{domain['id']}/verify").json["verified"]


def test_verify_domain_unversioned_refuses_what_is_taken(platform, dns):
    verified(tenant(platform, "ada@example.org"), dns)
    second = tenant(platform, "eve@example.org")
    proof = second.post("/api/domains", json={"domain": "example.com"}).json["proof"]
    dns.publish(proof["host"], "TXT", proof["value"])
    domain = create(second)
    dns.publish(proof["host"], "TXT")

    refused = second.post(f"/api/domains/{domain['id']}/verify")

    assert (refused.status_code, refused.json["proof"]) == (409, proof)


def test_rotate_domain_keeps_the_old_keys_until_the_new_are_seen(api, dns, store):
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


def test_rotate_domain_replaces_keys_that_nobody_saw(api, store):
    domain = create(api)

    api.post(f"/api/v1/domains/{domain['id']}/rotate")
    rotated = api.post(f"/api/v1/domains/{domain['id']}/rotate").json["domain"]

    assert rotated["dns_records"]["dkim_ed25519"]["host"] == "mm3-ed25519._domainkey.example.com"
    assert [key.selector for key in keys(store)] == ["mm3-ed25519", "mm3"]


def test_rotate_domain_unversioned_rotates_too(api):
    domain = create(api)

    rotated = api.post(f"/api/domains/{domain['id']}/rotate").json["domain"]

    assert rotated == get(api, domain)


def test_delete_domain_takes_the_sender_and_the_keys_away(platform, dns, make):
    api = tenant(platform, "ada@example.org")
    domain = verified(api, dns)

    answer = api.delete(f"/api/v1/domains/{domain['id']}")

    assert answer.json == {"success": True, "id": domain["id"]}
    assert api.post("/api/v1/send", json=MAIL).json["code"] == "sender_not_verified"
    assert [make.count(table) for table in (tables.Domain, tables.DkimKey, tables.VerifiedDomain, tables.Sender)] == [0, 0, 0, 0]
    assert api.delete(f"/api/v1/domains/{domain['id']}").status_code == 404
    assert create(tenant(platform, "eve@example.org"))["status"] == "pending"


def test_delete_domain_unversioned_deletes_too(api):
    domain = create(api)

    assert api.delete(f"/api/domains/{domain['id']}").status_code == 200
    assert api.get(f"/api/v1/domains/{domain['id']}").status_code == 404


def test_delete_domain_leaves_what_the_operator_vouched_for(platform, dns):
    api = tenant(platform, "ada@example.com")
    platform.store.write(lambda connection: senders.vouch(connection, api.account_id, "@example.com"))
    domain = verified(api, dns)

    api.delete(f"/api/v1/domains/{domain['id']}")

    assert api.post("/api/v1/send", json=SEND | {"from": {"email": "news@example.com"}}).status_code == 200
