"""The messages for a body that violates its schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_documents import client, one_operation, sentences

NODE = "components: {schemas: {Node: {type: object, properties: {name: {type: string}, next: {$ref: '#/components/schemas/Node'}}}}}\n"


def violation_details(tmp_path: Path, schema: str, value: object) -> dict[str, list[str]]:
    body = f"requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}"
    api = client(tmp_path, one_operation(method="post", more=body) + NODE, {"act": lambda *_: None})
    response = api.post("/things", data=json.dumps(value), content_type="application/json")
    assert response.status_code == 400
    return sentences(response)


@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ("{type: string}", 1, "Must be text"),
        ("{type: [string, 'null']}", 1, "Must be null or text"),
        ("{type: object}", [], "Must be an object"),
        ("{type: array}", {}, "Must be a list"),
        ("{minLength: 1}", "", "Must have at least 1 character"),
        ("{maxLength: 2}", "abc", "Must have at most 2 characters"),
        ("{minItems: 1}", [], "Must have at least 1 item"),
        ("{maxItems: 1}", [1, 2], "Must have at most 1 item"),
        ("{minProperties: 2}", {}, "Must have at least 2 entries"),
        ("{maxProperties: 0}", {"x": 1}, "Must have at most 0 entries"),
        ("{minimum: 1}", 0, "Must be at least 1"),
        ("{exclusiveMaximum: 1}", 1, "Must be less than 1"),
        ("{multipleOf: 5}", 3, "Must be a multiple of 5"),
        ("{enum: [a, null, true]}", "b", "Must be one of: a, null, true"),
        ("{enum: [1, 2, 0.5]}", "b", "Must be one of: 1, 2, 0.5"),
        ("{const: x}", "b", "Must be x"),
        ("{format: email}", "b", "Must be an e-mail address"),
        ("{format: date-time}", "b", "Must be a date and time such as 2026-04-06T12:00:00Z"),
        ("{format: ipv4}", "b", "Must be an ipv4"),
        ("{pattern: '^a'}", "b", "Must match ^a"),
        ("{uniqueItems: true}", [1, 1], "Must not contain duplicates"),
        ("{not: {type: string}}", "b", "Is not allowed in this combination"),
        ("{anyOf: [{type: integer, minimum: 5}, {type: 'null'}]}", 3, "Must be at least 5"),
        ("{anyOf: [{type: integer}, {type: 'null'}]}", "x", "Must be a whole number or null"),
        ("{oneOf: [{type: integer}, {minimum: 0}]}", 3, "Is not valid"),
        ("false", 3, "Is not valid"),
    ],
)
def test_every_keyword_has_a_message(tmp_path: Path, schema: str, value: Any, sentence: str) -> None:
    details = violation_details(tmp_path, f"{{type: object, properties: {{field: {schema}}}}}", {"field": value})

    assert details == {"#/field": [sentence]}


SHAPES = """components: {schemas: {Dot: {type: object, required: [kind], properties: {kind: {const: dot}, size: {type: integer}}},
  Line: {type: object, required: [kind, length], properties: {kind: {const: line},
    next: {type: object, required: [kind]}, mode: {const: solid}}},
  Shape: {oneOf: [{$ref: '#/components/schemas/Dot'}, {$ref: '#/components/schemas/Line'}], discriminator: {propertyName: kind,
    mapping: {dot: '#/components/schemas/Dot', line: '#/components/schemas/Line'}}}}}
