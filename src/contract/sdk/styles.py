"""From the document's parameters, headers and encodings to the styles and parts that the encoders of a client take."""

from __future__ import annotations

from contract.openapi.media_types import Encoding, Header, MediaType
from contract.openapi.operations import Parameter
from contract.sdk.python_layer.encoding import Style, is_json
from contract.sdk.python_layer.multipart import Part


def style_of(parameter: Parameter) -> Style:
    """How a parameter is written."""
    return Style(
        parameter.name, parameter.location, parameter.style, parameter.explode, parameter.allow_reserved, media_type=parameter.media_type
    )


def header_style(header: Header) -> Style:
    """How a header of a part is written."""
    return Style(header.name, "header", "simple", header.explode, media_type=header.media_type)


def field_styles(media: MediaType) -> dict[str, Style]:
    """How the properties of an urlencoded form are written, for those whose style or JSON type `encoding` names."""
    return {name: _field_style(name, encoding) for name, encoding in media.encoding.items() if encoding.style or _is_json(encoding)}


def parts_of(media: MediaType) -> dict[str, Part]:
    """How the properties of a multipart form are written, for those that `encoding` describes."""
    return {name: _part(name, encoding) for name, encoding in media.encoding.items()}


def _is_json(encoding: Encoding) -> bool:
    return is_json(encoding.content_type or "")


def _field_style(name: str, encoding: Encoding) -> Style:
    if encoding.style is not None:
        return Style(name, "query", encoding.style, encoding.explode, encoding.allow_reserved)
    return Style(name, "query", "form", explode=True, media_type=encoding.content_type)


def _part(name: str, encoding: Encoding) -> Part:
    headers = {header: header_style(described) for header, described in encoding.headers.items()}
    if encoding.style is None:
        return Part(encoding.content_type, headers)
    return Part(None, headers, Style(name, "query", encoding.style, encoding.explode, encoding.allow_reserved))
