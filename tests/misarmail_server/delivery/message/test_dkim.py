"""Signatures, judged by dkimpy; `make interop` lets mailauth, OpenDKIM and Mail::DKIM judge them too."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import dkim as dkimpy
import pytest

from misarmail_server.delivery.message import dkim
from misarmail_server.delivery.message.compiled_message import CompiledMessage, RenderedMail
from misarmail_server.delivery.message.dkim import Signer
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.mime import OriginalBody
from misarmail_server.delivery.message.stored_message import StoredMessage
from tests.support.keys import signers_of, zone


@pytest.fixture(scope="module")
def signers() -> list[Signer]:
    return signers_of("example.com")


def written(**changed: object) -> RenderedMail:
    given = {
        "id": "msg_1",
        "sender": MailAddress("hello@example.com", "Jürgen"),
        "to": (MailAddress("user@example.com", "Ünal"), MailAddress("jürgen@example.com")),
        "subject": "Grüße  aus \t Köln " * 9,
        "written_at": 1_775_476_800_000,
        "html": "<p>Grüße</p>",
        "text": "Hello\n\n\n",
        "fields": (("References", "<a@example.com> <b@example.com>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")),
    }
    mail = StoredMessage(**{**given, **changed})  # type: ignore[arg-type]  # the cases know what fits
    shared = CompiledMessage(mail).shared
    assert shared is not None
    return shared


def verdicts(mail: bytes) -> list[bool]:
    """dkimpy's verdict on each signature."""
    return [_verdict(mail, number) for number in range(mail.split(b"\r\n\r\n")[0].count(b"DKIM-Signature: "))]


def _published(name: bytes, timeout: int) -> bytes | None:  # noqa: ARG001 - dkimpy gives it
    return zone().get(name.decode())


def _verdict(mail: bytes, number: int) -> bool:
    try:
        return bool(dkimpy.DKIM(mail, minkey=2048).verify(idx=number, dnsfunc=_published))
    except dkimpy.ValidationError:
        return False


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"html": None},
        {"html": None, "text": ""},
        {"html": None, "text": "\n\n"},
        {"html": None, "text": "a \n b\t\n.\n\n "},
        {"subject": ""},
        {"original": OriginalBody("multipart/signed; boundary=x", "7bit", b"--x\r\n\r\nHello \r\n-- \r\nAda\t \r\n--x--\r\n\r\n")},
        {"original": OriginalBody("text/plain", "8bit", "a  b\t\u00fc\r\n.\r\n \r\n\r\n".encode())},
        {"original": OriginalBody("text/plain", "7bit", b" \r\n")},
    ],
)
def test_signatures_are_valid_for_an_independent_verifier(signers: list[Signer], changed: dict[str, object]) -> None:
    mail = written(**changed).signed(signers)

    assert verdicts(mail) == [True, True]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mail: mail.replace(b"hello@", b"hallo@"),
        lambda mail: b"From: other@example.com\r\n" + mail,
        lambda mail: b"Cc: other@example.com\r\n" + mail,
        lambda mail: b"Content-Type: text/html\r\n" + mail,
        lambda mail: mail.replace(b"One-Click", b"Two-Click"),
        lambda mail: mail + b"more\r\n",
    ],
)
def test_signatures_are_invalid_when_something_was_changed_or_added(signers: list[Signer], spoil: Callable[[bytes], bytes]) -> None:
    mail = written().signed(signers)

    assert verdicts(spoil(mail)) == [False, False]


def test_signatures_of_an_original_body_survive_a_relay_that_strips_blanks(signers: list[Signer]) -> None:
    mail = written(original=OriginalBody("text/plain", "7bit", b"Hello \r\n-- \r\nAda\r\n")).signed(signers)

    assert verdicts(mail.replace(b"Hello ", b"Hello").replace(b"-- \r", b"--\r")) == [True, True]


def test_signatures_survive_what_relays_do_to_header_fields(signers: list[Signer]) -> None:
    mail = written().signed(signers)

    refolded = mail.replace(b"\r\nMIME-Version: 1.0", b"\r\nmime-version:   1.0  ")
    assert verdicts(b"Received: by relay\r\n" + refolded) == [True, True]


def test_signed_gives_the_same_bytes_each_time_and_short_lines(signers: list[Signer]) -> None:
    mail = written().signed(signers)

    assert mail == written().signed(signers)
    ours, unsigned = mail[: mail.index(b"From: ")], mail[mail.index(b"From: ") :]
    assert max(map(len, ours.split(b"\r\n"))) <= 78
    names = re.findall(rb"h=([^;]*)", ours)
    assert all(len(line) > 40 for folded in names for line in folded.split(b"\r\n")[:-1])  # lines are filled
    assert written().signed(()) == unsigned


def test_load_refuses_a_key_of_another_kind() -> None:
    private = base64.b64decode("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")  # 32 bytes of RFC 8410, section 10.3

    assert dkim.load("example.com", "mm", "ed25519", private).algorithm == "ed25519-sha256"
    with pytest.raises(ValueError, match="is not of the algorithm rsa"):
        dkim.load("example.com", "mm", "rsa", private)
