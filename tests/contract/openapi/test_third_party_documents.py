"""Shapes found in third-party documents, each in a minimal document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from contract import example_values
from contract.cli import main
from contract.dev.wsgi_server import background_loop
from contract.docs.page import page
from contract.mocking.mock import application
from contract.openapi.operations import operations
from contract.traffic.conformance import ExchangeValidator
from contract.traffic.exchange import Exchange, HttpMessage
from tests.support.small_documents import bundle

OK = "{description: Fine., content: {application/json: {schema: {type: integer}}}}"


@pytest.fixture(scope="module")
def loop() -> Any:
    """The document as Connexion receives it."""
    return background_loop()


@pytest.fixture
def mocked(tmp_path: Path, loop: Any) -> Any:
    """The mock of a document, given as YAML without the first lines."""
    return lambda text: Client(application(bundle(tmp_path, text), loop), use_cookies=False)


def judged(tmp_path: Path, text: str, media_type: str, body: bytes) -> list[tuple[str, str]]:
    """The violations that openapi-core finds in the response to GET /a."""
    response = HttpMessage((("Content-Type", media_type),), body)
    return ExchangeValidator(bundle(tmp_path, text)).violations("/a", Exchange("GET", "/a", 200, HttpMessage((), None), response))


def test_the_example_of_a_recursive_required_schema_terminates(tmp_path: Path) -> None:
    result = bundle(
        tmp_path,
        'paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}, responses: '
        "{default: {description: Fine.}}}}}\n"
        'components: {schemas: {A: {required: [a], properties: {a: {$ref: "#/components/schemas/A"}}}}}',
    )

    assert example_values.from_schema(result, result["components"]["schemas"]["A"])["a"]["a"]
    assert "<html" in page(result, None)


def test_the_first_branch_may_be_the_schema_itself(tmp_path: Path) -> None:
    alternatives = '{A: {anyOf: [{$ref: "#/components/schemas/A"}, {type: integer}]}}'
    result = bundle(tmp_path, f"paths: {{}}\ncomponents: {{schemas: {alternatives}}}")

    assert example_values.from_schema(result, {"$ref": "#/components/schemas/A"}) is None


def test_an_example_has_the_discriminator_value_of_its_schema(tmp_path: Path) -> None:
    report = '{propertyName: kind, mapping: {cat: "#/components/schemas/Cat"}}'
    pet = f"{{type: object, required: [kind], properties: {{kind: {{type: string}}}}, discriminator: {report}}}"
    result = bundle(
        tmp_path, f'paths: {{}}\ncomponents: {{schemas: {{Pet: {pet}, Cat: {{allOf: [{{$ref: "#/components/schemas/Pet"}}]}}}}}}'
    )

    assert example_values.from_schema(result, {"$ref": "#/components/schemas/Cat"}) == {"kind": "cat"}


def test_mock_accepts_a_path_parameter_used_twice(mocked: Any) -> None:
    parameters = "[{name: id, in: path, required: true, schema: {type: string}}]"
    client = mocked(f'paths: {{"/{{id}}/{{id}}": {{get: {{parameters: {parameters}, responses: {{"200": {OK}}}}}}}}}')

    assert client.get("/a/a").status_code == 200


def test_mock_responds_for_an_operation_without_responses(mocked: Any) -> None:
    client = mocked("paths: {/a: {get: {}}}")

    assert client.get("/a").status_code == 204


@pytest.mark.parametrize(("media", "schema", "sent"), [("*/*", "object", "application/json"), ("text/*", "string", "text/plain")])
def test_mock_sends_a_concrete_type_for_a_media_type_range(mocked: Any, media: str, schema: str, sent: str) -> None:
    client = mocked(
        f'paths: {{/a: {{get: {{responses: {{"200": {{description: Fine., content: {{"{media}": {{schema: {{type: {schema}}}}}}}}}}}}}}}}}'
    )

    assert client.get("/a").mimetype == sent


def test_mock_prefers_json_to_xml(mocked: Any) -> None:
    content = "{application/xml: {schema: {type: object}}, application/json: {schema: {type: object}}}"
    client = mocked(f'paths: {{/a: {{get: {{responses: {{"200": {{description: Fine., content: {content}}}}}}}}}}}')

    assert client.get("/a").mimetype == "application/json"


def test_mock_errors_are_those_of_the_called_operation(mocked: Any) -> None:
    def error_response(name: str) -> str:
        schema = f"{{type: object, required: [{name}], properties: {{{name}: {{type: string}}}}}}"
        return f"{{description: No., content: {{application/json: {{schema: {schema}}}}}}}"

    parameters = "parameters: [{name: q, in: query, required: true, schema: {type: integer}}]"
    paths = [f'/{name}: {{get: {{{parameters}, responses: {{"200": {OK}, "400": {error_response(name)}}}}}}}' for name in ("a", "b")]
    client = mocked(f"paths: {{{', '.join(paths)}}}")

    assert [next(iter(client.get(path).json)) for path in ("/a", "/b")] == ["a", "b"]


def test_lint_shortens_a_very_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    document = {"openapi": "3.1.0", "info": {"title": "A", "version": "1", "description": "x" * 100_000}, "paths": {"/a": {"get": {}}}}
    (tmp_path / "a.json").write_text(json.dumps(document))

    code = main(["lint", "a.json"])

    assert code == 1
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) < 400


def test_verify_ignores_the_servers_of_a_path(tmp_path: Path) -> None:
    text = f'paths: {{/a: {{servers: [{{url: "https://a.example"}}], get: {{responses: {{"200": {OK}}}}}}}}}'

    assert judged(tmp_path, text, "application/json", b"1") == []


@pytest.mark.parametrize("media_type", ["application/ld+json", "application/vnd.a+json; charset=utf-8", "*/*"])
def test_verify_reads_every_json_media_type(tmp_path: Path, media_type: str) -> None:
    schema = "{type: object, required: [a]}"
    text = f'paths: {{/a: {{get: {{responses: {{"200": {{description: Fine., content: {{"{media_type}": {{schema: {schema}}}}}}}}}}}}}}}'
    sent = "application/json" if media_type == "*/*" else media_type

    assert judged(tmp_path, text, sent, b'{"a": 1}') == []
    assert judged(tmp_path, text, sent, b"{}") == [("response", "the root: 'a' is a required property")]


def test_a_document_with_only_webhooks_has_no_operations(tmp_path: Path) -> None:
    result = bundle(tmp_path, "webhooks: {a: {post: {responses: {default: {description: Fine.}}}}}")

    assert list(operations(result)) == []
    assert "<html" in page(result, None)


def test_null_matches_one_branch_of_a_nullable_one_of(tmp_path: Path) -> None:
    head = 'openapi: 3.0.3\ninfo: {title: Small, version: "1"}\npaths: {}\n'
    alternatives = "{nullable: true, oneOf: [{type: string, nullable: true}, {type: integer}]}"

    result = bundle(tmp_path, f"{head}components: {{schemas: {{A: {alternatives}}}}}")

    assert result["components"]["schemas"]["A"] == {"oneOf": [{"type": ["string", "null"]}, {"type": "integer"}]}
