"""The Python types of a document: a struct or an alias for each schema, and the type of each place that uses one.

The types tell the whole truth of a schema, in contrast to models that msgspec decodes by itself: unions of objects, tuples, several
formats and typed additional properties stay. The client's own decoder reads what msgspec cannot.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import names
from contract.generate.all_of import NotJoinableError, join
from contract.generate.defaults import type_names
from contract.generate.discriminators import SCHEMAS
from contract.generate.read_write import SchemaSides
from contract.generate.schema_types import ANNOTATIONS, FILE_FORMAT, JSON_TYPES
from contract.openapi.references import Json, escape, lookup, unescape
from contract.runtime.visibility import Side, is_hidden
from contract.sdk.python_generator.discriminator_tags import DiscriminatorTags
from contract.sdk.python_generator.type_text import ANY_TYPE, Type, can_be_literal, list_of, literal, python_names, tuple_of, union

MODEL, DICT, END = "\ue000", "\ue001", "\ue002"  # mark the names of models in types
INNER = "\ue003"  # ends the pointer of what a named alias stands for
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
MAX_TUPLE, MAX_COMBINATIONS = 6, 64
RESERVED_MODELS = (
    *("Any", "ClassVar", "Dict", "FileInput", "JsonValue", "Literal", "Mapping", "Sequence", "Struct", "Tuple", "TypeAlias", "TypedDict"),
    *("TypeAliasType", "UNSET", "Unpack", "UnsetType", "NotRequired", "Required", "TYPE_CHECKING", "None", "True", "False"),
)
RESERVED_FIELDS = ("list", "dict", "str", "int", "float", "bool", "bytes", "tuple", "object", "datetime", "field", "additional_properties")


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a struct; `attribute` is its Python name."""

    name: str
    attribute: str
    type: Type
    required: bool
    description: str
    is_tag: bool = False  # selects the variant of a union, by its only value


@dataclass(slots=True)
class Model:
    """A struct with fields, or an alias of a type. `extra` is the type of the properties that have no field.

    `tags` are the values of discriminating properties by which a union selects it.
    """

    name: str
    description: str = ""
    fields: list[Field] = field(default_factory=list)
    extra: Type | None = None
    tags: dict[str, list[str]] = field(default_factory=dict)
    alias: Type | None = None
    is_filled: bool = False

    def attribute(self, name: str) -> Field | None:
        """The field of a property."""
        return next((candidate for candidate in self.fields if candidate.name == name), None)


