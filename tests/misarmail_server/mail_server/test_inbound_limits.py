"""Limits of the inbound listener, and hostile mail."""

from __future__ import annotations

import json
import smtplib
from contextlib import ExitStack
from dataclasses import replace

import pytest

from misarmail_server.db.store import Store
from misarmail_server.events.webhook_sender import WebhookSender
from misarmail_server.mail_server import protocol
from misarmail_server.mail_server.guards import BufferedBytes, ConnectionLimits
from misarmail_server.received.auth.isolated import MEMORY_BYTES, CheckProcesses
from tests.conftest import Platform
from tests.misarmail_server.mail_server.test_inbound import HOST, OK, World, world
from tests.support.reports import bounce
from tests.support.servers.own_smtp_server import connected, converse, deliver, listening, received_of, talk
from tests.support.servers.webhook_receiver import receiver

__all__ = ["world"]  # the fixture


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


def test_room_is_given_back() -> None:
    room = BufferedBytes(10)

    result = room.take(6), room.take(6)
    room.give(6)

    assert (result, room.take(10)) == ((True, False), True)
