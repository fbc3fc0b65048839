"""The document as input for openapi-python-client: only successes, and a name for each inline body.

Errors are typed by the client's own layer. The generator would make thousands of equal models from them, one for each operation and status.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from contract.names import camel
from contract.openapi.operations import METHODS
from contract.openapi.references import Json
from contract.runtime.media import is_json

SHAPES = {"properties", "allOf", "oneOf", "anyOf"}
SUPPORTED_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"}


def generator_input(bundle: Json) -> Json:
    """A copy for the generator."""
    document = copy.deepcopy(bundle)
    document.pop("webhooks", None)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for kind in ("responses", "requestBodies"):
        for name, node in components.get(kind, {}).items():
            _name_bodies(schemas, camel(name), node)
    for operation in _operations(document):
        operation["responses"] = _successes(operation.get("responses", {}))
        operation.pop("callbacks", None)
    for node in _bodies(document):
        _as_files(node)
    return document


def overrides(bundle: Json) -> dict[str, str]:
    """Request media types that the generator does not support. It treats them as files."""
    names = {name for node in _bodies(bundle) for name in node.get("content", {})}
    return {name: "application/octet-stream" for name in sorted(names) if not _is_supported(name)}


def _is_supported(name: str) -> bool:
    plain = name.partition(";")[0].strip().lower()
    return is_json(plain) or plain in SUPPORTED_TYPES


def _operations(bundle: Json) -> Iterator[Json]:
    for item in (bundle.get("paths") or {}).values():
        yield from (item[method] for method in METHODS if isinstance(item, dict) and method in item)


def _bodies(bundle: Json) -> Iterator[Json]:
    yield from (node for node in bundle.get("components", {}).get("requestBodies", {}).values() if "content" in node)
    yield from (operation["requestBody"] for operation in _operations(bundle) if "content" in operation.get("requestBody", {}))


def _name_bodies(schemas: Json, name: str, node: Json) -> None:
    for media in node.get("content", {}).values():
        schema = media.get("schema")
        if isinstance(schema, dict) and SHAPES & schema.keys():
            model_name = name if name not in schemas else f"{name}Body"
            if model_name not in schemas:
                schemas[model_name] = schema
                media["schema"] = {"$ref": f"#/components/schemas/{model_name}"}


def _successes(responses: Json) -> Json:
    """The responses that are not errors; a `default` only if there is no other success."""
    successes = {status: response for status, response in responses.items() if str(status).startswith("2")}
    return successes or {status: response for status, response in responses.items() if status == "default"}


def _as_files(node: Json) -> None:
    for name, media in node["content"].items():
        if not _is_supported(name):
            media["schema"] = {"type": "string", "format": "binary"}
