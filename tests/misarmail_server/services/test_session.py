from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from misarmail_server.context import Unit, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import leases
from misarmail_server.services import rate_limits, session_passwords, system_mail, tenants
from tests.conftest import Api, Make, Platform
from tests.support.matching import matched

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """All requests of a test are counted in the same minute."""
    began_at = now()
    monkeypatch.setattr(rate_limits, "now", lambda: began_at)


@pytest.fixture(autouse=True)
def account(make: Make) -> Any:
    account_id = make.account()
    make.password(account_id, PASSWORD)
    return account_id


def sign_in(platform: Any, **changed: Any) -> Any:
    return platform.client().post("/api/session", json={"email": "ada@example.com", "password": PASSWORD} | changed)


def cookie_of(answer: Any) -> Any:
    return matched(r"^misarmail_session=[^;]*", answer.headers["Set-Cookie"])[0]


def mailed_token(platform: Any) -> Any:
    with platform.store.read() as connection:
        texts = connection.scalars(select(tables.Message.body_text)).all()
    return [matched(r"for one use: (\S+)", text or "")[1] for text in texts]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A callback that runs right after a password was verified."""

    def happens(work: Any) -> Any:
        verify = session_passwords.HASHER.verify

        class Hasher:
            def verify(self, known: Any, password: Any) -> Any:
                monkeypatch.undo()
                assert verify(known, password)
                work()
                return True

        monkeypatch.setattr(session_passwords, "HASHER", Hasher())

    return happens


def test_sign_in_that_began_before_a_reset_is_refused(platform: Platform, make: Make, account: Any, meanwhile: Any) -> None:
    token = make.reset_token(account)
    body = {"token": token, "password": "four random common words"}
    meanwhile(lambda: platform.client().post("/api/password-reset/confirm", json=body))

    refused = sign_in(platform)

    assert (refused.status_code, refused.json["code"]) == (401, "invalid_credentials")
    assert make.count(tables.Session) == 0
    assert sign_in(platform, password="four random common words").status_code == 200


def test_sign_in_opens_a_session_for_the_dashboard_routes(platform: Platform, account: Any) -> None:
    answer = sign_in(platform)

    browser = platform.client({"Cookie": cookie_of(answer)})
    assert browser.get("/api/session").json["account"] == answer.json["account"]
    assert browser.get("/api/v1/keys").status_code == 200
    assert (answer.json["account"]["id"], answer.json["account"]["email"]) == (account, "ada@example.com")


def test_sign_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(platform: Platform) -> None:
    field = sign_in(platform).headers["Set-Cookie"]

    assert re.fullmatch(r"misarmail_session=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Max-Age=1209600", field)


def test_sign_in_over_https_sets_a_secure_cookie(platform: Platform) -> None:
    secure = platform.client(public_url="https://mail.example.com")

    assert secure.post("/api/session", json={"email": "ada@example.com", "password": PASSWORD}).headers["Set-Cookie"].endswith("; Secure")


def test_sign_in_takes_the_address_in_any_case(platform: Platform) -> None:
    assert sign_in(platform, email="ADA@example.com").status_code == 200


@pytest.mark.parametrize("changed", [{"password": "wrong"}, {"email": "eve@example.com"}, {"password": PASSWORD.upper()}])
def test_sign_in_refuses_without_saying_which_was_wrong(platform: Platform, changed: Any) -> None:
    refused = sign_in(platform, **changed)

    assert (refused.status_code, refused.json["code"], refused.json["error"]) == (
        401,
        "invalid_credentials",
        "The address or the password is wrong",
    )
    assert "Set-Cookie" not in refused.headers


def test_sign_in_refuses_an_account_without_a_password(platform: Platform, make: Make) -> None:
    make.account("eve@example.com")

    assert sign_in(platform, email="eve@example.com").status_code == 401


def attempt(client: Any, ip_address: str, email: str = "ada@example.com", password: str = "wrong") -> int:
    """The status of a sign-in from an address."""
    answer = client.post("/api/session", json={"email": email, "password": password}, environ_base={"REMOTE_ADDR": ip_address})
    return int(answer.status_code)


def test_sign_in_is_throttled_per_client_and_account(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.2)

    assert [attempt(slow, "192.0.2.1") for _ in range(3)] == [401, 401, 429]
    assert attempt(slow, "192.0.2.1", password=PASSWORD) == 429
    assert attempt(slow, "192.0.2.1", email="eve@example.com") == 401


def test_every_spelling_of_an_address_counts_for_one_account(platform: Platform, make: Make) -> None:
    make.password(make.account("ada@m\u00fcnchen.example"), PASSWORD)
    spellings = ["ada@m\u00fcnchen.example", "Ada@M\u00dcNCHEN.example", "ada@xn--mnchen-3ya.example", "ada@mu\u0308nchen.\uff45xample"]
    slow = platform.client(rate_limits=0.4)

    assert [attempt(slow, "192.0.2.1", email=email) for email in spellings[:3]] == [401] * 3
    assert attempt(slow, "192.0.2.1", email=spellings[3], password=PASSWORD) == 200
    assert [attempt(slow, "192.0.2.1", email=email, password=PASSWORD) for email in spellings] == [429] * 4


def test_the_owner_is_known_by_every_spelling_of_the_address(platform: Platform, make: Make) -> None:
    make.password(make.account("ada@m\u00fcnchen.example"), PASSWORD)
    slow = platform.client(rate_limits=0.1)
    assert attempt(slow, "198.51.100.1", email="ada@m\u00fcnchen.example", password=PASSWORD) == 200
    guesses = [attempt(slow, f"192.0.2.{number}", email="ada@xn--mnchen-3ya.example") for number in range(1, 11)]
    everybody = platform.client(rate_limits=0.1)
    platform.store.write(lambda connection: connection.execute(update(tables.SignInNetwork).values(network="198.51.100.2")).rowcount)

    assert guesses == [401] * 9 + [429]
    assert attempt(everybody, "198.51.100.2", email="ada@M\u00dcNCHEN.example", password=PASSWORD) == 200


def test_wrong_passwords_from_elsewhere_keep_nobody_out(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.2)
    for _ in range(3):
        attempt(slow, "192.0.2.1")

    assert attempt(slow, "198.51.100.1", password=PASSWORD) == 200


def test_a_client_that_tries_many_accounts_is_throttled(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.2)
    statuses = [attempt(slow, "192.0.2.1", email=f"eve{number}@example.com") for number in range(13)]

    assert statuses == [401] * 12 + [429]


def test_clients_in_one_ipv6_network_are_counted_together(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.2)

    assert [attempt(slow, f"2001:db8::{number}") for number in range(1, 4)] == [401, 401, 429]
    assert attempt(slow, "2001:db8:0:1::1") == 401


def test_many_clients_guess_one_password_slowly_and_do_not_keep_its_owner_out(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.1)
    assert attempt(slow, "198.51.100.1", password=PASSWORD) == 200  # the owner, in a network that is known from now on
    statuses = [attempt(slow, f"192.0.2.{number}") for number in range(1, 11)]
    everybody = platform.client(rate_limits=0.1)

    assert statuses == [401] * 9 + [429]
    assert attempt(everybody, "192.0.2.77", password=PASSWORD) == 429
    platform.store.write(lambda connection: connection.execute(update(tables.SignInNetwork).values(network="198.51.100.2")).rowcount)
    assert attempt(everybody, "198.51.100.2", password=PASSWORD) == 200
    platform.store.write(
        lambda connection: connection.execute(update(tables.SignInNetwork).values(network="198.51.100.3", last_at=1)).rowcount
    )
    assert attempt(everybody, "198.51.100.3", password=PASSWORD) == 429


def test_clients_behind_a_trusted_proxy_do_not_share_a_limit(platform: Platform) -> None:
    slow = platform.client(rate_limits=0.2, trusted_proxies=(ip_network("10.0.0.0/8"),))

    def through(peer: str, client: str) -> int:
        options = {"headers": {"X-Forwarded-For": client}, "environ_base": {"REMOTE_ADDR": peer}}
        return int(slow.post("/api/session", json={"email": "ada@example.com", "password": "wrong"}, **options).status_code)

    assert [through("10.0.0.1", f"192.0.2.{number}") for number in range(3)] == [401] * 3
    assert [through("10.0.0.1", f"192.0.2.{number}, 203.0.113.1") for number in range(3)] == [401, 401, 429]
    assert [through("198.51.100.1", f"192.0.2.{number}") for number in range(3)] == [401, 401, 429]


def test_an_account_remembers_twenty_networks(platform: Platform, make: Make) -> None:
    for number in range(22):
        attempt(platform.client(), f"192.0.2.{number}", password=PASSWORD)

    assert make.count(tables.SignInNetwork) == 20


def test_sign_out_ends_the_session_at_once(platform: Platform) -> None:
    browser = platform.client({"Cookie": cookie_of(sign_in(platform))})

    answer = browser.delete("/api/session")

    assert answer.headers["Set-Cookie"].startswith("misarmail_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
    assert browser.get("/api/session").status_code == 401


def test_get_session_refuses_an_expired_one(platform: Platform) -> None:
    browser = platform.client({"Cookie": cookie_of(sign_in(platform))})
    platform.store.write(lambda connection: connection.execute(update(tables.Session).values(expires_at=1)).rowcount)

    assert browser.get("/api/session").status_code == 401


def test_request_password_reset_mails_a_token_that_works_once(platform: Platform) -> None:
    new = "four random common words"
    platform.client().post("/api/password-reset", json={"email": "Ada@example.com"})
    (token,) = mailed_token(platform)

    first = platform.client().post("/api/password-reset/confirm", json={"token": token, "password": new})
    second = platform.client().post("/api/password-reset/confirm", json={"token": token, "password": new})

    assert (first.status_code, second.status_code, second.json["code"]) == (200, 401, "invalid_credentials")
    assert [sign_in(platform, password=word).status_code for word in (PASSWORD, new)] == [401, 200]


def test_request_password_reset_does_not_reveal_accounts(platform: Platform) -> None:
    answers = [platform.client().post("/api/password-reset", json={"email": who}).json for who in ("ada@example.com", "eve@example.com")]

    assert answers == [{"success": True}] * 2
    assert len(mailed_token(platform)) == 1


def test_request_password_reset_does_the_same_work_for_unknown_addresses(
    platform: Platform, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[str] = []
    send = system_mail.send

    def noted(unit: Unit, to: str, *content: str) -> None:
        queued.append(to)
        send(unit, to, *content)

    monkeypatch.setattr(system_mail, "send", noted)

    for who in ("eve@example.com", "ada@example.com"):
        platform.client().post("/api/password-reset", json={"email": who})

    assert queued == ["nobody@example.com", "ada@example.com"]
    assert (make.count(tables.Message), make.count(tables.PasswordReset)) == (1, 1)


def test_an_account_has_five_reset_tokens_at_most(platform: Platform, make: Make) -> None:
    answers = [platform.client().post("/api/password-reset", json={"email": "ada@example.com"}).status_code for _ in range(7)]

    assert answers == [200] * 7
    assert (make.count(tables.Message), make.count(tables.PasswordReset)) == (5, 5)


def test_request_password_reset_on_a_platform_without_accounts(platform: Platform, store: Store) -> None:
    store.write(lambda connection: connection.execute(delete(tables.Account)).rowcount)

    assert platform.client().post("/api/password-reset", json={"email": "eve@example.com"}).status_code == 200


def test_request_password_reset_hides_the_mail_from_tenants(platform: Platform, make: Make, account: Any) -> None:
    tenant = make.account("tenant@example.com", plan="free", senders="verified")

    platform.client().post("/api/password-reset", json={"email": "tenant@example.com"})

    with platform.store.read() as connection:
        assert connection.scalars(select(tables.Message.account_id)).all() == [account]
    assert tenant != account


@pytest.mark.parametrize(("reason", "is_mailed"), [("unsubscribed", True), ("complained", True), ("manual", True), ("bounced", False)])
def test_request_password_reset_of_a_suppressed_address_looks_as_of_any_other(platform: Platform, reason: str, *, is_mailed: bool) -> None:
    """The answer was 422, which is not documented, and no mail left."""
    platform.everything(platform.make.account("tenant@example.com"))
    suppression = {"email": "tenant@example.com", "reason": reason}
    assert operator(platform).post("/api/v1/suppressions", json=suppression).status_code == 200

    answer = platform.client().post("/api/password-reset", json={"email": "tenant@example.com"})

    assert (answer.status_code, answer.json) == (200, {"success": True})
    assert len(mailed_token(platform)) == int(is_mailed)
    assert len(leases.lease(platform.store, "me", 10, 300.0)) == int(is_mailed)


def operator(platform: Platform) -> Api:
    """A client of the first account, which the platform's mail belongs to."""
    with platform.store.read() as connection:
        return platform.everything(tenants.find(connection, None).id)


