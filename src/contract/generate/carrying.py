"""The schemas that models are made from: what a type can carry, and a list of what it cannot.

The wire schema decides about a request; a model only carries it. So constraints are taken out (a model that has them would decide
twice, and differently), aliases are folded into their real names, branches that only state conditions go, and every
anonymous body, answer and set of parameters gets a name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import aliases, names
from contract.operations import Body, Json, Operation, Response, lookup, operations, resolve
from contract.runtime.bodies import is_json

SCHEMAS = "#/components/schemas/"
CONSTRAINTS = {
    *("minLength", "maxLength", "pattern", "contentEncoding", "contentMediaType"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems"),
    *("minProperties", "maxProperties", "propertyNames", "patternProperties", "unevaluatedProperties"),
    *("dependentRequired", "dependentSchemas", "not", "if", "then", "else"),
}
SILENT = ("examples", "example", "x-messages", "externalDocs", "xml", "title", "$comment", "readOnly", "writeOnly")
CARRIED_FORMATS = ("date-time",)
CONDITION_KEYWORDS = {"required", "not", "if", "then", "else", "anyOf", "oneOf", "allOf", "x-messages", "minProperties", "maxProperties"}


@dataclass(slots=True)
class Carried:
    """What to generate models from. `schemas` are by model name; the three maps give the model of each body, answer and parameter set."""

    schemas: dict[str, Json] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)  # operation id -> model
    answers: dict[tuple[str, str], str] = field(default_factory=dict)  # (operation id, status) -> model
    parameters: dict[str, str] = field(default_factory=dict)  # operation id -> model
    left_out: list[str] = field(default_factory=list)  # pointers of keywords that no model carries


def carry(bundle: Json) -> Carried:
    """Derive the carrying schemas of a bundle. The bundle is not changed."""
    carried = Carried()
    renamed = _model_names(bundle)
    for name, schema in bundle.get("components", {}).get("schemas", {}).items():
        carried.schemas[renamed[name]] = _Deriver(bundle, renamed, carried.left_out).derive(schema, f"{SCHEMAS}{name}")
    namer = _Namer(bundle, renamed, carried)
    for operation in operations(bundle):
        namer.name(operation)
    return carried


def _model_names(bundle: Json) -> dict[str, str]:
    """Component name -> a unique CamelCase class name."""
    found: dict[str, str] = {}
    for name in bundle.get("components", {}).get("schemas", {}):
        found[name] = _unique(names.camel(name), set(found.values()))
    return found


def _unique(name: str, taken: set[str]) -> str:
    lowered = {one.lower() for one in taken}
    count, candidate = 1, name
    while candidate.lower() in lowered:
        count += 1
        candidate = f"{name}{count}"
    return candidate


class _Namer:
    """Gives every operation's body, answers and parameters a model name, hoisting the anonymous ones."""

    def __init__(self, bundle: Json, renamed: dict[str, str], carried: Carried) -> None:
        self._bundle = bundle
        self._renamed = renamed
        self._carried = carried
        self._hoisted: dict[str, str] = {}  # pointer -> model

    def name(self, operation: Operation) -> None:
        """Name what one operation takes and gives."""
        base = names.camel(operation.id)
        if operation.body is not None:
            model = self._content(operation.body, operation.body.component or f"{base}Body")
            if model:
                self._carried.bodies[operation.id] = model
        for status, response in operation.responses.items():
            if status.startswith("2"):
                model = self._content(response, response.component or f"{base}Answer{'' if status == '200' else status}")
                if model:
                    self._carried.answers[operation.id, status] = model
        if any(one.location != "path" for one in operation.parameters):
            self._carried.parameters[operation.id] = self._parameters(operation, f"{base}Parameters")

    def _content(self, holder: Body | Response, wanted: str) -> str | None:
        """The model of the first JSON media type, None where there is none."""
        for media_type, schema in holder.media.items():
            if is_json(media_type.partition(";")[0].strip()):
                return self._schema(schema, f"{holder.pointer}/content/{media_type}", wanted)
        return None

    def _schema(self, schema: Json, pointer: str, wanted: str) -> str:
        if schema.get("$ref", "").startswith(SCHEMAS) and len(schema) == 1:
            return self._renamed[schema["$ref"].removeprefix(SCHEMAS)]
        if pointer not in self._hoisted:
            model = _unique(names.camel(wanted), set(self._carried.schemas))
            self._hoisted[pointer] = model
            self._carried.schemas[model] = _Deriver(self._bundle, self._renamed, self._carried.left_out).derive(schema, pointer)
        return self._hoisted[pointer]

    def _parameters(self, operation: Operation, wanted: str) -> str:
        others = [one for one in operation.parameters if one.location != "path"]
        keys = names.parameter_keys([(one.name, one.location) for one in others])
        described = {key: {**one.schema, **_text(one.node)} for key, one in zip(keys, others, strict=True)}
        schema = {
            "type": "object",
            "description": f"What `{operation.id}` takes beside its path and body.",
            "properties": described,
            "required": [key for key, one in zip(keys, others, strict=True) if one.required],
        }
        return self._schema(schema, f"{operation.pointer}/parameters", wanted)


