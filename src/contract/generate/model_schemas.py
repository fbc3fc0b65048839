"""The schemas from which models are generated: what types can express, and a list of what they cannot.

The wire schema validates a request; a model only holds its values. So constraints are removed (a model with constraints would validate
twice, and differently), aliases are replaced by their real names, conditional branches are removed, and every anonymous body, response and
set of parameters gets a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import names
from contract.generate.all_of import NotJoinableError, join
from contract.generate.discriminators import DiscriminatedUnions
from contract.generate.read_write import SCHEMAS, SchemaSides
from contract.generate.schema_types import FILE_FORMAT, ModelSchemaDeriver
from contract.generate.unions import UnionSimplifier, is_struct
from contract.openapi.operations import Body, Operation, Parameter, Response, operations
from contract.openapi.references import Json, escape, lookup, unescape
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
class ModelSchemas:
    """The schemas to generate models from, by model name; and the model of each body, response and parameter set."""

    schemas: dict[str, Json] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)  # operation id -> model
    forms: dict[str, str] = field(default_factory=dict)  # operation id -> model of a form that differs from the other body
    responses: dict[tuple[str, str], str] = field(default_factory=dict)  # (operation id, status) -> model
    parameters: dict[str, str] = field(default_factory=dict)  # operation id -> model
    not_expressed: list[str] = field(default_factory=list)  # pointers of keywords that no model expresses
    untyped: list[str] = field(default_factory=list)  # pointers and models of schemas that become plain values

    def is_class(self, model: str) -> bool:
        """Whether values of the model can be recognised by their type."""
        return is_struct(self.schemas[model])


def derive_models(bundle: Json, avoided: Iterable[str] = ()) -> ModelSchemas:
    """Derive the model schemas of a bundle. No model gets a name in `avoided`. The bundle is not changed."""
    registry = _ModelRegistry(bundle, avoided)
    for name in bundle.get("components", {}).get("schemas", {}):
        for side in registry.sides.of(f"{SCHEMAS}{escape(name)}"):
            registry.model_of(f"{SCHEMAS}{escape(name)}", side)
    namer = _ModelNamer(bundle, registry)
    for operation in operations(bundle):
        namer.name(operation)
    carried = registry.finish()
    carried.not_expressed += constraints(bundle)
    return carried


def constraints(bundle: Json) -> Iterator[str]:
    """The pointers of all constraints, which only the schemas check."""
    for node in walk(bundle):
        if node.kind == "schema" and isinstance(node.value, dict):
            yield from (f"{node.pointer}/{keyword}" for keyword in node.value if keyword in CONSTRAINTS)


def successes(operation: Operation) -> list[str]:
    """The documented success statuses of an operation; without one, all statuses that are not errors."""
    return [status for status in operation.responses if status.startswith("2")] or [
        status for status in operation.responses if not status.startswith(("4", "5"))
    ]


class _ModelRegistry:
    """Every model once, by the pointer of its schema and its side. Schemas are derived after all models have names."""

    def __init__(self, bundle: Json, avoided: Iterable[str]) -> None:
        self.sides = SchemaSides(bundle)
        self.schemas = ModelSchemas()
        self._bundle = bundle
        variants = DiscriminatedUnions(bundle)
        self._derivers = {side: ModelSchemaDeriver(bundle, variants, side, self.model_of) for side in ("response", "request")}
        self._models: dict[tuple[str, Side], str] = {}
        self._used_names = set(avoided)
        self._waiting: list[tuple[str, Any, str, Side]] = []
        for name in names.recognisable_first(bundle.get("components", {}).get("schemas", {})):
            for side in self.sides.of(f"{SCHEMAS}{escape(name)}"):
                self._reserve(f"{SCHEMAS}{escape(name)}", side)

    def model_of(self, pointer: str, side: Side) -> str:
        """The model of the schema at a pointer, for one side."""
        if not self.sides.differ(pointer):
            side = "response"
        if (pointer, side) not in self._models:
            self._reserve(pointer, side)
        return self._models[pointer, side]

    def hoist(self, schema: Any, pointer: str, side: Side, preferred_name: str) -> str:
        """The model of an inline schema, with a preferred name."""
        if (pointer, side) not in self._models:
            self._models[pointer, side] = self._unique(names.camel(preferred_name))
            self._waiting.append((self._models[pointer, side], schema, pointer, side))
        return self._models[pointer, side]

    def finish(self) -> ModelSchemas:
        """Derive all requested models and make them decodable."""
        for model, schema, pointer, side in self._waiting:  # grows during the loop
            self.schemas.schemas[model] = self._derivers[side].derive(schema, pointer)
        simplifier = UnionSimplifier(self.schemas.schemas)
        simplifier.simplify()
        for deriver in self._derivers.values():
            self.schemas.not_expressed += deriver.not_expressed
            self.schemas.untyped += deriver.untyped
        self.schemas.untyped = list(dict.fromkeys([*self.schemas.untyped, *simplifier.untyped]))
        return self.schemas

    def _reserve(self, pointer: str, side: Side) -> None:
        """Name the model after the last part of the pointer. The request's model has a suffix if the response has its own."""
        base = names.camel(unescape(pointer.rpartition("/")[2]))
        needs_another = side == "request" and "response" in self.sides.of(pointer)
        model = self._unique(f"{base}Input" if needs_another else base)
        self._models[pointer, side] = model
        self._waiting.append((model, lookup(self._bundle, pointer), pointer, side))

    def _unique(self, name: str) -> str:
        count, candidate = 1, name
        while candidate in self._used_names:
            count += 1
            candidate = f"{name}{count}"
        self._used_names.add(candidate)
        return candidate


