"""A working request for an operation, in curl, Python and TypeScript, with the document's examples."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from contract import example_values
from contract.openapi import schemas
from contract.openapi.media_types import MediaType
from contract.openapi.operations import PATH_PARAMETER, Operation, Parameter
from contract.openapi.references import Json, resolve
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_binary, is_json
from contract.sdk.python_layer.encoding import Style, encode_cookie, encode_form, encode_header, encode_path, encode_query, expand_path
from contract.sdk.python_layer.multipart import File, WrittenPart, form_parts
from contract.sdk.styles import field_styles, parts_of, style_of

API_KEY_PLACEHOLDER = "YOUR_API_KEY"
Written = TypeVar("Written", str, list[str])


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
    parts: tuple[WrittenPart, ...] | None = None  # of a multipart/form-data body, whose Content-Type the client sets


def samples(bundle: Json, operation: Operation, server: str) -> list[CodeSample]:
    """The operation in each language."""
    request = sample_request(bundle, operation, server)
    return [CodeSample("curl", _curl(request)), CodeSample("Python", _python(request)), CodeSample("TypeScript", _typescript(request))]


def sample_request(bundle: Json, operation: Operation, server: str) -> SampleRequest:
    """The request with its required parameters and its body."""
    headers = _credentials(bundle, operation)
    method, url = operation.method.upper(), server.rstrip("/") + _target(bundle, operation, headers)
    media = next(iter(operation.body.content.values()), None) if operation.body else None
    if media is None:
        return SampleRequest(method, url, headers, None, has_body=False, is_json=False)
    body, type_ = example_values.example_value(bundle, media.node), essence(media.name)
    if isinstance(body, dict) and type_ == MULTIPART:
        parts = tuple(form_parts(_with_files(bundle, media, body), parts_of(media)))
        return SampleRequest(method, url, headers, body, has_body=True, is_json=False, parts=parts)
    headers["Content-Type"] = media.name
    if isinstance(body, dict) and type_ == URLENCODED:
        body = encode_form(body, field_styles(media)).decode()
    return SampleRequest(method, url, headers, body, has_body=True, is_json=is_json(type_))


def _target(bundle: Json, operation: Operation, headers: dict[str, str]) -> str:
    """The path and the query with the required parameters; those of headers and cookies are added to `headers`."""
    path: dict[str, str] = {}
    query: list[str] = []
    cookies = [headers["Cookie"]] if "Cookie" in headers else []
    for parameter in operation.parameters:
        if not parameter.required:
            continue
        value = _value(bundle, parameter)
        match parameter.location:
            case "path":
                path[parameter.name] = _written(encode_path, parameter, value)
            case "query":
                query += _written(encode_query, parameter, value)
            case "header":
                headers[parameter.name] = _written(encode_header, parameter, value)
            case _:
                cookies += _written(encode_cookie, parameter, value)
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    return _path(operation.path, path) + ("?" + "&".join(query) if query else "")


def _written(encode: Callable[[Style, Any], Written], parameter: Parameter, value: Any) -> Written:
    """The value in its style, or a word if an example cannot be written in it."""
    try:
        return encode(style_of(parameter), value)
    except (ValueError, TypeError):
        return encode(style_of(parameter), example_values.DEFAULT_TEXT)


def _path(template: str, values: Mapping[str, str]) -> str:
    """The path; a value that would lead to another one is replaced by its name."""
    described = {name: values.get(name, name) for name in PATH_PARAMETER.findall(template)}
    try:
        return expand_path(template, described)
    except ValueError:
        return expand_path(template, {name: text if text.strip(".") else name for name, text in described.items()})


def _with_files(bundle: Json, media: MediaType, body: Json) -> Json:
    """The form with the examples of files as files, and with the headers that parts must have."""
    properties = schemas.properties_of(bundle, media.schema)

    def value(name: str, item: Any) -> Any:
        described = media.encoding[name].headers.values() if name in media.encoding else ()
        headers = {header.name: example_values.example_value(bundle, header.node) for header in described if header.required}
        is_file = is_binary(bundle, properties.get(name))
        if isinstance(item, list) and is_file:
            return [value(name, each) for each in item]
        return File(str(item).encode() if is_file else item, headers=headers) if is_file or headers else item

    return {name: value(name, item) for name, item in body.items()}


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
    """The options for the body. The shorter options -d and -F would read the file that a text after an @ names, unless it is in quotes."""
    if request.parts is None:
        return [f"--data-raw {shlex.quote(text(request))}"]
    return [_curl_part(part) for part in request.parts]


def _curl_part(part: WrittenPart) -> str:
    content = part.content.decode()
    if part.content_type is None and part.file_name is None and not part.headers:
        return f"--form-string {shlex.quote(f'{part.name}={content}')}"
    options = [f"type={part.content_type or 'text/plain'}", *(f"headers={_curl_text(f'{name}: {value}')}" for name, value in part.headers)]
    if part.file_name is not None:
        options.insert(0, f"filename={_curl_text(part.file_name)}")
    return f"-F {shlex.quote(';'.join([f'{part.name}={_curl_text(content)}', *options]))}"


def _curl_text(value: str) -> str:
    """A text in quotes, so that curl reads neither options nor files in it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _python(request: SampleRequest) -> str:
    lines = ["import httpx", "", "response = httpx.request(", f'    "{request.method}",', f"    {request.url!r},"]
    headers = {name: value for name, value in request.headers.items() if not (request.is_json and name == "Content-Type")}
    if headers:
        lines.append(f"    headers={_literal(headers)},")
    if request.parts is not None:
        fields = "".join(f"        ({part.name!r}, {_python_part(part)}),\n" for part in request.parts)
        lines.append(f"    files=[\n{fields}    ],")
    elif request.has_body:
        lines.append(f"    json={_literal(request.body)}," if request.is_json else f"    content={text(request)!r}.encode(),")
    return "\n".join([*lines, ")", "response.raise_for_status()", *(["print(response.json())"] if request.method != "DELETE" else [])])


def _python_part(part: WrittenPart) -> str:
    """The part as httpx takes it: (file name, content, content type, headers)."""
    values = [repr(part.file_name), repr(part.content.decode()), repr(part.content_type), repr(dict(part.headers))]
    count = 4 if part.headers else 3 if part.content_type is not None else 2
    return f"({', '.join(values[:count])})"


def _typescript_part(part: WrittenPart) -> str:
    """The part of a FormData, which has a file name if it has a type."""
    content = json.dumps(part.content.decode())
    if part.content_type is None and part.file_name is None:
        return f"form.append({json.dumps(part.name)}, {content});"
    options = f", {{ type: {json.dumps(part.content_type)} }}" if part.content_type is not None else ""
    return f"form.append({json.dumps(part.name)}, new Blob([{content}]{options}), {json.dumps(part.file_name or 'blob')});"


def _typescript(request: SampleRequest) -> str:
    lines = [_typescript_part(part) for part in request.parts or ()]
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
    return request.body if isinstance(request.body, str) else json.dumps(request.body)


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
