"""Mail from other servers, in real SMTP sessions with the listener."""

from __future__ import annotations

import hmac
import json
import smtplib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
from misarmail_server.mail_server import protocol
from misarmail_server.mail_server.guards import BufferedBytes, ConnectionLimits
from misarmail_server.received.auth.isolated import MEMORY_BYTES, CheckProcesses
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.settings import Settings
from tests.conftest import Platform
from tests.support.calls.every_operation import SEND
from tests.support.keys import signers_of, zone
from tests.support.ledger import lead
from tests.support.reports import bounce, complaint
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.own_smtp_server import connected, converse, deliver, listening, received_of, talk
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


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_nobody_smuggles_a_second_mail(world: World, end: bytes) -> None:
    message_id = world.send()
    address = world.address(message_id).encode()
    inner = b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n%s\r\n.\r\n" % (address, bounce("user@example.com").encode())
    wire = b"EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: x\r\n\r\nx%sQUIT\r\n" % (address, end + inner)

    replies = converse(world.port, wire)

    assert b"550 5.6.0 A line of the mail ends with CR or LF alone" in replies
    assert world.state_and_events(message_id) == ("delivered", [])


def test_hostile_mails_are_answered_and_change_nothing(world: World) -> None:
    message_id = world.send()
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{each}"\r\n\r\n--b{each}\r\n' for each in range(100))
    mails = [nested + "\r\nhi\r\n", "X: y\r\n" * 1_999 + "\r\n", "\r\n" * 100_000, "Subject: " + "x" * 60_000 + "\r\n\r\nx\r\n", "\r\n"]

    codes = [deliver(world.port, world.address(message_id), mail)[0] for mail in mails]

    assert (codes, world.state_and_events(message_id)) == ([OK] * 5, ("delivered", []))


def test_limits_are_said_and_the_conversation_goes_on(world: World) -> None:
    message_id = world.send()
    address = world.address(message_id)

    with talk(world.port) as client:
        offered = client.esmtp_features
        too_large = client.docmd("MAIL", "FROM:<> SIZE=25000001")
        client.mail("")
        client.rcpt(address)
        long_line = client.data("x" * 200_000 + "\r\n")
        unknown = client.docmd("SEND", "x" * 600)
        client.mail("")
        client.command_encoding = "latin-1"
        bytes_ = client.docmd("RCPT", "TO:<\xff@example.com>")
        logged_in = client.docmd("AUTH", "PLAIN AGEAYg==")
        client.rset()
        client.mail("")
        client.rcpt(address)
        taken = client.data("Subject: x\r\n\r\n.leading dot\r\n")

    assert offered["size"] == "25000000"
    assert {"smtputf8", "8bitmime"} <= set(offered)
    assert "auth" not in offered
    assert "starttls" not in offered
    assert (too_large[0], long_line[0], unknown[0], taken[0]) == (552, 500, 500, OK)
    assert bytes_ == (553, b"5.1.3 The address cannot be used")
    assert logged_in[0] >= 500


def test_content_beyond_the_limit_is_refused_and_not_kept(platform: Platform, store: Store) -> None:
    small = replace(platform.settings, mail_limit=10_000, hostname=HOST, return_path_host=HOST)
    with listening(small, store) as ports:
        world = World(platform.everything(), small, store, ports["inbound"])
        address = world.address(world.send())

        codes = [deliver(world.port, address, b"x" * 98 + b"\r\n" * lines)[0] for lines in (10, 10_000)]

    assert codes == [OK, 552]


@pytest.mark.parametrize("header", [b"X: y\r\n" * 2_001, b"X: y\r\n" + b" c\r\n" * 90_000, (b"X: " + b"y" * 900 + b"\r\n") * 300])
def test_a_header_that_is_too_large_is_refused_in_words(world: World, header: bytes) -> None:
    code, text = deliver(world.port, world.address(world.send()), header + b"\r\nhi\r\n")

    assert (code, text) == (552, "5.3.4 The header is too large: at most 256 kB and 2,000 lines are accepted")


