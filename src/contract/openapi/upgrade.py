"""OpenAPI 3.0 -> 3.1, in place: JSON Schema 2020-12 keywords replace those of 3.0."""

from __future__ import annotations

from contract.openapi.locations import Marks
from contract.openapi.references import Json
from contract.openapi.shape import walk

BESIDE_REFERENCES = ("$ref", "summary", "description")
EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def upgrade(bundle: Json, marks: Marks) -> None:
    """Convert every schema of a 3.0 bundle and set the version. Marks move with what is moved."""
    bundle["openapi"] = "3.1.0"
    for node in list(walk(bundle)):
        if node.kind == "schema" and isinstance(node.value, dict):
            _schema(node.value, marks)


def _schema(schema: Json, marks: Marks) -> None:
    if "$ref" in schema:  # 3.0 ignores the siblings of a reference
        for key in set(schema) - set(BESIDE_REFERENCES):
            del schema[key]
        return
    if schema.pop("nullable", None) is True:
        _allow_null(schema)
    for exclusive, bound in EXCLUSIVE.items():
        _exclusive_bound(schema, exclusive, bound)
    if "example" in schema:
        _example(schema, marks)


def _allow_null(schema: Json) -> None:
    """Null joins the type; without a type it joins the alternatives; a bare `allOf` becomes one of two alternatives."""
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        return
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            if not any(
                isinstance(branch, dict) and branch.get("nullable") is True for branch in schema[key]
            ):  # null must match exactly one branch of a oneOf
                schema[key].append({"type": "null"})
            return
    if "allOf" in schema:
        schema["anyOf"] = [{"allOf": schema.pop("allOf")}, {"type": "null"}]


def _exclusive_bound(schema: Json, exclusive: str, bound: str) -> None:
    if not isinstance(schema.get(exclusive), bool):
        return
    if schema.pop(exclusive) and bound in schema:
        schema[exclusive] = schema.pop(bound)


def _example(schema: Json, marks: Marks) -> None:
    value = schema.pop("example")
    if "examples" in schema:
        return
    schema["examples"] = [value]
    members = marks.of(schema)
    if "example" in members:
        marks.record(schema["examples"], {0: members["example"]})
        marks.record(schema, {**members, "examples": members["example"]})
