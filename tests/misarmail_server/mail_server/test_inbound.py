"""Mail from other servers, in real SMTP sessions with the listener."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from misarmail_server.context import HOUR, now
from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.message.compiled_message import CompiledMessage
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.tokens import Tokens
from misarmail_server.events.webhook_sender import WebhookSender
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.settings import Settings
from tests.conftest import Platform
from tests.support.calls.every_operation import SEND
from tests.support.keys import signers_of, zone
from tests.support.ledger import lead
from tests.support.reports import bounce, complaint
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.own_smtp_server import converse, deliver, listening, talk
from tests.support.servers.webhook_receiver import receiver

HOST = "mail.example.net"
OK = 250


@dataclass
class World:
    """The rest of the internet, and what the platform's API tells."""

    api: Any
    settings: Settings
    store: Store
    port: int

    def send(self, address: str = "user@example.com", *states: RecipientState) -> str:
        """A mail that has left; its id."""
        message_id = str(self.api.post("/api/v1/send", json=SEND | {"to": [{"email": address}]}).json["message_id"])
        lead(self.store, message_id, RecipientState.LEASED, *(states or (RecipientState.DELIVERED,)))
        return message_id

    def address(self, message_id: str, kind: Any = "b") -> str:
        """The return path of a mail, or its address for unsubscribing."""
        with self.store.read() as connection:
            row = connection.scalar(select(tables.Recipient.id).where(tables.Recipient.message_id == message_id))
        return f"{Tokens(self.settings).address(kind, row or 0)}@{HOST}"

    def state_and_events(self, message_id: str) -> tuple[str, list[str]]:
        """The recipient's state, and the events after the mail was accepted."""
        message = self.api.get(f"/api/v1/messages/{message_id}").json["message"]
        return message["recipients"][0]["state"], [event["type"] for event in message["events"][1:]]

    def suppressed(self) -> dict[str, str]:
        return {suppression["email"]: suppression["reason"] for suppression in self.api.get("/api/v1/suppressions").json["suppressions"]}

    def counts(self) -> dict[str, Any]:
        with self.store.read() as connection:
            count = tables.EventCount
            rows = connection.execute(select(count.kind, func.sum(count.count)).where(count.span == "day").group_by(count.kind)).all()
        return {kind: int(number) for kind, number in rows if number}


@pytest.fixture
def world(platform: Platform, store: Store) -> Iterator[World]:
    settings = replace(platform.settings, hostname=HOST, return_path_host=HOST, inbound_host=HOST)
    with listening(settings, store) as ports:
        yield World(platform.everything(), settings, store, ports["inbound"])


def test_hard_bounce_suppresses_and_is_shown_with_the_message(world: World) -> None:
    world.api.post("/api/v1/contacts", json={"email": "User@example.com"})
    message_id = world.send()

    code, _ = deliver(world.port, world.address(message_id).upper(), bounce("user@example.com"))

    assert code == OK
    event = world.api.get(f"/api/v1/messages/{message_id}").json["message"]["events"][-1]
    assert (event["type"], event["reply_code"], event["recipient"]) == ("bounced", 550, "user@example.com")
    assert "user unknown" in event["reply_text"]
    assert world.state_and_events(message_id) == ("bounced", ["bounced"])
    assert world.suppressed() == {"user@example.com": "bounced"}
    assert world.api.get("/api/v1/contacts").json["contacts"][0]["status"] == "bounced"


def test_bounces_come_back_below_a_customers_domain(world: World) -> None:
    """Its record is a CNAME to the platform's host; the token decides whose mail it was."""
    message_id = world.send()
    local = world.address(message_id).partition("@")[0]

    assert deliver(world.port, f"{local}@Bounces.Example.com", bounce("user@example.com"))[0] == OK

    assert world.state_and_events(message_id) == ("bounced", ["bounced"])
    assert deliver(world.port, f"b-{'1' * 29}@bounces.example.com", bounce("user@example.com"))[0] == 550
    assert deliver(world.port, f"{local}@example.com", bounce("user@example.com"))[0] == 550


