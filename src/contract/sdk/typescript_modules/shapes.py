"""Where responses have 64-bit integers, for packages whose type for them is `bigint`."""

from __future__ import annotations

from typing import Any

from contract.openapi.references import Json, lookup
from contract.sdk.typescript_modules.literals import EXACT_INTEGER, js, key

BIG_FORMATS = {"int64", "uint64", "long"}
READERS = {"$.json": "$.exactJson", "$.jsonEvents": "$.exactEvents", "$.jsonLines": "$.exactLines"}


def is_big(schema: Json) -> bool:
    """Whether a schema describes an integer that may not fit a JavaScript number."""
    types = schema.get("type")
    if types != "integer" and not (isinstance(types, list) and "integer" in types):
        return False
    bounds = [schema[name] for name in ("minimum", "maximum") if isinstance(schema.get(name), int)]
    return schema.get("format") in BIG_FORMATS or any(abs(bound) >= EXACT_INTEGER for bound in bounds)


class Shapes:
    """The shapes of schemas, which `exact.ts` reads: `1` for a bigint, an object for what contains some; references are functions."""

    def __init__(self, bundle: Json, *, bigint: bool) -> None:
        self._bundle = bundle
        self._bigint = bigint
        self._names: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._has_big: dict[str, bool] = {}

    def reader(self, schema: Any, plain: str) -> str:
        """The reader of a body: the plain one, or one that makes bigints where the schema has them."""
        if not self._bigint or not self._contains(schema, set()):
            return plain
        return f"{READERS[plain]}({self._of(schema)})"

    def module(self) -> str:
        """The text of the module with the shapes that are used."""
        lines = ['import type { Shape } from "./exact.js";', ""]
        return "\n".join([*lines, *(f"export const {name}: () => Shape = () => ({text});" for name, text in self._texts.items())]) + "\n"

    def _contains(self, schema: Any, visited: set[str]) -> bool:
        if not isinstance(schema, dict):
            return False
        reference = schema.get("$ref")
        if reference is not None and reference not in visited:
            visited.add(reference)
            if self._contains(lookup(self._bundle, reference), visited):
                return True
        return is_big(schema) or any(self._contains(child, visited) for child in _children(schema))

    def _of(self, schema: Any) -> str:
        """The expression of a shape; `0` for nothing."""
        if not self._contains(schema, set()):
            return "0"
        if is_big(schema):
            return "1"
        parts = [self._reference(schema["$ref"])] if "$ref" in schema else []
        parts += [self._of(branch) for keyword in ("allOf", "oneOf", "anyOf") for branch in schema.get(keyword, ())]
        parts.append(self._own(schema))
        kept = list(dict.fromkeys(part for part in parts if part != "0"))
        return kept[0] if len(kept) == 1 else f"{{ all: [{', '.join(kept)}] }}"

    def _own(self, schema: Json) -> str:
        properties = {name: self._of(node) for name, node in (schema.get("properties") or {}).items()}
        members = ", ".join(f"{key(name)}: {text}" for name, text in properties.items() if text != "0")
        fields = [f"properties: {{ {members} }}"] if members else []
        named = ", ".join(map(js, properties)) if properties else ""
        for field, keyword in (("others", "additionalProperties"), ("items", "items")):
            text = self._of(schema.get(keyword))
            fields += [f"{field}: {text}"] if text != "0" else []
        if named and any(field.startswith("others") for field in fields):
            fields.append(f"named: [{named}]")
        prefix = [self._of(item) for item in schema.get("prefixItems") or ()]
        fields += [f"prefix: [{', '.join(prefix)}]"] if set(prefix) - {"0"} else []
        return f"{{ {', '.join(fields)} }}" if fields else "0"

    def _reference(self, reference: str) -> str:
        if reference not in self._names:
            self._names[reference] = f"$s{len(self._names)}"
            self._texts[self._names[reference]] = ""
            self._texts[self._names[reference]] = self._of(lookup(self._bundle, reference)).replace("s.$s", "$s")
        return f"s.{self._names[reference]}"


def _children(schema: Json) -> list[Any]:
    lists = [*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ()), *(schema.get("prefixItems") or ())]
    maps = [*(schema.get("properties") or {}).values(), *(schema.get("patternProperties") or {}).values()]
    return [*lists, *maps, schema.get("additionalProperties"), schema.get("items")]
