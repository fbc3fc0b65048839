"""Programs that call an operation with a client, with the examples of the document."""

from __future__ import annotations

from typing import Any

from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.sdk.plan import SdkMethod, SdkPlan, is_markup
from contract.sdk.python_generator.methods import is_stream
from contract.sdk.sample_input import PASSWORD, SECRET, USER, SampleFile, SampleInput, SampleInputs, credentials, needed_url
from contract.sdk.typescript_modules.literals import js, property_name
from contract.sdk.typescript_modules.naming import names_of

LOCATIONS = ("path", "query", "header", "cookie")
WIDTH = 88


class TypeScriptSamples:
    """The samples of a document. `server` replaces the document's first server."""

    def __init__(self, bundle: Json, plan: SdkPlan, server: str | None = None, inputs: SampleInputs | None = None) -> None:
        self._inputs = inputs or SampleInputs(bundle)
        self._plan = plan
        self._url = needed_url(bundle, server)
        self._names = names_of(plan)

    def program(self, method: SdkMethod) -> str:
        """A module that makes the call and prints the result."""
        function = self._names.functions[method.name]
        members = self._members(method)
        imported = ["Connection", *(["FormFile"] if _has_files(members) else []), function]
        connection = "connection" if function != "connection" else "api"
        lines = [
            f"import {{ {', '.join(imported)} }} from {js(self._plan.name)};",
            "",
            f"const {connection} = new Connection({self.options(method.operation)});",
        ]
        expression = f"{function}({', '.join([connection, *([written(members, 0)] if members else [])])})"
        return "\n".join([*lines, use(method, expression, function)])

    def options(self, operation: Operation | None = None) -> str:
        """The options of a connection, with placeholders for the credentials of an operation or for the first of the document."""
        members: dict[str, Any] = {"baseUrl": self._url} if self._url is not None else {}
        for scheme in credentials(self._plan, operation) if operation is not None else self._plan.schemes[:1]:
            members[self._names.credentials[scheme.argument]] = [USER, PASSWORD] if scheme.is_pair else SECRET
        return written(members, 0) if members else ""

    def call(self, method: SdkMethod, name: str | None = None) -> str:
        """The call of a method of `client`. `name` replaces the method's."""
        members = self._members(method)
        function = name or self._names.functions[method.name]
        return f"client.{self._names.groups[method.group]}.{function}({written(members, 0) if members else ''})"

    def _members(self, method: SdkMethod) -> dict[str, Any]:
        return input_members(self._inputs.of(method.operation), method.operation)


def use(method: SdkMethod, expression: str, function: str = "") -> str:
    """The statements that print the result of a call. Their variables differ from the function's name."""
    if is_stream(method.operation):
        item = "item" if function != "item" else "each"
        return f"for await (const {item} of {expression}) {{\n  console.log({item});\n}}"
    if method.has_no_response_body:
        return f"await {expression};"
    result = "result" if function != "result" else "response"
    return f"const {result} = await {expression};\nconsole.log({result});"


def input_members(sample: SampleInput, operation: Operation) -> dict[str, Any]:
    """The input by member."""
    members: dict[str, Any] = {}
    for location in LOCATIONS:
        values = {parameter.name: value for parameter, value in sample.at(location)}
        members |= {location: values} if values else {}
    if sample.media is not None:
        members["body"] = _body(sample)
        if content_type := _content_type(sample.media.name, sample.body, operation):
            members["contentType"] = content_type
    return members


def _content_type(name: str, body: Any, operation: Operation) -> str | None:
    """The media type, if the client needs it: it is a range, or JSON is not the only one of the first kind."""
    if "*" in name:
        return None if isinstance(body, (dict, list)) and essence(name) == "*/*" else "application/octet-stream"
    content = operation.body.content if operation.body else {}
    return None if is_json(essence(name)) or name == next(iter(content)) else name


def _body(sample: SampleInput) -> Any:
    assert sample.media is not None
    kind = essence(sample.media.name)
    if is_json(kind) or kind in {URLENCODED, MULTIPART} or (kind == "*/*" and isinstance(sample.body, (dict, list))):
        return sample.body
    text = _text(sample.body)
    return text if kind.startswith("text/") or is_markup(kind) else text.encode()


def _has_files(members: dict[str, Any]) -> bool:
    body = members.get("body")
    values = body.values() if isinstance(body, dict) else ()
    return any(_is_form_file(item) for value in values for item in (value if isinstance(value, list) else [value]))


def _is_form_file(value: Any) -> bool:
    return isinstance(value, SampleFile) and isinstance(value.content, bytes)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else js(value)


def written(value: Any, depth: int) -> str:
    """A value as code, on several lines if it is long."""
    plain = _plain(value)
    if len(plain) + 2 * depth <= WIDTH or not isinstance(value, (dict, list)):
        return plain
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        lines = [f"{inner}{property_name(name)}: {written(item, depth + 1)}," for name, item in value.items()]
        return "{\n" + "\n".join(lines) + f"\n{outer}}}"
    return "[\n" + "\n".join(f"{inner}{written(item, depth + 1)}," for item in value) + f"\n{outer}]"


def _plain(value: Any) -> str:
    if isinstance(value, SampleFile):
        headers = f", {{ headers: {_plain(value.headers)} }}"
        return f"new FormFile({_plain(value.content)}{headers})" if _is_form_file(value) else _plain(value.content)
    if isinstance(value, bytes):
        return f"new Blob([{js(value.decode('utf-8', 'replace'))}])"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{property_name(name)}: {_plain(item)}" for name, item in value.items()) + " }" if value else "{}"
    return "[" + ", ".join(map(_plain, value)) + "]" if isinstance(value, list) else js(value)
