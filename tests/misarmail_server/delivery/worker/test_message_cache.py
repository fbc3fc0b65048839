"""The mail of a recipient: signed by the sender's domain, with a return path and, in marketing, a separate unsubscribe link."""

from __future__ import annotations

import re
from dataclasses import replace

import dkim as dkimpy
import pytest
from sqlalchemy import Connection, delete, insert, update

from misarmail_server import vault
from misarmail_server.context import DAY, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.envelope import Envelope
from misarmail_server.delivery.message import signing_keys
from misarmail_server.delivery.message.signing_keys import KeyUnreadableError, SigningKeys
from misarmail_server.delivery.queue import leases
from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.settings import Settings
from tests.misarmail_server.delivery.message.test_stored_message import parsed
from tests.support.keys import pairs, zone
from tests.support.ledger import ACCOUNT, Ledger
from tests.support.matching import matched

SECRET = "A" * 43 + "="
PAGE = '<p>Hi</p><a href="https://shop.example/">shop</a>'


@pytest.fixture
def chosen(chosen: Settings) -> Settings:
    return replace(chosen, secret=SECRET, public_url="https://mail.example", return_path_host="Bounces.Example")


def verify(store: Store, chosen: Settings, name: str = "example.com", *, state: str = "active", account_id: str = ACCOUNT) -> None:
    """A verified domain whose keys have this state."""
    domain = {"id": "dom_1", "account_id": account_id, "name": name, "state": "verified", "generation": 1, "created_at": 1}
    domain |= dict.fromkeys(("dkim_status", "spf_status", "dmarc_status", "mx_status", "return_path_status", "proof_status"), "valid")
    keys = [
        {
            "domain_id": "dom_1",
            "selector": "mm" if pair.algorithm == "rsa" else "mm-ed25519",
            "algorithm": pair.algorithm,
            "generation": 1,
            "private_key": vault.seal(chosen, pair.private_key),
            "public_key": pair.public_key,
            "state": state,
            "record_status": "valid",
            "created_at": 1,
        }
        for pair in pairs()
    ]

    def work(connection: Connection) -> None:
        connection.execute(insert(tables.Domain), domain)
        connection.execute(insert(tables.VerifiedDomain), {"name": name, "domain_id": "dom_1", "account_id": account_id})
        connection.execute(insert(tables.DkimKey), keys)

    store.write(work)


def ready(store: Store, messages: MessageCache) -> dict[str, Envelope]:
    """The mail of each recipient that is due."""
    return {row.address: messages.envelope(row) for row in leases.lease(store, "me", 10, 60)}


def valid(mail: bytes) -> list[bool]:
    count = mail.split(b"\r\n\r\n")[0].count(b"DKIM-Signature: ")
    return [dkimpy.DKIM(mail).verify(idx=number, dnsfunc=_published) for number in range(count)]


def _published(name: bytes, timeout: int) -> bytes | None:  # noqa: ARG001 - dkimpy gives it
    return zone().get(name.decode())


def test_mails_are_signed_by_both_keys_of_the_verified_domain(ledger: Ledger, store: Store, chosen: Settings) -> None:
    verify(store, chosen)
    ledger.post("a@example.com", from_email="hello@EXAMPLE.com")
    ledger.post("b@example.com", from_email="hello@other.example")

    mails = ready(store, MessageCache(chosen, store))

    assert valid(mails["a@example.com"].content) == [True, True]
    assert valid(mails["b@example.com"].content) == []


def test_mails_are_not_signed_by_keys_nobody_has_seen_or_of_somebody_elses_domain(ledger: Ledger, store: Store, chosen: Settings) -> None:
    verify(store, chosen, state="pending")
    ledger.post("a@example.com")

    assert valid(ready(store, MessageCache(chosen, store))["a@example.com"].content) == []
    keys = SigningKeys(chosen, store)
    store.write(lambda connection: connection.execute(update(tables.DkimKey).values(state="active")).rowcount)
    assert keys.of("acc_2", "example.com") == ()
    assert [each.algorithm for each in keys.of(ACCOUNT, "Example.COM")] == ["rsa-sha256", "ed25519-sha256"]


