"""Form bodies (`application/x-www-form-urlencoded`, `multipart/form-data`): from fields to the JSON value that the schema judges.

A field is read like a query parameter; objects and what `encoding` calls JSON are JSON. A file is text of one character per byte
while it is judged, and bytes in the model.
"""

from __future__ import annotations

from typing import Any

from contract.operations import Json, resolve

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def is_form(media_type: str) -> bool:
    """Whether a media type is one of the two of HTML forms."""
    return media_type in {URLENCODED, MULTIPART}


def is_binary(bundle: Json, schema: Any) -> bool:
    """Whether a form's property is a file, or a list of files."""
    if not isinstance(schema, dict):
        return False
    schema, _ = resolve(bundle, schema, "")
    if schema.get("type") == "array":
        return is_binary(bundle, schema.get("items"))
    binary = schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
    return binary and schema.get("type", "string") == "string"
