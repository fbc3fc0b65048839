"""Responses that are sequences of items: server-sent events, JSON lines and JSON sequences, and the schema of one item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from contract.openapi.media_types import MediaType
from contract.openapi.references import Json, resolve

FRAMINGS = {
    "text/event-stream": "events",
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/x-jsonlines": "lines",
    "application/jsonlines": "lines",
    "application/json-seq": "records",
}
EVENT_FIELDS = {"event", "data", "id", "retry"}
END_OF_STREAM = "[DONE]"  # a last event that some servers send
LINE_END = re.compile(r"\r\n|\r|\n")
RECORD_SEPARATOR = "\x1e"  # RFC 7464


def item_schema(bundle: Json, media: MediaType) -> tuple[Any, str]:
    """The schema of one item and its pointer.

    It is `itemSchema` (OpenAPI 3.2; `x-item-schema` in earlier versions), the items of an array that describes the whole stream, or the
    schema. The text of an item may be described as JSON by `contentSchema`.
    """
    for name in ("itemSchema", "x-item-schema"):
        if name in media.node:
            return _content(media.node[name], f"{media.pointer}/{name}")
    schema: Any = media.schema
    pointer = f"{media.pointer}/schema"
    target: Any
    target, target_pointer = resolve(bundle, schema, pointer) if isinstance(schema, dict) else (schema, pointer)
    if isinstance(target, dict) and target.get("type") == "array":
        return _content(target.get("items", {}), f"{target_pointer}/items")
    return _content(schema, pointer)


def _content(schema: Any, pointer: str) -> tuple[Any, str]:
    if isinstance(schema, dict) and "contentSchema" in schema:
        return schema["contentSchema"], f"{pointer}/contentSchema"
    return schema, pointer


def describes_events(bundle: Json, schema: Any) -> bool:
    """Whether an item of server-sent events is an event with its fields, and not its data: as described, or if nothing is described."""
    target: Any = resolve(bundle, schema, "")[0] if isinstance(schema, dict) else {}
    if not target:
        return True
    properties = target.get("properties", {}) if isinstance(target, dict) else {}
    return "data" in properties and properties.keys() <= EVENT_FIELDS


def items(framing: str, text: str, *, has_fields: bool) -> Iterator[Any]:
    """The items of a whole stream. Raises ValueError for one that is not JSON where only JSON is possible."""
    if framing == "events":
        yield from _events(text, has_fields=has_fields)
        return
    for item in text.split(RECORD_SEPARATOR) if framing == "records" else text.split("\n"):
        if item.strip():
            yield json.loads(item)


def _events(text: str, *, has_fields: bool) -> Iterator[Any]:
    """The events, as the HTML standard reads them: one without an empty line after it is not complete."""
    event: dict[str, Any] = {}
    for line in LINE_END.split(text.removeprefix("\ufeff"))[:-1]:
        name, _, value = line.partition(":")
        if name in EVENT_FIELDS:
            value = value.removeprefix(" ")
            event[name] = f"{event[name]}\n{value}" if name == "data" and name in event else int(value) if name == "retry" else value
        if not line:
            if "data" in event and event["data"] != END_OF_STREAM:
                yield event if has_fields else _json_or_text(event["data"])
            event = {}


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def framed(framing: str, item: Any, *, has_fields: bool = False) -> bytes:
    """One item as it is sent."""
    if framing == "lines":
        return json.dumps(item, ensure_ascii=False).encode() + b"\n"
    if framing == "records":
        return RECORD_SEPARATOR.encode() + json.dumps(item, ensure_ascii=False).encode() + b"\n"
    fields = {name: value for name, value in item.items() if value is not None} if has_fields and isinstance(item, dict) else {"data": item}
    lines = [f"{name}: {line}\n" for name, value in fields.items() for line in LINE_END.split(_text(value))]
    return ("".join(lines) + "\n").encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
