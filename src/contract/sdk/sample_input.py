"""The input of an operation's sample: its required parameters and its body, from the examples of the document."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract import example_values
from contract.errors import ContractError
from contract.openapi import schemas
from contract.openapi.media_types import MediaType
from contract.openapi.operations import PATH_PARAMETER, Operation, Parameter
from contract.openapi.references import Json, escape
from contract.openapi.servers import default_url
from contract.runtime.media import MULTIPART, essence, is_binary, is_json
from contract.runtime.validators import Validators
from contract.runtime.visibility import for_side, is_hidden
from contract.sdk.plan import CredentialScheme, SdkMethod, SdkPlan
from contract.sdk.python_layer.encoding import encode_cookie, encode_header, encode_path, encode_query, expand_path
from contract.sdk.styles import style_of

MAX_SHOWN = 400  # characters of a generated body
SECRET = "YOUR_API_KEY"  # noqa: S105 - a placeholder
EXAMPLE_SERVER = "https://api.example.com"
OCTETS = "application/octet-stream"
USER, PASSWORD = "USER", "PASSWORD"
ENCODERS: dict[str, Callable[..., object]] = {
    "path": encode_path,
    "query": encode_query,
    "header": encode_header,
    "cookie": encode_cookie,
}


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file of a form, or a value of one whose part has required headers."""

    content: Any
    headers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SampleInput:
    """The values to send. `media` is None without a body; a multipart body has files as `bytes` and `SampleFile`."""

    parameters: tuple[tuple[Parameter, Any], ...]
    media: MediaType | None
    body: Any = None

    def at(self, location: str) -> list[tuple[Parameter, Any]]:
        """The parameters of a location."""
        return [(parameter, value) for parameter, value in self.parameters if parameter.location == location]


class SampleInputs:
    """The inputs of a document's operations: the first example, or else generated value, that its schema accepts."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._validators = _validators(bundle)
        self._inputs: dict[str, SampleInput] = {}

    def of(self, operation: Operation) -> SampleInput:
        """The required parameters and the body of an operation."""
        if operation.pointer not in self._inputs:
            values = [(parameter, self._value(parameter)) for parameter in operation.all_parameters if is_sent(parameter)]
            media = preferred_media(operation)
            body = self._body(media) if media is not None else None
            self._inputs[operation.pointer] = SampleInput(tuple(_on_path(operation, values)), media, body)
        return self._inputs[operation.pointer]

    def _value(self, parameter: Parameter) -> Any:
        """The value of a parameter, or a word if an example cannot be written in the parameter's style."""
        node, pointer = parameter.node, parameter.pointer
        if parameter.media_type is not None:
            node, pointer = node["content"][parameter.media_type], f"{pointer}/content/{escape(parameter.media_type)}"
        value = self._fitting(f"{pointer}/schema", example_values.example_values(self._bundle, node))
        try:
            ENCODERS[parameter.location](style_of(parameter), value)
        except (ValueError, TypeError):
            return example_values.DEFAULT_TEXT
        return value

    def _body(self, media: MediaType) -> Any:
        values = example_values.example_values(self._bundle, media.node)
        if not media.examples:
            values = _short_first(self._bundle, media.schema, values)
            values = (_request_view(self._bundle, media.schema, value) for value in values)
        value = self._fitting(f"{media.pointer}/schema", values)
        return _with_files(self._bundle, media, value) if essence(media.name) == MULTIPART and isinstance(value, dict) else value

    def _fitting(self, pointer: str, values: Iterator[Any]) -> Any:
        """The first value that a schema accepts, else the first one."""
        first = next(values)
        try:
            is_valid = self._validators.at(pointer).is_valid if self._validators is not None else _anything
        except ContractError:
            return first
        return next((value for value in itertools.chain([first], values) if is_valid(value)), first)


def _short_first(bundle: Json, schema: Any, values: Iterator[Any]) -> Iterator[Any]:
    """The values. If the first is too long to be read, as that of a recursive schema, ones with fewer levels come before it."""
    first = next(values)
    if not _is_short(first):
        strategies = [example_values.Strategy(optional_depth=depth) for depth in (2, 1)]
        yield from sorted((example_values.from_schema(bundle, schema, strategy=each) for each in strategies), key=_is_short, reverse=True)
    yield first
    yield from values


