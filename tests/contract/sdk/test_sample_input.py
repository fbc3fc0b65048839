"""The inputs of samples: short enough to be read."""

from __future__ import annotations

from pathlib import Path

from contract.openapi.operations import operations
from contract.sdk.sample_input import SampleInputs
from tests.support.small_documents import bundle

RECURSIVE = """
paths:
  /trees:
    post:
      operationId: plant
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Tree"}}}}
      responses: {"204": {description: Planted.}}
components:
  schemas:
    Tree:
      type: object
      required: [name]
      properties:
        name: {type: string}
        left: {$ref: "#/components/schemas/Tree"}
        right: {$ref: "#/components/schemas/Tree"}
        roots: {type: array, items: {$ref: "#/components/schemas/Tree"}}
        twigs: {type: array, items: {$ref: "#/components/schemas/Tree"}}
"""


def body_of(tmp_path: Path, document: str) -> object:
    """The body of the sample of the document's only operation."""
    result = bundle(tmp_path, document)
    (operation,) = operations(result)
    return SampleInputs(result).of(operation).body


def test_a_recursive_body_ends_early(tmp_path: Path) -> None:
    leaf = {"name": "text"}
    branch = {"name": "text", "left": leaf, "right": leaf, "roots": [], "twigs": []}

    assert body_of(tmp_path, RECURSIVE) == {"name": "text", "left": branch, "right": branch, "roots": [leaf], "twigs": [leaf]}


def test_a_flat_body_has_all_its_properties(tmp_path: Path) -> None:
    flat = RECURSIVE.replace('roots: {type: array, items: {$ref: "#/components/schemas/Tree"}}', "roots: {type: integer}")
    flat = "\n".join(line for line in flat.splitlines() if not line.strip().startswith(("left:", "right:", "twigs:")))

    assert body_of(tmp_path, flat) == {"name": "text", "roots": 0}
