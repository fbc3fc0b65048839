"""The merge-tag engine: what a tag is, what it becomes, and that hostile templates cost no more than honest ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misarmail_server.delivery.message import template as message_template
from misarmail_server.delivery.message.template_tokens import TemplateError

ADA = {
    "first_name": "Ada",
    "company_name": "Tom & Jerry <Ltd>",
    "contact": {"company": "Engines", "custom": {"plan": "pro"}},
    "contact.city": "London",
    "age": 36,
    "score": 1.5,
    "is_member": True,
    "nothing": None,
    "empty": "",
    "list": ["a"],
}


def render(source: str, *, escape: bool = False, limit: int = 10_000) -> str:
    return message_template.compile_template(source).render(ADA, escape=escape, limit=limit)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("no tags", "no tags"),
        ("Hi {{first_name}}!", "Hi Ada!"),
        ("{{ first_name\n}}", "Ada"),
        ("{{first_name}}{{first_name}}", "AdaAda"),
        ("[{{unknown}}]", "[]"),
        ("{{contact.company}}, {{contact.custom.plan}}, [{{contact.city}}]", "Engines, pro, []"),
        ("[{{contact.company.more}}{{contact.none.more}}{{contact}}{{list}}]", "[]"),
        ("{{age}} {{score}} {{is_member}}", "36 1.5 true"),
        ("{{unknown|there}} {{nothing | there}} {{empty|a|b}} {{first_name|there}}", "there there a|b Ada"),
        ("[{{#1}}{{>partial}}{{=<% %>=}}{{/a b}}{{ 1 + 1 }}{{}}{{a..b}}{{.a}}{{a.}}{{ümlaut}}{{1a}}]", "[]"),
        ("open {{ and on", "open {{ and on"),
        ("closed }} and on {{first_name}}", "closed }} and on Ada"),
        ("use {{ to open, {{first_name}}", "use {{ to open, Ada"),
        ("{{{first_name}} {{first_name}}} {{{{first_name}}}}", "{Ada Ada} {Ada}"),
        ("a{b{{first_name}}}c", "a{bAda}c"),
    ],
)
def test_render_fills_tags_and_keeps_all_other_text(source: str, expected: str) -> None:
    assert render(source) == expected


def test_render_escapes_values_and_defaults_but_not_raw_tags_in_html() -> None:
    rendered = render("<b>{{company_name}}</b>{{{company_name}}}{{unknown|<i>}}", escape=True)

    assert rendered == "<b>Tom &amp; Jerry &lt;Ltd&gt;</b>Tom & Jerry <Ltd>&lt;i&gt;"


def test_render_never_reads_tags_in_values() -> None:
    template = message_template.compile_template("{{a}} {{b}}")

    assert template.render({"a": "{{b}}", "b": "{{{a}}}"}, escape=False, limit=100) == "{{b}} {{{a}}}"


def test_tags_are_distinct_names_in_order_of_first_use() -> None:
    template = message_template.compile_template("{{b}} {{a|x}} {{{b}}} {{^e}}{{.}}{{!f}}{{/e}} {{& c.d }}")

    assert template.tags == ("b", "a", "e", "c.d")


def test_render_stops_as_soon_as_the_text_is_too_long() -> None:
    template = message_template.compile_template("{{a}}" * 100_000)

    with pytest.raises(message_template.RenderLimitExceeded):
        template.render({"a": "x" * 1_000_000}, escape=True, limit=1_500_000)
    assert template.render({"a": "x"}, escape=True, limit=100_000) == "x" * 100_000
    with pytest.raises(message_template.RenderLimitExceeded):
        template.render({"a": "x"}, escape=True, limit=99_999)


@pytest.mark.parametrize(
    "unit",
    [
        "{{#a}}{{/a}}",
        "{{^a}}\n{{/a}}\n",
        "{{!",
        "{{!}}",
        " \n{{!}} ",
        "{",
        "{{",
        "{{{",
        "}",
        "}}",
        "{{}}",
        "{{a",
        "a}}",
        "{{a|",
        "{{a.",
        "{{a}}",
        "}}{{",
    ],
)
def test_compile_and_render_take_hostile_sources(unit: str) -> None:
    source = unit * (100_000 // len(unit))

    assert len(render(source, limit=200_000)) <= len(source)
    assert len(render(source + "!}}", limit=200_000)) <= len(source) + 3


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("a\n  {{#x}}\n", "{{#x}} is not closed (line 2, column 3)"),
        ("{{#x}}{{/y.z}}", "{{/y.z}} closes no section that is open there (line 1, column 7)"),
        ("{{/x}}", "{{/x}} closes no section that is open there (line 1, column 1)"),
        ("{{#x}}{{^y}}{{/x}}{{/y}}", "{{/x}} closes no section that is open there (line 1, column 13)"),
        ("{{#a}}" * 33 + "{{/a}}" * 33, "{{#a}} is more than 32 sections deep (line 1, column 193)"),
    ],
)
def test_compile_refuses_sections_that_do_not_close(source: str, sentence: str) -> None:
    with pytest.raises(TemplateError) as refused:
        message_template.compile_template(source)

    assert str(refused.value) == sentence


def test_render_bounds_what_nested_lists_repeat() -> None:
    template = message_template.compile_template("{{#a}}" * 20 + "{{b}}" + "{{/a}}" * 20)

    with pytest.raises(message_template.RenderLimitExceeded):
        template.render({"a": [1] * 1000}, escape=True, limit=10_000)


@given(st.lists(st.text(alphabet="{}ab| .#/^!&\n", max_size=12), max_size=6).map("".join))
def test_render_without_a_whole_tag_changes_nothing(source: str) -> None:
    try:
        rendered = message_template.compile_template(source).render({}, escape=True, limit=10_000)
    except TemplateError:
        return

    assert len(rendered) <= len(source)
    if "{{" not in source or "}}" not in source:
        assert rendered == source
