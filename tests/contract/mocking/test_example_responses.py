"""Responses of the mock that its document describes in an unusual way; each is valid and reaches the right operation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from contract import example_values
from contract.dev.wsgi_server import background_loop
from contract.mocking.mock import application
from tests.support.small_documents import bundle


@pytest.fixture(scope="module")
def loop() -> Any:
    return background_loop()


def mock(folder: Path, loop: Any, text: str) -> Client:
    return Client(application(bundle(folder, text), loop), use_cookies=False)


def answer(folder: Path, loop: Any, schema: str, components: str = "{}") -> Any:
    """The example of a schema, as the mock answers it."""
    responses = f'{{"200": {{description: It., content: {{application/json: {{schema: {schema}}}}}}}}}'
    client = mock(folder, loop, f"paths: {{/a: {{get: {{responses: {responses}}}}}}}\ncomponents: {{schemas: {components}}}")
    response = client.get("/a")
    assert response.status_code == 200, response.text
    return response.json


VARIANTS = "{Text: {type: object, required: [type], properties: {type: {type: string}}}}"


@pytest.mark.parametrize(
    ("schema", "components", "expected"),
    [
        ("{type: object, properties: {a: {type: integer}, never: false}}", "{}", {"a": 0}),
        ('{type: object, properties: {a: {type: integer}, never: {$ref: "#/components/schemas/Never"}}}', "{Never: false}", {"a": 0}),
        ("{type: array, items: {type: string}, contains: {const: x}}", "{}", ["x"]),
        ("{type: array, items: {type: string}, contains: {const: x}, minContains: 2, minItems: 3}", "{}", ["x", "x", "text"]),
        ("{oneOf: [{$ref: '#/components/schemas/Text'}], discriminator: {propertyName: type}}", VARIANTS, {"type": "Text"}),
        (
            "{oneOf: [{$ref: '#/components/schemas/Text'}], discriminator: {propertyName: type, mapping: {t: Text}}}",
            VARIANTS,
            {"type": "t"},
        ),
    ],
)
def test_examples_are_valid(tmp_path: Path, loop: Any, schema: str, components: str, expected: Any) -> None:
    assert answer(tmp_path, loop, schema, components) == expected


def test_an_example_of_a_pattern_does_not_end_in_a_line_end() -> None:
    assert example_values.text_matching(r"^-?\d{0,4}$", 0, 9) != "\n"


PATHS = """
paths:
  /contacts/{id}: {get: {responses: {"200": {description: It., content: {application/json: {schema: {const: one}}}}}}}
  /contacts/count: {get: {responses: {"200": {description: It., content: {application/json: {schema: {const: count}}}}}}}
"""


def test_a_literal_segment_wins_over_a_template_before_it(tmp_path: Path, loop: Any) -> None:
    client = mock(tmp_path, loop, PATHS)

    assert (client.get("/contacts/count").json, client.get("/contacts/7").json) == ("count", "one")


STREAMS = """
paths:
  /chat:
    get:
      responses:
        "200":
          description: One or many.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Event"}}
            text/event-stream: {schema: {$ref: "#/components/schemas/Event"}}
            application/x-ndjson: {schema: {type: array, items: {$ref: "#/components/schemas/Event"}}}
components: {schemas: {Event: {type: object, required: [n], properties: {n: {type: integer}}}}}
"""


@pytest.mark.parametrize(
    ("accept", "media_type", "body"),
    [
        ("", "application/json", '{"n": 0}'),
        ("*/*", "application/json", '{"n": 0}'),
        ("text/event-stream", "text/event-stream", 'data: {"n": 0}\n\n'),
        ("application/json;q=0.5, application/x-ndjson", "application/x-ndjson", '{"n": 0}\n'),
        ("image/png", "application/json", '{"n": 0}'),
    ],
)
def test_accept_selects_the_media_type_and_streams_are_framed(tmp_path: Path, loop: Any, accept: str, media_type: str, body: str) -> None:
    response = mock(tmp_path, loop, STREAMS).get("/chat", headers={"Accept": accept})

    assert (response.mimetype, response.text.replace('":0', '": 0')) == (media_type, body)


def test_an_enumeration_of_all_types_is_read_by_its_values(tmp_path: Path, loop: Any) -> None:
    parameter = "{name: v, in: query, schema: {enum: [1, 2.5, a, null, true, [1], {a: 1}]}}"
    client = mock(tmp_path, loop, f'paths: {{/a: {{get: {{parameters: [{parameter}], responses: {{"204": {{description: Fine.}}}}}}}}}}')

    assert [client.get(f"/a?v={text}").status_code for text in ("1", "2.5", "a", "true", "b")] == [204, 204, 204, 204, 400]
    assert json.loads(client.get("/a?v=b").text)["status"] == 400