class TypeDeriver:
    """Derives types and collects the models that they name, by name. `vague` lists the schemas that became plain values, with reasons."""

    def __init__(self, bundle: Json) -> None:
        self.models: dict[str, Model] = {}
        self.vague: list[tuple[str, str]] = []
        self._bundle = bundle
        self._sides = SchemaSides(bundle)
        self._tags = DiscriminatorTags(bundle)
        self._names: dict[tuple[str, Side], str] = {}
        self._waiting: deque[tuple[str, str, Side]] = deque()
        self._used = set(RESERVED_MODELS)
        for name in names.recognisable_first(bundle.get("components", {}).get("schemas", {})):
            pointer = f"{SCHEMAS}{escape(name)}"
            for side in self._sides.of(pointer):
                self._name(pointer, side)

    def of(self, schema: Any, pointer: str, side: Side, hint: str) -> Type:
        """The type of a schema. An object that is not a component is named after `hint`."""
        if not isinstance(schema, dict):
            return ANY_TYPE
        reference = _reference(schema)
        if reference is not None:
            return self._model(reference, side)
        return self._described(schema, pointer, side, hint)

    def component(self, pointer: str, side: Side = "response") -> Type:
        """The type of a component, which becomes a model."""
        return self._model(pointer, side)

    def _model(self, pointer: str, side: Side) -> Type:
        side = side if self._sides.differ(pointer) else "response"
        name = self._name(pointer, side)
        if name not in self.models:
            self.models[name] = Model(name)
            self._waiting.append((name, pointer, side))
        return Type(f"{MODEL}{name}{END}", f"{DICT}{name}{END}")

    def finish(self) -> None:
        """Derive the models that types name. They wait until then, so that a long chain of references needs no deep recursion."""
        while self._waiting:
            name, pointer, side = self._waiting.popleft()
            self._derive(self.models[name], pointer, side)

    def _derive(self, model: Model, pointer: str, side: Side) -> None:
        schema = lookup(self._bundle, pointer)
        if self._is_struct(schema, pointer):
            self._described(schema, pointer, side, model.name)
            return
        reference = self._alias_target(schema, pointer) if isinstance(schema, dict) else None
        model.alias = self._model(reference, side) if reference else self._described(schema, pointer + INNER, side, model.name)
        model.description, model.is_filled = _description(schema), True

    def _alias_target(self, schema: Json, pointer: str) -> str | None:
        """The component that a component only renames. One that extends a discriminated component is a value of it, not its alias."""
        reference = _reference(schema)
        return None if reference is not None and pointer in self._tags.children(reference) else reference

    def _is_struct(self, schema: Any, pointer: str) -> bool:
        """Whether a component is an object with fields, so that it becomes a class and not an alias."""
        if not isinstance(schema, dict) or self._tags.children(pointer) or self._alias_target(schema, pointer) is not None:
            return False
        nodes = self._distributed(schema) or []
        return (
            len(nodes) == 1
            and not {"oneOf", "anyOf", "const", "enum"} & nodes[0].keys()
            and _kinds(nodes[0]) == ["object"]
            and bool(nodes[0].get("properties"))
        )

    def _name(self, pointer: str, side: Side) -> str:
        if (pointer, side) not in self._names:
            base = names.camel(unescape(pointer.rpartition("/")[2]))
            needs_another = side == "request" and "response" in self._sides.of(pointer)
            self._names[pointer, side] = self._unique(f"{base}Input" if needs_another else base)
        return self._names[pointer, side]

    def _unique(self, name: str) -> str:
        candidate = next(text for text in itertools.chain([name], (f"{name}{n}" for n in itertools.count(2))) if text not in self._used)
        self._used |= {candidate, f"{candidate}Dict"}
        return candidate

    def _described(self, schema: Any, pointer: str, side: Side, hint: str) -> Type:
        """The type of a schema that is more than a reference."""
        if not isinstance(schema, dict):
            return ANY_TYPE
        if children := self._tags.children(pointer.removesuffix(INNER)):
            base = self._base(schema, pointer, side, hint)
            return union([*(self._model(child, side) for child in children), *([base] if base else [])])
        branches = self._distributed(schema)
        if branches is None:
            self.vague.append((pointer, "its parts cannot be joined"))
            return ANY_TYPE
        if len(branches) == 1:
            return self._node(branches[0], pointer, side, hint)
        return union(self._node(node, f"{pointer}/{index}", side, f"{hint}{index + 1}") for index, node in enumerate(branches))

    def _base(self, schema: Json, pointer: str, side: Side, hint: str) -> Type | None:
        """The base of a hierarchy as an alternative beside those that extend it, for values that name the base or nothing that is known."""
        nodes = self._distributed(schema) or []
        return self._object(nodes[0], pointer, side, f"{hint}Base") if len(nodes) == 1 and nodes[0].get("properties") else None

    def _distributed(self, schema: Json) -> list[Json] | None:
        """The schema without `allOf`, as alternatives if a part of it has alternatives; None if there are too many."""
        try:
            node = join(self._bundle, schema)
        except NotJoinableError:
            parts = list(self._parts(schema, frozenset()))
            if len(parts) > MAX_COMBINATIONS:
                return None
            return [node for part in parts for node in self._joined({"allOf": part})]
        keyword = "oneOf" if "oneOf" in node else "anyOf"
        others = node.get("patternProperties") or isinstance(node.get("additionalProperties"), dict)
        if not node.get(keyword) or not (node.get("properties") or others):
            return [node]
        outer = {key: value for key, value in node.items() if key != keyword}
        return [joined for branch in node[keyword] for joined in self._joined({"allOf": [outer, branch]})] or [outer]

    def _joined(self, schema: Json) -> Iterator[Json]:
        try:
            yield join(self._bundle, schema)
        except NotJoinableError:
            return

    def _parts(self, schema: Any, visited: frozenset[str]) -> Iterator[list[Json]]:
        """Every choice of branches of a schema, as lists of parts without alternatives."""
        if not isinstance(schema, dict) or schema.get("$ref") in visited:
            yield []
            return
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", "oneOf", "anyOf", "discriminator"}}
        groups = [[[own]]]
        if "$ref" in schema:
            groups.append(list(self._parts(lookup(self._bundle, schema["$ref"]), visited | {schema["$ref"]})))
        groups += [list(self._parts(part, visited)) for part in schema.get("allOf", ())]
        groups += [
            [choice for branch in schema[word] for choice in self._parts(branch, visited)] for word in ("oneOf", "anyOf") if word in schema
        ]
        for choices in itertools.islice(itertools.product(*groups), MAX_COMBINATIONS + 1):
            yield [part for choice in choices for part in choice]

    def _node(self, node: Json, pointer: str, side: Side, hint: str) -> Type:
        branches = node.get("oneOf") or node.get("anyOf")
        if branches:
            keyword = "oneOf" if "oneOf" in node else "anyOf"
            return union(
                self.of(_with_outer_type(branch, node), f"{pointer}/{keyword}/{index}", side, _branch_hint(hint, branch, index, branches))
                for index, branch in enumerate(branches)
            )
        choices = [node["const"]] if "const" in node else node.get("enum") or []
        if choices and all(can_be_literal(choice) for choice in choices):
            return literal(choices)
        kinds = _kinds(node)
        return union(self._single({**node, "type": kind}, pointer, side, hint) for kind in kinds) if kinds else ANY_TYPE

    def _single(self, node: Json, pointer: str, side: Side, hint: str) -> Type:
        kind = node["type"]
        if kind == "object":
            return self._object(node, pointer, side, hint)
        if kind == "array":
            return self._array(node, pointer, side, hint)
        if kind == "string" and node.get("format") == "date-time":
            return Type("datetime", "datetime | str")
        if kind == "string" and node.get("format") == FILE_FORMAT:
            return Type("FileInput", "FileInput")
        text = SCALARS.get(kind)
        return Type(text, text) if text else ANY_TYPE

    def _array(self, node: Json, pointer: str, side: Side, hint: str) -> Type:
        rest = node.get("items", {})
        rest_type = self.of(rest, f"{pointer}/items", side, f"{hint}Item")
        if not node.get("prefixItems"):
            return list_of(rest_type)
        first = [
            self.of(item, f"{pointer}/prefixItems/{index}", side, f"{hint}Item{index + 1}")
            for index, item in enumerate(node["prefixItems"])
        ]
        count, least, most = len(first), node.get("minItems", 0), node.get("maxItems")
        if count > MAX_TUPLE:
            return list_of(union([*first, *([rest_type] if rest is not False else [])]))
        is_closed = rest is False or (most is not None and most <= count)
        longest = count if most is None else min(count, most)
        shorter = [tuple_of(first[:length], None) for length in range(least, longest)]
        return union([*shorter, tuple_of(first[:longest], None if is_closed else rest_type)])

    def _object(self, node: Json, pointer: str, side: Side, hint: str) -> Type:
        extra = self._extra(node, pointer, side, hint)
        if not node.get("properties"):
            values = extra or ANY_TYPE
            return Type(f"dict[str, {values.read}]", f"Mapping[str, {values.write}]")
        model = self._struct(pointer, side, hint)
        if not model.is_filled:
            model.is_filled = True
            self._fill(model, node, pointer, side)
            model.extra = extra
        return Type(f"{MODEL}{model.name}{END}", f"{DICT}{model.name}{END}")

    def _struct(self, pointer: str, side: Side, hint: str) -> Model:
        """The model of an object: the component's, or a new one."""
        if (pointer, side) not in self._names:
            name = names.camel(hint)
            self._names[pointer, side] = self._unique(name if name not in self._used else f"{name}Object")
        return self.models.setdefault(self._names[pointer, side], Model(self._names[pointer, side]))

    def _fill(self, model: Model, node: Json, pointer: str, side: Side) -> None:
        model.description = _description(node)
        model.tags = self._tags.values(pointer.removesuffix(INNER))
        tags = self._tags.of(pointer.removesuffix(INNER))
        visible = {name: tags.get(name, schema) for name, schema in node["properties"].items() if schema is not False}
        undescribed = [name for name in node.get("required", ()) if name not in node["properties"]]
        visible |= dict.fromkeys(undescribed, node.get("additionalProperties", True))
        visible = {name: schema for name, schema in visible.items() if not is_hidden(self._bundle, schema, side)}
        required, fixed = {*node.get("required", ()), *tags}, self._tags.fixed(pointer.removesuffix(INNER))
        attributes = python_names([(name, "") for name in visible], RESERVED_FIELDS)
        model.fields = [
            Field(
                name,
                attribute,
                self.of(schema, f"{pointer}/properties/{escape(name)}", side, model.name + names.camel(name)),
                name in required,
                _description(node["properties"].get(name)),
                is_tag=name in fixed - required,
            )
            for (name, schema), attribute in zip(visible.items(), attributes, strict=True)
        ]

    def _extra(self, node: Json, pointer: str, side: Side, hint: str) -> Type | None:
        """The type of properties that are described by pattern or as additional ones; None if they are not described."""
        patterns = node.get("patternProperties") or {}
        types = [
            self.of(schema, f"{pointer}/patternProperties/{escape(pattern)}", side, f"{hint}Value")
            for pattern, schema in patterns.items()
            if schema is not False
        ]
        additional = node.get("additionalProperties", node.get("unevaluatedProperties"))
        if additional is True:
            types.append(ANY_TYPE)
        elif isinstance(additional, dict):
            types.append(self.of(additional, f"{pointer}/additionalProperties", side, f"{hint}Value"))
        elif types and additional is not False:
            types.append(ANY_TYPE)
        return union(types) if types else None


