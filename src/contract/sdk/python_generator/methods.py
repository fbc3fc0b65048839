"""Operations as typed methods: arguments, body, results, and the operation's entry for the client's layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract import names
from contract.generate.all_of import NotJoinableError, join
from contract.generate.defaults import type_names
from contract.generate.model_schemas import successes
from contract.openapi.media_types import MediaType
from contract.openapi.operations import Operation, Parameter, Response
from contract.openapi.references import Json, resolve
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_binary, is_json
from contract.sdk import styles
from contract.sdk.plan import SdkMethod, is_markup, is_other_form, markup_omissions, may_have_content
from contract.sdk.python_generator.form_files import with_files
from contract.sdk.python_generator.models import Names
from contract.sdk.python_generator.type_text import Type, python_names
from contract.sdk.python_generator.types import TypeDeriver
from contract.sdk.python_layer.encoding import Style
from contract.sdk.python_layer.multipart import Part
from contract.streams import FRAMINGS, describes_events, item_schema

RESERVED_ARGUMENTS = ("self", "body", "content_type", "options")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a method, which a parameter of the operation is written from."""

    name: str
    annotation: str
    required: bool
    description: str
    style: Style
    parameter: Parameter

    @property
    def source(self) -> str:
        """The argument in a signature."""
        return f"{self.name}: {self.annotation}" if self.required else f"{self.name}: {self.annotation} | UnsetType = UNSET"


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The body of a method: its type, and the entries of the media types in the table of operations."""

    annotation: str
    required: bool
    description: str
    entries: dict[str, str]
    content_type: str | None  # the annotation of the argument that selects the media type

    @property
    def source(self) -> str:
        """The argument in a signature."""
        return f"body: {self.annotation}" if self.required else f"body: {self.annotation} | UnsetType = UNSET"


@dataclass(frozen=True, slots=True)
class Results:
    """The results of an operation. `types` are annotations, `entries` the statuses with their media types; `items` is set for streams."""

    types: tuple[str, ...]
    entries: dict[str, dict[str, str]]
    items: str | None = None

    @property
    def annotation(self) -> str:
        """The type of a result that does not arrive piece by piece."""
        return " | ".join(self.types) or "None"


@dataclass(frozen=True, slots=True)
class Method:
    """An operation as a method; `plain` and `stream` are its results, of which at least one is set."""

    sdk: SdkMethod
    arguments: tuple[Argument, ...]
    body: RequestBody | None
    plain: Results | None
    stream: Results | None
    response_type: Type | None  # of the first JSON success
    has_download: bool
    servers: tuple[Json, ...] = field(default=())


class MethodDeriver:
    """Derives the methods of a document."""

    def __init__(self, bundle: Json, types: TypeDeriver) -> None:
        self._bundle = bundle
        self._types = types
        self.names = Names(types.models)
        self.roots: list[str] = []  # types of arguments
        self.omissions: list[str] = []

    def method(self, sdk_method: SdkMethod) -> Method:
        """The method of one operation."""
        operation = sdk_method.operation
        responses = [operation.responses[status] for status in successes(operation)]
        for holder in (*((operation.body,) if operation.body else ()), *responses):
            self.omissions += markup_omissions(holder, self._is_structured)
        item, _ = resolve(self._bundle, self._bundle["paths"][operation.path], "")
        json_types = [
            self._response_type(operation, response, media)
            for response in responses
            for media in response.content.values()
            if is_json(self._kind(media))
        ]
        plain, stream = self._results(operation, responses, is_stream=False), self._results(operation, responses, is_stream=True)
        return Method(
            sdk=sdk_method,
            arguments=tuple(self._arguments(operation)),
            body=self._body(operation),
            plain=plain if plain.entries or not stream.entries else None,
            stream=stream if stream.entries else None,
            response_type=json_types[0] if len(json_types) == 1 else None,
            has_download=operation.method != "head"
            and any(
                may_have_content(operation, response) or any(map(self._is_download, response.content.values())) for response in responses
            ),
            servers=tuple(operation.node.get("servers") or item.get("servers") or ()),
        )

    def _is_download(self, media: MediaType) -> bool:
        return essence(media.name) not in FRAMINGS and not is_json(self._kind(media))

    def _kind(self, media: MediaType) -> str:
        """The media type that a client uses. A range such as `*/*` that describes something other than text and bytes is JSON."""
        kind = essence(media.name)
        return "application/json" if kind in {"*/*", "application/*"} and self._is_structured(media.schema) else kind

    def _is_structured(self, schema: Any) -> bool:
        """Whether a schema describes a value that only JSON can carry."""
        try:
            node = join(self._bundle, schema) if isinstance(schema, dict) else {}
        except NotJoinableError:
            return True
        return bool({"oneOf", "anyOf"} & node.keys() or {"object", "array", "integer", "number", "boolean"} & set(type_names(node)))

    def _is_text(self, schema: Any) -> bool:
        """Whether a schema describes text, and no bytes."""
        try:
            node = join(self._bundle, schema) if isinstance(schema, dict) else {}
        except NotJoinableError:
            return False
        return node.get("type") == "string" and not is_binary(self._bundle, node)

    def _arguments(self, operation: Operation) -> Iterator[Argument]:
        for key, parameter in argument_names(operation).items():
            hint = names.camel(operation.id) + names.camel(parameter.name)
            type_ = self._types.of(parameter.schema, f"{parameter.pointer}/schema", "request", hint)
            self.roots.append(type_.write)
            is_required = parameter.required or parameter.location == "path"
            description = _with_default(parameter)
            yield Argument(key, type_.write, is_required, description, styles.style_of(parameter), parameter)

    def _body(self, operation: Operation) -> RequestBody | None:
        body = operation.body
        if body is None or not body.content:
            return None
        hint = body.component or f"{operation.id}Body"
        annotations, entries = [], {}
        for media in body.content.values():
            kind = self._kind(media)
            if is_json(kind):
                entries[media.name] = 'Body("json")'
                annotations.append(self._written(media.schema, media.pointer, hint))
            elif kind in {URLENCODED, MULTIPART}:
                entries[media.name] = _form_entry(media)
                annotations.append(self._written(with_files(self._bundle, media.schema), media.pointer, hint))
            else:
                entries[media.name] = 'Body("raw")'
                annotations.append("TextContent" if kind.startswith("text/") or is_markup(kind) else "BinaryContent")
        annotations = list(dict.fromkeys(annotations))
        if "object" in annotations:
            annotations = ["object"]
        description = str(body.node.get("description", ""))
        return RequestBody(" | ".join(annotations), body.required, description, entries, _content_type(entries))

    def _written(self, schema: Any, pointer: str, hint: str) -> str:
        type_ = self._types.of(schema, f"{pointer}/schema", "request", hint)
        self.roots.append(type_.write)
        return type_.write

    def _response_type(self, operation: Operation, response: Response, media: MediaType) -> Type:
        suffix = "" if response.status == "200" else response.status.title()
        hint = response.component or f"{names.camel(operation.id)}Response{suffix}"
        return self._types.of(media.schema, f"{media.pointer}/schema", "response", hint)

    def _results(self, operation: Operation, responses: list[Response], *, is_stream: bool) -> Results:
        """The results whose media types are streams of items, or those that are not."""
        types: dict[str, None] = {}
        entries: dict[str, dict[str, str]] = {}
        for response in responses:
            media = [media for media in response.content.values() if (essence(media.name) in FRAMINGS) == is_stream]
            if operation.method == "head":  # it has the headers only
                media = []
            if not media and not is_stream and (not response.content or operation.method == "head"):
                entries[response.status] = {}
                types |= dict.fromkeys(["bytes", "None"] if may_have_content(operation, response) else ["None"])
            for each in media:
                text, entry = self._content(operation, response, each)
                entries.setdefault(response.status, {})[each.name] = entry
                if not is_other_form(response, each.name):
                    types[text] = None
        ordered = sorted(types, key=lambda text: text == "None")
        return Results(tuple(ordered), entries, ordered[0] if is_stream and ordered else None)

    def _content(self, operation: Operation, response: Response, media: MediaType) -> tuple[str, str]:
        """(annotation, entry in the table) of the content of a response."""
        kind = self._kind(media)
        if kind in FRAMINGS:
            schema, pointer = item_schema(self._bundle, media)
            type_ = self._types.of(schema, pointer, "response", f"{names.camel(operation.id)}Item").read
            has_fields = FRAMINGS[kind] == "events" and describes_events(self._bundle, schema)
            return type_, f"Items({FRAMINGS[kind]!r}, {_runtime(type_)}, has_fields={has_fields})"
        if is_json(kind):
            type_ = self._response_type(operation, response, media).read
            return type_, _runtime(type_)
        is_text = is_markup(kind) or kind.startswith("text/") or ("*" in kind and self._is_text(media.schema))
        return ("str", "Text") if is_text else ("bytes", "bytes")


def argument_names(operation: Operation) -> dict[str, Parameter]:
    """The parameters by the names of a method's arguments."""
    parameters = [parameter for parameter in operation.all_parameters if not parameter.is_ignored]
    keys = python_names([(parameter.name, parameter.location) for parameter in parameters], RESERVED_ARGUMENTS)
    return dict(zip(keys, parameters, strict=True))


