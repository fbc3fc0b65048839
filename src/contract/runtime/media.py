"""Media types: JSON, forms, and files in forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contract.openapi.references import Json, resolve

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def ranges(name: str) -> tuple[str, ...]:
    """The media types and ranges that include one without parameters, the narrowest first (RFC 9110, section 12.5.1)."""
    kind, slash, _ = name.partition("/")
    return (name, f"{kind}/*", "*/*") if slash else ()


def covering(documented: Iterable[str], media_type: str) -> str | None:
    """The documented media type or range that includes this one, the narrowest first."""
    by_essence = {essence(name): name for name in documented}
    return next((by_essence[name] for name in ranges(essence(media_type)) if name in by_essence), None)


def is_json(media_type: str) -> bool:
    """Whether a media type is application/json or has the suffix +json."""
    return media_type == "application/json" or media_type.endswith("+json")


def is_form(media_type: str) -> bool:
    """Whether a media type is one of the two of HTML forms."""
    return media_type in {URLENCODED, MULTIPART}


def is_structured(media_type: str) -> bool:
    """Whether a media type is JSON or a form, so that a schema validates it and a model holds it."""
    return is_json(essence(media_type)) or is_form(essence(media_type))


def is_binary(bundle: Json, schema: Any) -> bool:
    """Whether a property of a form is a file, or a list of files."""
    if not isinstance(schema, dict):
        return False
    schema, _ = resolve(bundle, schema, "")
    if schema.get("type") == "array":
        return is_binary(bundle, schema.get("items"))
    binary = schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
    return binary and schema.get("type", "string") == "string"
