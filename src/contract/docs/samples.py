"""A working request for an operation, in curl, Python and TypeScript, with the document's examples."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from contract import example_values
from contract.openapi.operations import Operation, Parameter
from contract.openapi.references import Json, resolve
from contract.runtime.media import essence, is_json

API_KEY_PLACEHOLDER = "YOUR_API_KEY"
SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class CodeSample:
    """The sample in one language."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A complete request; `body` is a JSON value if `is_json`, else text."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any
    has_body: bool
    is_json: bool
    parts: dict[str, str] | None = None  # of a multipart/form-data body, whose Content-Type the client sets


def samples(bundle: Json, operation: Operation, server: str) -> list[CodeSample]:
    """The operation in each language."""
    request = sample_request(bundle, operation, server)
    return [CodeSample("curl", _curl(request)), CodeSample("Python", _python(request)), CodeSample("TypeScript", _typescript(request))]


def sample_request(bundle: Json, operation: Operation, server: str) -> SampleRequest:
    """The request with its required parameters and its body."""
    headers = _credentials(bundle, operation)
    required = [parameter for parameter in operation.parameters if parameter.required]
    path = operation.path
    for parameter in required:
        value = _value(bundle, parameter)
        if parameter.location == "path":
            path = path.replace("{" + parameter.name + "}", quote(_joined(value), safe=""))
        elif parameter.location == "header":
            headers[parameter.name] = _joined(value)
        elif parameter.location == "cookie":
            headers["Cookie"] = "; ".join([*filter(None, [headers.get("Cookie")]), f"{parameter.name}={_joined(value)}"])
    query = [pair for parameter in required if parameter.location == "query" for pair in _pairs(parameter, _value(bundle, parameter))]
    url = server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
    media = next(iter(operation.body.media), None) if operation.body else None
    if operation.body is None or media is None:
        return SampleRequest(operation.method.upper(), url, headers, None, has_body=False, is_json=False)
    body = example_values.example_value(bundle, operation.body.node["content"][media])
    if essence(media) == "multipart/form-data" and isinstance(body, dict):
        parts = {name: _joined(value) for name, value in body.items()}
        return SampleRequest(operation.method.upper(), url, headers, body, has_body=True, is_json=False, parts=parts)
    headers["Content-Type"] = media
    return SampleRequest(operation.method.upper(), url, headers, body, has_body=True, is_json=is_json(essence(media)))


def _credentials(bundle: Json, operation: Operation) -> dict[str, str]:
    """The header of the first security alternative of the operation."""
    schemes = bundle.get("components", {}).get("securitySchemes", {})
    for name in next((list(requirement) for requirement in operation.security if requirement), []):
        scheme, _ = resolve(bundle, schemes.get(name, {}), "")
        scheme_type = scheme.get("type")
        if scheme_type in {"oauth2", "openIdConnect"} or (scheme_type == "http" and str(scheme.get("scheme", "")).lower() == "bearer"):
            return {"Authorization": f"Bearer {API_KEY_PLACEHOLDER}"}
        if scheme_type == "apiKey" and scheme.get("in") in {"header", "cookie"}:
            return (
                {"Cookie": f"{scheme.get('name')}={API_KEY_PLACEHOLDER}"}
                if scheme["in"] == "cookie"
                else {str(scheme.get("name")): API_KEY_PLACEHOLDER}
            )
    return {}


def _value(bundle: Json, parameter: Parameter) -> Any:
    node = parameter.node if parameter.media_type is None else parameter.node["content"][parameter.media_type]
    return example_values.example_value(bundle, node)


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list) and parameter.explode:
        return [(parameter.name, _joined(item)) for item in value]
    if isinstance(value, list):
        return [(parameter.name, SEPARATORS.get(parameter.style, ",").join(map(_joined, value)))]
    if isinstance(value, dict) and parameter.style == "deepObject":
        return [(f"{parameter.name}[{key}]", _joined(item)) for key, item in value.items()]
    if isinstance(value, dict) and parameter.explode:
        return [(key, _joined(item)) for key, item in value.items()]
    return [(parameter.name, _joined(value))]


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_joined, value))
    if isinstance(value, dict):
        return ",".join(f"{key},{_joined(item)}" for key, item in value.items())
    return value if isinstance(value, str) else json.dumps(value)


def _curl(request: SampleRequest) -> str:
    method = "" if request.method == "GET" and not request.has_body else f" -X {request.method}"
    lines = [
        f"curl{method} {shlex.quote(request.url)}",
        *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()),
    ]
    if request.has_body:
        lines += _curl_body(request)
    return " \\\n  ".join(lines)


def _curl_body(request: SampleRequest) -> list[str]:
    """The options for the body. The shorter options -d and -F would read the file that a text after an @ names."""
    if request.parts is None:
        return [f"--data-raw {shlex.quote(text(request))}"]
    return [f"--form-string {shlex.quote(f'{name}={value}')}" for name, value in request.parts.items()]


def _python(request: SampleRequest) -> str:
    lines = ["import httpx", "", "response = httpx.request(", f'    "{request.method}",', f"    {request.url!r},"]
    headers = {name: value for name, value in request.headers.items() if not (request.is_json and name == "Content-Type")}
    if headers:
        lines.append(f"    headers={_literal(headers)},")
    if request.parts is not None:
        fields = "".join(f"        {name!r}: (None, {part!r}),\n" for name, part in request.parts.items())
        lines.append(f"    files={{\n{fields}    }},")
    elif request.has_body:
        lines.append(f"    json={_literal(request.body)}," if request.is_json else f"    content={text(request)!r}.encode(),")
    return "\n".join([*lines, ")", "response.raise_for_status()", *(["print(response.json())"] if request.method != "DELETE" else [])])


def _typescript(request: SampleRequest) -> str:
    lines = [f"form.append({json.dumps(name)}, {json.dumps(value)});" for name, value in (request.parts or {}).items()]
    lines = ["const form = new FormData();", *lines] if request.parts is not None else []
    lines += [f"const response = await fetch({json.dumps(request.url)}, {{", f'  method: "{request.method}",']
    if request.headers:
        lines.append(f"  headers: {_indented(request.headers, 2)},")
    if request.parts is not None:
        lines.append("  body: form,")
    elif request.has_body:
        lines.append(
            f"  body: JSON.stringify({_indented(request.body, 2)})," if request.is_json else f"  body: {json.dumps(text(request))},"
        )
    return "\n".join([*lines, "});", "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);"])


def text(request: SampleRequest) -> str:
    """The body as it is sent."""
    if request.is_json:
        return json.dumps(request.body, ensure_ascii=False, indent=2)
    return (
        request.body
        if isinstance(request.body, str)
        else urlencode(request.body)
        if isinstance(request.body, dict)
        else json.dumps(request.body)
    )


def _indented(value: Any, spaces: int) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * spaces)


def _literal(value: Any) -> str:
    """A JSON value as indented Python."""
    return re.sub(r"(?m)^", "    ", _python_lines(value, 0)).lstrip()


def _python_lines(value: Any, depth: int) -> str:
    inner_indent, outer_indent = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict) and value:
        pairs = [(json.dumps(key, ensure_ascii=False), _python_lines(item, depth + 1)) for key, item in value.items()]
        entries = "".join(f"{inner_indent}{key}: {item},\n" for key, item in pairs)
        return f"{{\n{entries}{outer_indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner_indent}{_python_lines(item, depth + 1)},\n" for item in value) + f"{outer_indent}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