def test_an_inbound_domain_may_have_the_name_of_a_return_path(world: World) -> None:
    there = receiver()
    world.api.post("/api/v1/inbound", json={"subdomain": "bounces.example.org", "webhook_url": there.url})

    assert deliver(world.port, f"b-{'a' * 29}@bounces.example.org", "Subject: hi\r\n\r\nhi\r\n", "ada@ada.example")[0] == OK


def test_bounce_that_is_reported_twice_counts_once(world: World) -> None:
    message_id = world.send()

    for _ in range(2):
        deliver(world.port, world.address(message_id), bounce("user@example.com"))

    assert world.state_and_events(message_id) == ("bounced", ["bounced"])
    assert world.counts() == {"hard_bounced": 1}


def test_bounce_of_where_a_mail_was_sent_on_to_is_about_the_recipient(world: World) -> None:
    message_id = world.send()

    deliver(world.port, world.address(message_id), bounce("elsewhere@example.org"))

    assert world.suppressed() == {"user@example.com": "bounced"}


def test_soft_bounce_is_noted_and_suppresses_nobody(world: World) -> None:
    message_id = world.send()

    deliver(world.port, world.address(message_id), bounce("user@example.com", "5.2.2", "552 5.2.2 mailbox full"))

    assert (world.state_and_events(message_id), world.suppressed()) == (("bounced", ["bounced"]), {})


@pytest.mark.parametrize(
    ("hours", "arrived", "suppressed"), [(48, False, {"user@example.com": "bounced"}), (47, False, {}), (48, True, {})]
)
def test_third_soft_bounce_in_a_row_suppresses_after_two_days(world: World, hours: int, arrived: bool, suppressed: Any) -> None:
    ids = [world.send() for _ in range(3)]
    full = bounce("user@example.com", "5.2.2", "552 5.2.2 mailbox full")
    for message_id in ids[:2]:
        deliver(world.port, world.address(message_id), full)
    earlier = update(tables.Event).where(tables.Event.type == "bounced").values(at=now() - hours * HOUR)
    world.store.write(lambda connection: connection.execute(earlier).rowcount)
    if arrived:
        other = {"message_id": world.send(), "account_id": world.api.account_id, "recipient": "user@example.com", "type": "delivered"}
        world.store.write(lambda connection: connection.execute(insert(tables.Event), {**other, "at": now()}).rowcount)

    deliver(world.port, world.address(ids[2]), full)

    assert world.suppressed() == suppressed


@pytest.mark.parametrize(
    "content",
    [
        bounce("user@example.com", "4.4.1", "451 4.4.1 no answer", "delayed"),
        bounce("user@example.com", "2.0.0", "250 ok", "delivered"),
        "From: user@example.com\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n",
        "From: user@example.com\r\nSubject: Re: Hello\r\nX-Autoreply: yes\r\n\r\n550 5.1.1 User unknown.\r\n",
        "From: user@example.com\r\nSubject: Automatische Antwort: Hello\r\nPrecedence: bulk\r\n\r\nIch bin nicht da.\r\n",
        "From: user@example.com\r\nSubject: Fwd: Undelivered Mail\r\n\r\n<user@example.com>: 550 5.1.1 user unknown\r\n",
        "From: user@example.com\r\nSubject: Re: Hello\r\n\r\nThank you!\r\n",
        b"\x00\xff" * 400 + b"\r\n",
    ],
    ids=["delayed", "delivered", "vacation", "x-autoreply", "german", "sent-on", "person", "noise"],
)
def test_what_is_no_bounce_changes_nothing(world: World, content: Any) -> None:
    message_id = world.send()

    code, _ = deliver(world.port, world.address(message_id), content)

    assert (code, world.state_and_events(message_id), world.suppressed()) == (OK, ("delivered", []), {})


def test_complaint_to_abuse_is_about_the_mail_it_quotes(world: World) -> None:
    hook = receiver()
    world.api.post("/api/v1/webhooks", json={"url": hook.url, "events": ["email.complained"]})
    message_id = world.send()

    code, _ = deliver(world.port, f"abuse@{HOST}", complaint(world.address(message_id)), "fbl@provider.example")

    assert (code, world.state_and_events(message_id)) == (OK, ("delivered", ["complained"]))
    assert world.suppressed() == {"user@example.com": "complained"}
    WebhookSender(world.settings, world.store).post_due()
    assert [json.loads(body)["type"] for _, body in hook.posts] == ["email.complained"]


