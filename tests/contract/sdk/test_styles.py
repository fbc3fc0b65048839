"""From a document to the styles and parts of the encoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contract.openapi.operations import Operation, operations
from contract.sdk.python_layer.encoding import Style
from contract.sdk.python_layer.multipart import Part
from contract.sdk.styles import field_styles, parts_of, style_of
from tests.support.small_documents import bundle

DOCUMENT = """
paths:
  /things/{id}:
    post:
      operationId: act
      parameters:
        - {name: id, in: path, required: true, style: matrix, explode: true, schema: {type: string}}
        - {name: q, in: query, allowReserved: true, schema: {type: string}, example: a/b}
        - {name: doc, in: query, content: {application/json: {schema: {type: object}, examples: {one: {value: {a: 1}}}}}}
        - {name: X-A, in: header, schema: {type: array}}
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object}
            encoding:
              file: {contentType: "image/png, image/*", headers: {Content-Type: {schema: {}}, X-Sum: {$ref: "#/components/headers/Sum"}}}
              tags: {explode: false}
          application/x-www-form-urlencoded:
            schema: {type: object}
            encoding:
              file: {contentType: text/csv}
              item: {contentType: application/json}
              deep: {style: deepObject, explode: true, contentType: application/json}
      responses:
        "200":
          description: Fine.
          headers: {X-Next: {required: true, schema: {type: integer}}}
          content:
            application/json:
              examples: {one: {$ref: "#/components/examples/One"}, far: {externalValue: "https://example.com/x"}}
            text/plain: {example: hi}
components:
  headers: {Sum: {required: true, schema: {type: string}}}
  examples: {One: {value: 1}}
"""


def operation(folder: Path) -> Operation:
    return next(iter(operations(bundle(folder, DOCUMENT))))


def test_styles_of_parameters(tmp_path: Path) -> None:
    styles = [style_of(parameter) for parameter in operation(tmp_path).parameters]

    assert styles == [
        Style("id", "path", "matrix", explode=True),
        Style("q", "query", "form", explode=True, allow_reserved=True),
        Style("doc", "query", "form", explode=True, media_type="application/json"),
        Style("X-A", "header", "simple", explode=False),
    ]


def test_parts_and_fields_of_forms(tmp_path: Path) -> None:
    body = operation(tmp_path).body
    assert body is not None

    assert parts_of(body.content["multipart/form-data"]) == {
        "file": Part("image/png, image/*", {"X-Sum": Style("X-Sum", "header", "simple", explode=False)}),
        "tags": Part(style=Style("tags", "query", "form", explode=False)),
    }
    assert field_styles(body.content["application/x-www-form-urlencoded"]) == {
        "item": Style("item", "query", "form", explode=True, media_type="application/json"),
        "deep": Style("deep", "query", "deepObject", explode=True),
    }


def test_examples_headers_and_media_types(tmp_path: Path) -> None:
    described: Any = operation(tmp_path)
    response = described.responses["200"]

    assert [parameter.examples for parameter in described.parameters] == [{}, {"default": "a/b"}, {"one": {"a": 1}}, {}]
    assert {name: media.examples for name, media in response.content.items()} == {
        "application/json": {"one": 1},
        "text/plain": {"default": "hi"},
    }
    assert (response.fields["X-Next"].required, response.fields["X-Next"].schema) == (True, {"type": "integer"})
    assert described.body.content["multipart/form-data"].encoding["file"].headers["X-Sum"].required
