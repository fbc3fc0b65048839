"""`contract mock` as a client team uses it: a process, real HTTP, the examples of the document and the errors of the server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from contract.cli import main
from tests.support.servers.contract_process import serve

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: /api}]
security: [{key: []}]
x-unmatched:
  "404": {$ref: "#/components/responses/Problem"}
  "405": {$ref: "#/components/responses/Problem"}
paths:
  /pets:
    get:
      operationId: list_pets
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 10}}]
      responses:
        "200":
          description: All.
          headers: {X-Total: {required: true, schema: {type: integer}, example: 7}}
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
              examples:
                one: {value: [{id: 1, name: "{{first_name}} {{#each pets}}"}]}
                none: {value: []}
        "400": {$ref: "#/components/responses/Problem"}
        "429":
          description: Later.
          headers: {Retry-After: {schema: {type: integer}, example: 3}}
          content: {application/json: {example: {error: Later}}}
    post:
      operationId: create_pet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "400": {$ref: "#/components/responses/Problem"}
  /pets/{pet_id}:
    parameters: [{name: pet_id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: get_pet
      security: []
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "400": {$ref: "#/components/responses/Problem"}
    delete: {operationId: delete_pet, responses: {"204": {description: Gone.}}}
  /report:
    get:
      operationId: get_report
      responses: {"200": {description: Wrong., content: {application/json: {schema: {type: integer}, example: seven}}}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Pet:
      type: object
      required: [id, name]
      properties:
        id: {type: integer, minimum: 1}
        name: {type: string, pattern: "^[a-z{]", minLength: 3}
        born_at: {type: [string, "null"], format: date-time}
        mate: {$ref: "#/components/schemas/Pet"}
  responses:
    Problem:
      description: Refused.
      content:
        application/json:
          schema:
            type: object
            additionalProperties: false
            required: [error, code]
            properties: {error: {type: string}, code: {type: string}, hint: {type: string}}
          example: {error: Wrong, code: wrong, hint: Read the documentation}
"""
KEY = {"Authorization": "Bearer anything"}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("mock")
    (folder / "pets.yaml").write_text(DOCUMENT)
    with serve("mock", "pets.yaml", folder=folder) as served:
        yield f"{served.url}/api"


def test_mock_returns_the_first_example_unchanged(mock: Any) -> None:
    response = requests.get(f"{mock}/pets", headers=KEY, timeout=30)

    assert (response.status_code, response.json()) == (200, [{"id": 1, "name": "{{first_name}} {{#each pets}}"}])
    assert response.headers["X-Total"] == "7"


def test_mock_returns_the_preferred_example(mock: Any) -> None:
    response = requests.get(f"{mock}/pets", headers=KEY | {"Prefer": "example=none"}, timeout=30)

    assert response.json() == []


def test_mock_returns_the_preferred_status(mock: Any) -> None:
    response = requests.get(f"{mock}/pets", headers=KEY | {"Prefer": "code=429"}, timeout=30)

    assert (response.status_code, response.headers["Retry-After"], response.json()) == (429, "3", {"error": "Later"})


def test_mock_ignores_a_preferred_status_that_is_not_documented(mock: Any) -> None:
    response = requests.get(f"{mock}/pets", headers=KEY | {"Prefer": "code=418"}, timeout=30)

    assert response.status_code == 200


def test_mock_generates_a_value_without_an_example(mock: Any) -> None:
    response = requests.post(f"{mock}/pets", headers=KEY | {"Prefer": "code=201"}, json={"id": 2, "name": "rex"}, timeout=30)

    assert response.status_code == 201
    assert response.json()["id"] == 1
    assert len(response.json()["name"]) == 3


def test_mock_accepts_negative_numbers_in_paths(mock: Any) -> None:
    assert requests.get(f"{mock}/pets/-1", timeout=30).status_code == 200


def test_mock_returns_a_response_without_a_body(mock: Any) -> None:
    response = requests.delete(f"{mock}/pets/1", headers=KEY, timeout=30)

    assert (response.status_code, response.content) == (204, b"")


def test_mock_responds_to_head(mock: Any) -> None:
    response = requests.head(f"{mock}/pets", headers=KEY, timeout=30)

    assert (response.status_code, response.content, response.headers["X-Total"]) == (200, b"", "7")


def test_mock_refuses_an_invalid_body_with_the_documented_error(mock: Any) -> None:
    response = requests.post(f"{mock}/pets", headers=KEY, json={"id": 0}, timeout=30)

    assert response.status_code == 400
    assert response.json()["code"] == "validation_failed"
    assert "Must be at least 1" in response.json()["error"]
    assert "name: Is required" in response.json()["error"]


def test_mock_refuses_an_invalid_parameter(mock: Any) -> None:
    response = requests.get(f"{mock}/pets?limit=11", headers=KEY, timeout=30)

    assert (response.status_code, response.json()["error"]) == (400, "Validation failed. limit: Must be at most 10")


def test_mock_requires_credentials_and_accepts_any(mock: Any) -> None:
    assert requests.get(f"{mock}/pets", timeout=30).status_code == 401


def test_mock_returns_the_documented_error_for_an_unknown_path(mock: Any) -> None:
    response = requests.get(f"{mock}/nothing", timeout=30)

    assert (response.status_code, response.json()) == (404, {"error": "There is no route /nothing", "code": "not_found"})


def test_mock_returns_allow_for_an_unsupported_method(mock: Any) -> None:
    response = requests.put(f"{mock}/pets", timeout=30)

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")


def test_mock_generates_a_response_if_the_example_violates_its_schema(mock: Any) -> None:
    response = requests.get(f"{mock}/report", headers=KEY, timeout=30)

    assert (response.status_code, response.json()) == (200, 0)


def test_mock_serves_the_documentation_page(mock: Any) -> None:
    page = requests.get(f"{mock.removesuffix('/api')}/docs", timeout=30)

    assert page.url == f"{mock}/docs"
    assert "<title>Pets" in page.text
    assert requests.get(f"{mock}/openapi.json", timeout=30).json()["openapi"] == "3.0.3"


def test_mock_reports_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code = main(["mock", str(tmp_path / "pets.yaml"), "--port", str(port)])

    assert (code, capsys.readouterr().err.splitlines()[-1]) == (2, f"port {port} is in use")
