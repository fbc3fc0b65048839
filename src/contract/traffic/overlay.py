"""The additions that would make a document describe the traffic, as an OpenAPI Overlay 1.0 to be reviewed and applied."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contract.openapi.references import Json, unescape
from contract.traffic.verification import Undocumented, VerificationReport

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "uuid": re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*://\S+"),
}
TYPE_NAMES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def overlay(bundle: Json, report: VerificationReport) -> Json:
    """One action for each undocumented part. Operations are left out: their path templates cannot be guessed."""
    title = bundle.get("info", {}).get("title", "API")
    actions = [action for undocumented, values in report.unknown.items() for action in _actions(undocumented, values)]
    return {"overlay": "1.0.0", "info": {"title": f"Undocumented traffic of {title}", "version": "1.0.0"}, "actions": actions}


def _actions(undocumented: Undocumented, values: Sequence[Any]) -> Iterator[Json]:
    if undocumented.kind == "field":
        yield {"target": path(f"{undocumented.pointer}/properties"), "update": {undocumented.name: schema(values)}}
    elif undocumented.kind == "status":
        response: Json = {"description": "Seen in traffic."}
        if values:
            response["content"] = {"application/json": {"schema": schema(values)}}
        yield {"target": path(undocumented.pointer), "update": {undocumented.name: response}}
    elif undocumented.kind == "media type":
        yield {"target": path(undocumented.pointer.removesuffix("/content")), "update": {"content": {undocumented.name: {}}}}
    elif undocumented.kind == "parameter":
        parameter = {"name": undocumented.name, "in": "query", "schema": schema(list(map(_guess_value, values)))}
        owner = path(undocumented.pointer.removesuffix("/parameters"))
        yield {"target": owner, "update": {"parameters": [parameter]}}


def path(pointer: str) -> str:
    """A JSON pointer as a JSONPath (RFC 9535)."""
    parts = [unescape(part) for part in pointer.split("/")[1:]]
    return "$" + "".join(f".{key}" if NAME.fullmatch(key) else f"[{_quoted(key)}]" for key in parts)


def _quoted(key: str) -> str:
    return "'" + key.replace("\\", "\\\\").replace("'", "\\'") + "'"


def schema(values: Sequence[Any]) -> Json:
    """A schema that all values match: their types, the keys they share and a format that they all have."""
    types = sorted({_type_name(value) for value in values})
    if types == ["integer", "number"]:
        types = ["number"]
    derived: Json = {} if not types else {"type": types[0] if len(types) == 1 else types}
    texts = [value for value in values if isinstance(value, str)]
    format_name = next((name for name, form in FORMATS.items() if texts and all(form.fullmatch(text) for text in texts)), None)
    if format_name:
        derived["format"] = format_name
    items = [item for value in values if isinstance(value, list) for item in value]
    if items:
        derived["items"] = schema(items)
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        derived |= _object(objects)
    return derived


def _object(values: Sequence[Json]) -> Json:
    names = list(dict.fromkeys(name for value in values for name in value))
    required = [name for name in names if all(name in value for value in values)]
    properties = {name: schema([value[name] for value in values if name in value]) for name in names}
    return {"properties": properties} | ({"required": required} if required else {})


def _type_name(value: Any) -> str:
    return TYPE_NAMES.get(type(value), "null")


def _guess_value(value: str) -> Any:
    """The value of a query parameter, by its form."""
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if re.fullmatch(r"-?\d{1,15}", value) else value
