"""The files of forms: properties whose bytes are sent as they are, in contrast to the same schema in JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from contract.generate.all_of import NotJoinableError, join
from contract.generate.schema_types import FILE_FORMAT
from contract.openapi.operations import operations
from contract.openapi.references import Json, unescape
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_binary

SCHEMAS = "#/components/schemas/"


def with_form_components(bundle: Json) -> Json:
    """A document whose components that only forms have (FastAPI writes one for each form) have files. So they keep their names."""
    forms = {
        media.pointer: reference
        for operation in operations(bundle)
        for media in (operation.body.content.values() if operation.body else ())
        if essence(media.name) in {URLENCODED, MULTIPART} and (reference := _reference(media.schema))
    }
    in_forms, everywhere = Counter(forms.values()), Counter(_references(bundle))
    schemas = bundle.get("components", {}).get("schemas", {})
    names = {unescape(reference.removeprefix(SCHEMAS)): reference for reference in in_forms if reference.startswith(SCHEMAS)}
    changed = {
        name: with_files(bundle, schemas[name])
        for name, reference in names.items()
        if name in schemas and in_forms[reference] == everywhere[reference]
    }
    return {**bundle, "components": {**bundle["components"], "schemas": {**schemas, **changed}}} if changed else bundle


def with_files(bundle: Json, schema: Any) -> Any:
    """The schema of a form, with a format for its files."""
    try:
        merged = join(bundle, schema) if isinstance(schema, dict) else {}
    except NotJoinableError:
        return schema
    properties = merged.get("properties", {})
    files = {name: _as_file(node) for name, node in properties.items() if is_binary(bundle, node)}
    return {**merged, "properties": {**properties, **files}} if files else schema


def _as_file(schema: Json) -> Json:
    file: Json = {"type": "string", "format": FILE_FORMAT}
    notes = {"description": schema["description"]} if "description" in schema else {}
    return {"type": "array", "items": file, **notes} if schema.get("type") == "array" else {**file, **notes}


def _reference(schema: Any) -> str | None:
    return schema.get("$ref") if isinstance(schema, dict) else None


def _references(value: Any) -> Iterator[str]:
    """All references, without recursion: a document may be nested deeply."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
