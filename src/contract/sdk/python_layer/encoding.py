"""Values as parts of a request: parameters (OpenAPI 3.1, section 4.8.12; RFC 6570) and forms (section 4.8.15; RFC 7578).

Values are those of JSON; forms take bytes, binary files and iterables of bytes too. As in RFC 6570 (section 2.3), null and empty arrays and
objects are undefined: they are not written, unless a media type (`content`) describes the value. The encoders decide cases that the
specification leaves open:

* An array or object inside another one is JSON; in `deepObject` and in exploded objects, arrays repeat the name.
* In `deepObject`, objects inside objects add brackets: `filter[size][min]=1`.
* Exploded arrays of cookies repeat the name. Header values are not percent-encoded.
* The text of `spaceDelimited` and `pipeDelimited` values cannot have the delimiter, and that of headers no comma in an array.

Raises ValueError with the parameter's name for a value that its style cannot carry. A path is made with `expand_path`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

RESERVED = ":/?@!$'()*,;"  # what allowReserved leaves: RFC 3986's reserved characters without those that have a meaning in a query
DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
WRITTEN_DELIMITERS = {" ": "%20", "|": "%7C"}
TRIPLET = re.compile(r"(%[0-9A-Fa-f]{2})")
TEMPLATE = re.compile(r"{([^{}]+)}")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
FIELD_TEXT = re.compile(r"[\t\x20-\x7e]*")
SURROGATE = re.compile("[\ud800-\udfff]")
MIN_DECIMAL, MAX_DECIMAL = 1e-6, 1e21  # numbers between are written without an exponent, as in ECMAScript
Escape = Callable[[str, str], str]  # (text, the delimiter around it or "") -> text


@dataclass(frozen=True, slots=True)
class Style:
    """How one parameter or form field is written. `media_type` is set if `content` describes it instead of a style."""

    name: str
    location: str  # path, query, header, cookie
    style: str  # simple, label, matrix, form, spaceDelimited, pipeDelimited, deepObject
    explode: bool
    allow_reserved: bool = False
    media_type: str | None = None


def expand_path(template: str, values: Mapping[str, str]) -> str:
    """The path of a template with values of `encode_path`. Raises ValueError for a value that would lead to another path."""
    segments = [TEMPLATE.sub(lambda match: values[match[1]], segment) for segment in template.split("/")]
    for segment, written in zip(segments, template.split("/"), strict=True):
        if segment != written and segment in {"", ".", ".."}:
            raise ValueError(f"{written} cannot be {segment!r}: the path would be another one")
    return "/".join(segments)


def encode_path(style: Style, value: Any) -> str:
    """The percent-encoded text that replaces `{name}`, with its prefix."""
    if style.media_type is not None:
        return _percent(content_text(style.media_type, value))
    if _is_undefined(value):
        return ""
    match style.style:
        case "label":
            return "." + _label(style, value)
        case "matrix":
            return _matrix(style, value)
        case _:
            return _simple(style, value, lambda text, _: _percent(text))


def encode_query(style: Style, value: Any) -> list[str]:
    """The `name=value` pieces, percent-encoded, which `&` joins."""
    return [f"{_percent(name)}={text}" for name, text in _pairs(style, value, _in_query(style), WRITTEN_DELIMITERS)]


def encode_header(style: Style, value: Any) -> str:
    """The field value. Raises ValueError for what a header cannot have: other than ASCII, line ends, spaces at its ends."""
    if style.media_type is not None:
        text = content_text(style.media_type, value, ascii_only=True)
    else:
        text = "" if _is_undefined(value) else _simple(style, value, _verbatim(style))
    if not FIELD_TEXT.fullmatch(text) or text != text.strip():
        raise ValueError(f"{style.name}: {text!r} cannot be the value of a header")
    return text


def encode_cookie(style: Style, value: Any) -> list[str]:
    """The `name=value` pieces, percent-encoded, which `; ` joins."""
    pairs = _pairs(style, value, lambda text, _: _percent(text), {})
    for name, _ in pairs:
        if not TOKEN.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a cookie")
    return [f"{name}={text}" for name, text in pairs]


def encode_form(value: Mapping[str, Any], styles: Mapping[str, Style]) -> bytes:
    """An `application/x-www-form-urlencoded` body. Fields without a style are form fields; objects among them are JSON."""
    pieces = [piece for name, field in value.items() for piece in encode_query(styles.get(name) or default_style(name, field), field)]
    return "&".join(pieces).encode()


def default_style(name: str, value: Any) -> Style:
    """The style of a form field that `encoding` does not describe."""
    return Style(name, "query", "form", explode=True, media_type="application/json" if isinstance(value, Mapping) else None)


def form_fields(style: Style, value: Any) -> list[tuple[str, str]]:
    """The fields of a multipart form, (name, text), for a property that `encoding` describes with a style."""
    return _pairs(style, value, _verbatim(style), {})


def text_of(value: Any) -> str:
    """A value in a parameter: text as it is, numbers without artefacts, `true`, JSON for arrays and objects."""
    return value if isinstance(value, str) else json_text(value)


def json_text(value: Any, *, ascii_only: bool = False) -> str:
    """Compact JSON. Numbers are written as in ECMAScript, so that all languages write the same."""
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=ascii_only)
        return SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    if isinstance(value, Mapping):
        members = (json_text(str(name), ascii_only=ascii_only) + ":" + json_text(value[name], ascii_only=ascii_only) for name in value)
        return "{" + ",".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(json_text(item, ascii_only=ascii_only) for item in value) + "]"
    return _literal(value)


def _literal(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case float():
            return _number(value)
        case _:
            raise TypeError(f"{type(value).__name__} is not a JSON value")


def content_text(media_type: str, value: Any, *, ascii_only: bool = False) -> str:
    """A value in a media type: JSON, or text."""
    return json_text(value, ascii_only=ascii_only) if is_json(media_type) else "" if value is None else text_of(value)


def is_json(media_type: str) -> bool:
    """Whether a media type is application/json or has the suffix +json."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence == "application/json" or essence.endswith("+json")


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON value")
    if value == 0:
        return "0"
    if MIN_DECIMAL <= abs(value) < MAX_DECIMAL:
        text = f"{Decimal(repr(value)):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return re.sub(r"(\.0)?e([+-])0*", r"e\2", repr(value))


