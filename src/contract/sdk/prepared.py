"""A document as openapi-python-client reads it best: only successes, and a name for each body that is described in place.

Refusals are typed by our own layer; given to the generator they would become thousands of equal models, one for each
operation and status.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from contract.names import camel
from contract.openapi.operations import METHODS, Json
from contract.runtime.media import is_json

SHAPES = {"properties", "allOf", "oneOf", "anyOf"}
READ_BY_IT = {"application/x-www-form-urlencoded", "multipart/form-data", "application/octet-stream"}


def prepared(bundle: Json) -> Json:
    """A copy for the generator."""
    found = copy.deepcopy(bundle)
    found.pop("webhooks", None)
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for kind in ("responses", "requestBodies"):
        for name, node in components.get(kind, {}).items():
            _name_bodies(schemas, camel(name), node)
    for operation in _written(found):
        operation["responses"] = _successes(operation.get("responses", {}))
        operation.pop("callbacks", None)
    for node in _bodies(found):
        _as_files(node)
    return found


def overrides(bundle: Json) -> dict[str, str]:
    """Media types of requests that the generator does not know; it is told to carry them as files."""
    names = {name for node in _bodies(bundle) for name in node.get("content", {})}
    return {name: "application/octet-stream" for name in sorted(names) if not _is_read(name)}


def _is_read(name: str) -> bool:
    plain = name.partition(";")[0].strip().lower()
    return is_json(plain) or plain in READ_BY_IT


def _written(bundle: Json) -> Iterator[Json]:
    for item in (bundle.get("paths") or {}).values():
        yield from (item[method] for method in METHODS if isinstance(item, dict) and method in item)


def _bodies(bundle: Json) -> Iterator[Json]:
    yield from (node for node in bundle.get("components", {}).get("requestBodies", {}).values() if "content" in node)
    yield from (one["requestBody"] for one in _written(bundle) if "content" in one.get("requestBody", {}))


def _name_bodies(schemas: Json, name: str, node: Json) -> None:
    for media in node.get("content", {}).values():
        schema = media.get("schema")
        if isinstance(schema, dict) and SHAPES & schema.keys():
            own = name if name not in schemas else f"{name}Body"
            if own not in schemas:
                schemas[own] = schema
                media["schema"] = {"$ref": f"#/components/schemas/{own}"}


def _successes(responses: Json) -> Json:
    """Those that are not errors; a `default` stands for them only where nothing else does."""
    found = {status: one for status, one in responses.items() if str(status).startswith("2")}
    return found or {status: one for status, one in responses.items() if status == "default"}


def _as_files(node: Json) -> None:
    for name, media in node["content"].items():
        if not _is_read(name):
            media["schema"] = {"type": "string", "format": "binary"}
