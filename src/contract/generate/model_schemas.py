"""The schemas that models are made from: what a type can carry, and a list of what it cannot.

The wire schema decides about a request; a model only carries it. So constraints are taken out (a model that has them would decide
twice, and differently), aliases are folded into their real names, branches that only state conditions go, and every
anonymous body, answer and set of parameters gets a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import names
from contract.generate.all_of import Unjoinable, joined
from contract.generate.discriminators import Variants
from contract.generate.read_write import SCHEMAS, Sides
from contract.generate.schema_types import FILE, Deriver
from contract.generate.unions import Settler, is_struct
from contract.openapi.operations import Body, Json, Operation, Parameter, Response, escape, lookup, operations, unescape
from contract.openapi.shape import walk
from contract.runtime.media import essence, is_binary, is_form, is_json
from contract.runtime.parameters import outside_path
from contract.runtime.visibility import Side

CONSTRAINTS = {
    *("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType", "contentSchema"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems", "prefixItems"),
    *("minProperties", "maxProperties", "propertyNames", "patternProperties", "unevaluatedProperties"),
    *("dependentRequired", "dependentSchemas", "not", "if", "then", "else"),
}


@dataclass(slots=True)
class Carried:
    """What to generate models from. `schemas` are by model name; the three maps give the model of each body, answer and parameter set."""

    schemas: dict[str, Json] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)  # operation id -> model
    forms: dict[str, str] = field(default_factory=dict)  # operation id -> model of a form that differs from the other body
    answers: dict[tuple[str, str], str] = field(default_factory=dict)  # (operation id, status) -> model
    parameters: dict[str, str] = field(default_factory=dict)  # operation id -> model
    left_out: list[str] = field(default_factory=list)  # pointers of keywords that no model carries
    plain: list[str] = field(default_factory=list)  # pointers and models of what is carried as plain values

    def is_class(self, model: str) -> bool:
        """Whether values of the model are known by their type."""
        return is_struct(self.schemas[model])


def carry(bundle: Json, avoided: Iterable[str] = ()) -> Carried:
    """Derive the carrying schemas of a bundle, with models of other names than those `avoided`. The bundle is not changed."""
    registry = _Registry(bundle, avoided)
    for name in bundle.get("components", {}).get("schemas", {}):
        for side in registry.sides.of(f"{SCHEMAS}{escape(name)}"):
            registry.model_of(f"{SCHEMAS}{escape(name)}", side)
    namer = _Namer(bundle, registry)
    for operation in operations(bundle):
        namer.name(operation)
    carried = registry.finish()
    carried.left_out += left_out(bundle)
    return carried


def left_out(bundle: Json) -> Iterator[str]:
    """The pointers of all constraints: the schemas keep them, and values a closed list of properties does not name are not carried."""
    for node in walk(bundle):
        if node.kind == "schema" and isinstance(node.value, dict):
            yield from (f"{node.pointer}/{keyword}" for keyword in node.value if keyword in CONSTRAINTS)
            if node.value.get("properties") and node.value.get("additionalProperties"):
                yield f"{node.pointer}/additionalProperties"


def successes(operation: Operation) -> list[str]:
    """The documented statuses of an operation that went well; where there is none, what else is no error."""
    return [one for one in operation.responses if one.startswith("2")] or [
        one for one in operation.responses if not one.startswith(("4", "5"))
    ]


class _Registry:
    """Every model once: by the pointer of its schema and its side. Schemas are derived when all who ask have been given a name."""

    def __init__(self, bundle: Json, avoided: Iterable[str]) -> None:
        self.sides = Sides(bundle)
        self.carried = Carried()
        self._bundle = bundle
        variants = Variants(bundle)
        self._derivers = {side: Deriver(bundle, variants, side, self.model_of) for side in ("answer", "request")}
        self._models: dict[tuple[str, Side], str] = {}
        self._taken = {name.lower() for name in avoided}
        self._waiting: list[tuple[str, Any, str, Side]] = []
        for name in bundle.get("components", {}).get("schemas", {}):
            for side in self.sides.of(f"{SCHEMAS}{escape(name)}"):
                self._reserve(f"{SCHEMAS}{escape(name)}", side)

    def model_of(self, pointer: str, side: Side) -> str:
        """The model of the schema at a pointer, for one side."""
        if not self.sides.differ(pointer):
            side = "answer"
        if (pointer, side) not in self._models:
            self._reserve(pointer, side)
        return self._models[pointer, side]

    def hoist(self, schema: Any, pointer: str, side: Side, wanted: str) -> str:
        """The model of a schema that stands at one place, with a wish for its name."""
        if (pointer, side) not in self._models:
            self._models[pointer, side] = self._unique(names.camel(wanted))
            self._waiting.append((self._models[pointer, side], schema, pointer, side))
        return self._models[pointer, side]

    def finish(self) -> Carried:
        """Derive everything that was asked for, and make it decodable."""
        for model, schema, pointer, side in self._waiting:  # grows while it is walked
            self.carried.schemas[model] = self._derivers[side].derive(schema, pointer)
        settler = Settler(self.carried.schemas)
        settler.settle()
        for deriver in self._derivers.values():
            self.carried.left_out += deriver.left_out
            self.carried.plain += deriver.plain
        self.carried.plain = list(dict.fromkeys([*self.carried.plain, *settler.plain]))
        return self.carried

    def _reserve(self, pointer: str, side: Side) -> None:
        """Name the model after the last part of the pointer; the request's form has another name where the answer's has that one."""
        base = names.camel(unescape(pointer.rpartition("/")[2]))
        needs_another = side == "request" and "answer" in self.sides.of(pointer)
        model = self._unique(f"{base}Input" if needs_another else base)
        self._models[pointer, side] = model
        self._waiting.append((model, lookup(self._bundle, pointer), pointer, side))

    def _unique(self, name: str) -> str:
        count, candidate = 1, name
        while candidate.lower() in self._taken:
            count += 1
            candidate = f"{name}{count}"
        self._taken.add(candidate.lower())
        return candidate


class _Namer:
    """Gives every operation's body, answers and parameters a model name, hoisting the anonymous ones."""

    def __init__(self, bundle: Json, registry: _Registry) -> None:
        self._bundle = bundle
        self._registry = registry
        self._carried = registry.carried

    def name(self, operation: Operation) -> None:
        """Name what one operation takes and gives."""
        base = names.camel(operation.id)
        if operation.body is not None:
            self._body(operation.id, operation.body, operation.body.component or f"{base}Body")
        for status in successes(operation):
            response = operation.responses[status]
            model = self._json(response, "answer", response.component or f"{base}Response{'' if status == '200' else status.title()}")
            if model:
                self._carried.answers[operation.id, status] = model
        others = list(outside_path(operation))
        if others:
            self._carried.parameters[operation.id] = self._parameters(operation, others, f"{base}Parameters")

    def _body(self, operation_id: str, body: Body, wanted: str) -> None:
        of_json, of_form = self._json(body, "request", wanted), self._form(body, wanted)
        if of_json or of_form:
            self._carried.bodies[operation_id] = str(of_json or of_form)
        if of_json and of_form and of_form != of_json:
            self._carried.forms[operation_id] = of_form

    def _json(self, holder: Body | Response, side: Side, wanted: str) -> str | None:
        """The model of the first JSON media type, None where there is none."""
        for media_type, schema in holder.media.items():
            if is_json(essence(media_type)):
                return self._schema(schema, f"{holder.pointer}/content/{escape(media_type)}/schema", side, wanted)
        return None

    def _form(self, body: Body, wanted: str) -> str | None:
        """The model of the first form, with files as bytes, None where there is no form."""
        for media_type, schema in body.media.items():
            if is_form(essence(media_type)):
                pointer = f"{body.pointer}/content/{escape(media_type)}/schema"
                return self._schema(self._with_files(schema), pointer, "request", wanted)
        return None

    def _schema(self, schema: Any, pointer: str, side: Side, wanted: str) -> str:
        if isinstance(schema, dict) and set(schema) == {"$ref"} and schema["$ref"].startswith(f"#{SCHEMAS}"):
            return self._registry.model_of(schema["$ref"].removeprefix("#"), side)
        return self._registry.hoist(schema, pointer, side, wanted)

    def _with_files(self, schema: Any) -> Any:
        """The schema itself, or a copy that has a file's format where files are."""
        if not isinstance(schema, dict):
            return schema
        try:
            whole = joined(self._bundle, schema)
        except Unjoinable:
            return schema
        properties = whole.get("properties", {})
        files = {name: _as_file(one) for name, one in properties.items() if is_binary(self._bundle, one)}
        return {**whole, "properties": {**properties, **files}} if files else schema

    def _parameters(self, operation: Operation, others: list[Parameter], wanted: str) -> str:
        keys = names.parameter_keys([(one.name, one.location) for one in others])
        described = {key: _described(one.schema, one.node) for key, one in zip(keys, others, strict=True)}
        schema = {
            "type": "object",
            "description": f"What `{operation.id}` takes beside its path and body.",
            "properties": described,
            "required": [key for key, one in zip(keys, others, strict=True) if one.required],
        }
        return self._registry.hoist(schema, f"{operation.pointer}/parameters", "request", wanted)


def _as_file(schema: Json) -> Json:
    """A file's property, or that of several files."""
    file: Json = {"type": "string", "format": FILE}
    notes = {"description": schema["description"]} if "description" in schema else {}
    return {"type": "array", "items": file, **notes} if schema.get("type") == "array" else {**file, **notes}


def _described(schema: Any, node: Json) -> Any:
    if not isinstance(schema, dict) or not node.get("description"):
        return schema
    return {**schema, "description": node["description"].strip()}
