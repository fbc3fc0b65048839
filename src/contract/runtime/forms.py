"""Form bodies (`application/x-www-form-urlencoded`, `multipart/form-data`): from fields to the JSON value that the schema judges.

A field is read like a query parameter; objects, and what `encoding` calls JSON, are JSON. A file is text of one character per byte
while it is judged, and bytes in the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from contract.openapi.operations import Body, Json, Parameter
from contract.runtime import styles
from contract.runtime.media import MULTIPART, is_binary
from contract.runtime.parameters import MOST_FIELDS, Fields, Source, fields, query_reader
from contract.runtime.problems import malformed


class Form:
    """The compiled form of one body."""

    def __init__(self, bundle: Json, body: Body, media_type: str) -> None:
        schema = body.media[media_type]
        encoding = body.node["content"][media_type].get("encoding", {})
        properties = styles.properties_of(bundle, schema)
        self._files = {name for name, one in properties.items() if is_binary(bundle, one)}
        self._lists = {name for name, one in properties.items() if styles.kind_of(bundle, one) == "array"}
        self._readers = {
            name: query_reader(bundle, _parameter(bundle, name, one, encoding.get(name, {})), set())
            for name, one in properties.items()
            if name not in self._files
        }

    def parse(self, raw: bytes, content_type: str) -> tuple[Any, Callable[[Any], Any]]:
        """(the value to judge, what puts the files' bytes into it afterwards). Raises Problem 400."""
        kind, options = parse_options_header(content_type)
        found, files = _multipart(raw, options.get("boundary", "")) if kind == MULTIPART else (_urlencoded(raw), {})
        value = dict(self._values(found))
        for name, contents in files.items():
            judged = [one.decode("latin-1") for one in contents]
            value[name] = judged if name in self._lists or len(judged) > 1 else judged[0]
        carried = {name: value[name] for name in self._files if name in value}
        return value, lambda judged: {**judged, **{name: _as_bytes(one) for name, one in carried.items() if name in judged}}

    def _values(self, found: Fields) -> Iterator[tuple[str, Any]]:
        source = Source(found, {}, {})
        for name, read in self._readers.items():
            value = read(source)
            if value is not None:
                yield name, value
        for name, values in found.items():
            if name not in self._readers and "[" not in name:
                texts = [styles.plain_query(one) for one in values]
                if name in self._files:
                    texts = [one.encode().decode("latin-1") for one in texts]
                yield name, texts if len(texts) > 1 or name in self._lists else texts[0]


def _parameter(bundle: Json, name: str, schema: Any, encoding: Json) -> Parameter:
    """A property as if it were a query parameter: objects are JSON unless the encoding names a style."""
    kind = styles.kind_of(bundle, schema)
    is_json = "style" not in encoding and "explode" not in encoding and (kind == "object" or "json" in str(encoding.get("contentType", "")))
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
    parser = MultiPartParser(stream_factory=lambda *_, **__: BytesIO(), max_form_parts=MOST_FIELDS)
    try:
        found, uploads = parser.parse(BytesIO(raw), boundary.encode("latin-1", "replace"), len(raw))
    except RequestEntityTooLarge as error:
        raise malformed(f"The form has more than {MOST_FIELDS} parts") from error
    except (ValueError, UnicodeError) as error:
        raise malformed("The form is not multipart/form-data") from error
    if None in found or None in uploads:
        raise malformed("A part of the form has no name")
    files: dict[str, list[bytes]] = {}
    for name, upload in uploads.items(multi=True):
        files.setdefault(name, []).append(upload.stream.read())
    return {name: [quote(one, safe="") for one in values] for name, values in found.lists()}, files


def _as_bytes(judged: Any) -> Any:
    return (
        [_as_bytes(one) for one in judged] if isinstance(judged, list) else judged.encode("latin-1") if isinstance(judged, str) else judged
    )