def _kinds(node: Json) -> list[str]:
    """The types of a schema, null included; derived from its values or keywords if it declares none."""
    declared = node.get("type", list(dict.fromkeys(JSON_TYPES[type(choice)] for choice in node.get("enum") or ())))
    return ([declared] if isinstance(declared, str) else list(declared)) or type_names(node)


def _reference(schema: Json) -> str | None:
    """The target of a schema that is a reference with only annotations beside it."""
    keywords = {key: value for key, value in schema.items() if key not in ANNOTATIONS and not key.startswith("x-")}
    if set(keywords) == {"$ref"}:
        return str(keywords["$ref"]).removeprefix("#")
    if set(keywords) == {"allOf"} and len(keywords["allOf"]) == 1 and isinstance(keywords["allOf"][0], dict):
        return _reference(keywords["allOf"][0])
    return None


def _with_outer_type(branch: Any, outer: Json) -> Any:
    """A branch of a union, with the type that is declared around the union."""
    if not isinstance(branch, dict) or "type" not in outer or {"type", "$ref", "allOf", "anyOf", "oneOf", "enum", "const"} & branch.keys():
        return branch
    return {"type": outer["type"], **branch}


def _branch_hint(hint: str, branch: Any, index: int, branches: list[Any]) -> str:
    """The name of a branch: its title, else the union's name, with a number if there are several."""
    title = branch.get("title") if isinstance(branch, dict) else None
    if isinstance(title, str) and names.WORDS.search(title):
        return names.camel(title)
    structured = [other for other in branches if isinstance(other, dict) and other.get("type") != "null"]
    return hint if len(structured) == 1 else f"{hint}{index + 1}"


def _description(schema: Any) -> str:
    return str(schema.get("description") or schema.get("title") or "").strip() if isinstance(schema, dict) else ""
