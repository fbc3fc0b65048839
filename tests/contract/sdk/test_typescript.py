"""The sources that `contract sdk typescript` writes, and what it lists. `node_typescript.py` compiles and uses them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from contract import cli
from contract.sdk import typescript
from tests.support.small_documents import bundle
from tests.support.typescript_packages import DOCUMENTS, generate


def test_generation_needs_no_network_and_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples behind `externalValue` are not fetched."""

    def refused(*_: object) -> None:
        raise AssertionError("the network is not needed")

    monkeypatch.setattr("socket.socket.connect", refused)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert [text.partition("title: ")[2].partition(",")[0] for text in DOCUMENTS if generate(text, tmp_path / str(len(text)))] == ["pages"]


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    (text,) = (text for text in DOCUMENTS if "title: hostile" in text)
    generate(text, tmp_path / "hostile")
    return tmp_path / "hostile" / "src"


def test_names_that_are_keywords_equal_or_absent_are_distinct(hostile: Path) -> None:
    text = (hostile / "operations.ts").read_text("utf-8")
    functions = re.findall(r"^export function (\w+)", text, re.MULTILINE)

    assert functions == ["delete_", "getQuotes100AB", "getNothing", "value", "getCase", "getCase2", "getRemote"]


def test_types_keep_their_names_and_do_not_hide_what_the_package_uses(hostile: Path) -> None:
    text = (hostile / "types.ts").read_text("utf-8")
    types = re.findall(r"^export (?:type|interface) (\w+)", text, re.MULTILINE)

    assert types == ["AB", "Class", "Client2", "Error", "GetRemoteResponse", "Promise2", "Record", "Response", "VLAN", "VLan", "Vlan"]


XML = """
openapi: 3.1.0
info: {title: Markup, version: "1"}
paths:
  /a:
    put:
      operationId: put_a
      security: [{certificate: []}]
      requestBody: {content: {application/xml: {schema: {type: object, properties: {n: {type: integer}}}}}}
      responses: {"204": {description: Kept.}}
    trace: {operationId: trace_a, servers: [{url: /v2}], responses: {"204": {description: Seen.}}}
components:
  securitySchemes:
    certificate: {type: mutualTLS}
    challenged: {type: http, scheme: Digest}
    fixed: {type: http, scheme: Token}
"""


CHALLENGED = "#/components/securitySchemes/challenged: HTTP authentication by `digest` is not a fixed text; it is left to the HTTP client"


def test_both_languages_list_the_same_schemes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(XML)
    lists: list[list[str]] = []

    for language in ("python", "typescript"):
        assert cli.main(["sdk", language, str(source), "--output", str(tmp_path / language)]) == 1
        lists.append([line for line in capsys.readouterr().err.splitlines() if "securitySchemes" in line])

    assert lists[0] == lists[1]
    assert len(lists[0]) == 2


def test_sdk_lists_what_the_package_cannot_carry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(XML)

    code = cli.main(["sdk", "typescript", str(source), "--output", str(tmp_path / "package")])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "not carried: #/components/securitySchemes/certificate: a client certificate (mutualTLS) is given to the HTTP client",
        f"not carried: {CHALLENGED}",
        "not carried: #/paths/~1a/put/requestBody/content/application~1xml: XML is carried as text, without the type of its schema",
        "not carried: #/paths/~1a/trace: `fetch` sends no TRACE requests",
        "not carried: #/paths/~1a/trace: its server /v2 is relative; use a separate Connection for it",
    ]


def test_sdk_makes_bigints_on_demand(tmp_path: Path) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(DOCUMENTS[3])

    code = cli.main(["sdk", "typescript", "--int64", "bigint", "--spec", str(source), "--output", str(tmp_path / "package")])

    types = (tmp_path / "package" / "src" / "types.ts").read_text()
    assert code == 0
    assert "  id: bigint;\n  count?: number;" in types


def nested(depth: int) -> str:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    document_of_it = {
        "openapi": "3.1.0",
        "info": {"title": "Deep", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Deep": schema}},
    }
    return json.dumps(document_of_it)


def test_types_that_are_nested_deeply_are_declared_apart(tmp_path: Path) -> None:
    left_out = generate(nested(100), tmp_path / "deep")

    text = (tmp_path / "deep" / "src" / "types.ts").read_text()
    assert left_out == []
    assert re.findall(r"^export interface (\w+)", text, re.MULTILINE) == ["Deep", "Nested"]
    assert text.count("a?: string;") == 1


def test_a_union_that_contains_itself_is_the_union_of_its_other_members(tmp_path: Path) -> None:
    text = """
paths:
  /circles: {get: {responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Left"}}}}}}}
components:
  schemas:
    Left: {anyOf: [{$ref: "#/components/schemas/Left"}, {$ref: "#/components/schemas/Right"}, {enum: ["a | b", "{"]}]}
    Right: {anyOf: [{$ref: "#/components/schemas/Left"}, {type: array, items: {$ref: "#/components/schemas/Right"}}]}
    Empty: {anyOf: [{$ref: "#/components/schemas/Empty"}]}
    Holder: {properties: {left: {$ref: "#/components/schemas/Left"}, empty: {$ref: "#/components/schemas/Empty"}}}
"""
    typescript.write(bundle(tmp_path, text), tmp_path / "sdk", "circles")

    lines = (tmp_path / "sdk" / "src" / "types.ts").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(("export type Left ", "export type Right "))] == [
        'export type Left = "a | b" | "{" | Right[];',
        'export type Right = Right[] | "a | b" | "{";',
    ]
