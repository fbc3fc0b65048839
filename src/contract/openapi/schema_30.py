"""One schema, JSON Schema 2020-12 -> the dialect of OpenAPI 3.0. Parts that 3.0 cannot express are omitted and reported, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract.openapi.references import Json, escape

KEYWORDS = (
    "$ref title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems "
    "maxProperties minProperties required enum type not allOf oneOf anyOf items properties additionalProperties description format default "
    "nullable discriminator readOnly writeOnly example externalDocs deprecated xml"
)
KNOWN = frozenset(KEYWORDS.split())
DEFINITIONS = ("$defs", "definitions")  # the used ones become components
NULL: Json = {"type": "string", "nullable": True, "enum": [None]}  # `nullable` has no effect without `type` beside it (3.0.3)
BOUNDS = {"exclusiveMinimum": ("minimum", max), "exclusiveMaximum": ("maximum", min)}


@dataclass(frozen=True, slots=True)
class Projector:
    """`drop` receives the pointers of omitted parts; `reference` rewrites references, whose targets may be omitted."""

    drop: Callable[[str], None]
    reference: Callable[[str], str]

    def schema(self, original: Any, pointer: str) -> Json:
        """The 3.0 form of the schema at a pointer."""
        if not isinstance(original, dict):
            return {} if original is not False else {"not": {}}
        schema = {key: value for key, value in original.items() if key != "nullable"}
        for step in (_constant, _examples, _bounds, _content):
            step(schema)
        self._patterns(schema, pointer)
        self._tuple(schema, pointer)
        self._leave_out(schema, pointer)
        self._members(schema, pointer)
        _types(schema)
        if schema.get("required") == []:
            del schema["required"]
        if "$ref" in schema:
            schema["$ref"] = self.reference(schema["$ref"])
        return _reference_alone(schema)

    def _patterns(self, schema: Json, pointer: str) -> None:
        """Remove patterns. A closed map is opened for their values, which it would refuse without them."""
        patterns = schema.get("patternProperties")
        if patterns and schema.get("additionalProperties") is False:
            schemas = list(patterns.values())
            schema["additionalProperties"] = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        if patterns and "patternProperties" in schema:
            del schema["patternProperties"]
            self.drop(f"{pointer}/patternProperties")

    def _tuple(self, schema: Json, pointer: str) -> None:
        """Remove `items` beside a prefix: it describes what follows the prefix and would apply to all items without it."""
        if "prefixItems" in schema and "items" in schema:
            del schema["items"]
            self.drop(f"{pointer}/items")

    def _leave_out(self, schema: Json, pointer: str) -> None:
        for key in [key for key in schema if key not in KNOWN and not key.startswith("x-")]:
            del schema[key]
            if key not in DEFINITIONS:
                self.drop(f"{pointer}/{escape(key)}")

    def _members(self, schema: Json, pointer: str) -> None:
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema:
                schema[key] = [self.schema(entry, f"{pointer}/{key}/{index}") for index, entry in enumerate(schema[key])]
        for key in ("items", "not"):
            if key in schema:
                schema[key] = self.schema(schema[key], f"{pointer}/{key}")
        if "properties" in schema:
            schema["properties"] = self._properties(schema["properties"], f"{pointer}/properties")
        if isinstance(schema.get("additionalProperties"), dict):
            schema["additionalProperties"] = self.schema(schema["additionalProperties"], f"{pointer}/additionalProperties")

    def _properties(self, properties: Json, pointer: str) -> Json:
        return {name: self.schema(entry, f"{pointer}/{escape(name)}") for name, entry in properties.items()}


def _constant(schema: Json) -> None:
    if "const" in schema:
        value = schema.pop("const")
        schema |= NULL if value is None else {"enum": [value]}


def _examples(schema: Json) -> None:
    """3.0 has one example: keep the first."""
    examples = schema.pop("examples", None)
    if isinstance(examples, list) and examples and "example" not in schema:
        schema["example"] = examples[0]


def _bounds(schema: Json) -> None:
    """An exclusive bound becomes a flag beside the bound; of two bounds the tighter one stays."""
    for exclusive, (inclusive, tighter) in BOUNDS.items():
        value = schema.get(exclusive)
        if isinstance(value, bool) or value is None:
            continue
        del schema[exclusive]
        if inclusive not in schema or tighter(value, schema[inclusive]) == value:
            schema[inclusive], schema[exclusive] = value, True


def _content(schema: Json) -> None:
    """3.0 writes `format: byte` for base64 and `format: binary` for raw bytes."""
    if "format" in schema:
        return
    if schema.get("contentEncoding") == "base64":
        del schema["contentEncoding"]
        schema["format"] = "byte"
    elif schema.get("contentMediaType") == "application/octet-stream" and "contentEncoding" not in schema:
        del schema["contentMediaType"]
        schema["format"] = "binary"


def _types(schema: Json) -> None:
    """Null becomes `nullable`; several other types become alternatives."""
    types = schema.get("type")
    names = types if isinstance(types, list) else [types] if types else []
    non_null = [name for name in names if name != "null"]
    if names == ["null"]:
        schema |= NULL
        return
    if "null" in names:
        schema["nullable"] = True
    if len(non_null) == 1:
        schema["type"] = non_null[0]
    elif names:
        del schema["type"]
        _alternatives(schema, list(_one_type_each(schema, non_null)))
    if schema.get("type") == "array" and "items" not in schema:
        schema["items"] = {}


def _one_type_each(schema: Json, types: list[str]) -> Iterator[Json]:
    nullable = schema.pop("nullable", False)
    for index, name in enumerate(types):
        items = {"items": schema.pop("items", {})} if name == "array" else {}
        yield {"type": name, **items, **({"nullable": True} if nullable and index == 0 else {})}


def _alternatives(schema: Json, branches: list[Json]) -> None:
    if "anyOf" in schema:
        schema["allOf"] = [*schema.get("allOf", []), {"anyOf": branches}]
    else:
        schema["anyOf"] = branches


def _reference_alone(schema: Json) -> Json:
    """Move a reference with siblings into an `allOf`: 3.0 ignores the siblings of a reference."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    reference = {"$ref": schema.pop("$ref")}
    return {**schema, "allOf": [reference, *schema.get("allOf", [])]}
