"""A working call of each operation: in curl, with the Python package and with the TypeScript package of `contract sdk`."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from contract.openapi.operations import PATH_PARAMETER, Operation
from contract.openapi.references import Json
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.sdk.plan import CredentialScheme, SdkMethod, plan
from contract.sdk.python_generator.samples import PythonSamples
from contract.sdk.python_layer.encoding import encode_cookie, encode_form, encode_header, encode_path, encode_query, expand_path
from contract.sdk.python_layer.multipart import File, WrittenPart, form_parts
from contract.sdk.sample_input import PASSWORD, SECRET, USER, SampleFile, SampleInput, SampleInputs, credentials, media_name
from contract.sdk.styles import field_styles, parts_of, style_of
from contract.sdk.typescript_modules.samples import TypeScriptSamples

UNTITLED = {"title": "API", "version": ""}


@dataclass(frozen=True, slots=True)
class CodeSample:
    """The sample in one language."""

    language: str
    text: str


@dataclass(slots=True)
class SampleRequest:
    """A complete request; `body` is a JSON value if `is_json`, else text. `user` has the credentials of Basic authentication."""

    method: str
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    has_body: bool = False
    is_json: bool = False
    parts: tuple[WrittenPart, ...] | None = None  # of a multipart/form-data body, whose Content-Type the client sets
    user: str | None = None


class Samples:
    """The samples of a document. The packages have the names that `contract sdk` gives them, or `name`."""

    def __init__(self, bundle: Json, server: str, name: str | None = None) -> None:
        self._server = server
        self.plan = plan({**bundle, "info": UNTITLED | bundle.get("info", {})}, name)
        self._inputs = SampleInputs(bundle)
        self._python = PythonSamples(bundle, self.plan, server, self._inputs)
        self._typescript = TypeScriptSamples(bundle, self.plan, server, self._inputs)

    def of(self, method: SdkMethod) -> list[CodeSample]:
        """The operation in each language."""
        samples = [
            CodeSample("curl", _curl(self.request(method.operation))),
            CodeSample("Python", self._python.program(method)),
            CodeSample("TypeScript", self._typescript.program(method)),
        ]
        return samples if method.operation.method != "trace" else samples[:2]  # `fetch` sends no TRACE requests

    def request(self, operation: Operation) -> SampleRequest:
        """The request with its credentials, its required parameters and its body."""
        return _request(self._inputs.of(operation), operation, credentials(self.plan, operation), self._server)


def _request(sample: SampleInput, operation: Operation, schemes: list[CredentialScheme], server: str) -> SampleRequest:
    request = SampleRequest(operation.method.upper())
    query: list[str] = []
    cookies: list[str] = []
    for scheme in schemes:
        match scheme.location:
            case "query":
                query.append(f"{quote(scheme.field, safe='')}={SECRET}")
            case "cookie":
                cookies.append(f"{scheme.field}={SECRET}")
            case _ if scheme.is_pair:
                request.user = f"{USER}:{PASSWORD}"
            case _:
                request.headers[scheme.field] = scheme.prefix + SECRET
    query += [piece for parameter, value in sample.at("query") for piece in encode_query(style_of(parameter), value)]
    cookies += [piece for parameter, value in sample.at("cookie") for piece in encode_cookie(style_of(parameter), value)]
    if cookies:
        request.headers["Cookie"] = "; ".join(cookies)
    request.headers |= {parameter.name: encode_header(style_of(parameter), value) for parameter, value in sample.at("header")}
    request.url = server.rstrip("/") + _path(operation.path, sample) + ("?" + "&".join(query) if query else "")
    _set_body(request, sample)
    return request


def _path(template: str, sample: SampleInput) -> str:
    values = {parameter.name: encode_path(style_of(parameter), value) for parameter, value in sample.at("path")}
    return expand_path(template, {name: values.get(name, name) for name in PATH_PARAMETER.findall(template)})


def _set_body(request: SampleRequest, sample: SampleInput) -> None:
    if sample.media is None:
        return
    name = media_name(sample)
    request.body, request.has_body, request.is_json = sample.body, True, is_json(essence(name))
    if isinstance(sample.body, dict) and essence(name) == MULTIPART:
        files = {key: _form_file(value) for key, value in sample.body.items()}
        request.parts = tuple(form_parts(files, parts_of(sample.media)))
        return
    request.headers["Content-Type"] = name
    if isinstance(sample.body, dict) and essence(name) == URLENCODED:
        request.body = encode_form(sample.body, field_styles(sample.media)).decode()


def _form_file(value: Any) -> Any:
    if isinstance(value, list):
        return [_form_file(item) for item in value]
    return File(value.content, headers=value.headers) if isinstance(value, SampleFile) else value


def _curl(request: SampleRequest) -> str:
    method = "" if request.method == "GET" and not request.has_body else " -I" if request.method == "HEAD" else f" -X {request.method}"
    lines = [f"curl{method} {shlex.quote(request.url)}"]
    lines += [f"-u {shlex.quote(request.user)}"] if request.user is not None else []
    lines += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items()]
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


def text(request: SampleRequest) -> str:
    """The body as it is sent."""
    if request.is_json:
        return json.dumps(request.body, ensure_ascii=False, indent=2)
    return request.body if isinstance(request.body, str) else json.dumps(request.body)
