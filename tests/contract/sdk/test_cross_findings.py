"""Faults of generated clients that the cross test showed, each in a small document."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import httpx

from contract.sdk import typescript
from tests.support.python_clients import client, generated
from tests.support.small_documents import bundle

UNDESCRIBED = 'paths: {"/pets/{petId}.json": {get: {operationId: get_pet, responses: {"204": {description: Fine.}}}}}'
CHILDREN = """
paths:
  /a:
    get:
      operationId: list_vehicles
      responses:
        "200": {description: Them., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Vehicle"}}}}}
components:
  schemas:
    Vehicle: {type: object, required: [power], properties: {power: {type: string}}, discriminator: {propertyName: power}}
    Car: {allOf: [{$ref: "#/components/schemas/Vehicle"}, {type: object, properties: {doors: {type: integer}}}]}
    Bike: {allOf: [{$ref: "#/components/schemas/Vehicle"}]}
"""
EVENTS = """
paths: {/a: {get: {operationId: watch, tags: [a], responses: {"200": {description: Them., content: {text/event-stream: {}}}}}}}
"""
LINES = """
paths:
  /a:
    get:
      operationId: list_lines
      tags: [a]
      responses: {"200": {description: Them., content: {application/jsonl: {schema: {type: array, items: {type: integer}}}}}}
"""


UNION = """
paths:
  /a:
    get:
      operationId: get_a
      tags: [a]
      responses:
        "200":
          description: It.
          content:
            application/json:
              schema: {anyOf: [{$ref: "#/components/schemas/First"}, {$ref: "#/components/schemas/Second"}]}
components:
  schemas:
    First: {type: object, properties: {a: {type: string}}}
    Second: {type: object, properties: {c: {type: string}, d: {type: string}}}
"""
WITH_BODY = """
paths: {/a: {get: {requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {"204": {description: Fine.}}}}}
"""


def test_of_two_models_that_accept_a_value_the_one_that_knows_its_members_is_taken(tmp_path: Path) -> None:
    with generated(tmp_path, UNION) as package:
        models = importlib.import_module(f"{package.__name__}.models")
        api, _ = client(package, httpx.Response(200, json={"c": "x", "d": "y"}))

        assert api.a.get_a() == models.Second(c="x", d="y")


def test_a_body_that_fetch_cannot_send_is_listed(tmp_path: Path) -> None:
    omissions = typescript.write(bundle(tmp_path, WITH_BODY), tmp_path / "package", "bodies")

    assert omissions == ["#/paths/~1a/get/requestBody: `fetch` sends no bodies with GET requests"]


PAGES = """
paths:
  /sources/{id}/tasks:
    get:
      operationId: list_tasks
      tags: [a]
      parameters: [{name: page, in: query, schema: {type: integer}}, {name: sort, in: query, schema: {type: string}}]
      responses:
        "200":
          description: Them.
          content:
            application/json: {schema: {type: object, properties: {data: {type: array, items: {type: integer}}}}}
"""


def test_pages_are_asked_for_with_path_parameters_wherever_they_are_described(tmp_path: Path) -> None:
    with generated(tmp_path, PAGES) as package:
        api, recorder = client(package, httpx.Response(200, json={"data": [1]}), httpx.Response(200, json={"data": []}))

        assert list(api.a.iter_tasks("7", sort="x")) == [1]

    assert [path.partition("?")[0] for path in recorder.paths] == ["/v1/sources/7/tasks"] * 2


def test_an_undescribed_path_parameter_is_text_in_python(tmp_path: Path) -> None:
    with generated(tmp_path, UNDESCRIBED) as package:
        api, recorder = client(package, httpx.Response(204))
        api.pets.get_pet("a b")

    assert recorder.paths == ["/v1/pets/a%20b.json"]


def test_an_undescribed_path_parameter_is_text_in_typescript(tmp_path: Path) -> None:
    typescript.write(bundle(tmp_path, UNDESCRIBED), tmp_path / "package", "pets")

    written = (tmp_path / "package" / "src" / "operations.ts").read_text()
    assert "readonly petId: string;" in written
    assert '$.textInPath("petId")' in written


def test_functions_have_no_names_of_imported_modules(tmp_path: Path) -> None:
    paths = ", ".join(f'/{name}: {{get: {{operationId: {name}, responses: {{"204": {{description: Fine.}}}}}}}}' for name in "eost")
    typescript.write(bundle(tmp_path, f"paths: {{{paths}}}"), tmp_path / "package", "letters")

    written = (tmp_path / "package" / "src" / "operations.ts").read_text()
    assert [f"export function {name}_2(" in written for name in "eost"] == [True] * 4


def test_a_component_that_only_extends_a_discriminated_one_is_a_class(tmp_path: Path) -> None:
    with generated(tmp_path, CHILDREN) as package:
        models = importlib.import_module(f"{package.__name__}.models")
        api, _ = client(package, httpx.Response(200, json=[{"power": "Bike"}, {"power": "Car", "doors": 3}]))

        assert api.a.list_vehicles() == [models.Bike(power="Bike"), models.Car(power="Car", doors=3)]


def streamed(folder: Path, text: str, method: str, content: bytes, media_type: str) -> Any:
    with generated(folder, text) as package:
        api, _ = client(package, httpx.Response(200, content=content, headers={"Content-Type": media_type}))
        return list(getattr(api.a, method)())


def test_undescribed_events_arrive_with_their_fields(tmp_path: Path) -> None:
    items = streamed(tmp_path, EVENTS, "watch", b"event: tick\ndata: {}\nid: 7\n\n", "text/event-stream")

    assert items == [{"event": "tick", "data": "{}", "id": "7"}]


def test_a_schema_of_an_array_describes_the_whole_stream(tmp_path: Path) -> None:
    assert streamed(tmp_path, LINES, "list_lines", b"1\n2\n", "application/jsonl") == [1, 2]
