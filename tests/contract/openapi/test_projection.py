"""The 3.0 projection: each keyword that 3.0 lacks is converted, or omitted and listed; the result is always valid 3.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from contract.cli import main
from contract.openapi.projection import to_30

ROOT: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}}


def projected(bundle: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    result, dropped = to_30(ROOT | bundle)
    OpenAPIV30SpecValidator(result).validate()
    assert result["openapi"] == "3.0.3"
    return result, dropped


A = {"$ref": "#/components/schemas/A"}
CARRIED = [
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["string"]}, {"type": "string"}),
    ({"type": "null"}, {"type": "string", "nullable": True, "enum": [None]}),
    ({"type": ["null"], "description": "None."}, {"type": "string", "nullable": True, "enum": [None], "description": "None."}),
    ({"type": ["string", "integer"], "maxLength": 3}, {"maxLength": 3, "anyOf": [{"type": "string"}, {"type": "integer"}]}),
    ({"type": ["string", "array", "null"]}, {"anyOf": [{"type": "string", "nullable": True}, {"type": "array", "items": {}}]}),
    (
        {"type": ["string", "integer"], "anyOf": [{"minLength": 1}]},
        {"anyOf": [{"minLength": 1}], "allOf": [{"anyOf": [{"type": "string"}, {"type": "integer"}]}]},
    ),
    ({"anyOf": [A, {"type": "null"}]}, {"anyOf": [A, {"type": "string", "nullable": True, "enum": [None]}]}),
    ({"const": "a"}, {"enum": ["a"]}),
    ({"const": None}, {"type": "string", "enum": [None], "nullable": True}),
    ({"examples": ["a", "b"]}, {"example": "a"}),
    ({"exclusiveMinimum": 1, "exclusiveMaximum": 9}, {"minimum": 1, "exclusiveMinimum": True, "maximum": 9, "exclusiveMaximum": True}),
    ({"exclusiveMinimum": 1, "minimum": 5}, {"minimum": 5}),
    ({"exclusiveMaximum": 5, "maximum": 9}, {"maximum": 5, "exclusiveMaximum": True}),
    ({"contentEncoding": "base64"}, {"format": "byte"}),
    ({"contentMediaType": "application/octet-stream"}, {"format": "binary"}),
    ({**A, "description": "An a."}, {"description": "An a.", "allOf": [A]}),
    ({**A, "allOf": [{"minLength": 1}]}, {"allOf": [A, {"minLength": 1}]}),
    ({"properties": {"a": True, "b": False}}, {"properties": {"a": {}, "b": {"not": {}}}}),
    ({"type": "array"}, {"type": "array", "items": {}}),
    ({"required": []}, {}),
    ({"x-own": {"type": ["kept"]}, "additionalProperties": False}, {"x-own": {"type": ["kept"]}, "additionalProperties": False}),
    ({"items": {"const": 1}, "not": {"const": 2}}, {"items": {"enum": [1]}, "not": {"enum": [2]}}),
]


@pytest.mark.parametrize(("written", "expected"), CARRIED)
def test_schema_is_converted_to_3_0(written: Any, expected: Any) -> None:
    result, dropped = projected({"components": {"schemas": {"A": {}, "B": written}}})

    assert result["components"]["schemas"]["B"] == expected
    assert dropped == []


LEFT_OUT = {
    "if": True,
    "then": {"minLength": 1},
    "else": {"minLength": 2},
    "prefixItems": [{"type": "string"}],
    "patternProperties": {"^x": {}},
    "propertyNames": {"maxLength": 9},
    "unevaluatedProperties": False,
    "unevaluatedItems": False,
    "dependentRequired": {"a": ["b"]},
    "dependentSchemas": {"a": {}},
    "contains": {"const": 1},
    "minContains": 1,
    "contentMediaType": "text/csv",
    "contentEncoding": "quoted-printable",
    "contentSchema": {},
    "$comment": "why",
    "$id": "https://pets.test/a",
    "foreign": 1,
}


@pytest.mark.parametrize("keyword", LEFT_OUT)
def test_unsupported_keyword_is_omitted_and_listed(keyword: Any) -> None:
    result, dropped = projected({"components": {"schemas": {"A": {"title": "A", keyword: LEFT_OUT[keyword]}}}})

    assert result["components"]["schemas"]["A"] == {"title": "A"}
    assert dropped == [f"/components/schemas/A/{keyword}"]


def test_items_are_omitted_with_prefix_items() -> None:
    result, dropped = projected({"components": {"schemas": {"A": {"type": "array", "prefixItems": [{}], "items": False}}}})

    assert result["components"]["schemas"]["A"] == {"type": "array", "items": {}}
    assert dropped == ["/components/schemas/A/items", "/components/schemas/A/prefixItems"]


def test_pattern_properties_become_additional_properties() -> None:
    result, _ = projected({"components": {"schemas": {"A": {"patternProperties": {"^x": {"const": 1}}, "additionalProperties": False}}}})

    assert result["components"]["schemas"]["A"] == {"additionalProperties": {"enum": [1]}}


def test_definition_inside_a_schema_becomes_a_component() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/A/$defs/node"}}}
    schemas = {"A": {"$defs": {"node": node}, "items": {"$ref": "#/components/schemas/A/$defs/node"}}, "node": {"title": "taken"}}

    result, dropped = projected({"components": {"schemas": schemas}})

    assert result["components"]["schemas"] == {
        "A": {"items": {"$ref": "#/components/schemas/node_2"}},
        "node": {"title": "taken"},
        "node_2": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/node_2"}}},
    }
    assert dropped == []


def test_document_fields_of_3_1_are_omitted_and_listed() -> None:
    response = {"responses": {"200": {"description": "Done."}}}
    result, dropped = projected(
        {
            "info": {**ROOT["info"], "summary": "All pets.", "license": {"name": "MIT", "identifier": "MIT"}},
            "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
            "webhooks": {"born": {"post": response}},
            "paths": {"/pets": {"$ref": "#/components/pathItems/Pets"}, "/toys": {"get": {}}},
            "components": {"pathItems": {"Pets": {"get": response}}, "securitySchemes": {"tls": {"type": "mutualTLS"}}},
        },
    )

    assert result["paths"]["/pets"] == {"get": response}
    assert result["paths"]["/toys"]["get"]["responses"]
    assert result["info"] == {"title": "Pets", "version": "1", "license": {"name": "MIT"}}
    assert dropped == ["/webhooks", "/jsonSchemaDialect", "/info/summary", "/info/license/identifier", "/components/securitySchemes/tls"]


def test_scopes_of_other_schemes_than_oauth_are_emptied_and_listed() -> None:
    alternatives = [{"key": ["read"]}, {"key": ["write"]}, {"login": ["read"], "key": []}]
    flow = {"clientCredentials": {"tokenUrl": "https://pets.test/token", "scopes": {"read": "Read."}}}
    schemes = {"key": {"type": "http", "scheme": "bearer"}, "login": {"type": "oauth2", "flows": flow}}
    get = {"security": alternatives, "responses": {"200": {"description": "Done."}}}

    result, dropped = projected(
        {"paths": {"/pets": {"get": get}}, "security": [{"key": ["read"]}], "components": {"securitySchemes": schemes}}
    )

    assert result["security"] == [{"key": []}]
    assert result["paths"]["/pets"]["get"]["security"] == [{"key": []}, {"login": ["read"], "key": []}]
    assert dropped == ["/security/0/key", "/paths/~1pets/get/security/0/key", "/paths/~1pets/get/security/1/key"]
    assert alternatives[0] == {"key": ["read"]}


def test_components_that_only_omitted_parts_use_are_omitted_and_listed() -> None:
    def posts(name: str) -> dict[str, Any]:
        media = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        return {"post": {"requestBody": {"content": media}, "responses": {"200": {"description": "Done."}}}}

    schemas = {"Pet": {}, "Born": {"$ref": "#/components/schemas/Event"}, "Event": {}, "Unused": {}}

    result, dropped = projected({"paths": {"/pets": posts("Pet")}, "webhooks": {"born": posts("Born")}, "components": {"schemas": schemas}})

    assert list(result["components"]["schemas"]) == ["Pet", "Unused"]
    assert dropped == ["/webhooks", "/components/schemas/Born", "/components/schemas/Event"]


def test_bundle_command_writes_3_0_and_lists_omissions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "openapi.yaml").write_text('openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\npaths: {}\nwebhooks: {}\n')

    assert main(["bundle", "openapi.yaml", "--openapi", "3.0"]) == 0

    shown = capsys.readouterr()
    assert json.loads(shown.out) == {"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {}}
    assert shown.err == "openapi.yaml:4:1: left out, OpenAPI 3.0 cannot express it: /webhooks\n"


def test_the_projection_does_not_change_its_input() -> None:
    bundle = ROOT | {"paths": {}, "components": {"schemas": {"A": {"type": ["string", "null"], "properties": {"b": {"const": 1}}}}}}
    before = json.dumps(bundle)

    to_30(bundle)

    assert json.dumps(bundle) == before
