"""Submitted mail that is signed, encrypted or a report leaves with the bytes of its parts (RFC 1847, section 2.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import leases
from misarmail_server.delivery.worker.message_cache import MessageCache
from misarmail_server.mail_server.original_body import original_body
from tests.conftest import Platform
from tests.misarmail_server.mail_server.test_submission import Desk
from tests.support.servers.own_smtp_server import listening

HEADER = b"From: hello@yourdomain.com\r\nTo: ada@example.com\r\nSubject: Signed\r\nMIME-Version: 1.0\r\n"
SIGNED_PART = b"Content-Transfer-Encoding: quoted-printable\r\n\r\nHello =C3=BC\t \r\n.\r\n..x\r\n-- \r\nAda"


def multipart(subtype: str, parameters: str, *parts: bytes) -> tuple[bytes, bytes]:
    """(the Content-Type field, the body) of a multipart."""
    field = f'Content-Type: multipart/{subtype}; {parameters};\r\n\tboundary="a  b"\r\n'.encode()
    body = b"preamble\r\n" + b"".join(b"--a  b\r\n" + part + b"\r\n" for part in parts) + b"--a  b--\r\nepilogue \r\n"
    return field, body


PGP = multipart(
    "signed",
    'micalg=pgp-sha256; protocol="application/pgp-signature"',
    SIGNED_PART,
    b"Content-Type: application/pgp-signature\r\n\r\n-----x",
)
SMIME = multipart(
    "signed",
    'micalg=sha-256; protocol="application/pkcs7-signature"',
    SIGNED_PART,
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\neA==",
)
ENCRYPTED = multipart(
    "encrypted",
    'protocol="application/pgp-encrypted"',
    b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
    b"Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n-----END PGP MESSAGE-----",
)
REPORT = multipart(
    "report",
    "report-type=delivery-status",
    b"\r\nIt bounced",
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a.example\r\n",
    b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny",
)
OPAQUE = (
    b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n",
    b"eA==\r\n",
)
EIGHT_BITS = (PGP[0], PGP[1].replace(b"=C3=BC", "\u00fc".encode()))
NESTED = multipart("mixed", "x=y", PGP[0].replace(b"a  b", b"in") + b"\r\n" + PGP[1].replace(b"a  b", b"in"), b"\r\nA footer")


@pytest.fixture
def desk(platform: Platform, store: Store) -> Iterator[Desk]:
    api = platform.everything()
    with listening(platform.settings, store) as ports:
        yield Desk(api, ports["submission"], platform.make.key(api.account_id, "send"))


@pytest.mark.parametrize("mail", [PGP, SMIME, ENCRYPTED, REPORT, OPAQUE, EIGHT_BITS, NESTED])
def test_protected_mail_leaves_as_it_was_submitted(desk: Desk, platform: Platform, mail: tuple[bytes, bytes]) -> None:
    field, body = mail

    desk.message(desk.hand_in(HEADER + field + b"\r\n" + body))

    (row,) = leases.lease(platform.store, "me", 10, 60)
    header, _, sent = MessageCache(platform.settings, platform.store).envelope(row).content.partition(b"\r\n\r\n")
    assert sent == body
    content_type = field.partition(b"\r\nContent-Transfer")[0].strip().replace(b"\r\n\t", b" ")
    assert content_type in header.replace(b"\r\n ", b" ")
    assert header.count(b"Content-Type:") == header.count(b"Content-Transfer-Encoding:") == header.count(b"MIME-Version: 1.0") == 1
    with platform.store.read() as connection:
        assert connection.scalars(select(tables.Attachment.id)).all() == []


def test_protected_mail_is_captured_as_it_was_submitted(desk: Desk) -> None:
    field, body = PGP

    message = desk.message(desk.hand_in(b"X-MisarMail-Sandbox: true\r\n" + HEADER + field + b"\r\n" + body))

    captured = desk.api.get(f"/api/v1/sandbox/{message['id']}").json
    assert captured["raw"].encode().partition(b"\r\n\r\n")[2] == body
    assert captured["send"]["body_text"].startswith("Hello \u00fc")


@pytest.mark.parametrize(
    ("mail", "reply"),
    [
        ((PGP[0], PGP[1] + b"x" * 999 + b"\r\n"), "550 5.6.0 body: Signed or encrypted mail must have CRLF line ends"),
        ((PGP[0] + b"Content-Transfer-Encoding: binary\r\n", PGP[1]), "550 5.6.0 body: Signed or encrypted mail must have a Content-Type"),
        (
            (PGP[0].replace(b"a  b", "\u00fc".encode()), PGP[1].replace(b"a  b", "\u00fc".encode())),
            "550 5.6.0 body: Signed or encrypted mail",
        ),
    ],
)
def test_protected_mail_that_cannot_stay_as_it_is_is_refused(desk: Desk, mail: tuple[bytes, bytes], reply: str) -> None:
    code, text = desk.hand_in(HEADER + mail[0] + b"\r\n" + mail[1])

    assert f"{code} {text}".startswith(reply)


@pytest.mark.parametrize("field", [b"Content-Type: multipart/mixed; boundary=x\r\n", b"Content-Type: text/plain\r\n", b""])
def test_other_mail_has_no_original_body(field: bytes) -> None:
    assert original_body(HEADER + field + b"\r\n--x\r\n\r\nHi\r\n--x--\r\n") is None
