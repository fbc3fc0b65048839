"""The operations of a bundled document as typed values: the one reading of `paths` that lint, generate, runtime and the rest share.

A bundle is one OpenAPI 3.1 document whose references are all local (`#/...`). Schemas stay as they are; parameters, bodies and
responses are resolved. Every value keeps its JSON pointer, which `Document.location` turns into file:line:column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.media_types import Header, MediaType, examples, headers, media_types
from contract.openapi.references import Json, escape, resolve, unescape

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
PATH_PARAMETER = re.compile(r"{([^{}]+)}")
IGNORED_HEADERS = {"accept", "content-type", "authorization"}  # OpenAPI 3.1, section 4.8.12.1
DEFAULT_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `schema` describes the decoded value; `media_type` is set if `content` describes it instead of a style."""

    name: str
    location: str
    required: bool
    schema: Json
    style: str
    explode: bool
    media_type: str | None
    node: Json
    pointer: str
    allow_reserved: bool = False
    examples: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ignored(self) -> bool:
        """Whether it is a header that other members of the document describe."""
        return self.location == "header" and self.name.lower() in IGNORED_HEADERS


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: schema by media type (an empty dict for a media type without one), and all about each media type."""

    required: bool
    media: dict[str, Json]
    node: Json
    pointer: str
    component: str | None
    content: dict[str, MediaType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One documented response. `component` is its name under `components/responses`, None if it is inline.

    `headers` has the nodes as they are, `fields` what they describe.
    """

    status: str
    media: dict[str, Json]
    headers: dict[str, Json]
    node: Json
    pointer: str
    component: str | None
    content: dict[str, MediaType] = field(default_factory=dict)
    fields: dict[str, Header] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `security` is the operation's own or the document's: alternatives, each scheme -> scopes."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: dict[str, Response]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    deprecated: bool
    node: Json
    pointer: str
    extensions: Json = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The first tag; without tags the first segment of the path."""
        return self.tags[0] if self.tags else (self.path.strip("/").split("/")[0] or "root")

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The parameters, and those of the path that the document does not describe, which are text."""
        described = {parameter.name for parameter in self.parameters if parameter.location == "path"}
        missing = dict.fromkeys(name for name in PATH_PARAMETER.findall(self.path) if name not in described)
        return (*self.parameters, *(_undescribed(name, self.pointer) for name in missing))


def operations(bundle: Json) -> Iterator[Operation]:
    """Every operation, in the document's order."""
    for path, raw_item in (bundle.get("paths") or {}).items():
        if path.startswith("x-"):  # an extension, not a path
            continue
        item, item_pointer = resolve(bundle, raw_item, f"/paths/{escape(path)}")
        for method in METHODS:
            if method in item:
                yield _operation(bundle, path, method, (item, item_pointer))


def component_name(node: Json) -> str | None:
    """The last part of a node's `$ref`, None without one."""
    return unescape(node["$ref"].rsplit("/", 1)[1]) if "$ref" in node else None


def _operation(bundle: Json, path: str, method: str, owner: tuple[Json, str]) -> Operation:
    item, item_pointer = owner
    node, pointer = item[method], f"{item_pointer}/{method}"
    return Operation(
        id=node.get("operationId") or default_id(method, path),
        method=method,
        path=path,
        tags=tuple(node.get("tags", ())),
        parameters=tuple(_parameters(bundle, (item, item_pointer), (node, pointer))),
        body=_body(bundle, node["requestBody"], f"{pointer}/requestBody") if "requestBody" in node else None,
        responses=dict(_responses(bundle, node, pointer)),
        security=tuple(
            {name: tuple(scopes) for name, scopes in requirement.items()}
            for requirement in node.get("security", bundle.get("security", ()))
        ),
        deprecated=bool(node.get("deprecated", False)),
        node=node,
        pointer=pointer,
        extensions={key: value for key, value in node.items() if key.startswith("x-")},
    )


def default_id(method: str, path: str) -> str:
    """A stable id for an operation without one: the method and the words of the path."""
    return "_".join([method, *re.findall(r"[A-Za-z0-9]+", path)])


def _parameters(bundle: Json, *owners: tuple[Json, str]) -> Iterator[Parameter]:
    """The path item's parameters, then the operation's own, which replace those of the same name and location."""
    parameters: dict[tuple[str, str], Parameter] = {}
    for owner, base in owners:
        for index, raw in enumerate(owner.get("parameters", ())):
            parameter = _parameter(bundle, *resolve(bundle, raw, f"{base}/parameters/{index}"))
            parameters[parameter.name, parameter.location] = parameter
    yield from parameters.values()


def _parameter(bundle: Json, node: Json, pointer: str) -> Parameter:
    location = node["in"]
    style = node.get("style", DEFAULT_STYLES[location])
    content: dict[str, Json] = node.get("content", {})
    media_type = next(iter(content), None)
    return Parameter(
        name=node["name"],
        location=location,
        required=bool(node.get("required", False)),
        schema=content[media_type].get("schema", {}) if media_type else node.get("schema", {}),
        style=style,
        explode=bool(node.get("explode", style == "form")),
        media_type=media_type,
        node=node,
        pointer=pointer,
        allow_reserved=location == "query" and bool(node.get("allowReserved", False)),
        examples=examples(bundle, content[media_type] if media_type else node),
    )


def _undescribed(name: str, pointer: str) -> Parameter:
    return Parameter(
        name=name,
        location="path",
        required=True,
        schema={"type": "string"},
        style="simple",
        explode=False,
        media_type=None,
        node={"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": name},
        pointer=pointer,
    )


def _body(bundle: Json, raw: Json, pointer: str) -> Body:
    node, pointer_of_node = resolve(bundle, raw, pointer)
    content = {media.name: media for media in media_types(bundle, node, pointer_of_node)}
    return Body(
        required=bool(node.get("required", False)),
        media={name: media.schema for name, media in content.items()},
        node=node,
        pointer=pointer_of_node,
        component=component_name(raw),
        content=content,
    )


def _responses(bundle: Json, node: Json, pointer: str) -> Iterator[tuple[str, Response]]:
    for status, raw in node.get("responses", {}).items():
        if not str(status).startswith("x-"):
            yield str(status), response_of(bundle, str(status), raw, f"{pointer}/responses/{status}")


def response_of(bundle: Json, status: str, raw: Json, pointer: str) -> Response:
    """The response that a node under a status describes, or refers to."""
    node, pointer_of_node = resolve(bundle, raw, pointer)
    content = {media.name: media for media in media_types(bundle, node, pointer_of_node)}
    return Response(
        status=status,
        media={name: media.schema for name, media in content.items()},
        headers=node.get("headers", {}),
        node=node,
        pointer=pointer_of_node,
        component=component_name(raw),
        content=content,
        fields={header.name: header for header in headers(bundle, node, pointer_of_node)},
    )
