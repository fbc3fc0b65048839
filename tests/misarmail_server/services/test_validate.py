from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server.context import DAY
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.services.validate_known_addresses import edit_distance, intended
from tests.conftest import Api, Make, Platform
from tests.support.servers.dns_server import DnsServer

FINE = {"syntax": True, "mx": True, "smtp": None, "disposable": False, "role_account": False, "free_provider": False}


@pytest.fixture
def mail(dns: DnsServer) -> Any:
    """A DNS in which some domains accept mail, in every possible way."""
    for name in ("example.com", "gmail.com", "outlok.com", "mailinator.com", "xn--mnchen-3ya.de"):
        dns.publish(name, "MX", f"10 mx.{name}.")
    dns.publish("bare.example", "A", "192.0.2.1")
    dns.publish("six.example", "AAAA", "2001:db8::1")
    dns.publish("web-only.example", "MX", "0 .")
    dns.publish("web-only.example", "A", "192.0.2.1")
    dns.publish("silent.example", "TXT", "nothing else")
    dns.failing.add("broken.example")
    return dns


def check(api: Any, email: Any) -> Any:
    answer = api.post("/api/v1/validate", json={"email": email})
    assert answer.status_code == 200, answer.json
    return answer.json["result"]


@pytest.mark.parametrize(
    ("email", "status", "score", "changed"),
    [
        ("ada@example.com", "valid", 95, {}),
        ("Ada+shop@EXAMPLE.com", "valid", 95, {}),
        ("ada@gmail.com", "valid", 92, {"free_provider": True}),
        ("ada@münchen.de", "valid", 95, {}),
        ("ada@bare.example", "valid", 95, {}),
        ("ada@six.example", "valid", 95, {}),
        ("info@example.com", "risky", 40, {"role_account": True}),
        ("No-Reply+4711@example.com", "risky", 40, {"role_account": True}),
        ("ada@mailinator.com", "risky", 20, {"disposable": True}),
        ("ada@gone.mailinator.com", "invalid", 10, {"disposable": True, "mx": False}),
        ("ada@web-only.example", "invalid", 10, {"mx": False}),
        ("ada@silent.example", "invalid", 10, {"mx": False}),
        ("ada@nowhere.example", "invalid", 10, {"mx": False}),
        ("ada@broken.example", "unknown", 50, {"mx": None}),
    ],
)
@pytest.mark.usefixtures("mail")
def test_validate_addresses_accepts_one_address(api: Api, email: str, status: str, score: int, changed: Any) -> None:
    result = check(api, email)

    assert (result["email"], result["status"], result["score"], result["suggestion"]) == (email, status, score, None)
    assert result["checks"] == FINE | changed


@pytest.mark.parametrize(
    "email",
    ["ada", "ada@", "@example.com", "ada@@example.com", "a..b@example.com", "ada @example.com", "a@-b.com", "ada@localhost", " ", "é"],
)
def test_validate_addresses_reports_malformed_addresses(api: Api, dns: DnsServer, email: str) -> None:
    result = check(api, email)

    assert (result["status"], result["score"], dns.asked) == ("invalid", 0, [])
    assert result["checks"] == FINE | {"syntax": False, "mx": None}


@pytest.mark.usefixtures("mail")
def test_validate_addresses_suggests_the_intended_domain(api: Api) -> None:
    result = check(api, "ada@outlok.com")

    assert (result["status"], result["score"], result["suggestion"]) == ("risky", 50, "ada@outlook.com")


def test_validate_addresses_judges_many_and_asks_once_a_domain(api: Api, mail: Any) -> None:
    emails = ["ada@example.com", "info@example.com", "eve@example.com", "x", "ada@broken.example", "ada@example.com"]

    answer = api.post("/api/v1/validate", json={"emails": emails}).json

    assert [result["email"] for result in answer["results"]] == emails
    assert answer["summary"] == {"total": 6, "valid": 3, "risky": 1, "invalid": 1, "unknown": 1}
    assert "result" not in answer
    assert mail.asked.count(("example.com", "MX")) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": "a@example.com", "emails": ["a@example.com"]}, "email"),
        ({"emails": []}, "emails"),
        ({"emails": ["a@example.com"] * 101}, "emails"),
        ({"emails": ["a" * 321]}, "emails"),
        ({"email": "a\nb"}, "email"),
    ],
)
def test_validate_addresses_names_the_field_that_is_wrong(api: Api, body: Any, field: str) -> None:
    refused = api.post("/api/v1/validate", json=body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, [field])


def test_validate_addresses_is_unknown_without_a_resolver(platform: Platform, make: Make) -> None:
    api = platform.client(platform.everything().headers, dns=("127.0.0.1", 1))

    assert check(api, "ada@example.com")["status"] == "unknown"
    assert make.count(tables.MailHost) == 0


def test_validate_addresses_by_many_at_once(api: Api, mail: Any, make: Make) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(lambda _: check(api, "ada@example.com")["status"], range(16)))

    assert (statuses, make.count(tables.MailHost)) == ({"valid"}, 1)
    assert mail.asked


@pytest.mark.filterwarnings("ignore:address parameter is deprecated")
def test_get_validation_uses_the_cache_for_a_day(api: Api, mail: Any, store: Store) -> None:
    first = check(api, "ada@example.com")
    mail.publish("example.com", "MX")
    mail.asked.clear()

    assert api.get("/api/v1/validate?email=ada@example.com").json == {"success": True, "result": first}
    assert mail.asked == []
    older = update(tables.MailHost).values(checked_at=tables.MailHost.checked_at - DAY)
    store.write(lambda connection: connection.execute(older).rowcount)
    assert api.get("/api/v1/validate?address=ada@example.com").json["result"]["status"] == "invalid"
    assert ("example.com", "MX") in mail.asked


@pytest.mark.filterwarnings("ignore:address parameter is deprecated")
@pytest.mark.parametrize(
    ("query", "sentence"), [("", "Is required"), ("?email=a@example.com&address=b@example.com", "Give email or address, not both")]
)
def test_get_validation_requires_exactly_one_address(api: Api, query: str, sentence: str) -> None:
    refused = api.get(f"/api/v1/validate{query}")

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"email": [sentence]})


@pytest.mark.parametrize(
    ("written", "likely"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gnail.cm", "gmail.com"),
        ("hotmal.com", "hotmail.com"),
        ("hotnial.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("gmail.com", None),
        ("yahoo.ca", None),
        ("mail.com", None),
        ("small.com", None),
        ("example.com", None),
        ("localhost", None),
    ],
)
def test_intended_finds_misspelt_domains(written: str, likely: str | None) -> None:
    assert intended(written) == likely


@pytest.mark.parametrize(
    ("written", "other", "count"),
    [("", "", 0), ("a", "", 1), ("", "ab", 2), ("gmial", "gmail", 1), ("gmaill", "gmail", 1), ("ca", "abc", 3)],
)
def test_edit_distance_counts_typos(written: str, other: str, count: int) -> None:
    assert edit_distance(written, other) == count
