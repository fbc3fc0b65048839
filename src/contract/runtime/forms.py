"""Form bodies (`application/x-www-form-urlencoded`, `multipart/form-data`): from fields to the JSON value that the schema validates.

A field is read like a query parameter; objects, and fields that `encoding` declares as JSON, are JSON. A file is text of one character per
byte during validation, and bytes in the model. `encoding` decides which content types and headers a part may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, Preamble

from contract.openapi.media_types import Encoding, MediaType
from contract.openapi.operations import Body, Parameter
from contract.openapi.references import Json
from contract.runtime import styles
from contract.runtime.media import MULTIPART, essence, is_binary, is_json, ranges
from contract.runtime.parameters import MAX_FIELDS, Fields, ParameterSource, fields, header_check, query_reader
from contract.runtime.problems import Violation, invalid, malformed, printable
from contract.runtime.validators import Validators


class Part(NamedTuple):
    """One part of a multipart form."""

    name: str
    is_file: bool
    headers: Headers
    content: bytes


class PartRules:
    """What `encoding` requires of the parts of one property."""

    def __init__(self, validators: Validators, encoding: Encoding) -> None:
        self._types = [essence(type_) for type_ in (encoding.content_type or "").split(",") if type_.strip() and encoding.style is None]
        self._headers = [(header, header_check(validators, header)) for header in encoding.headers.values()]

    def violations(self, part: Part) -> Iterator[str]:
        """The sentences about a part. A text field without a content type is accepted: most clients cannot give it one."""
        sent = essence(part.headers.get("content-type", "" if not part.is_file else "text/plain"))
        if self._types and sent and not any(type_ in self._types for type_ in ranges(sent)):
            yield f"Must have the content type {' or '.join(self._types)}, not {printable(sent)}"
        for header, fits in self._headers:
            value = part.headers.get(header.name)
            if value is None and header.required:
                yield f"The part must have the header {header.name}"
            elif value is not None and not fits(value):
                yield f"The header {header.name} of the part is not valid"


class Form:
    """The compiled form of one body."""

    def __init__(self, validators: Validators, bundle: Json, body: Body, media_type: str) -> None:
        media = body.content[media_type]
        self._is_multipart = essence(media_type) == MULTIPART
        self._schema = styles.TextSchema(validators, media.schema)
        properties = self._schema.properties
        self._files = {name for name, property_ in properties.items() if is_binary(bundle, property_.schema)}
        self._unquote = str if self._is_multipart else styles.unquote_query
        self._readers = {
            name: query_reader(validators, _parameter(name, property_, media), set(properties), self._unquote)
            for name, property_ in properties.items()
            if name not in self._files
        }
        self._rules = {name: PartRules(validators, encoding) for name, encoding in media.encoding.items()} if self._is_multipart else {}

    def parse(self, raw: bytes, content_type: str) -> tuple[Any, Callable[[Any], Any]]:
        """(the value to validate, a function that puts the files' bytes into it afterwards). Raises Problem 400."""
        form_fields, files = self._multipart(raw, content_type) if self._is_multipart else (_urlencoded(raw), {})
        value = dict(self._values(form_fields))
        for name, contents in files.items():
            texts = [content.decode("latin-1") for content in contents]
            value[name] = texts if self._schema.member(name).is_list or len(texts) > 1 else texts[0]
        file_values = {name: value[name] for name in self._files if name in value}
        return value, lambda texts: {**texts, **{name: _as_bytes(content) for name, content in file_values.items() if name in texts}}

    def _multipart(self, raw: bytes, content_type: str) -> tuple[Fields, dict[str, list[bytes]]]:
        """(text fields, files). A file under the name of a property that is not one is its text."""
        parts = list(_parts(raw, parse_options_header(content_type)[1].get("boundary", "")))
        ruled = [part for part in parts if part.name in self._rules]
        violations = [Violation((part.name,), sentence) for part in ruled for sentence in self._rules[part.name].violations(part)]
        if violations:
            raise invalid(dict.fromkeys(violations))
        form_fields: Fields = {}
        files: dict[str, list[bytes]] = {}
        for part in parts:
            if part.name in self._files or (part.is_file and part.name not in self._readers):
                files.setdefault(part.name, []).append(part.content)
            else:
                form_fields.setdefault(part.name, []).append(_text(part.content))
        return form_fields, files

    def _values(self, form_fields: Fields) -> Iterator[tuple[str, Any]]:
        source = ParameterSource(form_fields, {}, {})
        undecodable: list[Violation] = []
        for name, read in self._readers.items():
            try:
                value = read(source)
            except styles.UndecodableError as error:
                undecodable.append(Violation((name,), str(error)))
                continue
            if value is not None:
                yield name, value
        if undecodable:
            raise invalid(undecodable)
        for name, values in form_fields.items():
            if name not in self._readers and "[" not in name:
                texts = [self._unquote(raw) for raw in values]
                yield name, self._file_texts(name, texts) if name in self._files else self._schema.member(name).repeated(texts)

    def _file_texts(self, name: str, texts: list[str]) -> Any:
        """Files of an urlencoded form: the bytes of their text."""
        contents = [text.encode().decode("latin-1") for text in texts]
        return contents if len(contents) > 1 or self._schema.member(name).is_list else contents[0]


def _parameter(name: str, property_: styles.TextSchema, media: MediaType) -> Parameter:
    """A property as a query parameter. Objects are JSON unless the encoding names a style."""
    encoding = media.encoding.get(name)
    has_style = encoding is not None and encoding.style is not None
    declares_json = encoding is not None and is_json(essence(encoding.content_type or ""))
    return Parameter(
        name=name,
        location="query",
        required=False,
        schema=property_.schema,
        style=(encoding.style if encoding else None) or "form",
        explode=encoding.explode if encoding is not None and has_style else True,
        media_type="application/json" if not has_style and (declares_json or property_.types == ("object",)) else None,
        node={},
        pointer="",
    )


def _urlencoded(raw: bytes) -> Fields:
    return fields(_text(raw))


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise malformed("The form is not UTF-8") from error


def _parts(raw: bytes, boundary: str) -> Iterator[Part]:
    """The parts in order. Raises Problem 400."""
    if not boundary:
        raise malformed("The form has no boundary")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_parts=MAX_FIELDS)
    decoder.receive_data(raw)
    decoder.receive_data(None)
    try:
        yield from _from_events(iter(decoder.next_event, None))
    except RequestEntityTooLarge as error:
        raise malformed(f"The form has more than {MAX_FIELDS} parts") from error
    except (ValueError, UnicodeError) as error:
        raise malformed("The form is not multipart/form-data") from error


def _from_events(events: Iterator[Event]) -> Iterator[Part]:
    head: Field | File | None = None
    content: list[bytes] = []
    for event in events:
        match event:
            case Field() | File():
                if event.name is None:
                    raise malformed("A part of the form has no name")
                head, content = event, []
            case Data():
                content.append(event.data)
                if not event.more_data and head is not None:
                    yield Part(head.name, isinstance(head, File), head.headers, b"".join(content))
            case NeedData():
                raise malformed("The form is not multipart/form-data")
            case Epilogue():
                return
            case Preamble() | _:
                continue


def _as_bytes(value: Any) -> Any:
    return [_as_bytes(item) for item in value] if isinstance(value, list) else value.encode("latin-1") if isinstance(value, str) else value
