"""An operation as a request that works: in curl, Python and TypeScript, with the document's own examples."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from contract import examples
from contract.openapi.operations import Json, Operation, Parameter, resolve
from contract.runtime.media import essence, is_json

KEY = "YOUR_API_KEY"
SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One language's text."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A request with everything filled in; `body` is a JSON value where `is_json`, else text."""

    method: str
    url: str
    headers: dict[str, str]
    body: Any
    has_body: bool
    is_json: bool
    parts: dict[str, str] | None = None  # of a multipart/form-data body, whose Content-Type each client writes itself


def samples(bundle: Json, operation: Operation, server: str) -> list[Sample]:
    """The operation in each language."""
    made = call(bundle, operation, server)
    return [Sample("curl", _curl(made)), Sample("Python", _python(made)), Sample("TypeScript", _typescript(made))]


def call(bundle: Json, operation: Operation, server: str) -> Call:
    """The request, with what is required of its parameters and with its body."""
    headers = _credentials(bundle, operation)
    needed = [one for one in operation.parameters if one.required]
    path = operation.path
    for one in needed:
        value = _value(bundle, one)
        if one.location == "path":
            path = path.replace("{" + one.name + "}", quote(_joined(value), safe=""))
        elif one.location == "header":
            headers[one.name] = _joined(value)
        elif one.location == "cookie":
            headers["Cookie"] = "; ".join([*filter(None, [headers.get("Cookie")]), f"{one.name}={_joined(value)}"])
    query = [pair for one in needed if one.location == "query" for pair in _pairs(one, _value(bundle, one))]
    url = server.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
    media = next(iter(operation.body.media), None) if operation.body else None
    if operation.body is None or media is None:
        return Call(operation.method.upper(), url, headers, None, has_body=False, is_json=False)
    body = examples.example_value(bundle, operation.body.node["content"][media])
    if essence(media) == "multipart/form-data" and isinstance(body, dict):
        parts = {name: _joined(value) for name, value in body.items()}
        return Call(operation.method.upper(), url, headers, body, has_body=True, is_json=False, parts=parts)
    headers["Content-Type"] = media
    return Call(operation.method.upper(), url, headers, body, has_body=True, is_json=is_json(essence(media)))


def _credentials(bundle: Json, operation: Operation) -> dict[str, str]:
    """The header of the first way in that the operation names."""
    schemes = bundle.get("components", {}).get("securitySchemes", {})
    for name in next((list(one) for one in operation.security if one), []):
        scheme, _ = resolve(bundle, schemes.get(name, {}), "")
        kind = scheme.get("type")
        if kind in {"oauth2", "openIdConnect"} or (kind == "http" and str(scheme.get("scheme", "")).lower() == "bearer"):
            return {"Authorization": f"Bearer {KEY}"}
        if kind == "apiKey" and scheme.get("in") in {"header", "cookie"}:
            return {"Cookie": f"{scheme.get('name')}={KEY}"} if scheme["in"] == "cookie" else {str(scheme.get("name")): KEY}
    return {}


def _value(bundle: Json, parameter: Parameter) -> Any:
    node = parameter.node if parameter.media_type is None else parameter.node["content"][parameter.media_type]
    return examples.example_value(bundle, node)


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list) and parameter.explode:
        return [(parameter.name, _joined(one)) for one in value]
    if isinstance(value, list):
        return [(parameter.name, SEPARATORS.get(parameter.style, ",").join(map(_joined, value)))]
    if isinstance(value, dict) and parameter.style == "deepObject":
        return [(f"{parameter.name}[{key}]", _joined(one)) for key, one in value.items()]
    if isinstance(value, dict) and parameter.explode:
        return [(key, _joined(one)) for key, one in value.items()]
    return [(parameter.name, _joined(value))]


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_joined, value))
    if isinstance(value, dict):
        return ",".join(f"{key},{_joined(one)}" for key, one in value.items())
    return value if isinstance(value, str) else json.dumps(value)


def _curl(call: Call) -> str:
    method = "" if call.method == "GET" and not call.has_body else f" -X {call.method}"
    lines = [f"curl{method} {shlex.quote(call.url)}", *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items())]
    if call.has_body:
        lines += _curl_body(call)
    return " \\\n  ".join(lines)


def _curl_body(call: Call) -> list[str]:
    """The body's options. Their shorter forms, -d and -F, would read the file that a text after an @ names."""
    if call.parts is None:
        return [f"--data-raw {shlex.quote(text(call))}"]
    return [f"--form-string {shlex.quote(f'{name}={one}')}" for name, one in call.parts.items()]


def _python(call: Call) -> str:
    lines = ["import httpx", "", "response = httpx.request(", f'    "{call.method}",', f"    {call.url!r},"]
    headers = {name: value for name, value in call.headers.items() if not (call.is_json and name == "Content-Type")}
    if headers:
        lines.append(f"    headers={_literal(headers)},")
    if call.parts is not None:
        fields = "".join(f"        {name!r}: (None, {one!r}),\n" for name, one in call.parts.items())
        lines.append(f"    files={{\n{fields}    }},")
    elif call.has_body:
        lines.append(f"    json={_literal(call.body)}," if call.is_json else f"    content={text(call)!r}.encode(),")
    return "\n".join([*lines, ")", "response.raise_for_status()", *(["print(response.json())"] if call.method != "DELETE" else [])])


def _typescript(call: Call) -> str:
    lines = [f"form.append({json.dumps(name)}, {json.dumps(one)});" for name, one in (call.parts or {}).items()]
    lines = ["const form = new FormData();", *lines] if call.parts is not None else []
    lines += [f"const response = await fetch({json.dumps(call.url)}, {{", f'  method: "{call.method}",']
    if call.headers:
        lines.append(f"  headers: {_indented(call.headers, 2)},")
    if call.parts is not None:
        lines.append("  body: form,")
    elif call.has_body:
        lines.append(f"  body: JSON.stringify({_indented(call.body, 2)})," if call.is_json else f"  body: {json.dumps(text(call))},")
    return "\n".join([*lines, "});", "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);"])


def text(call: Call) -> str:
    """The body as it is sent."""
    if call.is_json:
        return json.dumps(call.body, ensure_ascii=False, indent=2)
    return call.body if isinstance(call.body, str) else urlencode(call.body) if isinstance(call.body, dict) else json.dumps(call.body)


def _indented(value: Any, spaces: int) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", "\n" + " " * spaces)


def _literal(value: Any) -> str:
    """A JSON value as Python writes it, in lines."""
    return re.sub(r"(?m)^", "    ", _python_lines(value, 0)).lstrip()


def _python_lines(value: Any, depth: int) -> str:
    inside, outside = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict) and value:
        pairs = [(json.dumps(key, ensure_ascii=False), _python_lines(one, depth + 1)) for key, one in value.items()]
        entries = "".join(f"{inside}{key}: {one},\n" for key, one in pairs)
        return f"{{\n{entries}{outside}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inside}{_python_lines(one, depth + 1)},\n" for one in value) + f"{outside}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
