"""Two versions of an API of 100 operations, as documents for `contract diff`: every fourth schema and every third operation changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OPERATIONS, SCHEMAS, SHARED, PROPERTIES = 100, 150, 100, 12


def write(folder: Path) -> tuple[str, str]:
    """The paths of the two documents."""
    for name, is_later in (("base", False), ("revision", True)):
        (folder / f"{name}.json").write_text(json.dumps(document(is_later=is_later), indent=2))
    return str(folder / "base.json"), str(folder / "revision.json")


def document(*, is_later: bool) -> dict[str, Any]:
    """One version."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.1.0" if is_later else "1.0.0"},
        "paths": {f"/things{index}/{{id}}": {"put": operation(index, is_later=is_later and index % 3 == 0)} for index in range(OPERATIONS)},
        "components": {"schemas": {f"S{index}": schema(index, is_later=is_later and index % 4 == 0) for index in range(SCHEMAS)}},
    }


def operation(index: int, *, is_later: bool) -> dict[str, Any]:
    """An operation with parameters, a body and three responses."""
    body = {"content": {"application/json": {"schema": reference(index)}}}
    return {
        "operationId": f"put_thing_{index}",
        "tags": ["things"],
        "parameters": [
            {"in": "path", "name": "id", "required": True, "schema": {"type": "string", "maxLength": 20}},
            {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 50 if is_later else 100}},
        ],
        "requestBody": {"required": True, **body},
        "responses": {
            status: {"description": "An answer.", "headers": {"ETag": {"schema": {"type": "string"}}}, **body}
            for status in ("200", "404", "409")
        },
    }


def schema(index: int, *, is_later: bool) -> dict[str, Any]:
    """An object of plain properties and, in the first two of three, two that refer to the last third."""
    plain = {f"p{number}": {"type": "string", "maxLength": 90 + is_later, "description": "A value."} for number in range(PROPERTIES)}
    others = {"near": reference(SHARED + index % 50), "far": reference(SHARED + index * 7 % 50)} if index < SHARED else {}
    return {"type": "object", "required": ["p0"], "properties": {**plain, **others}}


def reference(index: int) -> dict[str, str]:
    """A reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/S{index % SCHEMAS}"}
