"""The reference of a document as one self-contained HTML page: no network, no fonts, no third-party scripts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from contract import example_values
from contract.docs.samples import CodeSample, Samples
from contract.docs.schemas import SchemaRow, row
from contract.openapi.media_types import MediaType
from contract.openapi.operations import Operation, Response, component_name, operations
from contract.openapi.references import Json, resolve
from contract.openapi.servers import default_url

UNTAGGED = "other"


@dataclass(slots=True)
class MediaView:
    """A media type of a body: its schema, and its examples by name as text."""

    name: str
    schema: SchemaRow
    examples: dict[str, str]


@dataclass(slots=True)
class ResponseView:
    """A documented response."""

    status: str
    component: str | None  # the name of a shared response, which is described once
    description: str
    headers: list[SchemaRow]
    media: list[MediaView]
    links: list[str]


@dataclass(slots=True)
class OperationView:
    """An operation, or a webhook, which the server calls."""

    id: str
    anchor: str  # unique on the page
    method: str
    path: str
    summary: str
    description: str
    is_deprecated: bool
    security: list[str]
    parameters: dict[str, list[SchemaRow]]
    body: list[MediaView]
    is_body_required: bool
    responses: list[ResponseView]
    samples: list[CodeSample] = field(default_factory=list)


@dataclass(slots=True)
class TagGroup:
    """The operations of a tag."""

    name: str
    description: str
    views: list[OperationView]


def page(bundle: Json, server: str | None = None, name: str | None = None) -> str:
    """The whole page. `server` is the server in the samples (default: the document's first server), `name` that of the client packages."""
    loader = PackageLoader("contract", "docs/templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    environment.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704 - it escapes HTML
    style, script = _template_file("style.css"), _template_file("script.js")
    server = server or default_url(bundle)
    return environment.get_template("page.html").render(
        info={"title": "API", "version": "", "description": ""} | bundle.get("info", {}),
        server=server,
        groups=groups(bundle, Samples(bundle, server, name)),
        webhooks=webhooks(bundle),
        shared={name: _response(bundle, response) for name, response in shared(bundle).items()},
        security_schemes=list(_security_schemes(bundle)),
        schemas=[row(bundle, schema, name) for name, schema in _component_schemas(bundle)],
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data: https:",
    )


def groups(bundle: Json, samples: Samples) -> list[TagGroup]:
    """Operations by their first tag, in the order of the document's tags, then of the operations."""
    descriptions = {str(tag.get("name")): str(tag.get("description", "")) for tag in bundle.get("tags", ())}
    views: dict[str, list[OperationView]] = {name: [] for name in descriptions}
    shared_responses = shared(bundle)
    for method in samples.plan.methods:
        operation = method.operation
        entry = _operation_view(bundle, operation, shared_responses)
        entry.samples = samples.of(method)
        views.setdefault(operation.tags[0] if operation.tags else UNTAGGED, []).append(entry)
    _make_unique([entry for entries in views.values() for entry in entries])
    return [TagGroup(name, descriptions.get(name, ""), entries) for name, entries in views.items() if entries]


def _make_unique(entries: Iterable[OperationView]) -> None:
    """Number duplicate anchors, such as those of operations without an id at /a-b and /a/b, or of a webhook with two methods."""
    used: set[str] = set()
    counts: Counter[str] = Counter()
    for entry in entries:
        anchor = entry.anchor
        while entry.anchor in used:
            counts[anchor] += 1
            entry.anchor = f"{anchor}-{counts[anchor] + 1}"
        used.add(entry.anchor)


def webhooks(bundle: Json) -> list[OperationView]:
    """The webhooks of 3.1, which the server calls."""
    views = list(_webhooks(bundle))
    _make_unique(views)
    return views


def _webhooks(bundle: Json) -> Iterator[OperationView]:
    webhook_items = bundle.get("webhooks") or {}
    for operation in operations({**bundle, "paths": {f"/{name}": resolve(bundle, item, "")[0] for name, item in webhook_items.items()}}):
        entry = _operation_view(bundle, operation)
        entry.id, entry.path = f"webhook-{entry.path[1:]}", entry.path[1:]
        entry.anchor = entry.id
        yield entry


def shared(bundle: Json) -> dict[str, Response]:
    """The responses of `components` that several operations have, by name."""
    responses = [response for operation in operations(bundle) for response in operation.responses.values() if response.component]
    counts = Counter(response.component for response in responses)
    return {str(response.component): response for response in responses if counts[response.component] > 1}


def _operation_view(bundle: Json, operation: Operation, shared_responses: Container[str] = ()) -> OperationView:
    parameters: dict[str, list[SchemaRow]] = {}
    for parameter in operation.parameters:
        parameters.setdefault(parameter.location, []).append(_parameter(bundle, parameter.node, parameter.name, parameter.schema))
    return OperationView(
        id=operation.id,
        anchor=f"operation-{operation.id}",
        method=operation.method.upper(),
        path=operation.path,
        summary=str(operation.node.get("summary", "")),
        description=str(operation.node.get("description", "")),
        is_deprecated=operation.deprecated,
        security=[
            _alternative(requirement)
            for requirement in operation.security or (({},) if bundle.get("components", {}).get("securitySchemes") else ())
        ],
        parameters=parameters,
        body=[_media(bundle, media) for media in operation.body.content.values()] if operation.body else [],
        is_body_required=bool(operation.body and operation.body.required),
        responses=[_response(bundle, response, shared_responses) for response in operation.responses.values()],
    )


def _parameter(bundle: Json, node: Json, name: str, schema: Json) -> SchemaRow:
    parameter_row = row(bundle, schema, name, is_required=bool(node.get("required")))
    parameter_row.description = str(node.get("description", parameter_row.description))
    if node.get("deprecated") is True and "deprecated" not in parameter_row.notes:
        parameter_row.notes.append("deprecated")
    return parameter_row


def _response(bundle: Json, response: Response, shared_responses: Container[str] = ()) -> ResponseView:
    if response.component and response.component in shared_responses:
        return ResponseView(response.status, response.component, str(response.node.get("description", "")), [], [], [])
    return ResponseView(
        status=response.status,
        component=None,
        description=str(response.node.get("description", "")),
        headers=[_parameter(bundle, header.node, header.name, header.schema) for header in response.fields.values()],
        media=[_media(bundle, media) for media in response.content.values()],
        links=[_link(name, resolve(bundle, item, "")[0]) for name, item in response.node.get("links", {}).items()],
    )


def _media(bundle: Json, media: MediaType) -> MediaView:
    values = media.examples or {"example": example_values.example_value(bundle, media.node)}
    schema = row(bundle, media.schema)
    if not schema.rows and isinstance(media.schema, dict):  # the contents of a body are shown here, even if they are a component
        schema.rows = row(bundle, resolve(bundle, media.schema, "")[0]).rows
    return MediaView(media.name, schema, {key: _text(value) for key, value in values.items()})


def _link(name: str, node: Json) -> str:
    values = ", ".join(f"{key} = {value}" for key, value in node.get("parameters", {}).items())
    return f"{name}: {node.get('operationId', node.get('operationRef', ''))}" + (f" with {values}" if values else "")


def _alternative(names: Any) -> str:
    """One alternative of `security` as text."""
    if not names:
        return "none"
    return " and ".join(f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in names.items())


def _security_schemes(bundle: Json) -> Iterator[SchemaRow]:
    for name, raw_scheme in bundle.get("components", {}).get("securitySchemes", {}).items():
        scheme, _ = resolve(bundle, raw_scheme, "")
        type_text = " ".join(str(scheme[key]) for key in ("type", "scheme", "in", "name") if key in scheme)
        scopes = {scope: description for flow in scheme.get("flows", {}).values() for scope, description in flow.get("scopes", {}).items()}
        yield SchemaRow(name=name, type=type_text, description=str(scheme.get("description", "")), values=list(scopes))


def _component_schemas(bundle: Json) -> Iterator[tuple[str, Any]]:
    for name, schema in bundle.get("components", {}).get("schemas", {}).items():
        # A component that is only a reference is shown as its target.
        yield name, {"allOf": [schema]} if isinstance(schema, dict) and component_name(schema) else schema


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _template_file(name: str) -> str:
    return resources.files("contract").joinpath("docs", "templates", name).read_text("utf-8")


def _hash(text: str) -> str:
    """A source of a Content-Security-Policy that allows only this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
