"""Compiled mail: each copy is the mail that would have been made of the filled texts, read back as a receiver does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from misarmail_server.delivery.message import template as message_template
from misarmail_server.delivery.message.compiled import CompiledMail, Copy, Source
from misarmail_server.delivery.message.headers import Address, Unsendable
from misarmail_server.delivery.message.mime import File
from misarmail_server.delivery.message.template import compile_template, literal
from tests.misarmail_server.delivery.message.test_message import NOON, parsed

HELLO = Address("hello@example.com", "Shop")


def source(**changed: Any) -> Source:
    given = {"sender": HELLO, "subject": literal("Hi"), "boundary": "b", "text": literal("Hi")}
    return Source(**{**given, **changed})


def copy(values: object = None, **changed: Any) -> Copy:
    return Copy(**{"message_id": "msg_1", "written_at": NOON, "to": (Address("user@example.com"),), "values": values, **changed})


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


TEMPLATES = [
    "Hi {{name}}, {{name}}!",
    "{{name}}",
    " {{name}} \n{{#list}}- {{.}}\n{{/list}}Ende",
    "日本語 {{name}} 日本語の本文です。",
    "=\n.{{name}}\n.\n= {{name}}=",
]
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=90)


@settings(deadline=None)
@given(st.sampled_from(TEMPLATES), TEXTS, st.lists(TEXTS, max_size=3))
@example("{{name}}", "x" * 500, [])
@example("a {{name}}", "b ", [])
@example("{{name}}", ".\r\n.\n \t\n=", ["=3D", "\r", "\n"])
def test_write_carries_what_the_template_renders_to(template: str, name: str, items: list[str]) -> None:
    values: dict[str, Any] = {"name": name, "list": items}
    shown = {"name": lines(name), "list": [lines(item) for item in items]}
    compiled = compile_template(template)

    mail = CompiledMail(source(text=compiled, html=compiled)).write(copy(values)).signed(())

    plain, page = (part.get_payload(decode=True) for part in parsed(mail).iter_parts())
    assert isinstance(plain, bytes)
    assert isinstance(page, bytes)
    assert lines(plain.decode()).rstrip("\n") == compiled.render(shown, escape=False, limit=10_000).rstrip("\n")
    assert lines(page.decode()).rstrip("\n") == compiled.render(shown, escape=True, limit=10_000).rstrip("\n")
    assert mail.isascii()


def test_write_makes_each_recipients_header_fields() -> None:
    mail = CompiledMail(source(subject=compile_template("{{name}}, hello"), reply_to=Address("re@example.com"), fields=(("X-Note", "ü"),)))

    one = parsed(mail.write(copy({"name": "Jürgen"}, fields=(("Feedback-ID", "a:b:c"),))).signed(()))
    other = parsed(mail.write(copy({"name": "Ada"}, message_id="msg_2", to=(Address("ada@example.com", "Ada"),))).signed(()))

    assert (one["Subject"], one["Message-ID"], one["To"], one["Feedback-ID"]) == (
        "Jürgen, hello",
        "<msg_1@example.com>",
        "user@example.com",
        "a:b:c",
    )
    assert (other["Subject"], other["Message-ID"], other["To"]) == ("Ada, hello", "<msg_2@example.com>", "Ada <ada@example.com>")
    assert one["X-Note"] == other["X-Note"] == "ü"


@pytest.mark.parametrize("poison", ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b"])
def test_write_refuses_values_that_would_break_out_of_a_header(poison: str) -> None:
    mail = CompiledMail(source(subject=compile_template("Hi {{name}}")))

    with pytest.raises(Unsendable):
        mail.write(copy({"name": poison}))
    with pytest.raises(Unsendable):
        mail.write(copy({"name": "Ada"}, to=(Address("ada@example.com", poison),)))


def test_write_refuses_what_becomes_too_large() -> None:
    mail = CompiledMail(source(text=compile_template("{{#list}}{{name}}{{/list}}"), subject=compile_template("{{s}}")))

    with pytest.raises(Unsendable, match="text becomes larger"):
        mail.write(copy({"list": [1] * 5000, "name": "x" * 1000}))
    with pytest.raises(Unsendable, match="subject becomes longer"):
        mail.write(copy({"s": "x" * 999}))


def test_body_that_is_the_same_for_all_is_encoded_and_hashed_once() -> None:
    mail = CompiledMail(source(html=literal("<p>Hi</p>"), files=(File("a.pdf", "application/pdf", b"x" * 1000),)))

    one, other = mail.write(copy()), mail.write(copy(to=(Address("ada@example.com"),)))

    assert one.body is other.body
    assert one.body_hash is other.body_hash


def test_slots_are_filled_and_escaped_like_values() -> None:
    template = message_template.Template((), ("<a href='", message_template.Slot("x"), "'>"))

    mail = CompiledMail(source(text=None, html=template)).write(copy(slots={"x": "https://example.com/?a=b&c"})).signed(())

    assert parsed(mail).get_content() == "<a href='https://example.com/?a=b&amp;c'>"
