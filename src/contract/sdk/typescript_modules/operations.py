"""The functions of a TypeScript client: one for each operation, and one for each list to iterate over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.example_values import merge
from contract.names import camel, unique
from contract.openapi.operations import DEFAULT_STYLES, Operation, Parameter, Response
from contract.openapi.references import Json, lookup
from contract.sdk.paging import Paging, page_schema
from contract.sdk.plan import SdkMethod, SdkPlan
from contract.sdk.python_generator.servers import default_url
from contract.sdk.typescript_modules.bodies import Bodies, Carried, alternatives
from contract.sdk.typescript_modules.error_tables import ErrorTables
from contract.sdk.typescript_modules.literals import comment, js, property_name
from contract.sdk.typescript_modules.naming import Names
from contract.sdk.typescript_modules.type_declarations import TypeDeclarations

LOCATIONS = ("path", "query", "header", "cookie")
# OpenAPI 3.1, section 4.8.12.2: other members of the document say what these are.
SCALARS = {"string", "integer", "number", "boolean", "null"}
IMPORTS = {
    "t": 'import type * as t from "./types.js";',
    "e": 'import * as e from "./error_tables.js";',
    "$": 'import * as $ from "./runtime.js";',
    "s": 'import * as s from "./shapes.js";',
}


@dataclass(slots=True)
class Call:
    """A method in TypeScript: its function, the type of its input, and the type of its result by accepted media type."""

    method: SdkMethod
    function: str
    input_type: str | None
    is_input_required: bool
    result: str
    other_results: dict[str, str] = field(default_factory=dict)
    iterator: str | None = None
    item: str = "unknown"

    @property
    def summary(self) -> list[str]:
        """The lines of its comment."""
        node = self.method.operation.node
        texts = [str(node.get("summary") or ""), str(node.get("description") or "")]
        described = "\n\n".join(dict.fromkeys(text.strip() for text in texts if text.strip())) or self.method.name
        return comment(described, tags=[f"@deprecated {self.method.deprecated}"] if self.method.deprecated else [])

    def parameters(self, prefix: str, *, accept: str | None = None, is_inner: bool = False) -> str:
        """The parameters of the function."""
        options = "options?: $.CallOptions"
        if accept is not None:
            options = f"options: $.CallOptions & {{ readonly accept: {js(accept)} }}"
        elif is_inner:
            options = "options?: $.InnerOptions"
        if self.input_type is None:
            first = (
                "input?: { readonly [key: string]: never }" if accept is None else "input: { readonly [key: string]: never } | undefined"
            )
        elif accept is not None and not self.is_input_required:
            first = f"input: {self.input_type} | undefined"
        else:
            first = f"input{'' if self.is_input_required else '?'}: {self.input_type}"
        return ", ".join(part for part in (prefix, first, options) if part)


def promised(result: str) -> str:
    """The type that a function returns for a result."""
    return f"$.Streaming<{result.removeprefix('$.Stream<')}" if is_stream(result) else f"Promise<{result}>"


def is_stream(result: str) -> bool:
    """Whether a result is a stream and nothing else."""
    return result.startswith("$.Stream<") and " | $.Stream" not in result


@dataclass(frozen=True, slots=True)
class Parts:
    """The other modules to which functions refer."""

    bodies: Bodies
    types: TypeDeclarations
    errors: ErrorTables


class OperationModules:
    """The module of functions. Types of inputs are declared beside their functions."""

    def __init__(self, bundle: Json, plan: SdkPlan, names: Names, parts: Parts) -> None:
        self._bundle = bundle
        self._bodies = parts.bodies
        self._types = parts.types
        self._errors = parts.errors
        self._names = names
        inputs = unique((f"{camel(names.functions[method.name])}Input" for method in plan.methods), parts.types.reserved())
        parts.types.reserve(inputs)
        self._inputs = dict(zip((method.name for method in plan.methods), inputs, strict=True))
        self.calls: list[Call] = []
        self._lines: list[str] = []
        for method in plan.methods:
            self._add(method)

    def module(self) -> str:
        """The text of the module."""
        text = "\n".join(self._lines).rstrip()
        imports = [line for name, line in IMPORTS.items() if f"{name}." in text]
        return "\n".join([*imports, "", text]) + "\n"

    def _add(self, method: SdkMethod) -> None:
        operation = method.operation
        base = camel(method.name)
        if operation.method == "trace":
            self._bodies.omissions.append(f"#{operation.pointer}: `fetch` sends no TRACE requests")
        written = self._bodies.request(operation.body, base) if operation.body else []
        if written and operation.method in {"get", "head"}:
            self._bodies.omissions.append(
                f"#{operation.pointer}/requestBody: `fetch` sends no bodies with {operation.method.upper()} requests"
            )
            written = []
        parameters = [item for item in operation.all_parameters if not item.is_ignored]
        lines, is_required = self._input(self._inputs[method.name], operation, parameters, written)
        reads = {status: self._bodies.response(operation, response, base) for status, response in _successes(operation).items()}
        result, others = _results(reads)
        call = Call(method, self._names.functions[method.name], self._inputs[method.name] if lines else None, is_required, result, others)
        self.calls.append(call)
        self._lines += lines
        self._lines += self._description(call, parameters, written, reads)
        self._lines += _function(call)
        if method.paging:
            call.iterator = self._names.iterators[method.name]
            call.item = self._item(operation, method.paging)
            self._lines += _iterator(call, method.paging)

    def _input(self, name: str, operation: Operation, parameters: list[Parameter], written: list[Carried]) -> tuple[list[str], bool]:
        """(the declaration of the input, whether a caller must give one)."""
        lines: list[str] = []
        required = False
        for location in LOCATIONS:
            members = [item for item in parameters if item.location == location]
            if members:
                needed = any(item.required or location == "path" for item in members)
                required = required or needed
                lines += [f"  readonly {location}{'' if needed else '?'}: {{", *self._members(members, operation), "  };"]
        body_types = _body_types(written, is_required=operation.body.required if operation.body else False)
        if not lines and not body_types:
            return [], False
        required = required or (bool(written) and operation.body is not None and operation.body.required)
        if len(body_types) == 1:
            return [f"export interface {name} {{", *lines, *(f"  {line}" for line in body_types[0]), "}", ""], required
        if not body_types:
            return [f"export interface {name} {{", *lines, "}", ""], required
        choices = " | ".join("{ " + " ".join(body) + " }" for body in body_types)
        shared = "{\n" + "\n".join(lines) + "\n} & " if lines else ""
        return [*f"export type {name} = {shared}({choices});".split("\n"), ""], required

    def _members(self, parameters: list[Parameter], operation: Operation) -> Iterator[str]:
        for item in parameters:
            tags = ["@deprecated"] if item.node.get("deprecated") is True else []
            yield from comment(str(item.node.get("description") or ""), "    ", tags)
            text = self._types.expression(item.schema, "request", f"{camel(operation.id)}{camel(item.name)}")
            optional = "" if item.required or item.location == "path" else "?"
            yield f"    readonly {property_name(item.name)}{optional}: {text};"

    def _description(
        self, call: Call, parameters: list[Parameter], written: list[Carried], reads: dict[str, list[Carried]]
    ) -> Iterator[str]:
        method, operation = call.method, call.method.operation
        yield f"const ${call.function} = (): $.Operation => ({{"
        yield f"  name: {js(call.function)},"
        yield f"  method: {js(operation.method.upper())},"
        yield f"  path: {js(operation.path)},"
        if parameters:
            yield f"  parameters: [{', '.join(_parameter(self._bundle, item) for item in parameters)}],"
        security = [[self._errors.credential(name) for name in names] for names in operation.security]
        known = [[name for name in names if name] for names in security]
        if any(known):
            yield f"  security: {js(known)},"
        if written:
            yield f"  writes: [{', '.join(f'[{js(item.name)}, {item.function}]' for item in written)}],"
        statuses = (f"{js(status.upper() if status != 'default' else status)}: [{_readers(carried)}]" for status, carried in reads.items())
        yield f"  reads: {{ {', '.join(statuses)} }},"
        tables = self._errors.tables(operation)
        if tables:
            yield f"  errors: [{', '.join(f'e.{name}' for name in tables)}],"
        yield from _flags(method, self._server(operation))
        yield "});"
        yield ""

    def _server(self, operation: Operation) -> str | None:
        """The address of the operation's own server, or of its path's; None if it has the document's."""
        item = lookup(self._bundle, operation.pointer.rpartition("/")[0])
        servers = operation.node.get("servers") or item.get("servers") or [{}]
        url = default_url(servers[0])
        if url and not url.startswith(("http://", "https://")):
            self._bodies.omissions.append(f"#{operation.pointer}: its server {url} is relative; use a separate Connection for it")
            return None
        return url or None

    def _item(self, operation: Operation, paging: Paging) -> str:
        success = next(response for response in operation.responses.values() if response.status in {"200", "2XX", "2xx"})
        schema = page_schema(success.media)
        for name in paging.items:
            schema = merge(self._bundle, schema).get("properties", {}).get(name, {})
        return self._types.plain(merge(self._bundle, schema).get("items", {}), "response")


