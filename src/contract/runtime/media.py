"""Media types: which are JSON, which are forms, and what of a form is a file."""

from __future__ import annotations

from typing import Any

from contract.openapi.operations import Json, resolve

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """application/json and its +json relatives."""
    return media_type == "application/json" or media_type.endswith("+json")


def is_form(media_type: str) -> bool:
    """Whether a media type is one of the two of HTML forms."""
    return media_type in {URLENCODED, MULTIPART}


def is_judged(written: str) -> bool:
    """Whether a media type as it is written is JSON or a form: what a schema judges and a model carries."""
    return is_json(essence(written)) or is_form(essence(written))


def is_binary(bundle: Json, schema: Any) -> bool:
    """Whether a form's property is a file, or a list of files."""
    if not isinstance(schema, dict):
        return False
    schema, _ = resolve(bundle, schema, "")
    if schema.get("type") == "array":
        return is_binary(bundle, schema.get("items"))
    binary = schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
    return binary and schema.get("type", "string") == "string"
