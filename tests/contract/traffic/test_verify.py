"""`contract verify`: violations, undocumented parts and unused parts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract import cli, example_values
from contract.traffic.exchange import Exchange, HttpMessage
from contract.traffic.overlay import path, schema
from contract.traffic.reading import Base
from contract.traffic.verification import verify

JSON = (("Content-Type", "application/json; charset=utf-8"),)
PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: /api}]
paths:
  /pets:
    get:
      operationId: list_pets
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 10}}
        - {name: after, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                required: [pets]
                properties:
                  pets: {type: array, items: {$ref: "#/components/schemas/Pet"}}
                  total: {type: integer}
    post:
      operationId: create_pet
      requestBody:
        content:
          application/json: {schema: {$ref: "#/components/schemas/Pet"}}
      responses:
        "201": {description: Made.}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 2}
        born: {type: string, format: date}
        parent: {$ref: "#/components/schemas/Pet"}
"""


def message(body: Any = None) -> Any:
    return HttpMessage(() if body is None else JSON, b"" if body is None else json.dumps(body).encode())


def listed(body: Any, query: str = "", status: int = 200) -> Any:
    return ("/pets", Exchange("GET", f"/api/pets{query}", status, message(), message(body), "traffic:1"))


@pytest.fixture
def bundle() -> Any:
    return yaml.safe_load(PETS)


def test_documented_traffic_has_no_findings(bundle: Any) -> None:
    report = verify(bundle, [listed({"pets": [{"name": "Tom", "parent": {"name": "Kim"}}]}, "?limit=5")])

    assert (report.violations, report.unknown) == ([], {})


def test_violations_have_side_and_field_and_are_reported_once(bundle: Any) -> None:
    wrong = listed({"pets": [{"name": "T", "born": "soon"}]}, "?limit=11")
    report = verify(bundle, [wrong, wrong])

    assert [
        (violation.side, violation.count, violation.location, violation.sentence.partition(":")[0]) for violation in report.violations
    ] == [
        ("request", 2, "traffic:1", "limit"),
        ("response", 2, "traffic:1", "pets/0/name"),
        ("response", 2, "traffic:1", "pets/0/born"),
    ]


def test_a_refused_request_is_not_a_violation(bundle: Any) -> None:
    sent = ("/pets", Exchange("POST", "/api/pets", 400, message({"name": 1, "age": 5}), message()))

    report = verify(bundle, [sent])
    assert report.violations == []
    assert [(each.kind, each.name) for each in report.unknown] == [("status", "400")]


def test_undocumented_fields_are_found_at_any_depth(bundle: Any) -> None:
    report = verify(
        bundle,
        [
            listed({"pets": [{"name": "Tom", "parent": {"name": "Kim", "fur": "red"}}], "next": None}, "?page=2"),
            ("/pets", Exchange("PATCH", "/api/pets", 200, message(), message())),
            ("/cats", Exchange("GET", "/api/cats", 404, message(), message())),
            ("/pets", Exchange("GET", "/api/pets", 200, message(), HttpMessage((("Content-Type", "text/csv"),), b"a,b"))),
        ],
    )

    assert sorted((each.kind, each.operation, each.name) for each in report.unknown) == [
        ("field", "", "fur"),
        ("field", "list_pets", "next"),
        ("media type", "list_pets", "text/csv"),
        ("operation", "PATCH /pets", "/pets"),
        ("parameter", "list_pets", "page"),
    ]


def test_unused_parts_are_listed_once(bundle: Any) -> None:
    report = verify(bundle, [listed({"pets": [{"name": "Tom"}]}, "?limit=5")])

    assert report.unused == [
        "/paths/~1pets/get/parameters/1",
        "/paths/~1pets/post",
        "/components/schemas/Pet/properties/born",
        "/components/schemas/Pet/properties/parent",
        "/paths/~1pets/get/responses/200/content/application~1json/schema/properties/total",
    ]