"""


@pytest.mark.parametrize(
    ("value", "pointer", "sentence"),
    [
        ({"kind": "line"}, "#/shape/length", "Is required"),
        ({"kind": "dot", "size": "x"}, "#/shape/size", "Must be a whole number"),
        ({"kind": "cube"}, "#/shape/kind", "Must be one of: dot, line"),
        ({}, "#/shape/kind", "Must be one of: dot, line"),
        ({"kind": "line", "length": 1, "next": {}}, "#/shape/next/kind", "Is required"),
        ({"kind": "line", "length": 1, "mode": "dotted"}, "#/shape/mode", "Must be solid"),
        ("dot", "#/shape", "Must be an object"),
    ],
)
def test_a_discriminator_selects_the_branch_of_the_message(tmp_path: Path, value: Any, pointer: str, sentence: str) -> None:
    body = "requestBody: {content: {application/json: {schema: {properties: {shape: {$ref: '#/components/schemas/Shape'}}}}}}"
    api = client(tmp_path, one_operation(method="post", more=body) + SHAPES, {"act": lambda *_: None})

    response = api.post("/things", data=json.dumps({"shape": value}), content_type="application/json")

    assert (response.status_code, sentences(response)) == (400, {pointer: [sentence]})


def test_nested_fields_are_named_by_their_pointers(tmp_path: Path) -> None:
    details = violation_details(tmp_path, "{$ref: '#/components/schemas/Node'}", {"next": {"next": {"name": 1, "next": 2}}})

    assert details == {"#/next/next/name": ["Must be text"], "#/next/next/next": ["Must be an object"]}


def test_a_nullable_reference_reports_the_error_of_its_target(tmp_path: Path) -> None:
    schema = "{properties: {node: {anyOf: [{$ref: '#/components/schemas/Node'}, {type: 'null'}]}}}"

    assert violation_details(tmp_path, schema, {"node": {"name": 1}}) == {"#/node/name": ["Must be text"]}


def test_errors_of_the_whole_body_point_to_the_root(tmp_path: Path) -> None:
    assert violation_details(tmp_path, "{type: array, minItems: 1}", []) == {"#": ["Must have at least 1 item"]}
    assert violation_details(tmp_path, "{type: array, items: {type: string}}", [1]) == {"#/0": ["Must be text"]}


def test_a_schema_may_define_its_own_messages(tmp_path: Path) -> None:
    schema = """{type: object, required: [a], properties: {a: {type: string, minLength: 2, x-messages: {minLength: Say more}}},
      anyOf: [{required: [b]}, {required: [c]}], x-messages: {required: Is wanted, anyOf: {b: Is wanted without c}}}"""

    assert violation_details(tmp_path, schema, {"a": "x"}) == {"#/a": ["Say more"], "#/b": ["Is wanted without c"]}


def test_equal_messages_are_reported_once(tmp_path: Path) -> None:
    details = violation_details(tmp_path, "{properties: {a: {allOf: [{minLength: 2}, {minLength: 2}]}}}", {"a": "x"})

    assert details == {"#/a": ["Must have at least 2 characters"]}


@pytest.mark.parametrize(
    "value",
    [
        {f"unknown{number}": 1 for number in range(5000)},
        {"list": ["x"] * 5000},
        {"list": [{"deep": 1}] * 5000},
        {"deeper": {f"unknown{number}": 1 for number in range(5000)}},
    ],
)
def test_the_number_of_messages_is_limited(tmp_path: Path, value: Any) -> None:
    schema = """{additionalProperties: false, properties: {list: {items: {type: integer}},
      deeper: {type: object, additionalProperties: false}}}"""

    details = violation_details(tmp_path, schema, value)

    assert 0 < sum(map(len, details.values())) <= 50


@pytest.mark.parametrize("name", ["x" * 1_000_000, "\r\nSet-Cookie: a=b", "\x00\x1b[31m", "\u202e\u2028", "", "a.b[0]", "💥" * 5000])
@pytest.mark.parametrize(
    "schema",
    [
        "{additionalProperties: false}",
        "{additionalProperties: {type: string}}",
        "{propertyNames: {maxLength: 0, pattern: '^[a-z]$'}, not: {}}",
        "{properties: {in: {additionalProperties: false}}, additionalProperties: {type: string}}",
    ],
)
def test_control_characters_of_a_name_are_replaced(tmp_path: Path, schema: str, name: str) -> None:
    for value in ({name: 1}, {"in": {name: 1}}):
        details = violation_details(tmp_path, schema, value)
        texts = [*details, *(text for sentences in details.values() for text in sentences)]
        assert max(map(len, texts)) < 500
        assert all(text.isprintable() for text in texts)