def _parameter(bundle: Json, parameter: Parameter) -> str:
    """The expression of a parameter, without the options that are defaults."""
    has_defaults = parameter.style == DEFAULT_STYLES[parameter.location] and parameter.explode == (parameter.style == "form")
    is_plain = has_defaults and not parameter.allow_reserved and parameter.media_type is None
    if is_plain and parameter.location != "cookie" and _is_scalar(bundle, parameter.schema):
        return f"$.textIn{camel(parameter.location)}({js(parameter.name)})"
    options: list[object] = [] if has_defaults else [parameter.style, parameter.explode]
    if parameter.allow_reserved or parameter.media_type is not None:
        options = [parameter.style, parameter.explode, parameter.allow_reserved, *([parameter.media_type] if parameter.media_type else [])]
    return f"$.in{camel(parameter.location)}({', '.join(map(js, [parameter.name, *options]))})"


def _is_scalar(bundle: Json, schema: Any) -> bool:
    """Whether all values are texts, numbers, booleans or null."""
    merged = merge(bundle, schema) if isinstance(schema, dict) else {}
    types = merged.get("type", [])
    names = {types} if isinstance(types, str) else set(types)
    return bool(names) and names <= SCALARS


def _successes(operation: Operation) -> dict[str, Response]:
    successes = {status: response for status, response in operation.responses.items() if status.startswith("2")}
    return successes or {status: response for status, response in operation.responses.items() if not status.startswith(("4", "5"))}


