"""The model form of one schema: the part of JSON Schema that types can express, without constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.generate.all_of import NotJoinableError, is_condition, join, property_names
from contract.generate.defaults import can_be_default, type_names
from contract.generate.discriminators import DiscriminatedUnions
from contract.openapi import aliases
from contract.openapi.references import Json, escape, lookup, resolve
from contract.runtime.model_conversion import FIELD
from contract.runtime.visibility import Side, is_hidden

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
FILE_FORMAT = "contract:file"  # the format of files in the schemas derived here
FORMATS = {"date-time": "date-time", FILE_FORMAT: "binary"}  # formats that have a Python type
INTEGER_LIMIT = 1 << 63
PLAIN_OBJECT: Json = {"type": "object", "additionalProperties": {}}
ModelOf = Callable[[str, Side], str]  # the model of the schema at a pointer


class ModelSchemaDeriver:
    """Derives schemas for one side.

    `untyped` collects the pointers of schemas that no type expresses, `not_expressed` those of defaults of another type.
    """

    def __init__(self, bundle: Json, unions: DiscriminatedUnions, side: Side, model_of: ModelOf) -> None:
        self._bundle = bundle
        self._unions = unions
        self._side: Side = side
        self._model_of = model_of
        self.untyped: list[str] = []
        self.not_expressed: list[str] = []

    def derive(self, schema: Any, pointer: str) -> Json:
        """The model form of a schema and everything below it. `{}` stands for any value."""
        if not isinstance(schema, dict):
            return {}
        reference = self._reference(schema)
        if reference is not None and not self._unions.is_variant(pointer):
            return {"$ref": MODELS + self._model_of(reference, self._side), **self._annotations(schema, pointer)}
        return self._union_of_family(schema, pointer) or self._inherited(schema, pointer) or self._merged(schema, pointer)

    def _reference(self, schema: Json) -> str | None:
        """The target of a schema that is a reference with only annotations beside it."""
        keywords = {key: value for key, value in schema.items() if key not in ANNOTATIONS and not key.startswith("x-")}
        if set(keywords) == {"$ref"}:
            return str(keywords["$ref"]).removeprefix("#")
        if keywords.keys() - {"type"} == {"allOf"}:
            parts = [
                part for index, part in enumerate(keywords["allOf"]) if not is_condition(part, self._names_beside(keywords["allOf"], index))
            ]
            has_required = any(isinstance(part, dict) and "required" in part for part in keywords["allOf"])
            return self._reference(parts[0]) if len(parts) == 1 and not has_required and isinstance(parts[0], dict) else None
        return None

    def _names_beside(self, parts: list[Any], index: int) -> set[str]:
        """The property names of the other parts of an `allOf`."""
        return property_names(self._bundle, {"allOf": [*parts[:index], *parts[index + 1 :]]})

    def _annotations(self, schema: Json, pointer: str) -> Json:
        annotations: Json = {"description": schema["description"].strip()} if schema.get("description") else {}
        if "default" in schema:
            target, _ = resolve(self._bundle, schema, "") if "$ref" in schema else (schema, "")
            annotations |= self._default(schema["default"], target, pointer)
        return annotations

    def _merged(self, schema: Json, pointer: str) -> Json:
        try:
            node = join(self._bundle, schema)
        except NotJoinableError:
            return self._as_untyped(schema, pointer)
        return self._node(node, pointer)

    def _as_untyped(self, schema: Json, pointer: str) -> Json:
        self.untyped.append(pointer)
        return {**PLAIN_OBJECT, **self._annotations(schema, pointer)}

    def _union_of_family(self, schema: Json, pointer: str) -> Json | None:
        """A discriminated parent is one of its children."""
        if not self._unions.children(pointer):
            return None
        union = self._unions.union(pointer)
        return {**self._tagged(*union), **self._annotations(schema, pointer)} if union else self._as_untyped(schema, pointer)

    def _inherited(self, schema: Json, pointer: str) -> Json | None:
        """`allOf` of one other object and own properties becomes a subclass; all other forms are flattened."""
        parts = schema.get("allOf") or []
        bases = [part for part in parts if isinstance(part, dict) and self._reference(part)]
        if len(bases) != 1 or self._unions.is_variant(pointer):
            return None
        base = self._class_behind(str(self._reference(bases[0])))
        own_schema = {**schema, "allOf": [part for part in parts if part is not bases[0]]}
        try:
            merged = join(self._bundle, own_schema)
        except NotJoinableError:
            return None
        if not self._can_extend(base, merged):
            return None
        own_object = self._object({key: value for key, value in merged.items() if key != "description"}, pointer)
        return {"allOf": [{"$ref": MODELS + self._model_of(base, self._side)}, own_object], **self._annotations(schema, pointer)}

    def _class_behind(self, pointer: str) -> str:
        """The schema behind a chain of references."""
        visited: set[str] = set()
        while (
            pointer not in visited
            and isinstance(target := lookup(self._bundle, pointer), dict)
            and (next_pointer := self._reference(target))
        ):
            visited.add(pointer)
            pointer = next_pointer
        return pointer

    def _can_extend(self, base: str, own: Json) -> bool:
        """Whether the properties are new, and the base is a plain object without a discriminator."""
        inherited = property_names(self._bundle, {"$ref": f"#{base}"})
        names = set(own.get("properties", ()))
        if not names or not inherited or names & inherited or set(own.get("required", ())) - names or self._unions.is_variant(base):
            return False
        try:
            merged = join(self._bundle, {"$ref": f"#{base}"})
        except NotJoinableError:
            return False
        return "discriminator" not in merged and not {"anyOf", "oneOf"} & (merged.keys() | own.keys()) and type_names(merged) == ["object"]

    def _node(self, node: Json, pointer: str) -> Json:
        branches = node.get("oneOf") or node.get("anyOf")
        if branches:
            return self._as_untyped(node, pointer) if node.get("properties") else self._union(node, branches, pointer)
        if "const" in node:
            node = {**node, "enum": [node["const"]]}
        node = _with_enum_types(node)
        names = type_names(node)
        if len(names) > 1 and {"object", "array"} & set(names):
            return {"anyOf": [self._single({**node, "type": name}, name, pointer) for name in names], **self._annotations(node, pointer)}
        return self._single(node, names[0] if names else "", pointer)

    def _single(self, node: Json, type_name: str, pointer: str) -> Json:
        if type_name not in {"object", "array"}:
            return {**_scalar(node), **self._annotations(node, pointer)}
        derived = self._object(node, pointer) if type_name == "object" else self._array(node, pointer)
        if not _is_nullable(node):
            return derived
        if type_name == "object":
            annotations: Json = {key: derived.pop(key) for key in ("description", "default") if key in derived}
            return {"anyOf": [derived, {"type": "null"}], **annotations}
        return {**derived, "type": [type_name, "null"]}

    def _array(self, node: Json, pointer: str) -> Json:
        items = {} if "prefixItems" in node else self.derive(node.get("items", {}), f"{pointer}/items")
        return {"type": "array", "items": items, **self._annotations(node, pointer)}

    def _object(self, node: Json, pointer: str) -> Json:
        if not node.get("properties"):
            types = [self.derive(schema, pointer + suffix) for suffix, schema in undeclared(node).items()] or [{}]
            return {
                "type": "object",
                "additionalProperties": types[0] if len(types) == 1 else {"anyOf": types},
                **self._annotations(node, pointer),
            }
        alias_names = aliases.of(node)
        needed = set(node.get("required", ()))
        properties = {
            name: self._property(property_schema, f"{pointer}/properties/{escape(name)}", is_required=name in needed)
            for name, property_schema in node["properties"].items()
            if name not in alias_names and property_schema is not False and not is_hidden(self._bundle, property_schema, self._side)
        }
        properties |= self._additional(node, pointer)
        required = [name for name in dict.fromkeys([*node.get("required", ()), *_with_default(properties)]) if name in properties]
        return {"type": "object", "properties": properties, "required": required, **self._annotations(node, pointer)}

    def _additional(self, node: Json, pointer: str) -> Json:
        """The field of properties beside the declared ones, if the schema describes them."""
        described = undeclared(node)
        if not described:
            return {}
        types = [self.derive(schema, pointer + suffix) for suffix, schema in described.items()]
        values = types[0] if len(types) == 1 else {"anyOf": types}
        return {FIELD: {"type": "object", "additionalProperties": values, "default": {}, "description": "All other properties."}}

    def _property(self, schema: Any, pointer: str, *, is_required: bool) -> Json:
        """A property. It inherits the default of its target. A required one has its only value, an optional one is absent until set."""
        derived = self.derive(schema, pointer)
        if is_required and "default" not in derived:
            derived |= self._only_value(schema)
        if "$ref" in derived and "default" not in derived:
            target = lookup(self._bundle, str(self._reference(schema)))
            if isinstance(target, dict) and "default" in target:
                derived |= self._default(target["default"], target, pointer)
        return derived

    def _only_value(self, schema: Any) -> Json:
        """The `const` of a property as its default."""
        if not isinstance(schema, dict) or "$ref" in schema:
            return {}
        try:
            node = join(self._bundle, schema)
        except NotJoinableError:
            return {}
        return {"default": node["const"]} if "const" in node and can_be_default(self._bundle, node, node["const"]) else {}

    def _union(self, node: Json, branches: list[Any], pointer: str) -> Json:
        tagged = self._unions.union(pointer)
        nulls = [{"type": "null"}] if any(isinstance(branch, dict) and branch.get("type") == "null" for branch in branches) else []
        if tagged is not None:
            union = self._tagged(*tagged)
            return {**({"anyOf": [union, *nulls]} if nulls else union), **self._annotations(node, pointer)}
        keyword = "oneOf" if "oneOf" in node else "anyOf"
        derived = [self.derive(_with_outer_type(branch, node), f"{pointer}/{keyword}/{index}") for index, branch in enumerate(branches)]
        return {"anyOf": derived, **self._annotations(node, pointer)}

    def _tagged(self, name: str, targets: dict[str, str]) -> Json:
        mapping = {value: MODELS + self._model_of(target, self._side) for value, target in targets.items()}
        return {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": name, "mapping": mapping},
        }

    def _default(self, value: Any, schema: Json, pointer: str) -> Json:
        if can_be_default(self._bundle, schema, value):
            return {"default": value}
        self.not_expressed.append(f"{pointer}/default")
        return {}


def undeclared(node: Json) -> dict[str, Any]:
    """The schemas of properties beside the declared ones, by the rest of their pointers; empty if nothing describes any."""
    patterns = node.get("patternProperties") or {}
    schemas = {f"/patternProperties/{escape(pattern)}": schema for pattern, schema in patterns.items() if schema is not False}
    additional = node.get("additionalProperties", node.get("unevaluatedProperties"))
    if isinstance(additional, dict) or additional is True or (schemas and additional is None):
        keyword = "unevaluatedProperties" if "additionalProperties" not in node and additional is not None else "additionalProperties"
        schemas[f"/{keyword}"] = True if additional is None else additional
    return schemas


def _with_outer_type(branch: Any, outer: Json) -> Any:
    """A branch of a union, with the type that is declared around the union."""
    if not isinstance(branch, dict) or "type" not in outer or {"type", "$ref", "allOf", "anyOf", "oneOf"} & branch.keys():
        return branch
    return {"type": outer["type"], **branch}


def _is_nullable(node: Json) -> bool:
    return not isinstance(node.get("type", ""), str) and "null" in node["type"]


def _with_enum_types(node: Json) -> Json:
    """The node with the types of its enum values if it has no type."""
    if "type" in node or not node.get("enum"):
        return node
    return {**node, "type": list(dict.fromkeys(JSON_TYPES[type(value)] for value in node["enum"]))}


def _scalar(node: Json) -> Json:
    """Type, format and enum of a value that is neither object nor array."""
    derived: Json = {"type": _with_integers(node["type"])} if "type" in node else {}
    choices = node.get("enum")
    if choices and _can_be_literal(choices):
        derived["enum"] = choices
    if node.get("format") in FORMATS and "string" in derived.get("type", ()):
        derived["format"] = FORMATS[node["format"]]
    return derived


def _with_integers(names: Any) -> Any:
    """Among several types, integers stay integers: `5` must not become `5.0`."""
    if isinstance(names, str) or "number" not in names or "integer" in names or set(names) == {"number", "null"}:
        return names
    index = names.index("number")
    return [*names[:index], "integer", *names[index:]]


def _can_be_literal(choices: list[Any]) -> bool:
    """Whether a `Literal` can hold the values: text, integers and null."""
    return all(
        choice is None
        or isinstance(choice, str)
        or (isinstance(choice, int) and not isinstance(choice, bool) and abs(choice) < INTEGER_LIMIT)
        for choice in choices
    )


def _with_default(properties: dict[str, Json]) -> list[str]:
    return [name for name, property_schema in properties.items() if "default" in property_schema]