@pytest.mark.usefixtures("ledger")
def test_keys_are_kept_for_a_minute(store: Store, chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    verify(store, chosen)
    keys = SigningKeys(chosen, store)
    assert len(keys.of(ACCOUNT, "example.com")) == 2
    store.write(lambda connection: connection.execute(delete(tables.DkimKey)).rowcount)

    assert len(keys.of(ACCOUNT, "example.com")) == 2
    monkeypatch.setattr(signing_keys, "now", lambda: now() + DAY)
    assert keys.of(ACCOUNT, "example.com") == ()


def test_mails_wait_when_the_key_cannot_be_read(ledger: Ledger, store: Store, chosen: Settings) -> None:
    verify(store, replace(chosen, secret="B" * 43 + "="))
    ledger.post("a@example.com")
    (row,) = leases.lease(store, "me", 10, 60)

    with pytest.raises(KeyUnreadableError, match="The key mm"):
        MessageCache(chosen, store).envelope(row)


@pytest.mark.parametrize(
    ("change", "host"),
    [
        ({}, "bounces.example.com"),
        ({"return_path_status": "missing"}, "bounces.example"),
        ({"return_path_status": "pending"}, "bounces.example"),
        ({"account_id": "acc_other"}, "bounces.example"),
        ({"return_path_host": "localhost.localdomain"}, "example.com"),
    ],
)
def test_return_paths_are_below_a_domain_whose_record_is_valid(
    ledger: Ledger, store: Store, chosen: Settings, change: dict[str, str], host: str
) -> None:
    own = replace(chosen, return_path_host=change.get("return_path_host", chosen.return_path_host))
    verify(store, own)
    status = change.get("return_path_status", "valid")
    store.write(lambda connection: connection.execute(update(tables.Domain).values(return_path_status=status)).rowcount)
    if "account_id" in change:
        store.write(lambda connection: connection.execute(update(tables.VerifiedDomain).values(account_id=change["account_id"])).rowcount)
    ledger.post("a@example.com")

    (mail,) = ready(store, MessageCache(own, store)).values()

    assert mail.sender.rpartition("@")[2] == host


def test_mails_have_a_return_path_of_each_recipients_own(ledger: Ledger, store: Store, chosen: Settings) -> None:
    ledger.post("a@example.com", "b@example.com")

    mails = ready(store, MessageCache(chosen, store))

    rows = {row.address: row.id for row in ledger.rows(tables.Recipient)}
    for address, mail in mails.items():
        local_part, _, host = mail.sender.partition("@")
        assert (Tokens(chosen).read_address("b", local_part), host) == (rows[address], "bounces.example")
    assert mails["a@example.com"].content is mails["b@example.com"].content


def test_mails_come_back_to_the_sender_where_the_platform_has_no_name(ledger: Ledger, store: Store, chosen: Settings) -> None:
    ledger.post("a@example.com", stream="marketing")

    mail = ready(store, MessageCache(replace(chosen, return_path_host="localhost.localdomain"), store))["a@example.com"]

    assert mail.sender == "hello@example.com"
    assert re.fullmatch("<https://mail.example/u/[^>]+>", parsed(mail.content)["List-Unsubscribe"])


def test_marketing_mails_carry_their_recipients_way_out_and_signed_fields(ledger: Ledger, store: Store, chosen: Settings) -> None:
    verify(store, chosen)
    own = '{"List-Unsubscribe":"<https://evil.example>","X-Note":"1"}'
    message_id = ledger.post("a@example.com", "b@example.com", stream="marketing", body_html=PAGE, body_text=None, headers_json=own)

    mails = ready(store, MessageCache(chosen, store))

    tokens, rows = Tokens(chosen), {row.address: row.id for row in ledger.rows(tables.Recipient)}
    for address, mail in mails.items():
        assert valid(mail.content) == [True, True]
        message = parsed(mail.content)
        assert message.get_all("List-Unsubscribe-Post") == ["List-Unsubscribe=One-Click"]
        assert (message["Feedback-ID"], message["X-Note"]) == (f"send:{ACCOUNT}:marketing:misarmail", "1")
        leave = "<https://mail.example/u/(.+)>, <mailto:(.+)@bounces.example[?]subject=unsubscribe>"
        web, post = matched(f"^{leave}$", message["List-Unsubscribe"]).groups()
        claim = TokenClaim(message_id, rows[address])
        assert (tokens.read("unsubscribe", web), tokens.read_address("u", post)) == (claim, rows[address])
        text, page = (part.get_content() for part in message.iter_parts())
        assert f"https://mail.example/u/{web}" in text
        assert f"https://mail.example/u/{web}" in page
        assert tokens.read("click", matched('https://mail.example/t/c/([^"]+)', page)[1]) == claim
        assert tokens.read("open", matched('https://mail.example/t/o/([^"]+).gif', page)[1]) == claim


def test_transactional_mails_stay_as_they_were_written(ledger: Ledger, store: Store, chosen: Settings) -> None:
    ledger.post("a@example.com", body_html=PAGE, body_text=None)

    message = parsed(ready(store, MessageCache(chosen, store))["a@example.com"].content)

    assert message.get_content() == PAGE
    assert {"List-Unsubscribe", "Feedback-ID"} & set(message) == set()
