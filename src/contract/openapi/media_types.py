"""Media types, headers and the encoding of forms as typed values (OpenAPI 3.1, sections 4.8.14, 4.8.15 and 4.8.21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contract.openapi.references import Json, escape, resolve

STYLE_FIELDS = ("style", "explode", "allowReserved")


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a response or of a part. `schema` describes the decoded value; `media_type` is set if `content` describes it."""

    name: str
    required: bool
    schema: Json
    explode: bool
    media_type: str | None
    node: Json
    pointer: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a form writes one property.

    `content_type` is as documented, perhaps a list with ranges; None for the default of the property's type. `style` is set if the document
    names a style, `explode` or `allowReserved`, which replaces the content type.
    """

    content_type: str | None
    headers: dict[str, Header]
    style: str | None
    explode: bool
    allow_reserved: bool
    node: Json


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a body or a response. `name` is as documented, perhaps a range; `examples` has the values by name."""

    name: str
    schema: Json
    encoding: dict[str, Encoding]
    examples: dict[str, Any]
    node: Json = field(default_factory=dict)
    pointer: str = ""


def media_types(bundle: Json, node: Json, pointer: str) -> Iterator[MediaType]:
    """The media types of a body, response, parameter or header, in the document's order."""
    for name, media in node.get("content", {}).items():
        media_pointer = f"{pointer}/content/{escape(name)}"
        described = media.get("encoding", {}).items()
        encodings = {
            property_: _encoding(bundle, encoding, f"{media_pointer}/encoding/{escape(property_)}") for property_, encoding in described
        }
        yield MediaType(name, media.get("schema", {}), encodings, examples(bundle, media), media, media_pointer)


def headers(bundle: Json, node: Json, pointer: str) -> Iterator[Header]:
    """The headers of a response or of a part. Content-Type is described elsewhere (sections 4.8.15.1 and 4.8.17.1)."""
    for name, raw in node.get("headers", {}).items():
        header, header_pointer = resolve(bundle, raw, f"{pointer}/headers/{escape(name)}")
        if name.lower() == "content-type":
            continue
        content: Json = header.get("content", {})
        media_type = next(iter(content), None)
        yield Header(
            name=name,
            required=bool(header.get("required", False)),
            schema=header.get("schema", {}) if media_type is None else content[media_type].get("schema", {}),
            explode=bool(header.get("explode", False)),
            media_type=media_type,
            node=header,
            pointer=header_pointer,
        )


def examples(bundle: Json, node: Json) -> dict[str, Any]:
    """The examples by name; `example` has the name `default`. Values behind `externalValue` are not fetched."""
    values = {"default": node["example"]} if "example" in node else {}
    for name, raw in (node.get("examples") or {}).items():
        example, _ = resolve(bundle, raw, "")
        if "value" in example:
            values[name] = example["value"]
    return values


def _encoding(bundle: Json, node: Json, pointer: str) -> Encoding:
    has_style = any(name in node for name in STYLE_FIELDS)
    style = node.get("style", "form")
    return Encoding(
        content_type=node.get("contentType"),
        headers={header.name: header for header in headers(bundle, node, pointer)},
        style=style if has_style else None,
        explode=bool(node.get("explode", style == "form")),
        allow_reserved=bool(node.get("allowReserved", False)),
        node=node,
    )