def test_complaint_about_mail_that_is_not_ours_is_refused_in_words(world: World) -> None:
    forged = f"b-{'a' * 29}@{HOST}"

    code, text = deliver(world.port, f"postmaster@{HOST}", complaint(forged), "fbl@provider.example")

    assert (code, text) == (550, "5.7.1 Only reports about mail of this platform are read here")


def test_unsubscription_by_mail(world: World) -> None:
    world.api.post("/api/v1/contacts", json={"email": "user@example.com"})
    message_id = world.send()

    codes = [deliver(world.port, world.address(message_id, "u"), "Subject: unsubscribe\r\n\r\n", "user@example.com")[0] for _ in range(2)]

    assert (codes, world.state_and_events(message_id)) == ([OK, OK], ("delivered", ["unsubscribed"]))
    assert world.suppressed() == {"user@example.com": "unsubscribed"}
    assert world.api.get("/api/v1/contacts").json["contacts"][0]["status"] == "unsubscribed"


def test_mail_to_unsubscribe_leaves_the_topic_only(world: World) -> None:
    message_id = world.send()
    topic = world.api.post("/api/v1/topics", json={"name": "News"}).json["topic"]["id"]
    world.store.write(lambda connection: connection.execute(update(tables.Message).values(topic_id=topic)).close())

    deliver(world.port, world.address(message_id, "u"), "Subject: unsubscribe\r\n\r\n", "user@example.com")

    assert (world.state_and_events(message_id)[1], world.suppressed()) == (["unsubscribed"], {})
    contact = world.api.post("/api/v1/contacts", json={"email": "user@example.com"}).json["contact"]["id"]
    assert world.api.get(f"/api/v1/contacts/{contact}/topics").json["topics"][0]["source"] == "mail"


def test_vacation_notice_unsubscribes_nobody(world: World) -> None:
    message_id = world.send()

    deliver(world.port, world.address(message_id, "u"), "From: user@example.com\r\nAuto-Submitted: auto-replied\r\n\r\nAway\r\n")

    assert world.suppressed() == {}


def test_bounce_before_the_delivery_is_written_down_may_come_again(world: World) -> None:
    message_id = world.send("user@example.com", RecipientState.LEASED)

    code, _ = deliver(world.port, world.address(message_id), bounce("user@example.com"))

    assert (code, world.state_and_events(message_id)[1], world.suppressed()) == (451, [], {})


@pytest.mark.parametrize(
    "recipient",
    ["user@example.com", f"b-{'a' * 29}@{HOST}", f"nobody@{HOST}", "postmaster@example.com", f"b-{'1' * 29}@{HOST}"],
)
def test_anything_else_is_refused_at_rcpt(world: World, recipient: str) -> None:
    assert deliver(world.port, recipient, "Subject: hi\r\n\r\nhi\r\n") == (550, "5.7.1 Relaying denied: there is no such address here")


def test_token_of_another_purpose_is_no_address(world: World) -> None:
    message_id = world.send()

    swapped = f"b-{world.address(message_id, 'u')[2:]}"

    assert deliver(world.port, swapped, bounce("user@example.com"))[0] == 550


