from __future__ import annotations

import socket
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import update

from misarmail_server import vault
from misarmail_server.db import tables
from misarmail_server.external import mailboxes
from tests.conftest import Api, Make, Platform
from tests.support.calls.accounts import connect
from tests.support.calls.domains import tenant, verified
from tests.support.calls.every_operation import SEND
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
    }
    with platform.store.read() as connection:
        (row,) = connection.execute(tables.ConnectedAccount.__table__.select())
    assert b"correct horse" not in row.password_sealed
    assert vault.unseal(platform.settings, row.password_sealed) == b"correct horse battery staple"


def test_create_account_verifies_its_address_as_a_sender(platform: Platform, make: Make) -> None:
    account_id = make.account(senders="verified")
    api = platform.everything(account_id)
    mail = SEND | {"from": {"email": "Sales@example.com"}}
    before = api.post("/api/v1/send", json=mail)

    connected = api.post("/api/accounts", json=connect(email="sales@Example.com")).json["account"]

    assert (before.status_code, before.json["code"]) == (403, "sender_not_verified")
    assert api.post("/api/v1/send", json=mail).status_code == 200
    api.delete(f"/api/accounts/{connected['id']}")
    assert api.post("/api/v1/send", json=mail).status_code == 403


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
