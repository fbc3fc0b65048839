from __future__ import annotations

import socket
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import select, update

from misarmail_server import context, vault
from misarmail_server.db import tables
from misarmail_server.external import mailboxes
from tests.conftest import Api, Make, Platform
from tests.support.calls.accounts import connect, mailed_code, prove
from tests.support.calls.domains import tenant, verified
from tests.support.calls.every_operation import SEND
from tests.support.matching import matched
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.webhook_receiver import speaking


def test_create_account_answers_without_the_password(api: Api, platform: Platform) -> None:
    account = api.post("/api/accounts", json=connect()).json["account"]

    assert account == {
        "id": account["id"],
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "imap_host": "127.0.0.1",
        "imap_port": connect()["imap_port"],
        "smtp_host": "127.0.0.1",
        "smtp_port": connect()["smtp_port"],
        "sync_status": "synced",
        "is_default": True,
        "created_at": account["created_at"],
        "verified_at": None,
    }
    with platform.store.read() as connection:
        (row,) = connection.execute(tables.ConnectedAccount.__table__.select())
    assert b"correct horse" not in row.password_sealed
    assert vault.unseal(platform.settings, row.password_sealed) == b"correct horse battery staple"


MAIL = SEND | {"from": {"email": "Sales@example.com"}}


@pytest.fixture
def eve(platform: Platform, make: Make) -> Api:
    """A tenant beside the operator, whose senders must be verified."""
    make.account("operator@example.org")
    earlier = update(tables.Account).values(created_at=1)  # the operator's is the oldest account
    platform.store.write(lambda connection: connection.execute(earlier).rowcount)
    return platform.everything(make.account("eve@example.org", senders="verified"))


@pytest.fixture
def connected(eve: Api) -> str:
    """The path of Eve's connected account, whose servers accepted any login."""
    return f"/api/accounts/{eve.post('/api/accounts', json=connect(email='sales@Example.com')).json['account']['id']}"


def backdate(platform: Platform, milliseconds: int) -> None:
    code = tables.AddressCode
    earlier = update(code).values(sent_at=code.sent_at - milliseconds, day_began_at=code.day_began_at - milliseconds)
    platform.store.write(lambda connection: connection.execute(earlier).rowcount)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08}"


def test_create_account_alone_verifies_no_sender(eve: Api, connected: str) -> None:
    refused = eve.post("/api/v1/send", json=MAIL)
    alias = eve.post("/api/v1/aliases", json={"email": "sales@example.com"})

    assert eve.post(f"{connected}/check").status_code == 200
    assert (refused.status_code, refused.json["code"]) == (403, "sender_not_verified")
    assert (alias.status_code, alias.json["code"]) == (403, "sender_not_verified")


def test_verify_account_makes_its_address_a_sender(eve: Api, connected: str) -> None:
    sent = eve.post(f"{connected}/code")

    verified_account = eve.post(f"{connected}/verify", json={"code": mailed_code(eve)}).json["account"]

    assert (sent.json["account"]["verified_at"], verified_account["verified_at"]) == (
        None,
        matched(r".+Z$", verified_account["verified_at"])[0],
    )
    assert eve.post("/api/v1/send", json=MAIL).status_code == 200
    again, code = eve.post(f"{connected}/verify", json={"code": "00000000"}), eve.post(f"{connected}/code")
    assert [(each.status_code, each.json["code"]) for each in (again, code)] == [(409, "wrong_state")] * 2
    eve.delete(connected)
    assert eve.post("/api/v1/send", json=MAIL).status_code == 403


def test_send_account_code_reaches_the_address_only(eve: Api, connected: str, platform: Platform) -> None:
    eve.post(f"{connected}/code")

    with platform.store.read() as connection:
        (message,) = connection.execute(select(tables.Message.__table__))
        (code,) = connection.execute(select(tables.AddressCode.__table__))
    assert (message.to_json, message.delivery_method) == ('[{"email":"sales@example.com"}]', "capture")
    assert "eve@example.org wants to send mail as sales@example.com" in message.body_text
    assert eve.get(f"/api/v1/messages/{message.id}").status_code == 404
    assert eve.get("/api/v1/sandbox").json["total"] == 0
    assert mailed_code(eve).encode() not in bytes(code.code_hash)


@pytest.mark.parametrize("attempts", [5, 4])
def test_verify_account_counts_attempts(eve: Api, connected: str, attempts: int) -> None:
    eve.post(f"{connected}/code")
    code = mailed_code(eve)
    refused = [eve.post(f"{connected}/verify", json={"code": wrong(code)}) for _ in range(attempts)]

    last = eve.post(f"{connected}/verify", json={"code": code})

    assert {(each.status_code, each.json["code"]) for each in refused} == {(401, "invalid_credentials")}
    assert refused[0].json["error"] == "This code is wrong, used or expired; request another one if you cannot find it"
    assert last.status_code == (200 if attempts < 5 else 401)


