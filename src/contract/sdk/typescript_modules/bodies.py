"""The media types of requests and responses: their types, and the functions that write and read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract.example_values import merge
from contract.openapi.media_types import MediaType
from contract.openapi.operations import Body, Operation, Response
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.sdk.plan import is_markup, markup_omissions, may_have_content
from contract.sdk.python_layer.encoding import Style
from contract.sdk.python_layer.multipart import Part
from contract.sdk.styles import field_styles, parts_of
from contract.sdk.typescript_modules.literals import js, key
from contract.sdk.typescript_modules.shapes import Shapes
from contract.sdk.typescript_modules.type_declarations import TypeDeclarations
from contract.streams import EVENT_FIELDS, FRAMINGS, item_schema

EVENTS = "text/event-stream"
LINES = FRAMINGS.keys() - {EVENTS}


@dataclass(frozen=True, slots=True)
class Carried:
    """One media type: the type of its values and the expression that writes or reads them. `name` may be a range."""

    name: str
    type: str
    function: str
    is_stream: bool = False


class Bodies:
    """The bodies of operations. `omissions` lists what has no type, with its place."""

    def __init__(self, bundle: Json, types: TypeDeclarations, shapes: Shapes) -> None:
        self._bundle = bundle
        self._types = types
        self._shapes = shapes
        self.omissions: list[str] = []

    def request(self, body: Body, base: str) -> list[Carried]:
        """The media types of a request, JSON first."""
        carried = [self._written(media, body.component or f"{base}Body") for media in body.content.values()]
        self.omissions += markup_omissions(body, self._is_structured)
        return sorted(carried, key=lambda item: item.function != "$.toJson")

    def response(self, operation: Operation, response: Response, base: str) -> list[Carried]:
        """The media types of a response, JSON first."""
        if operation.method == "head":
            return []
        if may_have_content(operation, response):
            return [Carried("*/*", "Uint8Array<ArrayBuffer> | undefined", "$.undescribed")]
        suffix = "" if response.status == "200" else camel_status(response.status)
        name = response.component or f"{base}Response{suffix}"
        carried = [self._read(media, name) for media in response.content.values()]
        self.omissions += markup_omissions(response, self._is_structured)
        return sorted(carried, key=lambda item: not item.function.startswith("$.json"))

    def _written(self, media: MediaType, name: str) -> Carried:
        kind = essence(media.name)
        if is_json(kind) or (kind == "*/*" and self._is_structured(media.schema)):
            sent_as = "application/json" if "*" in kind else media.name
            return Carried(sent_as, self._types.expression(media.schema, "request", name), "$.toJson")
        if kind == URLENCODED:
            return Carried(media.name, self._types.expression(media.schema, "request", name), f"$.form({_styles(field_styles(media))})")
        if kind == MULTIPART:
            text = self._types.expression(media.schema, "request", name, form=True)
            return Carried(media.name, text, f"$.multipart({_parts(parts_of(media))})")
        if kind in LINES:
            item = self._types.expression(self._item(media), "request", f"{name}Item")
            return Carried(media.name, f"Iterable<{item}>", "$.toLines")
        if kind.startswith("text/") or is_markup(kind):
            return Carried(media.name, "string | $.Bytes", "$.raw")
        return Carried(media.name, "$.Bytes", "$.raw")

    def _read(self, media: MediaType, name: str) -> Carried:
        kind = essence(media.name)
        if kind == EVENTS:
            return self._events(media, f"{name}Event")
        if kind in LINES:
            item = self._item(media)
            reader = self._shapes.reader(item, "$.jsonLines")
            return Carried(media.name, f"$.Stream<{self._types.expression(item, 'response', f'{name}Item')}>", reader, is_stream=True)
        if is_json(kind) or ("*" in kind and self._is_structured(media.schema)):
            return Carried(media.name, self._types.expression(media.schema, "response", name), self._shapes.reader(media.schema, "$.json"))
        is_text = "*" in kind and self._merged(media.schema).get("type") == "string" and not self._is_file(media.schema)
        if is_text or kind.startswith("text/") or is_markup(kind):
            return Carried(media.name, "string", "$.text")
        return Carried(media.name, "$.Download", "$.file")

    def _events(self, media: MediaType, name: str) -> Carried:
        item = self._item(media)
        described = self._merged(item)
        properties = described.get("properties", {}).keys()
        is_whole = "data" in properties and properties <= EVENT_FIELDS and ("itemSchema" in media.node or len(properties) > 1)
        if not described.keys() - {"description", "title"} or is_whole:
            return Carried(media.name, "$.Stream<$.ServerSentEvent>", "$.fullEvents", is_stream=True)
        if described.get("type") == "string":
            return Carried(media.name, "$.Stream<string>", "$.textEvents", is_stream=True)
        text = self._types.expression(item, "response", name)
        return Carried(media.name, f"$.Stream<{text}>", self._shapes.reader(item, "$.jsonEvents"), is_stream=True)

    def _item(self, media: MediaType) -> Any:
        """The schema of one item of a stream."""
        return item_schema(self._bundle, media)[0]

    def _is_structured(self, schema: Any) -> bool:
        merged = self._merged(schema)
        return bool(merged.keys() - {"description", "title"}) and merged.get("type") != "string"

    def _merged(self, schema: Any) -> Json:
        return merge(self._bundle, schema) if isinstance(schema, dict) else {}

    def _is_file(self, schema: Any) -> bool:
        merged = self._merged(schema)
        return merged.get("format") == "binary" or "contentMediaType" in merged


def camel_status(status: str) -> str:
    """A status in a type's name."""
    return status[:1].upper() + status[1:]


def alternatives(carried: list[Carried]) -> dict[str, list[Carried]]:
    """The media types of each type, in their order."""
    groups: dict[str, list[Carried]] = {}
    for item in carried:
        groups.setdefault(item.type, []).append(item)
    return groups


def style_text(style: Style) -> str:
    """A style as an expression."""
    fields: dict[str, object] = {"name": style.name, "location": style.location, "style": style.style, "explode": style.explode}
    if style.allow_reserved:
        fields["allowReserved"] = True
    if style.media_type is not None:
        fields["mediaType"] = style.media_type
    return js(fields)


def _styles(styles: dict[str, Style]) -> str:
    return _object((name, style_text(style)) for name, style in styles.items())


def _parts(parts: dict[str, Part]) -> str:
    return _object((name, _object(_part_fields(part))) for name, part in parts.items())


def _part_fields(part: Part) -> Iterator[tuple[str, str]]:
    if part.content_type is not None:
        yield "contentType", js(part.content_type)
    if part.headers:
        yield "headers", _styles(dict(part.headers))
    if part.style is not None:
        yield "style", style_text(part.style)


def _object(members: Iterator[tuple[str, str]]) -> str:
    text = ", ".join(f"{key(name)}: {value}" for name, value in members)
    return f"{{ {text} }}" if text else "{}"
