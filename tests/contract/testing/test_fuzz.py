"""`contract fuzz`: its configuration of a document, and its result for a mock whose links it can or cannot follow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract.cli import main
from contract.openapi import document
from contract.testing.fuzz import RunObservations, configuration, links, narrow_groups, without_messages
from tests.support.servers.contract_process import serve

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: list_pets
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {type: string}}, example: [rex]}}
          links: {first: {operationId: get_pet, parameters: {pet_id: "$response.body#/0"}}}
        "202": {description: Later., links: {late: {operationRef: "#/paths/~1pets~1{pet_id}/get", parameters: {pet_id: rex}}}}
  /pets/{pet_id}:
    get:
      operationId: get_pet
      parameters: [{name: pet_id, in: path, required: true, schema: {type: string, minLength: 1}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {type: string}, example: rex}}}
        "400": {$ref: "#/components/responses/Problem"}
        "404": {$ref: "#/components/responses/Problem"}
components:
  responses:
    Problem: {description: Refused., content: {application/json: {schema: {type: object, required: [error]}, example: {error: Wrong}}}}
x-unmatched: {"404": {$ref: "#/components/responses/Problem"}}
"""
PET_ID = {"name": "pet_id", "in": "path", "required": True, "schema": {"type": "string"}}
TO_PET = {"operationId": "get_pet", "parameters": {"pet_id": "$response.body#/id"}}
FIRST = "GET /pets -> [200] first -> GET /pets/{pet_id}"
LATE = "GET /pets -> [202] late -> GET /pets/{pet_id}"


@pytest.fixture
def bundle(tmp_path: Path) -> Any:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)
    return document.load(tmp_path / "pets.yaml").bundle


def test_links_have_the_names_of_schemathesis(bundle: Any) -> None:
    assert [link.name for link in links(bundle)] == [FIRST, LATE]


def test_links_of_what_does_not_run_are_left_out(bundle: Any) -> None:
    responses = bundle["paths"]["/pets"]["get"]["responses"]
    responses["202"]["links"]["late"]["x-unavailable"] = "pets"
    assert [link.name for link in links(bundle)] == [FIRST]

    bundle["paths"]["/pets"]["get"]["x-unavailable"] = "pets"

    assert list(links(bundle)) == []


def test_a_missed_link_is_tried_with_its_operations_and_those_that_create_what_they_name(bundle: Any) -> None:
    creates = {"operationId": "create_pet", "responses": {"201": {"description": "Made.", "links": {"get": TO_PET}}}}
    feeds = {"operationId": "feed_pet", "parameters": [PET_ID], "responses": {"200": {"description": "Fed.", "links": {"pet": TO_PET}}}}
    bundle["paths"]["/pets"]["post"] = creates
    bundle["paths"]["/pets/{pet_id}/food"] = {"post": feeds}
    bundle["paths"]["/toys"] = {"get": {"operationId": "list_toys", "responses": {"200": {"description": "All."}}}}
    links_of_food = [link for link in links(bundle) if link.source == "POST /pets/{pet_id}/food"]

    assert narrow_groups(bundle, links_of_food) == {"POST /pets/{pet_id}/food": ("feed_pet", "get_pet", "create_pet", "list_pets")}


def test_a_link_of_an_unobserved_response_is_not_missed(bundle: Any) -> None:
    first, late = links(bundle)
    seen = RunObservations(followed=set(), statuses={("GET /pets", "200")})

    assert (seen.is_missed(first), seen.is_missed(late)) == (True, False)


def test_a_link_of_an_operation_that_never_succeeded_is_missed(bundle: Any) -> None:
    first, _ = links(bundle)

    assert RunObservations(followed=set(), statuses={("GET /pets", "500")}).is_missed(first)


def test_a_followed_link_is_not_missed(bundle: Any) -> None:
    first, _ = links(bundle)

    assert not RunObservations(followed={FIRST}, statuses={("GET /pets", "200")}).is_missed(first)


def test_the_configuration_gives_the_token_to_bearer_schemes() -> None:
    schemes = {"key": {"type": "http", "scheme": "Bearer"}, "cookie": {"type": "apiKey", "in": "cookie", "name": "c"}}

    text = configuration({"components": {"securitySchemes": schemes}}, has_token=True)

    assert '[auth.openapi."key"]\nbearer = "${TOKEN}"' in text
    assert "cookie" not in text


def test_messages_of_the_runtime_are_omitted() -> None:
    assert without_messages({"a": [{"pattern": "x", "x-messages": {"pattern": "Must be x"}}]}) == {"a": [{"pattern": "x"}]}


def test_fuzz_follows_the_links_of_a_mock(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)

    with serve("mock", "pets.yaml", folder=tmp_path) as mock:
        words = [
            "fuzz",
            "pets.yaml",
            "--url",
            mock.url,
            "--phases",
            "stateful",
            "--max-examples",
            "5",
            "--seed",
            "7",
            "--record",
            "build/seen.jsonl",
        ]
        done = subprocess.run([sys.executable, "-m", "contract.cli", *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "every documented link was followed\n"), done.stdout
    seen = [json.loads(line) for line in (tmp_path / "build" / "seen.jsonl").read_text().splitlines()]
    assert {"operation": "list_pets", "status": "200", "link": "first"} in seen


def test_fuzz_fails_if_a_link_is_never_followed(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT.replace("#/0", "#/nothing"))

    with serve("mock", "pets.yaml", folder=tmp_path) as mock:
        words = ["fuzz", "pets.yaml", "--url", mock.url, "--phases", "stateful", "--max-examples", "3"]
        done = subprocess.run([sys.executable, "-m", "contract.cli", *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"link never followed: {FIRST}\n" in done.stdout


def test_fuzz_reports_an_unreachable_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT)

    code = main(["fuzz", str(tmp_path / "pets.yaml"), "--url", "http://127.0.0.1:1"])

    assert (code, capsys.readouterr().err) == (2, "http://127.0.0.1:1 cannot be reached: [Errno 111] Connection refused\n")