def test_verify_account_refuses_a_code_after_15_minutes(eve: Api, connected: str, platform: Platform) -> None:
    eve.post(f"{connected}/code")
    backdate(platform, 900_001)

    assert eve.post(f"{connected}/verify", json={"code": mailed_code(eve)}).status_code == 401


def test_verify_account_refuses_the_code_of_another_address_and_account(eve: Api, connected: str, platform: Platform, make: Make) -> None:
    mallory = platform.everything(make.account("mallory@example.org", senders="verified"))
    other = f"/api/accounts/{mallory.post('/api/accounts', json=connect(email='sales@example.com')).json['account']['id']}"
    second = f"/api/accounts/{eve.post('/api/accounts', json=connect(email='ceo@example.com')).json['account']['id']}"
    eve.post(f"{connected}/code")
    code = mailed_code(eve)

    assert eve.post(f"{second}/verify", json={"code": code}).status_code == 401
    assert mallory.post(f"{other}/verify", json={"code": code}).status_code == 401
    assert mallory.post(f"{connected}/verify", json={"code": code}).status_code == 404
    assert eve.post(f"{connected}/verify", json={"code": code}).status_code == 200


def test_verify_account_uses_up_its_own_code_only(eve: Api, connected: str, platform: Platform, make: Make) -> None:
    mallory = platform.everything(make.account("mallory@example.org", senders="verified"))
    other = f"/api/accounts/{mallory.post('/api/accounts', json=connect(email='sales@example.com')).json['account']['id']}"
    eve.post(f"{connected}/code")
    code = mailed_code(eve)
    mallory.post(f"{other}/code")

    eve.post(f"{connected}/verify", json={"code": code})

    with platform.store.read() as connection:
        rows = connection.execute(select(tables.AddressCode.account_id, tables.AddressCode.code_hash)).all()
    assert {account_id: code_hash is None for account_id, code_hash in rows} == {eve.account_id: True, mallory.account_id: False}


def test_send_account_code_is_limited_by_address_also_after_reconnecting(eve: Api, connected: str, platform: Platform) -> None:
    eve.post(f"{connected}/code")
    soon = eve.post(f"{connected}/code")
    eve.delete(connected)
    again = f"/api/accounts/{eve.post('/api/accounts', json=connect(email='sales@example.com')).json['account']['id']}"
    reconnected = eve.post(f"{again}/code")
    later = []
    for _ in range(5):
        backdate(platform, 60_001)
        later.append(eve.post(f"{again}/code").status_code)
    backdate(platform, 86_400_000)

    assert [(each.status_code, each.json["code"]) for each in (soon, reconnected)] == [(429, "rate_limited")] * 2
    assert 1 < int(soon.headers["Retry-After"]) <= 60
    assert later == [200, 200, 200, 200, 429]
    assert eve.post(f"{again}/code").status_code == 200


def test_send_account_code_may_be_repeated_after_a_minute(eve: Api, connected: str, platform: Platform, monkeypatch: Any) -> None:
    eve.post(f"{connected}/code")
    with platform.store.read() as connection:
        sent_at = connection.scalar(select(tables.AddressCode.sent_at)) or 0

    statuses = []
    for after in (59_999, 60_000):
        monkeypatch.setattr(context, "now", lambda after=after: sent_at + after)
        statuses.append(eve.post(f"{connected}/code").status_code)

    assert statuses == [429, 200]


def test_send_account_code_respects_a_suppressed_address(eve: Api, connected: str, platform: Platform, make: Make) -> None:
    with platform.store.read() as connection:
        operator = connection.scalar(select(tables.Account.id).where(tables.Account.email == "operator@example.org"))
    make.suppression(str(operator), "sales@example.com")

    refused = eve.post(f"{connected}/code")

    assert (refused.status_code, refused.json["code"]) == (422, "recipients_suppressed")


def test_send_account_code_and_verify_refuse_an_address_of_anothers_domain(platform: Platform, dns: DnsServer) -> None:
    eve, ada = tenant(platform, "eve@example.org"), tenant(platform, "ada@example.org")
    path = f"/api/accounts/{eve.post('/api/accounts', json=connect(email='ceo@example.com')).json['account']['id']}"
    eve.post(f"{path}/code")
    verified(ada, dns)

    refused = eve.post(f"{path}/code"), eve.post(f"{path}/verify", json={"code": mailed_code(eve)})

    assert [(each.status_code, each.json["code"]) for each in refused] == [(409, "domain_taken")] * 2


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"password": "wrong"}, "imap_host", "127.0.0.1 refused the name or the password"),
        ({"imap_host": "nowhere.invalid"}, "imap_host", "nowhere.invalid has no address"),
        ({"smtp_host": "nowhere.invalid"}, "smtp_host", "nowhere.invalid has no address"),
        ({"imap_host": "localhost"}, "imap_host", "localhost offers no TLS or no way to log in on port"),
        ({"smtp_host": "localhost"}, "smtp_host", "localhost offers no TLS or no way to log in on port"),
    ],
)
def test_create_account_names_the_refusing_server_and_stores_nothing(api: Api, make: Make, changed: Any, field: str, sentence: str) -> None:
    refused = api.post("/api/accounts", json=connect(**changed))

    assert (refused.status_code, refused.json["code"]) == (422, "connection_refused")
    assert refused.json["details"]["fieldErrors"][field][0].startswith(sentence)
    assert make.count(tables.ConnectedAccount) == 0