class _ModelNamer:
    """Gives a model name to the body, responses and parameters of every operation, and hoists anonymous ones."""

    def __init__(self, bundle: Json, registry: _ModelRegistry) -> None:
        self._bundle = bundle
        self._registry = registry
        self._schemas = registry.schemas

    def name(self, operation: Operation) -> None:
        """Name the models of one operation."""
        base = names.camel(operation.id)
        if operation.body is not None:
            self._body(operation.id, operation.body, operation.body.component or f"{base}Body")
        for status in successes(operation):
            response = operation.responses[status]
            model = self._json(response, "response", response.component or f"{base}Response{'' if status == '200' else status.title()}")
            if model:
                self._schemas.responses[operation.id, status] = model
        parameters = list(outside_path(operation))
        if parameters:
            self._schemas.parameters[operation.id] = self._parameters(operation, parameters, f"{base}Parameters")

    def _body(self, operation_id: str, body: Body, preferred_name: str) -> None:
        json_model, form_model = self._json(body, "request", preferred_name), self._form(body, preferred_name)
        if json_model or form_model:
            self._schemas.bodies[operation_id] = str(json_model or form_model)
        if json_model and form_model and form_model != json_model:
            self._schemas.forms[operation_id] = form_model

    def _json(self, holder: Body | Response, side: Side, preferred_name: str) -> str | None:
        """The model of the first JSON media type, None without one."""
        for media_type, schema in holder.media.items():
            if is_json(essence(media_type)):
                return self._schema(schema, f"{holder.pointer}/content/{escape(media_type)}/schema", side, preferred_name)
        return None

    def _form(self, body: Body, preferred_name: str) -> str | None:
        """The model of the first form, with files as bytes; None without a form."""
        for media_type, schema in body.media.items():
            if is_form(essence(media_type)):
                pointer = f"{body.pointer}/content/{escape(media_type)}/schema"
                return self._schema(self._with_files(schema), pointer, "request", preferred_name)
        return None

    def _schema(self, schema: Any, pointer: str, side: Side, preferred_name: str) -> str:
        if isinstance(schema, dict) and set(schema) == {"$ref"} and schema["$ref"].startswith(f"#{SCHEMAS}"):
            return self._registry.model_of(schema["$ref"].removeprefix("#"), side)
        return self._registry.hoist(schema, pointer, side, preferred_name)

    def _with_files(self, schema: Any) -> Any:
        """The schema, or a copy in which files have the format of a file."""
        if not isinstance(schema, dict):
            return schema
        try:
            merged = join(self._bundle, schema)
        except NotJoinableError:
            return schema
        properties = merged.get("properties", {})
        files = {
            name: _as_file(property_schema) for name, property_schema in properties.items() if is_binary(self._bundle, property_schema)
        }
        return {**merged, "properties": {**properties, **files}} if files else schema

    def _parameters(self, operation: Operation, parameters: list[Parameter], preferred_name: str) -> str:
        keys = names.parameter_keys([(parameter.name, parameter.location) for parameter in parameters])
        properties = {key: _with_description(parameter.schema, parameter.node) for key, parameter in zip(keys, parameters, strict=True)}
        schema = {
            "type": "object",
            "description": f"Query, header and cookie parameters of `{operation.id}`.",
            "properties": properties,
            "required": [key for key, parameter in zip(keys, parameters, strict=True) if parameter.required],
        }
        return self._registry.hoist(schema, f"{operation.pointer}/parameters", "request", preferred_name)


def _as_file(schema: Json) -> Json:
    """The property of a file, or of several files."""
    file: Json = {"type": "string", "format": FILE_FORMAT}
    notes = {"description": schema["description"]} if "description" in schema else {}
    return {"type": "array", "items": file, **notes} if schema.get("type") == "array" else {**file, **notes}


def _with_description(schema: Any, node: Json) -> Any:
    if not isinstance(schema, dict) or not node.get("description"):
        return schema
    return {**schema, "description": node["description"].strip()}