def test_inbound_domain_posts_the_mail_with_its_own_secret_and_to_webhooks(world: World, dns: DnsServer) -> None:
    own, hook = receiver(), receiver()
    body = {"subdomain": "replies.example.org", "webhook_url": own.url}
    domain = world.api.post("/api/v1/inbound", json=body).json["domain"]
    world.api.post("/api/v1/webhooks", json={"url": hook.url, "events": ["email.received"]})
    dns.publish("ada.example", "TXT", "v=spf1 ip4:127.0.0.1 -all")
    dns.publish("_dmarc.ada.example", "TXT", "v=DMARC1; p=reject")
    mail = (
        "From: Ada <ada@ada.example>\r\nTo: one@replies.example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\n\r\nThank you\r\n\r\nOn Monday, Bob wrote:\r\n> Hello\r\n'
        '--B\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="../a.csv"\r\n\r\n1,2\r\n--B--\r\n'
    )

    with talk(world.port) as client:
        client.sendmail("ada@ada.example", ["one@replies.example.org", "two@Replies.example.org"], mail)
    WebhookSender(world.settings, world.store).post_due()

    (headers, posted), (_, report) = own.posts[0], hook.posts[0]
    data, event = json.loads(posted), json.loads(report)
    assert (event["type"], event["data"], domain["webhook_secret"][:6]) == ("email.received", data, "whsec_")
    assert (data["from"], data["to"]) == ("ada@ada.example", ["one@replies.example.org", "two@Replies.example.org"])
    assert (data["subject"], data["reply_text"], data["html"]) == ("Grüße", "Thank you", None)
    assert data["attachments"] == [{"filename": "a.csv", "content_type": "text/csv", "content": "MSwy"}]
    assert (data["spf"], data["dkim"], data["dmarc"], data["headers"]["from"]) == ("pass", "none", "pass", "Ada <ada@ada.example>")
    assert headers["X-MisarMail-Signature"] == hmac.new(domain["webhook_secret"].encode(), posted, "sha256").hexdigest()
    assert headers["webhook-id"] == event["id"]


def test_inbound_domain_that_is_deleted_takes_no_mail(world: World) -> None:
    body = {"subdomain": "replies.example.org", "webhook_url": "https://hooks.example.com/mail"}
    domain = world.api.post("/api/v1/inbound", json=body).json["domain"]

    world.api.delete(f"/api/v1/inbound/{domain['id']}")

    assert deliver(world.port, "one@replies.example.org", "\r\nhi\r\n", "ada@example.com")[0] == 550


def test_the_bare_postmaster_is_the_one_of_the_platform(world: World) -> None:
    message_id = world.send()

    code, _ = deliver(world.port, "Postmaster", complaint(world.address(message_id)), "fbl@provider.example")

    assert (code, world.state_and_events(message_id)) == (OK, ("delivered", ["complained"]))


def test_commands_after_the_content_are_answered_in_turn(world: World) -> None:
    first, second = (world.address(world.send()).encode() for _ in range(2))
    mail = b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n"

    replies = converse(world.port, b"EHLO a\r\n" + mail % first + b".\r\n" + mail % second + b"Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n")

    assert [line[:3] for line in replies.splitlines()][-9:] == [b"250", b"250", b"354", b"250", b"250", b"250", b"354", b"250", b"221"]


def test_many_at_once_are_all_kept(world: World) -> None:
    ids = [world.send(f"user{number}@example.com") for number in range(16)]

    def come_back(number: int) -> int:
        return deliver(world.port, world.address(ids[number]), bounce(f"user{number}@example.com"))[0]

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(come_back, range(16)))

    assert codes == [OK] * 16
    assert {world.state_and_events(id_)[0] for id_ in ids} == {"bounced"}
    assert (len(world.suppressed()), world.counts()) == (16, {"hard_bounced": 16})


def test_store_that_is_away_means_try_again(world: World) -> None:
    message_id = world.send()
    address = world.address(message_id)
    with talk(world.port) as client:
        client.mail("")
        client.rcpt(address)
        world.store.close()

        content = client.data(bounce("user@example.com"))
        client.mail("")
        recipient = client.rcpt(address)

    assert (content[0], recipient[0]) == (451, 451)


def test_inbound_domain_receives_the_result_of_a_valid_signature(world: World, dns: DnsServer) -> None:
    hook = receiver()
    world.api.post("/api/v1/inbound", json={"subdomain": "replies.example.org", "webhook_url": hook.url})
    for name, record in zone("ada.example").items():
        dns.publish(name.rstrip("."), "TXT", record.decode())
    message = StoredMessage("msg_1", MailAddress("ada@ada.example"), (MailAddress("one@replies.example.org"),), "Hello", now(), text="Hi")
    shared = CompiledMessage(message).shared
    assert shared is not None
    signed = shared.signed(signers_of("ada.example"))

    deliver(world.port, "one@replies.example.org", signed, "ada@ada.example")
    WebhookSender(world.settings, world.store).post_due()

    assert json.loads(hook.posts[0][1])["dkim"] == "pass"