def _is_short(value: Any) -> bool:
    return len(json.dumps(value, default=str)) <= MAX_SHOWN


def _anything(_: Any) -> bool:
    return True


def _validators(bundle: Json) -> Validators | None:
    """The validators of requests; None for a document with text that UTF-8 cannot hold."""
    try:
        return Validators(for_side(bundle, "request"))
    except ValueError:
        return None


def is_sent(parameter: Parameter) -> bool:
    """Whether a sample has a value for a parameter."""
    return (parameter.required or parameter.location == "path") and not parameter.is_ignored


def preferred_media(operation: Operation) -> MediaType | None:
    """The media type of the body: JSON, else the first one."""
    content = list(operation.body.content.values()) if operation.body else []
    return next((item for item in content if is_json(essence(item.name))), next(iter(content), None))


def needed_url(bundle: Json, server: str | None) -> str | None:
    """The URL that a sample gives its client; None if it is the document's."""
    own = default_url(bundle)
    server = own if server is None else server
    if own.startswith(("http://", "https://")) and server.rstrip("/") == own.rstrip("/"):
        return None
    return server if "://" in server else EXAMPLE_SERVER + server.rstrip("/")


def example_method(plan: SdkPlan) -> SdkMethod | None:
    """The operation of a quick start: one that sends a body with an example, else one with a body, else the first one."""

    def preference(method: SdkMethod) -> tuple[bool, ...]:
        media = preferred_media(method.operation)
        return (method.deprecated is not None, media is None, not (media and media.examples), not (media and is_json(essence(media.name))))

    return min(plan.methods, key=preference, default=None)


def media_name(sample: SampleInput) -> str:
    """The media type to send for the documented one, which may be a range."""
    name = sample.media.name if sample.media is not None else ""
    if "*" not in name:
        return name
    return "application/json" if isinstance(sample.body, (dict, list)) else "text/plain" if name.startswith("text/") else OCTETS


def credentials(plan: SdkPlan, operation: Operation) -> list[CredentialScheme]:
    """The credentials of the first alternative of the operation that has any."""
    names = next((list(requirement) for requirement in operation.security if requirement), [])
    return [scheme for scheme in plan.schemes if scheme.name in names]


def _on_path(operation: Operation, values: list[tuple[Parameter, Any]]) -> list[tuple[Parameter, Any]]:
    """The values. One that would lead to another path is replaced by the parameter's name."""
    path = {parameter.name: encode_path(style_of(parameter), value) for parameter, value in values if parameter.location == "path"}
    try:
        expand_path(operation.path, {name: path.get(name, name) for name in PATH_PARAMETER.findall(operation.path)})
    except ValueError:
        return [(item, item.name if item.location == "path" and not path[item.name].strip(".") else value) for item, value in values]
    return values


def _request_view(bundle: Json, schema: Any, value: Any) -> Any:
    """A generated value without what only responses have, and with what only requests have."""
    described = example_values.merge(bundle, schema)
    if isinstance(value, list):
        return [_request_view(bundle, described.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    properties = described.get("properties", {})
    missing = [name for name in described.get("required", ()) if name in properties and name not in value]
    values = {**value, **{name: example_values.from_schema(bundle, properties[name]) for name in missing}}
    return {
        name: _request_view(bundle, properties.get(name, {}), item)
        for name, item in values.items()
        if not is_hidden(bundle, properties.get(name), "request")
    }


def _with_files(bundle: Json, media: MediaType, body: Json) -> Json:
    """A form with bytes for its files, and with the headers that its encoding requires."""
    properties = schemas.properties_of(bundle, media.schema)

    def value(name: str, item: Any) -> Any:
        described = media.encoding[name].headers.values() if name in media.encoding else ()
        headers = {header.name: example_values.example_value(bundle, header.node) for header in described if header.required}
        is_file = is_binary(bundle, properties.get(name))
        if isinstance(item, list) and is_file:
            return [value(name, each) for each in item]
        content = str(item).encode() if is_file else item
        return SampleFile(content, headers) if headers else content

    return {name: value(name, item) for name, item in body.items()}
