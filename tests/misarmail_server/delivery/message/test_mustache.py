"""The interpolation, sections, inverted and comment parts of the mustache specification, rule by rule, with additional cases."""

from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.delivery.message import template

INTERPOLATION: list[tuple[str, str, Any, str]] = [
    ("no tags", "Hi from {Braces}!\n", {}, "Hi from {Braces}!\n"),
    ("basic", "Hi, {{who}}!\n", {"who": "all"}, "Hi, all!\n"),
    ("values are not templates", "{{a}}: {{b}}", {"a": "{{b}}", "b": "Earth"}, "{{b}}: Earth"),
    ("escaped", "{{it}}", {"it": '& " < >'}, "&amp; &quot; &lt; &gt;"),
    ("triple", "{{{it}}}", {"it": '& " < >'}, '& " < >'),
    ("ampersand", "{{&it}}", {"it": '& " < >'}, '& " < >'),
    ("integer", "{{n}} {{{n}}} {{&n}}", {"n": 85}, "85 85 85"),
    ("decimal", "{{n}} {{{n}}} {{&n}}", {"n": 1.210}, "1.21 1.21 1.21"),
    ("null", "({{it}}{{{it}}}{{&it}})", {"it": None}, "()"),
    ("miss", "({{it}}{{{it}}}{{&it}})", {}, "()"),
    ("dotted", "{{person.name}} {{{person.name}}} {{&person.name}}", {"person": {"name": "Joe"}}, "Joe Joe Joe"),
    ("dotted of any depth", "{{a.b.c.d.e.name}}", {"a": {"b": {"c": {"d": {"e": {"name": "Phil"}}}}}}, "Phil"),
    ("dotted, broken", "({{a.b.c}})", {"a": {}}, "()"),
    ("dotted, broken inside", "({{a.b.c.name}})", {"a": {"b": {}}, "c": {"name": "Jim"}}, "()"),
    ("first part decides", "{{#a}}{{b.name}}{{/a}}", {"a": {"b": {"name": "in"}}, "b": {"name": "out"}}, "in"),
    ("first part found and broken", "{{#a}}({{b.c}}){{/a}}", {"a": {"b": {}}, "b": {"c": "ERROR"}}, "()"),
    ("dotted is never one key", "({{a.b}})", {"a.b": "c"}, "()"),
    ("one key masks nothing", "{{a.b}}", {"a.b": "c", "a": {"b": "d"}}, "d"),
    ("whole context", "{{.}}, {{{.}}}, {{&.}}", "<", "&lt;, <, <"),
    ("blanks around stay", "| {{s}} | {{{s}}} | {{&s}} |", {"s": "-"}, "| - | - | - |"),
    ("never alone on a line", "  {{s}}\n  {{{s}}}\n  {{&s}}\n", {"s": "-"}, "  -\n  -\n  -\n"),
    ("padding", "|{{ s }}|{{{ s }}}|{{& s }}|{{ & s }}|", {"s": "-"}, "|-|-|-|-|"),
]
PEOPLE = {"list": [{"n": 1}, {"n": 2}]}
NESTED = {"a": {"one": 1}, "b": {"two": 2}, "c": {"three": 3, "d": {"four": 4, "five": 5}}}
SECTIONS: list[tuple[str, str, Any, str]] = [
    ("truthy", "{{#b}}yes{{/b}}", {"b": True}, "yes"),
    ("falsey", "({{#b}}no{{/b}})", {"b": False}, "()"),
    ("null is falsey", "({{#b}}no{{/b}})", {"b": None}, "()"),
    ("missing is falsey", "({{#b}}no{{/b}})", {}, "()"),
    ("context", "{{#c}}Hi {{name}}.{{/c}}", {"c": {"name": "Joe"}}, "Hi Joe."),
    ("parent contexts", "{{#sec}}{{a}}, {{b}}, {{c.d}}{{/sec}}", {"a": "f", "b": "w", "sec": {"b": "i"}, "c": {"d": "x"}}, "f, i, x"),
    ("variable test", "{{#foo}}{{.}} is {{foo}}{{/foo}}", {"foo": "bar"}, "bar is bar"),
    (
        "list contexts",
        "{{#t}}{{n}}{{#m}}{{n}}{{#b}}.{{x}}{{/b}}{{/m}}{{/t}}",
        {"t": [{"n": 1, "m": [{"n": "A", "b": [{"x": "p"}]}]}]},
        "1A.p",
    ),
    ("deep", "{{#a}}{{one}}{{#b}}{{two}}{{#c}}{{three}}{{#d}}{{four}}{{five}}{{one}}{{/d}}{{/c}}{{/b}}{{/a}}", NESTED, "123451"),
    ("list", "{{#list}}{{n}}{{/list}}", PEOPLE, "12"),
    ("empty list", "({{#list}}no{{/list}})", {"list": []}, "()"),
    ("empty text and nought", "({{#a}}no{{/a}}{{#b}}no{{/b}})", {"a": "", "b": 0}, "()"),
    ("empty mapping is true", "{{#a}}yes{{/a}}", {"a": {}}, "yes"),
    ("text is not a list", "{{#s}}foo{{/s}}", {"s": "123"}, "foo"),
    (
        "doubled",
        "{{#b}}\n* first\n{{/b}}\n* {{two}}\n{{#b}}\n* third\n{{/b}}\n",
        {"b": True, "two": "second"},
        "* first\n* second\n* third\n",
    ),
    ("nested truthy", "| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", {"b": True}, "| A B C D E |"),
    ("nested falsey", "| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", {"b": False}, "| A  E |"),
    ("elements", "{{#list}}({{.}}){{/list}}", {"list": ["a", 1, 1.5, True]}, "(a)(1)(1.5)(true)"),
    ("lists in lists", "{{#list}}({{#.}}{{.}}{{/.}}){{/list}}", {"list": [[1, 2], ["a", "b"]]}, "(12)(ab)"),
    ("elements escaped", "{{#list}}({{.}}{{{.}}}{{&.}}){{/list}}", {"list": ["<"]}, "(&lt;<<)"),
    ("root is a list", "{{#.}}({{v}}){{/.}}", [{"v": "a"}, {"v": "b"}], "(a)(b)"),
    ("dotted", "{{#a.b.c}}Here{{/a.b.c}}", {"a": {"b": {"c": True}}}, "Here"),
    ("dotted falsey", "({{#a.b.c}}Here{{/a.b.c}})", {"a": {"b": {"c": False}}}, "()"),
    ("dotted broken", "({{#a.b.c}}Here{{/a.b.c}})", {"a": {}}, "()"),
    ("blanks around stay", " | {{#b}}\t|\t{{/b}} | \n", {"b": True}, " | \t|\t | \n"),
    ("blanks inside stay", " | {{#b}} {{! blanks }}\n {{/b}} | \n", {"b": True}, " |  \n  | \n"),
    ("inline", " {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n", {"b": True}, " YES\n GOOD\n"),
    ("alone", "| This\n{{#b}}\n|\n{{/b}}\n| line\n", {"b": True}, "| This\n|\n| line\n"),
    ("alone and indented", "| This\n  {{#b}}\n|\n\t{{/b}} \n| line\n", {"b": True}, "| This\n|\n| line\n"),
    ("alone with CRLF", "|\r\n{{#b}}\r\n{{/b}}\r\n|", {"b": True}, "|\r\n|"),
    ("alone on the first line", "  {{#b}}\n#{{/b}}\n/", {"b": True}, "#\n/"),
    ("alone on the last line", "#{{#b}}\n/\n  {{/b}}", {"b": True}, "#\n/\n"),
    ("padding", "|{{# b }}={{/ b }}|", {"b": True}, "|=|"),
]
INVERTED: list[tuple[str, str, Any, str]] = [
    ("falsey", "{{^b}}yes{{/b}}", {"b": False}, "yes"),
    ("truthy", "({{^b}}no{{/b}})", {"b": True}, "()"),
    ("null", "{{^b}}yes{{/b}}", {"b": None}, "yes"),
    ("missing", "{{^b}}yes{{/b}}", {}, "yes"),
    ("context", "({{^c}}Hi {{name}}.{{/c}})", {"c": {"name": "Joe"}}, "()"),
    ("list", "({{^list}}no{{/list}})", PEOPLE, "()"),
    ("empty list", "{{^list}}yes{{/list}}", {"list": []}, "yes"),
    ("doubled", "{{^b}}\n* first\n{{/b}}\n* {{two}}\n{{^b}}\n* third\n{{/b}}\n", {"two": "second"}, "* first\n* second\n* third\n"),
    ("nested", "| A {{^b}}B {{^b}}C{{/b}} D{{/b}} E |", {"b": False}, "| A B C D E |"),
    ("nested truthy", "| A {{^b}}B {{^b}}C{{/b}} D{{/b}} E |", {"b": True}, "| A  E |"),
    ("dotted", "({{^a.b.c}}no{{/a.b.c}}{{^a.b.d}}yes{{/a.b.d}}{{^a.x.d}}yes{{/a.x.d}})", {"a": {"b": {"c": True}}}, "(yesyes)"),
    ("blanks around stay", " | {{^b}}\t|\t{{/b}} | \n", {}, " | \t|\t | \n"),
    ("alone", "| This\n {{^b}}\n|\n{{/b}}\n| line\n", {}, "| This\n|\n| line\n"),
    ("alone with CRLF", "|\r\n{{^b}}\r\n{{/b}}\r\n|", {}, "|\r\n|"),
    ("alone on the first line", "  {{^b}}\n^{{/b}}\n/", {}, "^\n/"),
    ("alone on the last line", "^{{^b}}\n/\n  {{/b}}", {}, "^\n/\n"),
    ("padding", "|{{^ b }}={{/ b }}|", {}, "|=|"),
]
COMMENTS: list[tuple[str, str, Any, str]] = [
    ("inline", "12345{{! gone }}67890", {}, "1234567890"),
    ("several lines", "12345{{!\n gone\n}}67890\n", {}, "1234567890\n"),
    ("alone", "Begin.\n  {{! gone }}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("alone over lines", "Begin.\n{{!\ngone\n}}\nEnd.\n", {}, "Begin.\nEnd.\n"),
    ("alone with CRLF", "|\r\n{{! gone }}\r\n|", {}, "|\r\n|"),
    ("alone at both ends", "  {{! gone }}", {}, ""),
    ("indented inline", "  12 {{! 34 }}\n", {}, "  12 \n"),
]


@pytest.mark.parametrize(("name", "source", "values", "expected"), [*INTERPOLATION, *SECTIONS, *INVERTED, *COMMENTS])
def test_render_follows_the_specification(name: str, source: str, values: Any, expected: str) -> None:
    assert template.compile_template(source).render(values, escape=True, limit=10_000) == expected, name