def _text(node: Json) -> Json:
    return {"description": node["description"].strip()} if node.get("description") else {}


class _Deriver:
    """Derives one schema; remembers the pointers of what it leaves out."""

    def __init__(self, bundle: Json, renamed: dict[str, str], left_out: list[str]) -> None:
        self._bundle = bundle
        self._renamed = renamed
        self._left_out = left_out

    def derive(self, schema: Any, pointer: str) -> Any:
        """The carrying form of a schema and everything below it."""
        if not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            return self._reference(schema)
        node = copy.copy(schema)
        self._fold(node)
        for keyword in [one for one in node if one in CONSTRAINTS or one in SILENT or one.startswith("x-")]:
            if keyword in CONSTRAINTS:
                self._left_out.append(f"{pointer}/{keyword}")
            del node[keyword]
        if node.get("format") not in CARRIED_FORMATS:
            node.pop("format", None)
        self._combine(node, pointer)
        self._descend(node, pointer)
        return node

    def _reference(self, schema: Json) -> Json:
        target = schema["$ref"]
        if not target.startswith(SCHEMAS) or "/" in target.removeprefix(SCHEMAS):
            return dict(self.derive(lookup(self._bundle, target), target))
        found = {"$ref": SCHEMAS + self._renamed[target.removeprefix(SCHEMAS)], **_text(schema)}
        if "default" in schema:
            found["default"] = schema["default"]
        return found

    def _fold(self, node: Json) -> None:
        """Fold aliases, and give properties a value when they have a default or can have only one."""
        known = aliases.of(node)
        properties = {name: one for name, one in node.get("properties", {}).items() if name not in known}
        if not properties:
            return
        required = [*node.get("required", []), *aliases.required_by_either_name(node)]
        node["properties"] = {name: self._filled(one) for name, one in properties.items()}
        node["required"] = list(
            dict.fromkeys([*required, *(name for name, one in node["properties"].items() if _has_default(self._bundle, one))])
        )

    def _filled(self, schema: Any) -> Any:
        """A property that is a constant carries it as its default: nobody has to write `success=True`."""
        if isinstance(schema, dict) and "const" in schema:
            return {
                **{key: value for key, value in schema.items() if key != "const"},
                "default": schema["const"],
                "enum": [schema["const"]],
            }
        return schema

    def _combine(self, node: Json, pointer: str) -> None:
        """Drop branches that state conditions only: they say what is allowed, not what it looks like."""
        for keyword in ("allOf", "anyOf", "oneOf"):
            if keyword in node:
                kept = [one for one in node[keyword] if not (isinstance(one, dict) and set(one) <= CONDITION_KEYWORDS)]
                if len(kept) < len(node[keyword]):
                    self._left_out.append(f"{pointer}/{keyword}")
                node[keyword] = kept
                if not kept:
                    del node[keyword]

    def _descend(self, node: Json, pointer: str) -> None:
        for keyword in ("allOf", "anyOf", "oneOf", "prefixItems"):
            if keyword in node:
                node[keyword] = [self.derive(one, f"{pointer}/{keyword}/{index}") for index, one in enumerate(node[keyword])]
        for keyword in ("properties", "$defs"):
            if keyword in node:
                node[keyword] = {name: self.derive(one, f"{pointer}/{keyword}/{name}") for name, one in node[keyword].items()}
        for keyword in ("items", "additionalProperties"):
            if isinstance(node.get(keyword), dict):
                node[keyword] = self.derive(node[keyword], f"{pointer}/{keyword}")


def _has_default(bundle: Json, schema: Any) -> bool:
    return isinstance(schema, dict) and ("default" in schema or "default" in resolve(bundle, schema, "")[0])


def unions(carried: Carried) -> Iterator[str]:
    """Names of models that are unions of objects without a discriminator: they are carried as plain values."""
    for name, schema in carried.schemas.items():
        branches = schema.get("oneOf") or schema.get("anyOf") or []
        if "discriminator" not in schema and sum(_is_object(carried.schemas, one) for one in branches) > 1:
            yield name


def _is_object(schemas: dict[str, Json], schema: Json) -> bool:
    seen: set[str] = set()
    while "$ref" in schema and schema["$ref"] not in seen:
        seen.add(schema["$ref"])
        schema = schemas.get(schema["$ref"].removeprefix(SCHEMAS), {})
    return "properties" in schema
