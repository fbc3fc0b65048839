"""Schemas and bundles in forms that other readers accept: patterns of ECMA 262, references that are URIs, limits with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from contract.compilable import compilable, pattern, registry, with_uri_references
from contract.errors import ContractError
from contract.openapi import document
from tests.support.small_documents import bundle

LINK = """
paths:
  /things/{{id}}:
    get:
      operationId: get_thing
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      responses: {{"200": {{description: It., links: {{self: {{operationId: get_thing, parameters: {{id: 1}}, {member}}}}}}}}}
"""


@pytest.mark.parametrize(
    ("text", "value", "is_valid"),
    [
        (r"^(?<year>\d{4})-\k<year>$", "2020-2020", True),
        (r"^(?<year>\d{4})-\k<year>$", "2020-2021", False),
        (r"^(a)(?:b)(?<last>[(c]\()\k<last>$", "ab(((("[:6], True),
        (r"^(?<!-)(?<one>.)\k<one>1$", "aa1", True),
        (r"^[^]$", "\n", True),
        (r"[]", "a", False),
        (r"^[\]^]+$", "]^", True),
    ],
)
def test_patterns_of_ecma_262_are_compiled(text: str, value: str, *, is_valid: bool) -> None:
    assert Draft202012Validator({"pattern": pattern(text)}).is_valid(value) == is_valid


def test_only_schemas_are_rewritten() -> None:
    schema: Any = {
        "properties": {"example": {"$ref": "#/a{b}"}, "pattern": {"pattern": "[^]"}},
        "patternProperties": {"[^]": True},
        "example": {"$ref": "#/a{b}", "pattern": "[^]"},
    }

    assert compilable(schema, "urn:x") == {
        "properties": {"example": {"$ref": "urn:x#/a%7Bb%7D"}, "pattern": {"pattern": r"[\s\S]"}},
        "patternProperties": {r"[\s\S]": True},
        "example": {"$ref": "#/a{b}", "pattern": "[^]"},
    }
    assert with_uri_references({"$ref": "#/25%", "pattern": "[^]"}) == {"$ref": "#/25%25", "pattern": "[^]"}


def test_a_document_that_is_nested_too_deeply_is_refused() -> None:
    schema: Any = {}
    for _ in range(200):
        schema = {"properties": {"next": schema}}

    with pytest.raises(ContractError, match="nested too deeply: more than 255"):
        registry("urn:x", schema)


def test_a_link_may_have_a_server_and_has_no_body(tmp_path: Path) -> None:
    bundle(tmp_path, LINK.format(member='server: {url: "https://things.example.com"}'))

    with pytest.raises(ContractError, match="unknown field 'body'"):
        document.load(_written(tmp_path, 'openapi: 3.1.0\ninfo: {title: A, version: "1"}' + LINK.format(member="body: {url: /}")))


def _written(folder: Path, text: str) -> Path:
    path = folder / "other.yaml"
    path.write_text(text)
    return path
