"""Form bodies (`application/x-www-form-urlencoded`, `multipart/form-data`): from fields to the JSON value that the schema validates.

A field is read like a query parameter; objects, and fields that `encoding` declares as JSON, are JSON. A file is text of one character per
byte during validation, and bytes in the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from contract.openapi.operations import Body, Parameter
from contract.openapi.references import Json
from contract.runtime import styles
from contract.runtime.media import MULTIPART, is_binary
from contract.runtime.parameters import MAX_FIELDS, Fields, ParameterSource, fields, query_reader
from contract.runtime.problems import malformed


class Form:
    """The compiled form of one body."""

    def __init__(self, bundle: Json, body: Body, media_type: str) -> None:
        schema = body.media[media_type]
        encoding = body.node["content"][media_type].get("encoding", {})
        properties = styles.properties_of(bundle, schema)
        self._files = {name for name, property_schema in properties.items() if is_binary(bundle, property_schema)}
        self._lists = {name for name, property_schema in properties.items() if styles.type_of(bundle, property_schema) == "array"}
        self._readers = {
            name: query_reader(bundle, _parameter(bundle, name, property_schema, encoding.get(name, {})), set())
            for name, property_schema in properties.items()
            if name not in self._files
        }

    def parse(self, raw: bytes, content_type: str) -> tuple[Any, Callable[[Any], Any]]:
        """(the value to validate, a function that puts the files' bytes into it afterwards). Raises Problem 400."""
        kind, options = parse_options_header(content_type)
        form_fields, files = _multipart(raw, options.get("boundary", "")) if kind == MULTIPART else (_urlencoded(raw), {})
        value = dict(self._values(form_fields))
        for name, contents in files.items():
            texts = [content.decode("latin-1") for content in contents]
            value[name] = texts if name in self._lists or len(texts) > 1 else texts[0]
        file_values = {name: value[name] for name in self._files if name in value}
        return value, lambda texts: {**texts, **{name: _as_bytes(content) for name, content in file_values.items() if name in texts}}

    def _values(self, form_fields: Fields) -> Iterator[tuple[str, Any]]:
        source = ParameterSource(form_fields, {}, {})
        for name, read in self._readers.items():
            value = read(source)
            if value is not None:
                yield name, value
        for name, values in form_fields.items():
            if name not in self._readers and "[" not in name:
                texts = [styles.unquote_query(raw) for raw in values]
                if name in self._files:
                    texts = [text.encode().decode("latin-1") for text in texts]
                yield name, texts if len(texts) > 1 or name in self._lists else texts[0]


def _parameter(bundle: Json, name: str, schema: Any, encoding: Json) -> Parameter:
    """A property as a query parameter. Objects are JSON unless the encoding names a style."""
    type_name = styles.type_of(bundle, schema)
    is_json = (
        "style" not in encoding and "explode" not in encoding and (type_name == "object" or "json" in str(encoding.get("contentType", "")))
    )
    style = encoding.get("style", "form")
    return Parameter(
        name=name,
        location="query",
        required=False,
        schema=schema,
        style=style,
        explode=bool(encoding.get("explode", style == "form")),
        media_type="application/json" if is_json else None,
        node=encoding,
        pointer="",
    )


def _urlencoded(raw: bytes) -> Fields:
    try:
        return fields(raw.decode())
    except UnicodeDecodeError as error:
        raise malformed("The form is not UTF-8") from error


def _multipart(raw: bytes, boundary: str) -> tuple[Fields, dict[str, list[bytes]]]:
    """(fields, percent-encoded like those of a query; files)."""
    if not boundary:
        raise malformed("The form has no boundary")
    parser = MultiPartParser(stream_factory=lambda *_, **__: BytesIO(), max_form_parts=MAX_FIELDS)
    try:
        form_fields, uploads = parser.parse(BytesIO(raw), boundary.encode("latin-1", "replace"), len(raw))
    except RequestEntityTooLarge as error:
        raise malformed(f"The form has more than {MAX_FIELDS} parts") from error
    except (ValueError, UnicodeError) as error:
        raise malformed("The form is not multipart/form-data") from error
    if None in form_fields or None in uploads:
        raise malformed("A part of the form has no name")
    files: dict[str, list[bytes]] = {}
    for name, upload in uploads.items(multi=True):
        files.setdefault(name, []).append(upload.stream.read())
    return {name: [quote(value, safe="") for value in values] for name, values in form_fields.lists()}, files


def _as_bytes(value: Any) -> Any:
    return [_as_bytes(item) for item in value] if isinstance(value, list) else value.encode("latin-1") if isinstance(value, str) else value