def test_reset_password_ends_every_session(platform: Platform, make: Make, account: Any) -> None:
    browser = platform.client({"Cookie": cookie_of(sign_in(platform))})

    platform.client().post("/api/password-reset/confirm", json={"token": make.reset_token(account), "password": "four random common words"})

    assert browser.get("/api/session").status_code == 401


def test_sign_ins_and_resets_are_in_the_audit_log(platform: Platform, make: Make, account: Any) -> None:
    refused = sign_in(platform, password="wrong wrong wrong")
    sign_in(platform, email="nobody@example.com")
    platform.client().post("/api/password-reset", json={"email": "ada@example.com"})
    platform.client().post("/api/password-reset/confirm", json={"token": make.reset_token(account), "password": PASSWORD})
    body = {"email": "ada@example.com", "password": PASSWORD}
    signed_in = platform.client().post("/api/session", json=body, environ_base={"REMOTE_ADDR": "192.0.2.7"})

    entries = platform.everything(account).get("/api/v1/audit-log").json["entries"]

    assert [(entry["operation"], entry["outcome"], entry["key_id"]) for entry in entries] == [
        ("sign_in", "done", None),
        ("reset_password", "done", None),
        ("request_password_reset", "done", None),
        ("sign_in", "refused", None),
    ]
    assert (entries[0]["request_id"], entries[0]["target"]) == (signed_in.headers["X-Request-Id"], "/api/session")
    assert entries[0]["ip_address"] == "192.0.2.7"
    assert entries[-1]["request_id"] == refused.headers["X-Request-Id"]


def test_sign_in_of_an_unknown_address_is_recorded_once(platform: Platform, make: Make) -> None:
    for number in range(3):
        sign_in(platform, email=f"nobody{number}@example.com")

    assert make.count(tables.AuditEntry) == 1


def test_reset_password_refuses_a_token_that_ran_out(platform: Platform, make: Make, account: Any) -> None:
    token = make.reset_token(account, expires_at=1)

    refused = platform.client().post("/api/password-reset/confirm", json={"token": token, "password": "four random common words"})

    assert (refused.status_code, refused.json["code"]) == (401, "invalid_credentials")
    assert sign_in(platform).status_code == 200


def test_reset_password_refuses_a_short_password(platform: Platform, make: Make, account: Any) -> None:
    refused = platform.client().post("/api/password-reset/confirm", json={"token": make.reset_token(account), "password": "short"})

    assert refused.json["details"]["fieldErrors"] == {"password": ["Must have at least 12 characters"]}
