"""Compiled messages: each recipient's mail is the one that would have been made of the filled texts, read back as a receiver does."""

from __future__ import annotations

import html
import json
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from misarmail_server.delivery.message import encoding
from misarmail_server.delivery.message import template as message_template
from misarmail_server.delivery.message.compiled_message import CompiledMessage, MessageContent
from misarmail_server.delivery.message.headers import MailAddress, Unsendable
from misarmail_server.delivery.message.mime import AttachedFile
from misarmail_server.delivery.message.recipient_urls import RecipientUrls
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.message.template import compile_template, literal
from tests.misarmail_server.delivery.message.test_stored_message import NOON, parsed

HELLO = MailAddress("hello@example.com", "Shop")


class Recipient(NamedTuple):
    id: int
    address: str
    values_json: str | None


def campaign(**changed: Any) -> StoredMessage:
    return StoredMessage(
        **{"id": "msg_1", "sender": HELLO, "to": (), "subject": "Hi", "written_at": NOON, "campaign_id": "cmp_1", **changed}
    )


def compiled(tracking: RecipientUrls | None = None, **parts: Any) -> CompiledMessage:
    """A campaign with these templates."""
    given = {"subject": literal("Hi"), "html": None, "text": literal("Hi")}
    message = campaign(**{name: parts.pop(name) for name in ("reply_to", "fields", "files", "account_id") if name in parts})
    return CompiledMessage(message, MessageContent(**{**given, **parts}), tracking)


def recipient(values: object = None, id_: int = 7, address: str = "user@example.com") -> Recipient:
    return Recipient(id_, address, None if values is None else json.dumps(values))


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_the_pieces_of_a_text_end_at_the_start_of_a_line() -> None:
    text = encoding.compiled(compile_template("Hello\n{{name}}\nBye ="), html.escape)

    assert [part for part in text.template.parts if isinstance(part, bytes)] == [b"Hello\r\n", b"\r\nBye =3D=\r\n"]
    assert text.encode("") == b""


TEMPLATES = [
    "Hi {{name}}, {{name}}!",
    "{{name}}",
    " {{name}} \n{{#list}}- {{.}}\n{{/list}}Ende",
    "日本語 {{name}} 日本語の本文です。",
    "=\n.{{name}}\n.\n= {{name}}=",
]
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=90)


@hypothesis_settings(deadline=None)
@given(st.sampled_from(TEMPLATES), TEXTS, st.lists(TEXTS, max_size=3))
@example("{{name}}", "x" * 500, [])
@example("a {{name}}", "b ", [])
@example("{{name}}", ".\r\n.\n \t\n=", ["=3D", "\r", "\n"])
def test_render_carries_what_the_template_renders_to(source: str, name: str, items: list[str]) -> None:
    values: dict[str, Any] = {"name": name, "list": items}
    shown = {"name": lines(name), "list": [lines(item) for item in items]}
    template = compile_template(source)

    mail = compiled(text=template, html=template).render(recipient(values)).signed(())

    plain, page = (part.get_payload(decode=True) for part in parsed(mail).iter_parts())
    assert isinstance(plain, bytes)
    assert isinstance(page, bytes)
    assert lines(plain.decode()).rstrip("\n") == template.render(shown, escape=False, limit=10_000).rstrip("\n")
    assert lines(page.decode()).rstrip("\n") == template.render(shown, escape=True, limit=10_000).rstrip("\n")
    assert mail.isascii()


def test_render_makes_each_recipients_header_fields(settings: Any) -> None:
    tracking = RecipientUrls(settings())
    subject = compile_template("{{name}}, hello")
    own = (("X-Note", "ü"), ("Feedback-ID", "mine"))
    message = compiled(tracking, subject=subject, reply_to=MailAddress("re@example.com"), fields=own, account_id="acc_1")

    item = parsed(message.render(recipient({"name": "Jürgen"})).signed(()))
    other = parsed(message.render(recipient({"name": "Ada"}, 8, "ada@example.com")).signed(()))

    assert (item["Subject"], item["Message-ID"], item["To"], item.get_all("Feedback-ID")) == (
        "Jürgen, hello",
        "<msg_1.7@example.com>",
        "user@example.com",
        ["cmp_1:acc_1:campaign:misarmail"],
    )
    assert (other["Subject"], other["Message-ID"], other["To"]) == ("Ada, hello", "<msg_1.8@example.com>", "ada@example.com")
    assert item["X-Note"] == other["X-Note"] == "ü"


@pytest.mark.parametrize("poison", ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b"])
def test_render_refuses_values_that_would_break_out_of_a_header(poison: str) -> None:
    message = compiled(subject=compile_template("Hi {{name}}"))

    with pytest.raises(Unsendable):
        message.render(recipient({"name": poison}))
    with pytest.raises(Unsendable):
        message.render(recipient({"name": "Ada"}, address=f"{poison}@example.com"))


def test_compile_refuses_names_that_would_break_out_of_a_header() -> None:
    with pytest.raises(Unsendable):
        CompiledMessage(StoredMessage("msg_1", HELLO, (MailAddress("ada@example.com", "a\r\nBcc: x"),), "Hi", NOON, text="Hi"))


def test_render_refuses_what_becomes_too_large() -> None:
    message = compiled(text=compile_template("{{#list}}{{name}}{{/list}}"), subject=compile_template("{{s}}"))

    with pytest.raises(Unsendable, match="text becomes larger"):
        message.render(recipient({"list": [1] * 5000, "name": "x" * 1000}))
    with pytest.raises(Unsendable, match="subject becomes longer"):
        message.render(recipient({"s": "x" * 999}))


def test_body_that_is_the_same_for_all_is_encoded_and_hashed_once() -> None:
    message = compiled(html=literal("<p>Hi</p>"), files=(AttachedFile("a.pdf", "application/pdf", b"x" * 1000),))

    item, other = message.render(recipient()), message.render(recipient(address="ada@example.com"))

    assert item.body is other.body
    assert item.body_hash is other.body_hash


def test_slots_are_filled_and_escaped_like_values(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    html = message_template.CompiledTemplate((), ("<a href='", message_template.Slot("x"), "'>"))
    monkeypatch.setattr(RecipientUrls, "slots", lambda *_: {"x": "https://example.com/?a=b&c"})

    mail = compiled(RecipientUrls(settings()), text=None, html=html).render(recipient()).signed(())

    assert parsed(mail).get_content() == "<a href='https://example.com/?a=b&amp;c'>"
