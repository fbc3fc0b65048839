"""The call of an operation as code, with the document's own examples."""

from __future__ import annotations

import base64
from typing import Any

from contract.example_values import example_value, merge
from contract.openapi.media_types import MediaType
from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_binary, is_json
from contract.sdk.plan import SdkMethod
from contract.sdk.typescript_modules.literals import js, property_name
from contract.sdk.typescript_modules.naming import Names

LOCATIONS = ("path", "query", "header", "cookie")
WIDTH = 100
IGNORED_HEADERS = {"accept", "content-type", "authorization"}


def call_text(bundle: Json, names: Names, method: SdkMethod) -> str:
    """The call of a method of `client`, with its required parameters and its body."""
    members = input_members(bundle, method.operation)
    arguments = written(members, 0) if members else ""
    return f"client.{names.groups[method.group]}.{names.functions[method.name]}({arguments})"


def input_members(bundle: Json, operation: Operation) -> dict[str, Any]:
    """The input by member. A value of type `Code` is an expression."""
    members: dict[str, Any] = {}
    for location in LOCATIONS:
        values = {
            item.name: example_value(bundle, item.node if item.media_type is None else item.node["content"][item.media_type])
            for item in operation.all_parameters
            if item.location == location and item.required and not (location == "header" and item.name.lower() in IGNORED_HEADERS)
        }
        members |= {location: values} if values else {}
    media = preferred(operation)
    if media is not None:
        value = example_value(bundle, media.node)
        members["body"] = _with_files(bundle, media, value)
        if "*" in media.name:
            members["contentType"] = "application/octet-stream"
    return members


class Code(str):
    """An expression."""

    __slots__ = ()


def preferred(operation: Operation) -> MediaType | None:
    """The media type that a client sends unless it is told otherwise."""
    content = list(operation.body.content.values()) if operation.body else []
    return next((item for item in content if is_json(essence(item.name))), next(iter(content), None))


def _with_files(bundle: Json, media: MediaType, value: Any) -> Any:
    kind = essence(media.name)
    if is_json(kind) or kind == URLENCODED:
        return value
    if kind != MULTIPART:
        return value if kind.startswith("text/") or kind.endswith("xml") else Code(f"new Blob([{js(_text(value))}])")
    described = merge(bundle, media.schema).get("properties", {})
    return {name: _file(bundle, described.get(name), item) for name, item in value.items()} if isinstance(value, dict) else value


def _file(bundle: Json, schema: Any, value: Any) -> Any:
    if not is_binary(bundle, schema):
        return value
    return (
        [Code(f"new Blob([{js(_text(item))}])") for item in value] if isinstance(value, list) else Code(f"new Blob([{js(_text(value))}])")
    )


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) else js(value)


def written(value: Any, depth: int) -> str:
    """A value as code, on several lines if it is long."""
    if isinstance(value, Code):
        return str(value)
    plain = _plain(value)
    if len(plain) + 2 * depth <= WIDTH or not isinstance(value, (dict, list)):
        return plain
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        lines = [f"{inner}{property_name(name)}: {written(item, depth + 1)}," for name, item in value.items()]
        return "{\n" + "\n".join(lines) + f"\n{outer}}}"
    return "[\n" + "\n".join(f"{inner}{written(item, depth + 1)}," for item in value) + f"\n{outer}]"


def _plain(value: Any) -> str:
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{property_name(name)}: {_plain(item)}" for name, item in value.items()) + " }" if value else "{}"
    return "[" + ", ".join(map(_plain, value)) + "]" if isinstance(value, list) else js(value)
