"""Whether a document is OpenAPI: the meta-schemas of 3.0 and 3.1, run by jsonschema-rs, with readable sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from contract.openapi.references import Json, escape
from contract.openapi.shape import walk

MAX_MESSAGE_LENGTH = 120  # longer messages quote whole objects
Violation = tuple[str, str]  # the JSON pointer and the sentence


def violations(bundle: Json) -> Iterator[Violation]:
    """The violations of the meta-schema of the document's version, in document order as far as the validator keeps it."""
    version = "3.0" if str(bundle.get("openapi", "")).startswith("3.0") else "3.1"
    yield from _errors(_meta_schema(version), bundle, "")
    if version == "3.1":
        yield from _schema_violations(bundle)


def _schema_violations(bundle: Json) -> Iterator[Violation]:
    """Check each component, and each schema outside the components, as a whole, so that nothing is checked twice."""
    checked_prefix = ""
    for node in walk(bundle):
        if node.kind == "schema" and not (checked_prefix and node.pointer.startswith(checked_prefix)):
            checked_prefix = f"{node.pointer}/"
            yield from _errors(_dialect(), node.value, node.pointer)


def _errors(validator: Any, value: Any, pointer: str) -> Iterator[Violation]:
    if validator.is_valid(value):
        return
    for error in validator.iter_errors(value):
        yield from _explain(error, pointer)


def _explain(error: Any, pointer: str) -> Iterator[Violation]:
    """The error, or for a choice without a matching branch the errors of the best branch."""
    branches = getattr(error.kind, "context", None)
    if branches and (best_errors := _best_branch(branches, len(error.instance_path))):
        for branch_error in best_errors:
            yield from _explain(branch_error, pointer)
        return
    location = pointer + "".join(f"/{escape(str(part))}" for part in error.instance_path)
    if error.kind.name in {"additionalProperties", "unevaluatedProperties"}:
        yield from ((f"{location}/{escape(name)}", f"unknown field {name!r}") for name in error.kind.unexpected)
    else:
        yield location, _sentence(error)


def _best_branch(branches: list[list[Any]], depth: int) -> list[Any]:
    """The branch whose errors lie deepest, except those that only report that a reference was expected."""
    candidates = [branch for branch in branches if branch and not _wants_reference(branch, depth)]
    return max(candidates, key=lambda branch: (max(len(error.instance_path) for error in branch), -len(branch)), default=[])


def _wants_reference(branch: list[Any], depth: int) -> bool:
    return any(getattr(error.kind, "property", "") == "$ref" and len(error.instance_path) == depth for error in branch)


def _sentence(error: Any) -> str:
    match error.kind.name:
        case "required":
            return f"{error.kind.property!r} is missing"
        case "not" | "falseSchema":
            return "this combination is not allowed here"
        case _:
            return (
                str(error.message).replace('"', "'")
                if len(error.message) < MAX_MESSAGE_LENGTH
                else f"this is not allowed here ({error.kind.name})"
            )


@cache
def _meta_schema(version: str) -> Any:
    spec = find_spec("openapi_spec_validator")  # located only: importing it takes a second
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0]) / "resources" / "schemas" / f"v{version}" / "schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    if version == "3.1":  # where it differs from the text (section 4.8.20): a server is called `body`, and arguments are texts only
        link = schema["$defs"]["link"]["properties"]
        link["server"] = link.pop("body")
        link["parameters"] = {"type": "object"}
    return jsonschema_rs.validator_for(schema)


@cache
def _dialect() -> Any:
    """The meta-schema of JSON Schema 2020-12. The OpenAPI dialect only adds annotations to it."""
    return jsonschema_rs.validator_for({"$ref": "https://json-schema.org/draft/2020-12/schema"})
