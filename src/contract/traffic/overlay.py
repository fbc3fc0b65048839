"""What a document would have to say to describe the traffic, as an OpenAPI Overlay 1.0 that a person reads and applies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contract.openapi.operations import Json, unescape
from contract.traffic.verification import Report, Unknown

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*://\S+"),
}
TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def overlay(bundle: Json, report: Report) -> Json:
    """One action for each thing that the document does not tell of. Operations are left out: a path's template cannot be guessed."""
    title = bundle.get("info", {}).get("title", "API")
    actions = [action for unknown, values in report.unknown.items() for action in _actions(unknown, values)]
    return {"overlay": "1.0.0", "info": {"title": f"What traffic shows of {title}", "version": "1.0.0"}, "actions": actions}


def _actions(unknown: Unknown, values: Sequence[Any]) -> Iterator[Json]:
    if unknown.kind == "field":
        yield {"target": path(f"{unknown.pointer}/properties"), "update": {unknown.name: schema(values)}}
    elif unknown.kind == "status":
        answer: Json = {"description": "Seen in traffic."}
        if values:
            answer["content"] = {"application/json": {"schema": schema(values)}}
        yield {"target": path(unknown.pointer), "update": {unknown.name: answer}}
    elif unknown.kind == "media type":
        yield {"target": path(unknown.pointer.removesuffix("/content")), "update": {"content": {unknown.name: {}}}}
    elif unknown.kind == "parameter":
        parameter = {"name": unknown.name, "in": "query", "schema": schema(list(map(_read, values)))}
        owner = path(unknown.pointer.removesuffix("/parameters"))
        yield {"target": owner, "update": {"parameters": [parameter]}}


def path(pointer: str) -> str:
    """A JSON pointer as a JSONPath (RFC 9535)."""
    words = [unescape(part) for part in pointer.split("/")[1:]]
    return "$" + "".join(f".{word}" if NAME.fullmatch(word) else f"[{_quoted(word)}]" for word in words)


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


def schema(values: Sequence[Any]) -> Json:
    """A schema that all values have, as narrow as their types, the keys they share and a format they all have."""
    kinds = sorted({_kind(value) for value in values})
    if kinds == ["integer", "number"]:
        kinds = ["number"]
    written: Json = {} if not kinds else {"type": kinds[0] if len(kinds) == 1 else kinds}
    texts = [value for value in values if isinstance(value, str)]
    named = next((name for name, form in FORMATS.items() if texts and all(form.fullmatch(text) for text in texts)), None)
    if named:
        written["format"] = named
    items = [one for value in values if isinstance(value, list) for one in value]
    if items:
        written["items"] = schema(items)
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        written |= _object(objects)
    return written


def _object(values: Sequence[Json]) -> Json:
    names = list(dict.fromkeys(name for value in values for name in value))
    always = [name for name in names if all(name in value for value in values)]
    described = {name: schema([value[name] for value in values if name in value]) for name in names}
    return {"properties": described} | ({"required": always} if always else {})


def _kind(value: Any) -> str:
    return TYPES.get(type(value), "null")


def _read(value: str) -> Any:
    """A query's value as what it looks like."""
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d{1,15}", value) else value