def test_the_command_prints_locations_and_writes_an_overlay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    entry = {
        "request": {"method": "GET", "url": "http://x/api/pets?page=2", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"text": '{"pets": [{"name": "Tom", "seen": "2026-01-01T00:00:00Z"}]}'},
        },
    }
    (tmp_path / "t.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    patch = tmp_path / "patch.yaml"

    code = cli.main(["verify", str(tmp_path / "t.har"), "--spec", str(tmp_path / "pets.yaml"), "--patch", str(patch), "--unused"])

    out = capsys.readouterr().out
    assert code == 1
    assert re.search(r"pets\.yaml:\d+:\d+: the field seen is not documented, such as \"2026-01-01T00:00:00Z\"", out)
    assert re.search(r"pets\.yaml:\d+:\d+: schemas/Pet/properties/born was never used", out)
    assert out.endswith("1 exchanges: 0 violations, 2 undocumented, 6 never used\n")
    assert yaml.safe_load(patch.read_text())["actions"] == [
        {"target": "$.paths['/pets'].get", "update": {"parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}]}},
        {"target": "$.components.schemas.Pet.properties", "update": {"seen": {"type": "string", "format": "date-time"}}},
    ]


def test_the_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    entry = {"request": {"method": "GET", "url": "/api/pets"}, "response": {"status": 500, "content": {}}}
    (tmp_path / "t.har").write_text(json.dumps({"log": {"entries": [entry]}}))

    assert cli.main(["verify", str(tmp_path / "t.har"), "--spec", str(tmp_path / "pets.yaml"), "--format", "json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert (output["exchanges"], output["undocumented"][0]["name"], output["overlay"]["overlay"]) == (1, "500", "1.0.0")


def test_a_har_of_another_host_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    entry = {"request": {"method": "GET", "url": "http://other.example/"}, "response": {"status": 200}}
    (tmp_path / "t.har").write_text(json.dumps({"log": {"entries": [entry]}}))

    assert cli.main(["verify", str(tmp_path / "t.har"), "--spec", str(tmp_path / "pets.yaml"), "--url", "https://mine.example/api"]) == 2
    assert "t.har:1:1: contains no exchange with https://mine.example/api" in capsys.readouterr().err


LETTERS = r"^[\p{L}]+$"  # ECMA 262 supports it, Python does not


def test_patterns_of_ecma_262_are_judged(bundle: Any) -> None:
    bundle["paths"]["/pets"]["get"]["parameters"][1] |= {"required": True, "schema": {"type": "string", "pattern": LETTERS}}
    bundle["components"]["schemas"]["Pet"]["patternProperties"] = {LETTERS: {"type": "integer"}}

    report = verify(bundle, [listed({"pets": [{"name": "Tom", "age": "x"}]}, "?after=7")])
    assert [(each.side, each.sentence) for each in report.violations] == [
        ("request", r"after: Must match ^[\p{L}]+$"),
        ("response", "pets/0/name: Must be a whole number"),
        ("response", "pets/0/age: Must be a whole number"),
    ]
    assert report.unknown == {}


def test_an_example_is_generated_for_an_unsupported_pattern() -> None:
    assert example_values.text_matching(LETTERS, 0, 9) == example_values.DEFAULT_TEXT


LINE = '{"at":1,"method":"GET","url":"%s","status":%s,"request":{"headers":[],"body":null},"answer":{"headers":[],"body":null}}\n'
ENTRY = '{"log":{"entries":[{"request":{"method":"GET","url":"%s"},"response":{"status":%s}}]}}'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.har", ENTRY % ("http://[bad/a", 200)),
        ("t.har", ENTRY % ("/api/pets", "Infinity")),
        ("t.har", ENTRY % ("/api/pets", "9" * 5_000)),
        ("t.har", "[" * 100_000),
        ("t.jsonl", LINE % ("http://[bad/a", 200)),
        ("t.jsonl", LINE % ("/api/pets", "Infinity")),
        ("t.jsonl", "[" * 100_000 + "\n"),
    ],
)
@pytest.mark.parametrize("command", ["verify", "coverage"])
def test_invalid_traffic_is_refused_with_its_location(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, name: str, text: Any
) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / name).write_text(text)

    assert cli.main([command, str(tmp_path / name), "--spec", str(tmp_path / "pets.yaml")]) == 2
    assert f"{name}:1:1: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5, None], {"type": ["integer", "null", "number"]}),
        ([1, 2.5], {"type": "number"}),
        (["ada@example.com", "kim@example.com"], {"type": "string", "format": "email"}),
        (["ada@example.com", "kim"], {"type": "string"}),
        ([[1], []], {"type": "array", "items": {"type": "integer"}}),
        (
            [{"a": 1}, {"a": 2, "b": True}],
            {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}, "required": ["a"]},
        ),
        ([], {}),
    ],
)
def test_a_guessed_schema_is_as_narrow_as_the_values(values: Any, expected: Any) -> None:
    assert schema(values) == expected


def test_a_pointer_becomes_a_json_path() -> None:
    assert path("/paths/~1it's/get") == r"$.paths['/it\'s'].get"


@pytest.mark.parametrize(
    ("servers", "url", "below"),
    [
        ([{"url": "/api"}], "https://any.example/api/pets", "/pets"),
        ([{"url": "https://a.example"}, {"url": "https://b.example/x/"}], "https://B.example/x/pets?y", "/pets"),
        ([{"url": "https://a.example"}], "https://b.example/pets", None),
        ([{"url": "/api"}], "/apis/pets", None),
        ([], "/pets%20a", "/pets a"),
        ([], "/pets/a%2Fb%2525", "/pets/a%2Fb%25"),
    ],
)
def test_a_base_matches_only_its_own_paths(servers: Any, url: str, below: str | None) -> None:
    assert Base({"servers": servers}).below(Exchange("GET", url, 200, message(), message())) == below


@pytest.mark.parametrize(
    ("url", "below"),
    [
        ("https://us.example.com/v1/ping", "/ping"),
        ("https://EU.example.com/v2/ping?a=1", "/ping"),
        ("https://asia.example.com/v1/ping", None),
        ("https://us.example.com", None),
        ("https://us.example.com/v1", "/"),
    ],
)
def test_a_base_matches_all_values_of_the_variables_of_its_server(url: str, below: str | None) -> None:
    variables = {"region": {"default": "us", "enum": ["us", "eu"]}, "version": {"default": "v1"}}
    servers = [{"url": "https://{region}.example.com/{version}", "variables": variables}]

    assert Base({"servers": servers}).below(Exchange("GET", url, 200, message(), message())) == below