def test_create_account_reports_a_server_that_does_not_answer(api: Api) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen

        refused = api.post("/api/accounts", json=connect(smtp_port=taken.getsockname()[1]))

    assert refused.json["error"].startswith("127.0.0.1 does not respond on port")


@pytest.mark.parametrize("field", ["imap", "smtp"])
def test_create_account_times_out(api: Api, monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.setattr(mailboxes, "TIMEOUT_SECONDS", 0.3)
    with closing(socket.create_server(("127.0.0.1", 0))) as server, speaking(server, b"", b"* "):
        refused = api.post("/api/accounts", json=connect(**{f"{field}_port": server.getsockname()[1]}))

    assert refused.json["details"]["fieldErrors"] == {f"{field}_host": ["127.0.0.1 broke off: it took too long"]}


def test_create_account_stays_out_of_private_networks(platform: Platform, make: Make) -> None:
    guarded = platform.client(platform.everything(make.account()).headers, allows_private_targets=False)

    for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254"):
        refused = guarded.post("/api/accounts", json=connect(imap_host=host))

        assert refused.status_code == 422
        assert (
            refused.json["error"]
            == f"{host} is in a private network, to which this platform connects only with MISARMAIL_PRIVATE_TARGETS=on"
        )


def test_create_account_refuses_an_address_that_is_connected(api: Api, make: Make) -> None:
    api.post("/api/accounts", json=connect())

    refused = api.post("/api/accounts", json=connect(email="ADA@example.com"))

    assert (refused.status_code, refused.json["code"], make.count(tables.ConnectedAccount)) == (409, "already_exists", 1)


@pytest.mark.parametrize("email", ["ceo@example.com", "ceo@mail.Example.com"])
def test_an_address_of_anothers_domain_is_no_sender(platform: Platform, dns: DnsServer, email: str) -> None:
    eve, ada = tenant(platform, "eve@example.org"), tenant(platform, "ada@example.org")
    first = eve.post("/api/accounts", json=connect(email=email))
    prove(eve, first.json["account"]["id"])
    verified(ada, dns)

    refused = eve.post("/api/accounts", json=connect(email=email))
    mail = eve.post("/api/v1/send", json=SEND | {"from": {"email": email}})

    assert (first.status_code, refused.status_code, refused.json["code"]) == (200, 409, "domain_taken")
    assert (mail.status_code, mail.json["code"]) == (403, "sender_not_verified")
    assert ada.post("/api/accounts", json=connect(email=email)).status_code == 200


def test_list_accounts_has_the_oldest_as_default(api: Api) -> None:
    first, second = (api.post("/api/accounts", json=connect(email=f"{name}@example.com")).json["account"]["id"] for name in ("ada", "bob"))

    listed = api.get("/api/accounts").json["accounts"]

    assert [(each["id"], each["is_default"]) for each in listed] == [(first, True), (second, False)]


def test_check_account_stores_the_result(api: Api, platform: Platform) -> None:
    id_ = api.post("/api/accounts", json=connect()).json["account"]["id"]
    sealed = vault.seal(platform.settings, b"changed elsewhere")
    change = update(tables.ConnectedAccount).values(password_sealed=sealed)
    platform.store.write(lambda connection: connection.execute(change).rowcount)

    checked = api.post(f"/api/accounts/{id_}/check").json

    refused = {"ok": False, "error": "127.0.0.1 refused the name or the password"}
    assert (checked["imap"], checked["smtp"], checked["account"]["sync_status"]) == (refused, refused, "error")


def test_check_account_reports_a_password_sealed_with_another_key(api: Api, platform: Platform) -> None:
    id_ = api.post("/api/accounts", json=connect()).json["account"]["id"]
    (platform.settings.state / "secret.key").unlink()

    refused = api.post(f"/api/accounts/{id_}/check")

    assert (refused.status_code, refused.json["error"]) == (503, "A stored secret cannot be decrypted with the platform's current key")


def test_delete_account_hands_the_default_on(api: Api) -> None:
    first, second = (api.post("/api/accounts", json=connect(email=f"{name}@example.com")).json["account"]["id"] for name in ("ada", "bob"))

    api.delete(f"/api/accounts/{first}")

    assert [(account["id"], account["is_default"]) for account in api.get("/api/accounts").json["accounts"]] == [(second, True)]