def _body_types(written: list[Carried], *, is_required: bool) -> list[list[str]]:
    """The members of each alternative of a body. The first media type is the default unless it is a range."""
    result: list[list[str]] = []
    for text, group in alternatives(written).items():
        has_default = not result and "*" not in group[0].name
        names = [_template(item.name) for item in group]
        mark = "" if is_required or result else "?"
        lines = [f"readonly body{mark}: {text};"]
        if len(names) > 1 or not has_default:
            lines.append(f"readonly contentType{'?' if has_default else ''}: {' | '.join(names)};")
        result.append(lines)
    return result


def _template(name: str) -> str:
    return "`" + name.replace("*", "${string}") + "`" if "*" in name else js(name)


def _results(reads: dict[str, list[Carried]]) -> tuple[str, dict[str, str]]:
    """(the result by default, the results for other media types that may be asked for)."""
    primary: dict[str, None] = {}
    others: dict[str, dict[str, None]] = {}
    for carried in reads.values():
        primary[carried[0].type if carried else "undefined"] = None
        for item in carried:
            if item.type != carried[0].type and "*" not in item.name:
                others.setdefault(item.name, {})[item.type] = None
    return " | ".join(primary) or "undefined", {name: " | ".join(types) for name, types in others.items()}


def _readers(carried: list[Carried]) -> str:
    """The readers of a status. Media types of another type than the first one are read only if they are asked for.

    A first type that is unknown includes all others.
    """
    first = carried[0].type if carried else ""
    return ", ".join(f"[{js(item.name)}, {item.function}{', 1' if item.type != first != 'unknown' else ''}]" for item in carried)


def _flags(method: SdkMethod, server: str | None) -> Iterator[str]:
    if method.is_idempotent:
        yield "  isIdempotent: true,"
    if method.idempotency_header:
        yield f"  idempotencyHeader: {js(method.idempotency_header)},"
    if method.deprecated:
        yield f"  deprecated: {js(method.deprecated)},"
    if server is not None:
        yield f"  server: {js(server)},"


def _function(call: Call) -> Iterator[str]:
    yield from call.summary
    head = f"export function {call.function}"
    inner = call.parameters("connection: $.Caller", is_inner=bool(call.other_results))
    if call.other_results:
        yield f"{head}({call.parameters('connection: $.Caller')}): {promised(call.result)};"
        for name, text in call.other_results.items():
            yield f"{head}({call.parameters('connection: $.Caller', accept=name)}): {promised(text)};"
    yield f"{head}({inner}): {'Promise<unknown>' if call.other_results else promised(call.result)} {{"
    sent = f"connection.$call(${call.function}(), input, options)"
    has_stream = any(map(is_stream, (call.result, *call.other_results.values())))
    yield f"  return $.streaming({sent});" if has_stream else f"  return {sent};"
    yield "}"
    yield ""


def _iterator(call: Call, paging: Paging) -> Iterator[str]:
    options = {
        "kind": paging.kind,
        "parameter": paging.parameter,
        "items": paging.items,
        "total": paging.total,
        "cursor": paging.cursor,
        "more": paging.more,
        "last": paging.last,
        "within": paging.within,
        "isCursorInLink": paging.is_cursor_in_link or None,
    }
    options = {name: value for name, value in options.items() if value is not None}
    yield f"/** All items of all pages of `{call.function}`. */"
    yield f"export function {call.iterator}({call.parameters('connection: $.Caller')}): AsyncGenerator<{call.item}, void, undefined> {{"
    yield f"  return $.pages(connection, ${call.function}(), {js(options | {'first': paging.first})}, input, options);"
    yield "}"
    yield ""
