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
        ("[{{#1}}{{>partial}}{{=<% %>=}}{{/1}}{{ 1 + 1 }}{{}}{{a..b}}{{.a}}{{a.}}{{ümlaut}}{{1a}}]", "[]"),
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


CUSTOM = {
    "plan": "gold",
    "Gr\u00f6\u00dfe": "XL",
    "first choice": "red",
    "a.b": "dotted",
    "user's": "quoted",
    "email": "work@example.com",
    "x|y": "bar",
    "1st": 1,
    "caf\u00e9": "NFC",
    "#1": "sigil",
    "is_new": True,
    "{": "brace",
    "name\u00a0x": "blank",
}
PERSON = {"first_name": "Ada", "email": "ada@example.com", "plan": "gold"}
CONTACT = {**PERSON, "contact": {**PERSON, "custom_fields": CUSTOM}}
SPELLINGS = ["{{%s}}", "{{ %s | none }}", "{{contact.%s}}", "{{custom_fields.%s}}", "{{custom.%s}}", "{{contact.custom_fields.%s}}"]


@pytest.mark.parametrize("spelling", [*SPELLINGS, "{{Contact.Custom.%s}}", "{{CUSTOM.%s|x}}"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("plan", "gold"),
        ("PLAN", "gold"),
        ("Gr\u00f6\u00dfe", "XL"),
        ("gr\u00d6SSE", "XL"),
        ("first choice", "red"),
        ("First Choice", "red"),
        ("a.b", "dotted"),
        ("user's", "quoted"),
        ("1st", "1"),
        ("cafe\u0301", "NFC"),
        ("is_new", "true"),
        ("name\u00a0x", "blank"),
    ],
)
def test_render_reaches_a_custom_field_by_every_spelling(spelling: str, name: str, value: str) -> None:
    source = spelling % name
    template = message_template.compile_template(source)
    message_template.check(source)

    assert template.render(CONTACT, escape=False, limit=100) == value
    assert template.render({"custom_fields": CUSTOM}, escape=False, limit=100) == value


def test_render_reaches_a_field_with_a_bar_in_its_name() -> None:
    template = message_template.compile_template("{{x|y}} {{custom_fields.x|y}} {{plan|y}} {{z|y}}")

    assert template.render(CONTACT, escape=False, limit=100) == "bar bar gold y"


def test_render_reaches_the_field_that_the_prefix_names() -> None:
    template = message_template.compile_template("{{email}} {{contact.email}} {{custom_fields.email}} {{contact.FIRST_NAME}}")

    assert template.render(CONTACT, escape=False, limit=100) == "ada@example.com ada@example.com work@example.com Ada"


def test_render_prefers_exact_names_and_elements() -> None:
    template = message_template.compile_template("{{a}}{{A}}{{#list}}{{B}}{{plan}}{{/list}}")

    values = {"a": 1, "A": 2, "list": [{"b": 3, "Plan": 4}], "contact": {"plan": 5}}
    assert template.render(values, escape=False, limit=100) == "1234"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("<p>Write {{ to begin</p><style>@media screen{a{color:red}}</style><p>rest</p>", "{{ is not closed (line 1, column 10)"),
        ("a\n{{name", "{{ is not closed (line 2, column 1)"),
        ("{{a}} {{ {{b}}", "{{ is not closed (line 1, column 7)"),
        ("{{a|<b>you</b>}}", "A merge tag holds markup (line 1, column 1)"),
        ("x {{a\n}} y {{b\n c}}", "A merge tag holds a line break (line 1, column 3)"),
        ("{{}}", "{{}} has no valid name (line 1, column 1)"),
        ("{{ | x }}", "{{| x}} has no valid name (line 1, column 1)"),
        ("{{#}}", "{{#}} has no valid name (line 1, column 1)"),
        ("{{> footer}}", "{{> footer}} is not supported: there are no partials and no other delimiters (line 1, column 1)"),
        ("{{=<% %>=}}", "{{=<% %>=}} is not supported: there are no partials and no other delimiters (line 1, column 1)"),
        ("{{ a {b }}", "{{a {b}} has no valid name (line 1, column 1)"),
        ("{{#a}}x", "{{#a}} is not closed (line 1, column 1)"),
        ("{{#if x}}{{else}}{{/if}}", "{{/if}} closes no section that is open there (line 1, column 18)"),
    ],
)
def test_check_refuses_malformed_tags(source: str, sentence: str) -> None:
    with pytest.raises(TemplateError) as refused:
        message_template.check(source)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "source",
    [
        "a } b }} c",
        "@media screen{a{color:red}}",
        "{ {",
        "{{! a\n <b> }}",
        "{{{a}}} {{{{a}}}} {a{{b}}c}",
        "{{a|b < c & d}}",
        "{{.}} {{#a}}{{/a}}",
    ],
)
def test_check_takes_what_is_meant(source: str) -> None:
    message_template.check(source)


def test_render_leaves_braces_around_markup_as_text() -> None:
    assert (
        render("<p>Write {{ to begin</p><style>@media x{a{b}}</style>{{age}}") == "<p>Write {{ to begin</p><style>@media x{a{b}}</style>36"
    )
