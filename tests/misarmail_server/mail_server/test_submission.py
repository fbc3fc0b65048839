"""Mail that customers hand in by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from sqlalchemy import select, update

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.external.client_networks import is_loopback, network
from misarmail_server.mail_server.guards import LoginFailures
from tests.conftest import Make, Platform
from tests.support.servers.own_smtp_server import listening, talk
from tests.support.servers.smtp_sink import CERTIFICATE

PLAIN = "From: Your App <hello@yourdomain.com>\r\nTo: Ada <ada@example.com>\r\nSubject: Hello\r\n\r\nHow are you?\r\n"


@dataclass
class Desk:
    """Where mail is handed in, and the API of the account that does."""

    api: Any
    port: int
    key: str

    def login(self, key: str = "") -> smtplib.SMTP:
        client = talk(self.port)
        try:
            client.login("anything", key or self.key)
        except smtplib.SMTPAuthenticationError:
            client.close()
            raise
        return client

    def hand_in(self, content: str | bytes, *recipients: str, key: str = "") -> tuple[int, str]:
        """One mail; the reply to its content."""
        with self.login(key) as client:
            client.mail("whoever@example.net")
            for recipient in recipients or ("ada@example.com",):
                assert client.rcpt(recipient)[0] == 250
            code, text = client.data(content)
            return code, text.decode()

    def message(self, reply: tuple[int, str]) -> Any:
        assert reply[0] == 250, reply
        return self.api.get(f"/api/v1/messages/{reply[1].split()[1]}").json["message"]


@pytest.fixture
def desk(platform: Platform, store: Store) -> Iterator[Desk]:
    api = platform.everything()
    with listening(platform.settings, store) as ports:
        yield Desk(api, ports["submission"], platform.make.key(api.account_id, "send"))


def key(platform: Any, desk: Any, *scopes: str) -> str:
    return str(platform.make.key(desk.api.account_id, *scopes))


def test_mail_becomes_a_message(desk: Desk) -> None:
    reply = desk.hand_in(PLAIN)

    message = desk.message(reply)
    assert message["id"].startswith("msg_")
    assert (message["from"], message["subject"]) == ({"email": "hello@yourdomain.com", "name": "Your App"}, "Hello")
    assert message["to"] == [{"email": "ada@example.com", "name": "Ada"}]
    assert [(recipient["email"], recipient["kind"], recipient["state"]) for recipient in message["recipients"]] == [
        ("ada@example.com", "to", "pending")
    ]


def test_mail_keeps_its_parts_and_loses_bcc(desk: Desk, store: Store) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Cc"] = "hello@yourdomain.com", "Jürgen <j@example.com>", "c@example.com"
    mail["Bcc"], mail["Subject"], mail["Reply-To"] = "secret@example.com", "Grüße aus Köln", "desk@yourdomain.com"
    mail["X-Campaign"], mail["In-Reply-To"], mail["List-Unsubscribe"] = "spring", "<1@example.com>", "<https://elsewhere.example>"
    mail.set_content("Plain ü\n")
    mail.add_alternative("<p>Rich ü</p><img src='cid:logo'>", subtype="html")
    mail.add_attachment(b"\x00\x01", maintype="image", subtype="png", filename="Ä.png", cid="<logo>", disposition="inline")

    message = desk.message(desk.hand_in(mail.as_bytes(policy=SMTP), "j@example.com", "c@example.com", "secret@example.com"))

    assert (message["to"], message["cc"], message["subject"]) == (
        [{"email": "j@example.com", "name": "Jürgen"}],
        [{"email": "c@example.com"}],
        "Grüße aus Köln",
    )
    assert [recipient["kind"] for recipient in message["recipients"]] == ["to", "cc", "bcc"]
    with store.read() as connection:
        row = connection.execute(select(tables.Message.__table__)).one()
        file = connection.execute(select(tables.Attachment.__table__)).one()
    assert (row.body_text, row.body_html) == ("Plain ü", "<p>Rich ü</p><img src='cid:logo'>")
    assert (row.reply_to_json, row.headers_json) == (
        '{"email":"desk@yourdomain.com"}',
        '{"X-Campaign":"spring","In-Reply-To":"<1@example.com>"}',
    )
    assert (file.filename, file.content_type, file.content_id, file.content) == ("Ä.png", "image/png", "logo", b"\x00\x01")


def test_recipients_that_the_header_does_not_name_do_not_learn_of_each_other(desk: Desk) -> None:
    reply = desk.hand_in("From: hello@yourdomain.com\r\nSubject: Hi\r\n\r\nHi\r\n", "a@example.com", "b@example.com")

    ids = reply[1].split()[1:]
    to = [desk.api.get(f"/api/v1/messages/{id_}").json["message"]["to"] for id_ in ids]
    assert to == [[{"email": "a@example.com"}], [{"email": "b@example.com"}]]


def test_mail_of_nothing_but_a_file_is_taken(desk: Desk) -> None:
    mail = "From: hello@yourdomain.com\r\nTo: ada@example.com\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"

    assert desk.message(desk.hand_in(mail))["subject"] == "(no subject)"


@pytest.mark.parametrize(("scopes", "header"), [(("sandbox",), ""), (("send",), "X-MisarMail-Sandbox: TRUE\r\n")])
def test_mail_is_captured_for_a_key_that_may_not_send_and_where_it_asks(desk: Desk, platform: Platform, scopes: Any, header: str) -> None:
    message = desk.message(desk.hand_in(header + PLAIN, key=key(platform, desk, *scopes)))

    assert (message["id"][:7], message["state"], message["sandbox"]) == ("sb_msg_", "captured", True)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize(("scope", "code"), [("send:transactional", 235), ("contacts", 535)])
def test_login_takes_a_key_with_a_sending_scope(desk: Desk, platform: Platform, mechanism: str, scope: str, code: int) -> None:
    with talk(desk.port) as client:
        client.user, client.password = "x", key(platform, desk, scope)
        replied = []
        try:
            replied.append(client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))[0])
        except smtplib.SMTPAuthenticationError as refused:
            replied.append(refused.smtp_code)

    assert replied == [code]


@pytest.mark.parametrize("sent", ["PLAIN =", "PLAIN AGE=", "LOGIN !", "CRAM-MD5", "", "PLAIN a b"])
def test_login_that_is_none_is_refused(desk: Desk, sent: str) -> None:
    with talk(desk.port) as client:
        code, _ = client.docmd("AUTH", sent)
        mail, _ = client.mail("a@example.com")

    assert (code // 100, mail) == (5, 530)


def test_failed_logins_are_throttled(desk: Desk) -> None:
    codes = []
    for _ in range(3):
        with talk(desk.port) as client:
            codes += [client.docmd("AUTH", "PLAIN AHgAeA==")[0] for _ in range(5)]
    with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
        desk.login()

    assert (codes, refused.value.smtp_code) == ([535] * 10 + [454] * 5, 454)


def test_failures_are_forgotten_after_a_quarter_of_an_hour() -> None:
    clock = [0.0]
    failures = LoginFailures(lambda: clock[0])
    for _ in range(10):
        failures.note("2001:db8::1")

    before = failures.are_too_many("2001:db8::2"), failures.are_too_many("2001:db8:1::1")
    clock[0] = 901.0

    assert (before, failures.are_too_many("2001:db8::1")) == ((True, False), False)


@pytest.mark.parametrize(
    ("peer", "name", "loopback"),
    [
        ("192.0.2.1", "192.0.2.1", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::1", "::/64", True),
        ("fe80::1%eth0", "fe80::/64", False),
        ("127.0.0.9", "127.0.0.9", True),
    ],
)
def test_network_of_an_address(peer: str, name: str, loopback: bool) -> None:
    assert (network(peer), is_loopback(peer)) == (name, loopback)


def test_key_that_is_revoked_during_the_conversation_is_refused(desk: Desk, store: Store) -> None:
    with desk.login() as client:
        revoked = update(tables.Key).where(tables.Key.secret_hash.is_not(None)).values(revoked_at=1)
        store.write(lambda connection: connection.execute(revoked).rowcount)
        client.mail("a@example.com")
        client.rcpt("ada@example.com")

        assert client.data(PLAIN) == (550, b"5.7.1 This API key was revoked")


@pytest.mark.parametrize(
    ("mail", "reply"),
    [
        (PLAIN.replace("hello@yourdomain.com", "nobody"), "5.6.0 from: Is required"),
        (PLAIN, "5.1.1 Every recipient is suppressed: ada@example.com (bounced)"),
        (PLAIN.replace("How", "\0"), "5.6.0 The mail holds a NUL"),
        (f"{PLAIN}y\nz\r\n", "5.6.0 A line of the mail ends with CR or LF alone"),
    ],
    ids=["sender", "suppressed", "nul", "bare"],
)
def test_refusals_are_said_in_words(desk: Desk, make: Make, mail: Any, reply: str) -> None:
    make.suppression(desk.api.account_id, "ada@example.com")

    # smtplib normalizes line ends.
    with desk.login() as client:
        client.mail("a@example.com")
        client.rcpt("ada@example.com")
        client.docmd("DATA")
        client.send(mail.encode() + b".\r\n")
        code, text = client.getreply()

    assert (code, text.decode()[: len(reply)]) == (550, reply)
    assert make.count(tables.Message) == 0


def test_sender_that_is_not_verified_and_a_plan_that_is_used_up(platform: Platform, store: Store) -> None:
    account = platform.make.account("eve@example.com", plan="free", senders="verified")
    api = platform.everything(account)
    secret = platform.make.key(account, "send")
    with listening(platform.settings, store) as ports:
        desk = Desk(api, ports["submission"], secret)
        unverified = desk.hand_in(PLAIN)
        store.write(lambda connection: connection.execute(update(tables.Account).values(senders="any")).rowcount)
        many = [f"user{number}@example.com" for number in range(50)]
        replies = [desk.hand_in(PLAIN, "ada@example.com", *many) for _ in range(20)]  # 1,020 mails of 1,000

    assert unverified == (550, "5.7.1 hello@yourdomain.com is not a verified sender of this account")
    assert replies[-1][0] == 452
    assert "Free plan" in replies[-1][1]


def test_rate_limit_is_shared_with_the_api(platform: Platform, store: Store) -> None:
    api = platform.everything()
    slow = replace(platform.settings, rate_limits=0.01)  # one mail a minute
    with listening(slow, store) as ports:
        desk = Desk(api, ports["submission"], platform.make.key(api.account_id, "send"))
        first = desk.hand_in(PLAIN)
        with desk.login() as client:
            second = client.mail("a@example.com")

    assert (first[0], second) == (250, (450, b"4.7.1 Too many mails this minute"))


def test_starttls_is_offered_with_a_certificate_and_login_works_behind_it(platform: Platform, store: Store) -> None:
    secure = replace(platform.settings, tls_certificate=CERTIFICATE, tls_key=CERTIFICATE)
    api = platform.everything()
    with listening(secure, store) as ports, talk(ports["submission"]) as client:
        context = ssl.create_default_context(cafile=str(CERTIFICATE))
        context.check_hostname = False
        client.starttls(context=context)
        client.login("x", platform.make.key(api.account_id, "send"))
        client.mail("a@example.com")
        client.rcpt("ada@example.com")
        taken = client.data(PLAIN)

    assert taken[0] == 250


def test_store_that_is_away_means_try_again(desk: Desk, store: Store) -> None:
    with desk.login() as client:
        client.mail("a@example.com")
        client.rcpt("ada@example.com")
        store.close()

        assert client.data(PLAIN)[0] == 451


def test_same_address_in_header_and_envelope_twice_gets_one_mail(desk: Desk) -> None:
    message = desk.message(desk.hand_in(PLAIN, "Ada@example.com", "ada@example.com", "ada@example.com"))

    assert len(message["recipients"]) == 1