def test_the_bare_postmaster_is_the_one_of_the_platform(world: World) -> None:
    message_id = world.send()

    code, _ = deliver(world.port, "Postmaster", complaint(world.address(message_id)), "fbl@provider.example")

    assert (code, world.state_and_events(message_id)) == (OK, ("delivered", ["complained"]))


def test_commands_after_the_content_are_answered_in_turn(world: World) -> None:
    first, second = (world.address(world.send()).encode() for _ in range(2))
    mail = b"MAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n"

    replies = converse(world.port, b"EHLO a\r\n" + mail % first + b".\r\n" + mail % second + b"Subject: x\r\n\r\n..\r\n.\r\nQUIT\r\n")

    assert [line[:3] for line in replies.splitlines()][-9:] == [b"250", b"250", b"354", b"250", b"250", b"250", b"354", b"250", b"221"]


def test_a_mail_that_cannot_be_checked_in_time_is_received_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = receiver()
    world.api.post("/api/v1/inbound", json={"subdomain": "replies.example.org", "webhook_url": hook.url})
    monkeypatch.setattr(CheckProcesses.__init__, "__defaults__", (MEMORY_BYTES, 0.0))

    with listening(world.settings, world.store) as ports:
        code, _ = deliver(ports["inbound"], "one@replies.example.org", "Subject: x\r\n\r\nhi\r\n", "ada@ada.example")
    WebhookSender(world.settings, world.store).post_due()

    mail = json.loads(hook.posts[0][1])
    assert (code, mail["text"], mail["spf"], mail["dkim"], mail["dmarc"]) == (OK, "hi", "temperror", "temperror", "temperror")


def test_silent_connections_of_others_do_not_close_the_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectionLimits.__init__, "__defaults__", (8, 3, 5))
    with listening(world.settings, world.store) as ports, ExitStack() as stack:
        silent = [stack.enter_context(connected(ports["inbound"], f"127.0.1.{number % 2 + 1}")) for number in range(5)]
        silent += [stack.enter_context(connected(ports["inbound"], "127.0.2.1")) for _ in range(3)]

        one_more = connected(ports["inbound"], "127.0.1.9")
        other = connected(ports["inbound"], "127.0.3.1")

        assert received_of(one_more).startswith(b"421 4.7.0")
        assert other.recv(1_000).startswith(b"220 ")
        assert received_of(silent[0]).endswith(b"idle for the longest time; try again later\r\n")
        other.close()
        one_more.close()


def test_silent_connections_are_closed_soon_when_many_are_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectionLimits.__init__, "__defaults__", (4, 4, 4))
    monkeypatch.setattr(protocol, "PRESSED_SECONDS", 0.01)
    monkeypatch.setattr(protocol, "LOOK_SECONDS", 0.01)
    with listening(world.settings, world.store) as ports, ExitStack() as stack:
        silent = [stack.enter_context(connected(ports["inbound"], "127.0.1.1")) for _ in range(3)]

        closed = [received_of(connection) for connection in silent[:2]]

    assert [text.splitlines()[-1] for text in closed] == [b"421 4.4.2 Nothing was sent for too long"] * 2


def test_one_address_has_so_many_connections(world: World) -> None:
    clients = [talk(world.port) for _ in range(20)]

    with pytest.raises(smtplib.SMTPConnectError) as refused:
        talk(world.port)
    for client in clients:
        client.quit()

    assert refused.value.smtp_code == 421
    talk(world.port).quit()


def test_many_commands_end_the_conversation(world: World) -> None:
    replies = converse(world.port, b"EHLO a\r\n" + b"VRFY a@b\r\n" * 50)

    assert b"421 4.7.0 VRFY sent too many times" in replies


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


def test_room_is_given_back() -> None:
    room = BufferedBytes(10)

    result = room.take(6), room.take(6)
    room.give(6)

    assert (result, room.take(10)) == ((True, False), True)
