"""The checks of a mail."""

from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.delivery.message.checks import CheckedMail, check
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.mime import AttachedFile
from misarmail_server.delivery.message.preview import Preview
from misarmail_server.delivery.message.stored_message import StoredMessage

UNSUBSCRIBE_URL = "http://localhost/u/1"


def check_named(name: str, *, marketing: bool = False, signed: bool = True, fault: str = "", **parts: Any) -> tuple[str, str]:
    given: dict[str, Any] = {"subject": "Hello", "html": "<p>Hi</p>", "text": "Hi", **parts}
    message = StoredMessage("msg_1", MailAddress("ada@example.com"), (MailAddress("bob@example.com"),), written_at=0, **given)
    fields = [("List-Unsubscribe", f"<{UNSUBSCRIBE_URL}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")] if marketing else []
    fields += [
        ("DKIM-Signature", f"v=1; a={each}; c=relaxed/simple; d=example.com; s=mm; b=x")
        for each in ("rsa-sha256", "ed25519-sha256")
        if signed
    ]
    targets = {"http://localhost/t/c/1": "https://example.com/", "https://mail.example.net/t/c/2": "https://10.0.0.1/"}
    headers = (*fields, *given.get("fields", ()))
    seen = Preview(message, headers, b"", targets, "http://localhost/t/o/1", UNSUBSCRIBE_URL, fault)
    finding = {str(each.check): each for each in check(CheckedMail(seen, is_marketing=marketing))}[name]
    return finding.status, finding.detail


@pytest.mark.parametrize(
    ("subject", "status"),
    [
        ("Hello", "ok"),
        ("  ", "problem"),
        ("SPECIAL OFFER", "warning"),
        ("NASA", "ok"),
        ("URGENT!", "ok"),
        ("ONLYDAYS", "warning"),
        ("ONE DAY", "ok"),
        ("x" * 79, "warning"),
        ("Wow!!", "warning"),
    ],
)
def test_subject(subject: str, status: str) -> None:
    assert check_named("subject", subject=subject)[0] == status


@pytest.mark.parametrize(
    ("html", "status", "words"),
    [
        ('<a href="https://example.com/?a=1&amp;b=2">x</a>', "ok", "Links: 1"),
        ("<a href=''>x</a>", "problem", "A link has no target"),
        ("<a href='#'>x</a>", "problem", "A link has no target"),
        ("<a>x</a>", "problem", "A link has no target"),
        ("<a name=top></a><a href='#top'>x</a>", "ok", "Links: 1"),
        ("<A HREF=http://example.com>x</A>", "warning", "http://example.com is not encrypted"),
        ("<a href='http://localhost:8025/x'>x</a>", "problem", "does not lead to a public host"),
        ("<a href='https://10.0.0.1/'>x</a>", "problem", "does not lead to a public host"),
        ("<a href='https://[::1/'>x</a>", "problem", "is not an address"),
        ("<a href='javascript:alert(1)'>x</a>", "problem", "cannot be followed"),
        ("<a href='/relative'>x</a>", "problem", "cannot be followed"),
        ("<a href='mailto:ada@example.com'>x</a>", "ok", "Links: 1"),
        ("<a href='http://localhost/t/c/1'>x</a><a href='http://localhost/u/1'>x</a>", "ok", "Links: 2"),
        ("<a href='https://mail.example.net/t/c/2'>x</a>", "problem", "10.0.0.1"),
        ("".join(f"<a href='/{number}'>x</a>" for number in range(9)), "problem", "and 6 more"),
        ("<a " * 100_000, "ok", "Links: 0"),
    ],
)
def test_links(html: Any, status: str, words: str) -> None:
    assert check_named("links", html=html)[0] == status
    assert words in check_named("links", html=html)[1]


@pytest.mark.parametrize(
    ("html", "status"),
    [
        ("<img src='https://example.com/a.png' alt=''>", "ok"),
        ("<img src='cid:logo' alt='Logo'/>", "ok"),
        ("<img src='https://example.com/a.png'>", "warning"),
        ("<img src='data:image/png;base64,AAAA' alt=''>", "warning"),
        ("<img src='http://example.com/a.png' alt=''>", "warning"),
        ("<img alt=''>", "problem"),
        ("<img src='http://localhost/t/o/1'>", "ok"),
    ],
)
def test_images(html: str, status: str) -> None:
    assert check_named("images", html=html)[0] == status


@pytest.mark.parametrize(
    ("name", "marketing", "parts", "status"),
    [
        ("text", False, {"text": None}, "warning"),
        ("size", False, {"html": "x" * 102_000}, "ok"),
        ("size", False, {"html": "x" * 102_001}, "warning"),
        ("size", False, {"html": "x", "text": "x" * 9_999_999}, "ok"),
        ("size", False, {"html": "x", "text": "x" * 10_000_000}, "problem"),
        ("size", False, {"files": (AttachedFile("a", "a/b", b"x" * 8_000_000, None),)}, "problem"),
        ("merge_tags", False, {"subject": "Hi {{first_name}}"}, "problem"),
        ("merge_tags", False, {"html": "{{unsubscribe_url}}"}, "problem"),
        ("unsubscribe", True, {"html": f"<a href='{UNSUBSCRIBE_URL}'>", "text": UNSUBSCRIBE_URL}, "ok"),
        ("unsubscribe", True, {"text": UNSUBSCRIBE_URL}, "problem"),
        ("headers", False, {"fault": "The subject is too long"}, "problem"),
        ("unsubscribe", False, {"text": "Unsubscribe here"}, "warning"),
        ("headers", False, {"fields": (("X-Priority", "1"),)}, "warning"),
        ("headers", False, {"fields": (("X-Campaign", "1"),)}, "ok"),
    ],
)
def test_other_checks(name: str, marketing: bool, parts: Any, status: str) -> None:
    assert check_named(name, marketing=marketing, **parts)[0] == status


def test_signature_names_the_domain() -> None:
    assert check_named("signature") == ("ok", "Signed by DKIM for example.com with rsa-sha256 and ed25519-sha256")
    assert check_named("signature", signed=False) == ("problem", "It is not signed by DKIM")


def test_an_image_without_alternative_text_is_named() -> None:
    source = "https://shop.example/a.png"

    assert f"{source} has no alt text" in check_named("images", html=f"<img src='{source}'>")[1]
    assert "alt text" not in check_named("images", html=f"<img src='{source}' alt=''>")[1]
