"""The subjects of rules: the whole document and its schemas, with the queries that several rules need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from contract.compilable import registry
from contract.errors import ContractError
from contract.lint.settings import LintSettings
from contract.openapi.document import Document
from contract.openapi.operations import Body, Operation, Response, operations
from contract.openapi.problem_shape import RFC_9457, ProblemShape, problem_shape
from contract.openapi.references import Json, escape, lookup, resolve, unescape
from contract.openapi.shape import Node, walk
from contract.project import Project

URI = "urn:contract:bundle"
SCHEMA_ERRORS = (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError)  # of a schema that cannot be compiled
BRANCHES = frozenset(("allOf", "anyOf", "oneOf", "not", "if", "then", "else"))


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema as it is in the document, at its pointer."""

    value: Json
    pointer: str

    @property
    def types(self) -> list[str]:
        """The types without null; empty if there are none."""
        types = self.value.get("type", [])
        return [name for name in (types if isinstance(types, list) else [types]) if name != "null"]

    @property
    def is_refinement(self) -> bool:
        """Whether it is a branch of a composition that only narrows its siblings."""
        parts = self.pointer.split("/")
        return "type" not in self.value and (parts[-1] in BRANCHES or (parts[-1].isdigit() and parts[-2] in BRANCHES))


@dataclass(frozen=True, slots=True)
class DocumentedExample:
    """A value in the document, and the pointer of its schema."""

    value: Any
    pointer: str
    schema: str


class LintContext:
    """The whole document, upgraded and bundled, with the project's lint settings."""

    def __init__(self, document: Document, settings: LintSettings, project: Project) -> None:
        self.document = document
        self.bundle = document.bundle
        self.settings = settings
        self.project = project
        self._registry = registry(URI, self.bundle)
        self._validators: dict[str, Any] = {}

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation under `paths`."""
        return list(operations(self.bundle))

    @cached_property
    def problem_shape(self) -> ProblemShape:
        """The shape of errors; that of RFC 9457 if the document's declaration is invalid."""
        try:
            return problem_shape(self.bundle)
        except ContractError:
            return RFC_9457

    @cached_property
    def webhook_bodies(self) -> list[Body]:
        """The request body of each operation under `webhooks`."""
        as_paths = {**self.bundle, "paths": self.bundle.get("webhooks") or {}}
        return [operation.body for operation in operations(as_paths) if operation.body]

    @cached_property
    def nodes(self) -> list[Node]:
        """Every object of the document, references included."""
        return list(walk(self.bundle))

    @cached_property
    def schemas(self) -> list[Schema]:
        """Every schema that is not `true` or `false`."""
        return [Schema(node.value, node.pointer) for node in self.nodes_of("schema") if isinstance(node.value, dict)]

    @cached_property
    def request_schemas(self) -> dict[str, Schema]:
        """The schemas of request bodies, each once, by pointer."""
        return {schema.pointer: schema for schema in self.reach(self.body_pointers)}

    @property
    def body_pointers(self) -> list[str]:
        """The pointers of the schemas of every request body, by media type."""
        return [
            f"{operation.body.pointer}/content/{escape(name)}/schema"
            for operation in self.operations
            if operation.body
            for name in operation.body.media
        ]

    @cached_property
    def examples(self) -> list[DocumentedExample]:
        """Every example and every default, with its schema."""
        return [example for node in self.nodes for example in self._examples(node)]

    def nodes_of(self, *kinds: str) -> Iterator[Node]:
        """The objects of these kinds, in document order."""
        return (node for node in self.nodes if node.kind in kinds and not (node.kind != "schema" and "$ref" in node.value))

    def reach(self, pointers: Iterable[str], follows: Callable[[Json], bool] = lambda _: True) -> Iterator[Schema]:
        """The schemas at and below these pointers and behind the references that `follows` accepts, each once."""
        waiting = list(reversed(list(pointers)))
        visited: set[str] = set()
        while waiting:
            pointer = waiting.pop()
            for node in walk(self.find(pointer), "schema", pointer):
                if node.pointer in visited or not isinstance(node.value, dict):
                    continue
                visited.add(node.pointer)
                yield Schema(node.value, node.pointer)
                if "$ref" in node.value and follows(node.value):
                    waiting.append(node.value["$ref"].removeprefix("#"))

    def find(self, pointer: str) -> Any:
        """The value at a pointer; an empty schema if there is none."""
        try:
            return lookup(self.bundle, pointer)
        except (KeyError, IndexError, ValueError, TypeError):
            return {}

    def resolve(self, node: Json) -> Json:
        """The node after following its references."""
        return resolve(self.bundle, node, "")[0]

    def validator(self, pointer: str) -> Any:
        """The compiled schema at a pointer. Raises jsonschema_rs errors if it cannot be compiled."""
        if pointer not in self._validators:
            schema = {"$ref": f"{URI}#{quote(pointer)}"}
            self._validators[pointer] = jsonschema_rs.validator_for(schema, registry=self._registry, validate_formats=True)
        return self._validators[pointer]

    def scheme(self, name: str) -> Json:
        """A security scheme; empty if it is not declared."""
        schemes = self.bundle.get("components", {}).get("securitySchemes", {})
        return self.resolve(schemes[name]) if name in schemes else {}

    def is_keyed(self, operation: Operation) -> bool:
        """Whether an alternative of its security is not a session cookie."""
        return any(self.scheme(name).get("in") != "cookie" for alternative in operation.security for name in alternative)

    def errors(self) -> Iterator[Response]:
        """Every documented error response, each component once."""
        visited: set[str] = set()
        for operation in self.operations:
            for response in operation.responses.values():
                if response.status[0] in "45" and response.pointer not in visited:
                    visited.add(response.pointer)
                    yield response

    def _examples(self, node: Node) -> Iterator[DocumentedExample]:
        if not isinstance(node.value, dict) or "$ref" in node.value:
            return
        if node.kind == "schema":
            yield from (
                DocumentedExample(value, f"{node.pointer}/examples/{index}", node.pointer)
                for index, value in enumerate(node.value.get("examples", []))
            )
            if "default" in node.value:
                yield DocumentedExample(node.value["default"], f"{node.pointer}/default", node.pointer)
        elif node.kind in {"media_type", "parameter", "header"} and "schema" in node.value and is_readable(node):
            yield from self._media_examples(node)

    def _media_examples(self, node: Node) -> Iterator[DocumentedExample]:
        schema = f"{node.pointer}/schema"
        if "example" in node.value:
            yield DocumentedExample(node.value["example"], f"{node.pointer}/example", schema)
        for name, raw in node.value.get("examples", {}).items():
            example, pointer = resolve(self.bundle, raw, f"{node.pointer}/examples/{escape(name)}")
            if "value" in example:
                yield DocumentedExample(example["value"], f"{pointer}/value", schema)


def is_readable(node: Node) -> bool:
    """Whether the examples of a media type are values of its schema. For XML, for example, they are not."""
    name = unescape(node.pointer.rsplit("/", 1)[1])
    return node.kind != "media_type" or "json" in name or "form" in name or name.startswith("text/") or name == "*/*"