def _is_undefined(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(member is None for member in value.values())
    return value is None or (isinstance(value, (list, tuple)) and all(item is None for item in value))


def _items(value: Any) -> list[str]:
    """The texts of an array."""
    return [text_of(item) for item in value if item is not None]


def _members(value: Any) -> list[tuple[str, str]]:
    """The names and texts of an object."""
    return [(str(name), text_of(member)) for name, member in value.items() if member is not None]


def _percent(text: str) -> str:
    """Text with everything but unreserved characters percent-encoded."""
    return quote(text, safe="")


def _in_query(style: Style) -> Escape:
    def escape(text: str, delimiter: str) -> str:
        if delimiter in WRITTEN_DELIMITERS:
            _refuse(style, text, delimiter)
        if not style.allow_reserved:
            return _percent(text)
        safe = RESERVED.replace(delimiter, "") if delimiter else RESERVED
        return "".join(part if index % 2 else quote(part, safe=safe) for index, part in enumerate(TRIPLET.split(text)))

    return escape


def _verbatim(style: Style) -> Escape:
    """Where nothing is percent-encoded, text between delimiters cannot have them."""

    def escape(text: str, delimiter: str) -> str:
        if delimiter:
            _refuse(style, text, delimiter)
        if delimiter and style.location == "header" and text != text.strip():
            raise ValueError(f"{style.name}: {text!r} cannot begin or end with a space in style {style.style}")
        return text

    return escape


def _refuse(style: Style, text: str, delimiter: str) -> None:
    if delimiter in text:
        raise ValueError(f"{style.name}: {text!r} has {delimiter!r}, which is the delimiter of style {style.style}")


def _simple(style: Style, value: Any, escape: Escape) -> str:
    if isinstance(value, Mapping):
        return ",".join(_written_members(style, value, escape, ","))
    if isinstance(value, (list, tuple)):
        return ",".join(escape(text, ",") for text in _items(value))
    return escape(text_of(value), "")


def _written_members(style: Style, value: Any, escape: Escape, delimiter: str) -> Iterator[str]:
    """`name=value` of each member if exploded, otherwise its name and its value."""
    for name, text in _members(value):
        if not style.explode:
            yield escape(name, delimiter)
            yield escape(text, delimiter)
            continue
        written = escape(name, delimiter)
        if "=" in written:
            raise ValueError(f"{style.name}: the name {name!r} cannot have an equals sign in style {style.style}")
        yield f"{written}={escape(text, delimiter)}"


def _label(style: Style, value: Any) -> str:
    """Dots inside the values of a list are percent-encoded: they separate exploded values, and in OpenAPI 3.1.0 the others too."""
    if not isinstance(value, (Mapping, list, tuple)):
        return _percent(text_of(value))
    delimiter = "." if style.explode else ","
    written = (
        _written_members(style, value, lambda text, _: _dotless(text), delimiter)
        if isinstance(value, Mapping)
        else map(_dotless, _items(value))
    )
    return delimiter.join(written)


def _dotless(text: str) -> str:
    return _percent(text).replace(".", "%2E")


def _matrix(style: Style, value: Any) -> str:
    if not isinstance(value, (Mapping, list, tuple)):
        return _matrix_pair(style.name, text_of(value))
    if style.explode:
        pairs = _members(value) if isinstance(value, Mapping) else [(style.name, text) for text in _items(value)]
        return "".join(_matrix_pair(name, text) for name, text in pairs)
    joined = _simple(style, value, lambda text, _: _percent(text))
    return f";{_percent(style.name)}" + (f"={joined}" if joined else "")


def _matrix_pair(name: str, text: str) -> str:
    return f";{_percent(name)}" + (f"={_percent(text)}" if text else "")


def _pairs(style: Style, value: Any, escape: Escape, delimiters: Mapping[str, str]) -> list[tuple[str, str]]:
    """The names (as they are) and the texts (escaped) of a parameter in a query, in cookies or in a form."""
    if style.media_type is not None:
        return [(style.name, escape(content_text(style.media_type, value), ""))]
    if _is_undefined(value):
        return []
    if isinstance(value, Mapping) and style.style == "deepObject":
        pairs = list(_deep(style.name, value))
    elif isinstance(value, Mapping) and style.explode:
        pairs = [pair for name, member in value.items() for pair in _repeated(str(name), member)]
    elif style.explode or not isinstance(value, (Mapping, list, tuple)):
        pairs = _repeated(style.name, value)
    else:
        return [(style.name, _delimited(style, value, escape, delimiters))]
    return [(name, escape(text, "")) for name, text in pairs]


def _delimited(style: Style, value: Any, escape: Escape, delimiters: Mapping[str, str]) -> str:
    delimiter = DELIMITERS.get(style.style, ",")
    texts = [part for member in _members(value) for part in member] if isinstance(value, Mapping) else _items(value)
    return delimiters.get(delimiter, delimiter).join(escape(text, delimiter) for text in texts)


def _repeated(name: str, value: Any) -> list[tuple[str, str]]:
    """A value under a name, or each item of an array under the same name."""
    return [(name, text) for text in _items(value if isinstance(value, (list, tuple)) else [value])]


def _deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`name[member]` for each member of an object."""
    if not isinstance(value, Mapping):
        yield from _repeated(name, value)
        return
    for member, item in value.items():
        if "[" in str(member) or "]" in str(member):
            raise ValueError(f"{name}: the name {member!r} cannot have a bracket in style deepObject")
        yield from _deep(f"{name}[{member}]", item)
