"""The reference of a document as one HTML page that needs nothing but itself: no network, no font, no script of others."""

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

from contract import examples
from contract.docs.samples import Sample, samples
from contract.docs.schemas import Row, row
from contract.openapi.operations import Json, Operation, Response, component_name, operations, resolve

UNTAGGED = "other"


@dataclass(slots=True)
class Media:
    """A media type of a body: its schema, and its examples by name as text."""

    name: str
    schema: Row
    examples: dict[str, str]


@dataclass(slots=True)
class Answer:
    """A documented answer."""

    status: str
    component: str | None  # of one that several operations give, which is told once for all
    description: str
    headers: list[Row]
    media: list[Media]
    links: list[str]


@dataclass(slots=True)
class Entry:
    """An operation, or a webhook, which is one that the server calls."""

    id: str
    anchor: str  # of the page, unique
    method: str
    path: str
    summary: str
    description: str
    is_deprecated: bool
    ways_in: list[str]
    parameters: dict[str, list[Row]]
    body: list[Media]
    body_is_required: bool
    answers: list[Answer]
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """The operations of a tag."""

    name: str
    description: str
    entries: list[Entry]


def page(bundle: Json, server: str | None = None) -> str:
    """The whole page. `server` is where the samples send their requests (default: the document's first server)."""
    loader = PackageLoader("contract", "docs/templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    environment.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704 - it lets no HTML through
    style, script = _part("style.css"), _part("script.js")
    server = server or next((str(one.get("url")) for one in bundle.get("servers") or () if one.get("url")), "")
    return environment.get_template("page.html").render(
        info={"title": "API", "version": "", "description": ""} | bundle.get("info", {}),
        server=server,
        groups=groups(bundle, server),
        webhooks=webhooks(bundle),
        shared={name: _answer(bundle, one) for name, one in shared(bundle).items()},
        ways_in=list(_ways_in(bundle)),
        schemas=[row(bundle, schema, name) for name, schema in _component_schemas(bundle)],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data: https:",
    )


def groups(bundle: Json, server: str) -> list[Group]:
    """Operations by their first tag, in the order of the document's tags, then of the operations."""
    told = {str(one.get("name")): str(one.get("description", "")) for one in bundle.get("tags", ())}
    found: dict[str, list[Entry]] = {name: [] for name in told}
    told_once = shared(bundle)
    for operation in operations(bundle):
        entry = _entry(bundle, operation, told_once)
        entry.samples = samples(bundle, operation, server)
        found.setdefault(operation.tags[0] if operation.tags else UNTAGGED, []).append(entry)
    _make_unique([entry for entries in found.values() for entry in entries])
    return [Group(name, told.get(name, ""), entries) for name, entries in found.items() if entries]


def _make_unique(entries: Iterable[Entry]) -> None:
    """Number the anchors that several entries have, such as operations without an id at /a-b and /a/b, or a webhook of two methods."""
    taken: set[str] = set()
    counts: Counter[str] = Counter()
    for entry in entries:
        wanted = entry.anchor
        while entry.anchor in taken:
            counts[wanted] += 1
            entry.anchor = f"{wanted}-{counts[wanted] + 1}"
        taken.add(entry.anchor)


def webhooks(bundle: Json) -> list[Entry]:
    """What the server calls: the webhooks of 3.1."""
    found = list(_webhooks(bundle))
    _make_unique(found)
    return found


def _webhooks(bundle: Json) -> Iterator[Entry]:
    named = bundle.get("webhooks") or {}
    for operation in operations({**bundle, "paths": {f"/{name}": resolve(bundle, item, "")[0] for name, item in named.items()}}):
        entry = _entry(bundle, operation)
        entry.id, entry.path = f"webhook-{entry.path[1:]}", entry.path[1:]
        entry.anchor = entry.id
        yield entry


def shared(bundle: Json) -> dict[str, Response]:
    """The answers of `components` that several operations give, by name."""
    given = [one for operation in operations(bundle) for one in operation.responses.values() if one.component]
    counts = Counter(one.component for one in given)
    return {str(one.component): one for one in given if counts[one.component] > 1}


def _entry(bundle: Json, operation: Operation, told_once: Container[str] = ()) -> Entry:
    parameters: dict[str, list[Row]] = {}
    for one in operation.parameters:
        parameters.setdefault(one.location, []).append(_parameter(bundle, one.node, one.name, one.schema))
    return Entry(
        id=operation.id,
        anchor=f"operation-{operation.id}",
        method=operation.method.upper(),
        path=operation.path,
        summary=str(operation.node.get("summary", "")),
        description=str(operation.node.get("description", "")),
        is_deprecated=operation.deprecated,
        ways_in=[_way(one) for one in operation.security or (({},) if bundle.get("components", {}).get("securitySchemes") else ())],
        parameters=parameters,
        body=[_media(bundle, *one) for one in operation.body.node.get("content", {}).items()] if operation.body else [],
        body_is_required=bool(operation.body and operation.body.required),
        answers=[_answer(bundle, one, told_once) for one in operation.responses.values()],
    )


def _parameter(bundle: Json, node: Json, name: str, schema: Json) -> Row:
    made = row(bundle, schema, name, is_required=bool(node.get("required")))
    made.description = str(node.get("description", made.description))
    if node.get("deprecated") is True and "deprecated" not in made.notes:
        made.notes.append("deprecated")
    return made


def _answer(bundle: Json, response: Response, told_once: Container[str] = ()) -> Answer:
    if response.component and response.component in told_once:
        return Answer(response.status, response.component, str(response.node.get("description", "")), [], [], [])
    headers = [(name, resolve(bundle, one, "")[0]) for name, one in response.headers.items()]
    return Answer(
        status=response.status,
        component=None,
        description=str(response.node.get("description", "")),
        headers=[_parameter(bundle, node, name, node.get("schema", {})) for name, node in headers],
        media=[_media(bundle, *one) for one in response.node.get("content", {}).items()],
        links=[_link(name, resolve(bundle, one, "")[0]) for name, one in response.node.get("links", {}).items()],
    )


def _media(bundle: Json, name: str, node: Json) -> Media:
    node, _ = resolve(bundle, node, "")
    written = {key: resolve(bundle, one, "")[0] for key, one in (node.get("examples") or {}).items()}
    shown = {key: one["value"] for key, one in written.items() if "value" in one} or {"example": examples.example_value(bundle, node)}
    schema = row(bundle, node.get("schema", {}))
    if not schema.rows and isinstance(node.get("schema"), dict):  # what a body is made of is told here, whatever else is of its kind
        schema.rows = row(bundle, resolve(bundle, node["schema"], "")[0]).rows
    return Media(name, schema, {key: _text(value) for key, value in shown.items()})


def _link(name: str, node: Json) -> str:
    values = ", ".join(f"{key} = {value}" for key, value in node.get("parameters", {}).items())
    return f"{name}: {node.get('operationId', node.get('operationRef', ''))}" + (f" with {values}" if values else "")


def _way(names: Any) -> str:
    """One alternative of `security` in words."""
    if not names:
        return "no credentials"
    return " and ".join(f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in names.items())


def _ways_in(bundle: Json) -> Iterator[Row]:
    for name, written in bundle.get("components", {}).get("securitySchemes", {}).items():
        scheme, _ = resolve(bundle, written, "")
        kind = " ".join(str(scheme[key]) for key in ("type", "scheme", "in", "name") if key in scheme)
        scopes = {scope: told for flow in scheme.get("flows", {}).values() for scope, told in flow.get("scopes", {}).items()}
        yield Row(name=name, type=kind, description=str(scheme.get("description", "")), values=list(scopes))


def _component_schemas(bundle: Json) -> Iterator[tuple[str, Any]]:
    for name, schema in bundle.get("components", {}).get("schemas", {}).items():
        # One that is only another's name is told as that one.
        yield name, {"allOf": [schema]} if isinstance(schema, dict) and component_name(schema) else schema


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _part(name: str) -> str:
    return resources.files("contract").joinpath("docs", "templates", name).read_text("utf-8")


def _hash(text: str) -> str:
    """A source of a Content-Security-Policy that allows just this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
