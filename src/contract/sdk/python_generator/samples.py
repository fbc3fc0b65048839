"""Programs that call an operation with a client, with the examples of the document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.sdk.plan import SdkMethod, SdkPlan, is_markup, python_package
from contract.sdk.python_generator.methods import argument_names, is_stream
from contract.sdk.python_generator.text import method_name
from contract.sdk.sample_input import PASSWORD, SECRET, USER, SampleFile, SampleInput, SampleInputs, credentials, needed_url

WIDTH = 88
INDENT = "    "


class PythonSamples:
    """The samples of a document. `server` replaces the document's first server."""

    def __init__(self, bundle: Json, plan: SdkPlan, server: str | None = None, inputs: SampleInputs | None = None) -> None:
        self._inputs = inputs or SampleInputs(bundle)
        self._plan = plan
        self._url = needed_url(bundle, server)

    def program(self, method: SdkMethod) -> str:
        """A program that makes the call and prints the result."""
        sample = self._inputs.of(method.operation)
        import_line = f"from {python_package(self._plan)} import Client{self.file_import(method)}"
        lines = [import_line, "", f"with {self.client(method.operation)} as client:"]
        return "\n".join([*lines, *(INDENT + line for line in use(method, call(method, sample)))])

    def block(self, method: SdkMethod, *, is_async: bool = False) -> str:
        """The same without the client."""
        expression = call(method, self._inputs.of(method.operation))
        lines = use(method, f"await {expression}" if is_async else expression)
        words = {"with ": "async with ", "for ": "async for "} if is_async and is_stream(method.operation) else {}
        return "\n".join(_replaced_start(line, words) for line in lines)

    def file_import(self, method: SdkMethod) -> str:
        """The rest of an import of the client, for the files of a call."""
        return ", File" if _has_headers(self._inputs.of(method.operation).body) else ""

    @property
    def server_argument(self) -> str:
        """The first argument of a client, if it needs one."""
        return f"{written(self._url)}, " if self._url is not None else ""

    def client(self, operation: Operation | None = None) -> str:
        """The construction of a client, with placeholders for the credentials of an operation or for the first of the document."""
        schemes = credentials(self._plan, operation) if operation is not None else self._plan.schemes[:1]
        secrets = {True: f'("{USER}", "{PASSWORD}")', False: written(SECRET)}
        arguments = [written(self._url)] if self._url is not None else []
        arguments += [f"{scheme.argument}={secrets[scheme.is_pair]}" for scheme in schemes]
        return f"Client({', '.join(arguments)})"

    def pages(self, method: SdkMethod, iterator: str) -> str:
        """A loop over the items of all pages."""
        sample = self._inputs.of(method.operation)
        return f"for item in {call(method, sample, iterator)}:\n{INDENT}print(item)"


def _replaced_start(line: str, words: dict[str, str]) -> str:
    start = next((word for word in words if line.lstrip().startswith(word)), None)
    return line.replace(start, words[start], 1) if start else line


def use(method: SdkMethod, expression: str) -> list[str]:
    """The lines that print the result of a call."""
    if is_stream(method.operation):
        block = f"with {expression} as items:\n{INDENT}for item in items:\n{INDENT * 2}print(item)"
    else:
        block = expression if method.has_no_response_body else f"result = {expression}\nprint(result)"
    return block.split("\n")


def call(method: SdkMethod, sample: SampleInput, name: str | None = None) -> str:
    """The call of a method, such as `client.pets.add_pet(body={"name": "Rex"})`. `name` replaces the method's."""
    arguments = _arguments(method.operation, sample)
    function = f"client.{method.group}.{name or method_name(method.name)}"
    short = f"{function}({', '.join(prefix + written(value) for prefix, value in arguments)})"
    if len(short) + len("    result = ") <= WIDTH and "\n" not in short:
        return short
    return f"{function}(\n" + "".join(f"{INDENT}{prefix}{written(value, 1)},\n" for prefix, value in arguments) + ")"


def _arguments(operation: Operation, sample: SampleInput) -> list[tuple[str, Any]]:
    """(prefix, value) of each argument: those of the path, then the body, then keywords."""
    values = {(parameter.name, parameter.location): value for parameter, value in sample.parameters}
    sent = [
        (name, parameter.location, values[parameter.name, parameter.location])
        for name, parameter in argument_names(operation).items()
        if (parameter.name, parameter.location) in values
    ]
    arguments = [("", value) for _, location, value in sent if location == "path"]
    arguments += [("body=", _body(sample))] if sample.media is not None else []
    arguments += [(f"{name}=", value) for name, location, value in sent if location != "path"]
    return [*arguments, *_content_type(operation, sample)]


def _content_type(operation: Operation, sample: SampleInput) -> list[tuple[str, Any]]:
    """The argument that selects a media type, if the client would select another one."""
    content = list(operation.body.content) if operation.body else []
    is_chosen = sample.media is None or "*" in sample.media.name or sample.media.name == content[0] or is_json(essence(sample.media.name))
    return [] if is_chosen or sample.media is None else [("content_type=", sample.media.name)]


def _body(sample: SampleInput) -> Any:
    """The value of `body`: as it is in JSON and in a form, else text or bytes."""
    assert sample.media is not None
    kind, value = essence(sample.media.name), sample.body
    if is_json(kind) or kind in {URLENCODED, MULTIPART} or ("*" in kind and isinstance(value, (dict, list))):
        return value
    text = value if isinstance(value, str) else json.dumps(value)
    return text if kind.startswith("text/") or is_markup(kind) else text.encode()


def _has_headers(body: Any) -> bool:
    values = body.values() if isinstance(body, dict) else ()
    return any(isinstance(item, SampleFile) for value in values for item in (value if isinstance(value, list) else [value]))


def written(value: Any, depth: int = 0) -> str:
    """A value as Python, on several lines if it is long."""
    flat = _flat(value)
    if len(flat) + len(INDENT) * (depth + 1) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = "".join(f"{INDENT * (depth + 1)}{line},\n" for line in _lines(value, depth + 1))
    return f"{opening}\n{lines}{INDENT * depth}{closing}"


def _lines(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{_flat(name)}: {written(item, depth)}" for name, item in value.items())
    else:
        yield from (written(item, depth) for item in value)


def _flat(value: Any) -> str:
    if isinstance(value, SampleFile):
        return f"File({_flat(value.content)}, headers={_flat(value.headers)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(name)}: {_flat(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
        return text if text.isprintable() else json.dumps(value)
    if isinstance(value, bytes):
        return f"b{json.dumps(value.decode('latin-1'))}" if value.isascii() and value.decode().isprintable() else repr(value)
    return repr(value)