def is_stream(operation: Operation) -> bool:
    """Whether a method returns items that arrive one by one, and nothing else."""
    contents = [operation.responses[status].content for status in successes(operation)]
    is_framed = all(content and all(essence(name) in FRAMINGS for name in content) for content in contents)
    return operation.method != "head" and bool(contents) and is_framed


def _with_default(parameter: Parameter) -> str:
    description = str(parameter.node.get("description", "")).strip()
    declared: Any = parameter.schema
    schema = declared if isinstance(declared, dict) else {}
    default = f"Default: {schema['default']!r}." if "default" in schema else ""
    return " ".join(filter(None, (description, default)))


def _runtime(text: str) -> str:
    return "type(None)" if text == "None" else text


def _content_type(entries: dict[str, str]) -> str | None:
    if any("*" in name for name in entries):
        return "str | None"
    return f"Literal[{', '.join(map(repr, entries))}] | None" if len(entries) > 1 else None


def _form_entry(media: MediaType) -> str:
    if essence(media.name) == URLENCODED:
        fields = ", ".join(f"{name!r}: {style_source(style)}" for name, style in styles.field_styles(media).items())
        return f'Body("form", styles={{{fields}}})'
    parts = ", ".join(f"{name!r}: {_part_source(part)}" for name, part in styles.parts_of(media).items())
    return f'Body("multipart", parts={{{parts}}})'


def style_source(style: Style) -> str:
    """The source of a style."""
    options = [f"explode={style.explode}", *(["allow_reserved=True"] if style.allow_reserved else [])]
    options += [f"media_type={style.media_type!r}"] if style.media_type is not None else []
    return f"Style({style.name!r}, {style.location!r}, {style.style!r}, {', '.join(options)})"


def _part_source(part: Part) -> str:
    headers = ", ".join(f"{name!r}: {style_source(style)}" for name, style in part.headers.items())
    style = style_source(part.style) if part.style is not None else "None"
    return f"Part({part.content_type!r}, {{{headers}}}, {style})"
