"""The TypeScript type of a schema, as requests have it or as responses have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract.generate.all_of import NotJoinableError, join
from contract.openapi.references import Json, escape, lookup, unescape
from contract.runtime.visibility import Side, is_hidden
from contract.sdk.typescript_modules.literals import comment, literal_type, property_name
from contract.sdk.typescript_modules.shapes import is_big

SCHEMAS = "/components/schemas/"
UNKNOWN = "unknown"
OBJECT_KEYWORDS = {"properties", "required", "additionalProperties", "patternProperties"}
ARRAY_KEYWORDS = {"items", "prefixItems"}
OPENING, CLOSING = {"{", "[", "(", "<"}, {"}", "]", ")", ">"}
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/| \| |=>|[][{}()<>]', re.DOTALL)
COMBINATIONS = ("allOf", "oneOf", "anyOf")
# Names of other declarations. A name that is followed at once, not inside an object or an array, must not lead back.
MAX_DEPTH = 100
DEFERRED, DIRECT = "\x01", "\x02"


@dataclass(frozen=True, slots=True)
class View:
    """The purpose of a type. `hidden` are properties that a part of an allOf must not require; `owner` is the component it belongs to."""

    side: Side
    is_form: bool = False
    is_direct: bool = True
    hidden: frozenset[str] = frozenset()
    owner: str = ""
    depth: int = 0

    def inside(self, *, is_form: bool) -> View:
        """The view of a member of an object or an array."""
        return View(self.side, is_form, is_direct=False, depth=self.depth + 1)

    def part(self, hidden: Iterable[str] = ()) -> View:
        """The view of a part of the same value."""
        return View(self.side, self.is_form, self.is_direct, self.hidden | frozenset(hidden), self.owner, self.depth + 1)


NameOf = Callable[[str, View], str]
Hoist = Callable[[Any, View], str]


class TypeExpressions:
    """Makes expressions. `name_of` gives the declaration of the schema at a pointer, `hoist` that of a schema that is nested deeply."""

    def __init__(self, bundle: Json, name_of: NameOf, hoist: Hoist, *, bigint: bool) -> None:
        self._bundle = bundle
        self._name_of = name_of
        self._bigint = bigint
        self._hoist = hoist

    def of(self, schema: Any, view: View) -> str:
        """The type of a schema."""
        if schema is False:
            return "never"
        if not isinstance(schema, dict):
            return UNKNOWN
        if view.depth > MAX_DEPTH:
            return DEFERRED + self._hoist(schema, View(view.side, view.is_form, is_direct=False))
        hidden = self._hidden_names(schema, view.side, frozenset()) if "allOf" in schema else set()
        view = view.part(hidden)
        parts = [part for part in self._parts(schema, view) if part != UNKNOWN]
        distinct = list(dict.fromkeys(parts))
        return intersection(distinct) if distinct else UNKNOWN

    def _parts(self, schema: Json, view: View) -> Iterator[str]:
        if "$ref" in schema:
            yield (DIRECT if view.is_direct else DEFERRED) + self._name_of(schema["$ref"].removeprefix("#"), view)
        if "$dynamicRef" in schema:
            yield self._dynamic(str(schema["$dynamicRef"]), view)
        yield self._own(schema, view)
        for branch in schema.get("allOf", ()):
            yield self.of(branch, view)
        for keyword in ("oneOf", "anyOf"):
            if schema.get(keyword):
                yield self._alternatives(schema, schema[keyword], view)

    def _dynamic(self, reference: str, view: View) -> str:
        """The component with the anchor. Its other meanings extend it."""
        anchor = reference.rpartition("#")[2]
        schemas = self._bundle.get("components", {}).get("schemas", {})
        names = [name for name, schema in schemas.items() if isinstance(schema, dict) and schema.get("$dynamicAnchor") == anchor]
        return DEFERRED + self._name_of(SCHEMAS + escape(names[0]), view) if names and not view.is_direct else UNKNOWN

    def _own(self, schema: Json, view: View) -> str:
        if "const" in schema:
            return self._literals(schema, [schema["const"]])
        if isinstance(schema.get("enum"), list):
            return self._literals(schema, schema["enum"])
        types = schema.get("type")
        names = [types] if isinstance(types, str) else list(types or self._implied(schema))
        return union(self._typed(schema, name, view) for name in names) if names else UNKNOWN

    def _literals(self, schema: Json, values: list[Any]) -> str:
        types = schema.get("type")
        allowed = [types] if isinstance(types, str) else types
        is_bigint = self._is_big(schema)
        fitting = [value for value in values if value is not None or allowed is None or "null" in allowed]
        return union(literal_type(value, is_bigint=is_bigint) for value in fitting) or "never"

    def _implied(self, schema: Json) -> list[str]:
        if OBJECT_KEYWORDS & schema.keys():
            return ["object"]
        return ["array"] if ARRAY_KEYWORDS & schema.keys() else []

    def _typed(self, schema: Json, name: str, view: View) -> str:
        match name:
            case "object":
                return self._object(schema, view)
            case "array":
                return self._array(schema, view)
            case "string":
                return "$.Bytes | $.FormFile" if view.is_form and not view.is_direct and _is_file(schema) else "string"
            case "integer" | "number":
                return "bigint" if self._is_big(schema) else "number"
            case "boolean" | "null":
                return name
            case _:
                return UNKNOWN

    def _is_big(self, schema: Json) -> bool:
        return self._bigint and is_big(schema)

    def _array(self, schema: Json, view: View) -> str:
        inside = view.inside(is_form=view.is_form)
        prefix = schema.get("prefixItems")
        items = schema.get("items", True)
        if not isinstance(prefix, list) or not prefix:
            return f"{grouped(self.of(items, inside))}[]"
        minimum = schema.get("minItems", 0)
        elements = [grouped(self.of(item, inside)) + ("" if position < minimum else "?") for position, item in enumerate(prefix)]
        is_closed = items is False or schema.get("maxItems", len(prefix) + 1) <= len(prefix)
        rest = [] if is_closed else [f"...{grouped(self.of(items, inside))}[]"]
        return "[" + ", ".join([*elements, *rest]) + "]"

    def _object(self, schema: Json, view: View) -> str:
        properties = schema.get("properties") or {}
        shown = {name: node for name, node in properties.items() if not is_hidden(self._bundle, node, view.side)}
        hidden = view.hidden | (properties.keys() - shown.keys())
        required = [name for name in schema.get("required", ()) if name not in hidden]
        additional = schema.get("additionalProperties")
        if not shown and not required and additional is None and any(keyword in schema for keyword in ("$ref", *COMBINATIONS)):
            return UNKNOWN  # another part says what the object has
        # Only the properties of the form itself are files.
        inside = view.inside(is_form=view.is_form and view.is_direct)
        types = {name: self.of(node, inside) for name, node in shown.items()}
        others = {name: self.of(additional, inside) if additional is not None else UNKNOWN for name in required if name not in types}
        lines: list[str] = []
        for name, text in {**types, **others}.items():
            lines += property_comment(shown.get(name))
            lines.append(f"{property_name(name)}{'' if name in required else '?'}: {text};")
        index = self._index(schema, inside, list({**types, **others}.values()))
        return block([*lines, *([f"[key: string]: {index};"] if index else [])])

    def _index(self, schema: Json, inside: View, members: list[str]) -> str | None:
        """The type of properties that are not named; None if there are none."""
        additional = schema.get("additionalProperties", None if members else not schema.get("patternProperties"))
        patterns = [self.of(node, inside) for node in (schema.get("patternProperties") or {}).values()]
        if additional is False and not members and not patterns:
            return "never"
        values = [*patterns, *([self.of(additional, inside)] if additional is not None and additional is not False else [])]
        if not values:
            return None
        if UNKNOWN in values:
            return UNKNOWN
        return union([*values, *members, *(["undefined"] if members else [])])

    def _alternatives(self, schema: Json, branches: list[Any], view: View) -> str:
        discriminator = schema.get("discriminator")
        property_of_kind = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        if property_of_kind is None or not isinstance(discriminator, dict):
            return union(self.of(branch, view) for branch in branches)
        mapping = {value: pointer_of(name) for value, name in (discriminator.get("mapping") or {}).items() if isinstance(name, str)}
        return union(self._tagged(branch, property_of_kind, mapping, view) for branch in branches)

    def _tagged(self, branch: Any, name: str, mapping: Mapping[str, str], view: View) -> str:
        """An alternative, with the values of the discriminating property if its schema does not fix them."""
        text = self.of(branch, view)
        if not isinstance(branch, dict) or "$ref" not in branch:
            return text
        pointer = branch["$ref"].removeprefix("#")
        values = [value for value, target in mapping.items() if target == pointer] or [unescape(pointer.rpartition("/")[2])]
        allowed = self._allowed(branch, name)
        if isinstance(allowed, list) and (set(map(str, allowed)) <= set(values) or not set(values) & set(map(str, allowed))):
            return text
        return intersection([block([f"{property_name(name)}: {union(literal_type(value) for value in values)};"]), text])

    def _allowed(self, branch: Json, name: str) -> list[Any] | None:
        """The values of a property of an alternative; None if its schema does not list them."""
        try:
            described = join(self._bundle, join(self._bundle, branch).get("properties", {}).get(name, {}))
        except NotJoinableError:
            return None
        return [described["const"]] if "const" in described else described.get("enum")

    def _hidden_names(self, schema: Any, side: Side, visited: frozenset[str]) -> set[str]:
        """The properties that a schema, its references and the parts of its allOf hide."""
        if not isinstance(schema, dict) or schema.get("$ref") in visited:
            return set()
        hidden = {name for name, node in (schema.get("properties") or {}).items() if is_hidden(self._bundle, node, side)}
        if "$ref" in schema:
            hidden |= self._hidden_names(lookup(self._bundle, schema["$ref"]), side, visited | {schema["$ref"]})
        for branch in schema.get("allOf", ()):
            hidden |= self._hidden_names(branch, side, visited)
        return hidden


def property_comment(node: Any) -> list[str]:
    """The comment of a property."""
    if not isinstance(node, dict):
        return []
    return comment(str(node.get("description") or ""), tags=["@deprecated"] if node.get("deprecated") is True else [])


def pointer_of(name: str) -> str:
    """The pointer of a schema that a mapping names: by reference, or by the name of a component."""
    return name.removeprefix("#") if name.startswith("#") else SCHEMAS + escape(name)


def union(texts: Iterable[str]) -> str:
    """The type of values of any of these types."""
    distinct = list(dict.fromkeys(text for text in texts if text))
    if UNKNOWN in distinct:
        return UNKNOWN
    kept = [text for text in distinct if text != "never"] or distinct
    return " | ".join(f"({text})" if " & " in text and len(kept) > 1 else text for text in kept)


def members_of(text: str) -> list[str]:
    """The types of which a type is the union: the parts between bars, outside of brackets and texts."""
    members, depth, start = [], 0, 0
    for token in TOKEN.finditer(text):
        if token[0] == " | " and depth == 0:
            members.append(text[start : token.start()])
            start = token.end()
        depth += (token[0] in OPENING) - (token[0] in CLOSING)
    return [*members, text[start:]]


def intersection(texts: list[str]) -> str:
    """The type of values of all of these types."""
    return texts[0] if len(texts) == 1 else " & ".join(grouped(text) for text in texts)


def grouped(text: str) -> str:
    """A type that can be part of a larger one."""
    return f"({text})" if (" | " in text or " & " in text) and not (text.startswith("{") and _is_one_block(text)) else text


def block(lines: list[str]) -> str:
    """An object type."""
    if not lines:
        return "{ [key: string]: unknown }"
    return "{\n" + "\n".join(f"  {line}" for text in lines for line in text.split("\n")) + "\n}"


def is_block(text: str) -> bool:
    """Whether a type is one object type, so that an interface can declare it."""
    return text.startswith("{\n") and _is_one_block(text)


def _is_one_block(text: str) -> bool:
    return text.startswith("{\n") and text.endswith("\n}") and "\n}" not in text[:-1].removesuffix("\n")


def _is_file(schema: Json) -> bool:
    return schema.get("format") == "binary" or ("contentMediaType" in schema and "contentEncoding" not in schema)
