"""The carrying form of one schema: the small part of JSON Schema that types can say, with all that only decides left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.generate.all_of import Unjoinable, is_condition, joined, property_names
from contract.generate.defaults import fits, kinds_of
from contract.generate.discriminators import Variants
from contract.openapi import aliases
from contract.openapi.operations import Json, escape, lookup, resolve
from contract.runtime.visibility import Side, hidden

MODELS = "#/components/schemas/"
ANNOTATIONS = {
    "description",
    "summary",
    "title",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "example",
    "examples",
    "externalDocs",
    "xml",
}
JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", list: "array", dict: "object"}
FILE = "contract:file"  # the format of a form's file, in schemas made here
FORMATS = {"date-time": "date-time", FILE: "binary"}  # those that have a type of their own
LONGEST_INTEGER = 1 << 63
PLAIN_OBJECT: Json = {"type": "object", "additionalProperties": {}}
ModelOf = Callable[[str, Side], str]  # the model of the schema at a pointer


class Deriver:
    """Derives schemas for one side. `plain` collects the places that no type can carry, `left_out` the defaults that do not fit."""

    def __init__(self, bundle: Json, variants: Variants, side: Side, model_of: ModelOf) -> None:
        self._bundle = bundle
        self._variants = variants
        self._side: Side = side
        self._model_of = model_of
        self.plain: list[str] = []
        self.left_out: list[str] = []

    def derive(self, schema: Any, pointer: str) -> Json:
        """The carrying form of a schema and everything below it; `{}` carries anything."""
        if not isinstance(schema, dict):
            return {}
        reference = self._reference(schema)
        if reference is not None and not self._variants.is_variant(pointer):
            return {"$ref": MODELS + self._model_of(reference, self._side), **self._notes(schema, pointer)}
        return self._union_of_family(schema, pointer) or self._inherited(schema, pointer) or self._joined(schema, pointer)

    def _reference(self, schema: Json) -> str | None:
        """The pointer behind a schema that is a reference with nothing but notes beside it."""
        bare = {key: value for key, value in schema.items() if key not in ANNOTATIONS and not key.startswith("x-")}
        if set(bare) == {"$ref"}:
            return str(bare["$ref"]).removeprefix("#")
        if bare.keys() - {"type"} == {"allOf"}:
            kept = [one for index, one in enumerate(bare["allOf"]) if not is_condition(one, self._names_beside(bare["allOf"], index))]
            needs = any(isinstance(one, dict) and "required" in one for one in bare["allOf"])
            return self._reference(kept[0]) if len(kept) == 1 and not needs and isinstance(kept[0], dict) else None
        return None

    def _names_beside(self, parts: list[Any], index: int) -> set[str]:
        """The names of the properties that the other parts of an `allOf` have."""
        return property_names(self._bundle, {"allOf": [*parts[:index], *parts[index + 1 :]]})

    def _notes(self, schema: Json, pointer: str) -> Json:
        found: Json = {"description": schema["description"].strip()} if schema.get("description") else {}
        if "default" in schema:
            target, _ = resolve(self._bundle, schema, "") if "$ref" in schema else (schema, "")
            found |= self._default(schema["default"], target, pointer)
        return found

    def _joined(self, schema: Json, pointer: str) -> Json:
        try:
            node = joined(self._bundle, schema)
        except Unjoinable:
            return self._as_plain(schema, pointer)
        return self._node(node, pointer)

    def _as_plain(self, schema: Json, pointer: str) -> Json:
        self.plain.append(pointer)
        return {**PLAIN_OBJECT, **self._notes(schema, pointer)}

    def _union_of_family(self, schema: Json, pointer: str) -> Json | None:
        """A discriminated parent is one of its children."""
        if not self._variants.children(pointer):
            return None
        found = self._variants.union(pointer)
        return {**self._tagged(*found), **self._notes(schema, pointer)} if found else self._as_plain(schema, pointer)

    def _inherited(self, schema: Json, pointer: str) -> Json | None:
        """`allOf` of one other object and properties of its own becomes a subclass; all other forms are flattened."""
        parts = schema.get("allOf") or []
        bases = [one for one in parts if isinstance(one, dict) and self._reference(one)]
        if len(bases) != 1 or self._variants.is_variant(pointer):
            return None
        base = self._class_behind(str(self._reference(bases[0])))
        own = {**schema, "allOf": [one for one in parts if one is not bases[0]]}
        try:
            mine = joined(self._bundle, own)
        except Unjoinable:
            return None
        if not self._can_extend(base, mine):
            return None
        inner = self._object({key: value for key, value in mine.items() if key != "description"}, pointer)
        return {"allOf": [{"$ref": MODELS + self._model_of(base, self._side)}, inner], **self._notes(schema, pointer)}

    def _class_behind(self, pointer: str) -> str:
        """The schema that a name of another name stands for."""
        seen: set[str] = set()
        while pointer not in seen and isinstance(target := lookup(self._bundle, pointer), dict) and (named := self._reference(target)):
            seen.add(pointer)
            pointer = named
        return pointer

    def _can_extend(self, base: str, own: Json) -> bool:
        """Whether the properties are new, and the base is a plain object with properties that no discriminator tells."""
        inherited = property_names(self._bundle, {"$ref": f"#{base}"})
        names = set(own.get("properties", ()))
        if not names or not inherited or names & inherited or set(own.get("required", ())) - names or self._variants.is_variant(base):
            return False
        try:
            whole = joined(self._bundle, {"$ref": f"#{base}"})
        except Unjoinable:
            return False
        return "discriminator" not in whole and not {"anyOf", "oneOf"} & (whole.keys() | own.keys()) and kinds_of(whole) == ["object"]

    def _node(self, node: Json, pointer: str) -> Json:
        branches = node.get("oneOf") or node.get("anyOf")
        if branches:
            return self._as_plain(node, pointer) if node.get("properties") else self._union(node, branches, pointer)
        if "const" in node:
            node = {**node, "enum": [node["const"]], "default": node["const"]}
        node = _typed(node)
        kinds = kinds_of(node)
        if len(kinds) > 1 and {"object", "array"} & set(kinds):
            return {"anyOf": [self._single({**node, "type": kind}, kind, pointer) for kind in kinds], **self._notes(node, pointer)}
        return self._single(node, kinds[0] if kinds else "", pointer)

    def _single(self, node: Json, kind: str, pointer: str) -> Json:
        if kind not in {"object", "array"}:
            return {**_scalar(node), **self._notes(node, pointer)}
        found = self._object(node, pointer) if kind == "object" else self._array(node, pointer)
        if not _is_nullable(node):
            return found
        if kind == "object":
            notes: Json = {key: found.pop(key) for key in ("description", "default") if key in found}
            return {"anyOf": [found, {"type": "null"}], **notes}
        return {**found, "type": [kind, "null"]}

    def _array(self, node: Json, pointer: str) -> Json:
        items = {} if "prefixItems" in node else self.derive(node.get("items", {}), f"{pointer}/items")
        return {"type": "array", "items": items, **self._notes(node, pointer)}

    def _object(self, node: Json, pointer: str) -> Json:
        if not node.get("properties"):
            values = node.get("additionalProperties", {})
            return {
                "type": "object",
                "additionalProperties": self.derive(values, f"{pointer}/additionalProperties"),
                **self._notes(node, pointer),
            }
        known = aliases.of(node)
        kept = {
            name: self._property(one, f"{pointer}/properties/{escape(name)}")
            for name, one in node["properties"].items()
            if name not in known and one is not False and not hidden(self._bundle, one, self._side)
        }
        required = [name for name in dict.fromkeys([*node.get("required", ()), *_with_default(kept)]) if name in kept]
        return {"type": "object", "properties": kept, "required": required, **self._notes(node, pointer)}

    def _property(self, schema: Any, pointer: str) -> Json:
        """A property takes over the default of what it refers to."""
        found = self.derive(schema, pointer)
        if "$ref" in found and "default" not in found:
            target = lookup(self._bundle, str(self._reference(schema)))
            if isinstance(target, dict) and "default" in target:
                found |= self._default(target["default"], target, pointer)
        return found

    def _union(self, node: Json, branches: list[Any], pointer: str) -> Json:
        tagged = self._variants.union(pointer)
        nulls = [{"type": "null"}] if any(isinstance(one, dict) and one.get("type") == "null" for one in branches) else []
        if tagged is not None:
            found = self._tagged(*tagged)
            return {**({"anyOf": [found, *nulls]} if nulls else found), **self._notes(node, pointer)}
        keyword = "oneOf" if "oneOf" in node else "anyOf"
        derived = [self.derive(_with_type(one, node), f"{pointer}/{keyword}/{index}") for index, one in enumerate(branches)]
        return {"anyOf": derived, **self._notes(node, pointer)}

    def _tagged(self, name: str, told: dict[str, str]) -> Json:
        mapping = {value: MODELS + self._model_of(target, self._side) for value, target in told.items()}
        return {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": name, "mapping": mapping},
        }

    def _default(self, value: Any, schema: Json, pointer: str) -> Json:
        if fits(self._bundle, schema, value):
            return {"default": value}
        self.left_out.append(f"{pointer}/default")
        return {}


def _with_type(branch: Any, around: Json) -> Any:
    """A branch of a union has the type that is written around the union."""
    if not isinstance(branch, dict) or "type" not in around or {"type", "$ref", "allOf", "anyOf", "oneOf"} & branch.keys():
        return branch
    return {"type": around["type"], **branch}


def _is_nullable(node: Json) -> bool:
    return not isinstance(node.get("type", ""), str) and "null" in node["type"]


def _typed(node: Json) -> Json:
    """The node with the types of its choices where it names none."""
    if "type" in node or not node.get("enum"):
        return node
    return {**node, "type": list(dict.fromkeys(JSON_TYPES[type(one)] for one in node["enum"]))}


def _scalar(node: Json) -> Json:
    """Type, format and choices of a value that is neither object nor array."""
    found: Json = {"type": _with_integers(node["type"])} if "type" in node else {}
    choices = node.get("enum")
    if choices and _can_be_literal(choices):
        found["enum"] = choices
    if node.get("format") in FORMATS and "string" in found.get("type", ()):
        found["format"] = FORMATS[node["format"]]
    return found


def _with_integers(kinds: Any) -> Any:
    """Among values of several types a whole number stays one: `5` must not become `5.0`."""
    if isinstance(kinds, str) or "number" not in kinds or "integer" in kinds or set(kinds) == {"number", "null"}:
        return kinds
    index = kinds.index("number")
    return [*kinds[:index], "integer", *kinds[index:]]


def _can_be_literal(choices: list[Any]) -> bool:
    """A `Literal` holds text, whole numbers and null."""
    return all(
        one is None or isinstance(one, str) or (isinstance(one, int) and not isinstance(one, bool) and abs(one) < LONGEST_INTEGER)
        for one in choices
    )


def _with_default(properties: dict[str, Json]) -> list[str]:
    return [name for name, one in properties.items() if "default" in one]
