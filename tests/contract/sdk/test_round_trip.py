"""The encoders against the decoders: for every location, style and shape, the runtime reads the value that a client wrote.

The encoder refuses values that cannot be carried and never changes one; `carried` has the exceptions of RFC 6570 and of OpenAPI.
"""

from __future__ import annotations

import itertools
import json
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.openapi.operations import Operation, operations
from contract.runtime.application import Contract
from contract.sdk.python_layer.encoding import Style, encode_cookie, encode_form, encode_header, encode_path, encode_query, expand_path
from contract.sdk.python_layer.multipart import Stream, encode_multipart
from contract.sdk.styles import field_styles, parts_of, style_of
from tests.support.small_documents import bundle, call, contract, echo

QUICK = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
QUICK_FORMS = settings(QUICK, max_examples=100)
STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
COMBINATIONS = [
    (location, style, explode) for location, names in STYLES.items() for style, explode in itertools.product(names, (False, True))
]

hostile = st.text(
    st.one_of(st.sampled_from(" ,;=|.&+%/\\\"'[]{}#?@:!$()*~\t\r\nü€😀ab5"), st.characters(exclude_categories=["Cs"])), max_size=6
)
integers = st.integers(-(10**20), 10**20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
SHAPES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "text": ({"type": "string"}, hostile),
    "integer": ({"type": "integer"}, integers),
    "number": ({"type": "number"}, numbers),
    "boolean": ({"type": ["boolean", "null"]}, st.none() | st.booleans()),
    "either": ({"type": ["integer", "boolean"]}, integers | st.booleans()),
    "level": ({"enum": [1, 2, True, "all"]}, st.sampled_from([1, 2, True, "all"])),
    "texts": ({"type": "array", "items": {"type": "string"}}, st.lists(hostile, max_size=3)),
    "integers": ({"type": "array", "items": {"type": ["integer", "null"]}}, st.lists(st.none() | integers, max_size=3)),
    "numbers": ({"type": "array", "items": {"type": "number"}}, st.lists(numbers, max_size=3)),
    "pair": ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, st.tuples(integers, hostile).map(list)),
    "point": (
        {"type": "object", "properties": {"x": {"type": ["integer", "null"]}, "name": {"type": "string"}}, "additionalProperties": False},
        st.fixed_dictionaries({}, optional={"x": st.none() | integers, "name": hostile}),
    ),
    "texts_by_name": ({"type": "object", "additionalProperties": {"type": "string"}}, st.dictionaries(hostile, hostile, max_size=3)),
    "numbers_by_name": ({"type": "object", "additionalProperties": {"type": "integer"}}, st.dictionaries(hostile, integers, max_size=3)),
}
Test = tuple[Contract, dict[str, Operation]]


def document() -> str:
    """One operation for each combination and shape."""
    paths: dict[str, Any] = {}
    for (location, style, explode), (shape, (schema, _)) in itertools.product(COMBINATIONS, SHAPES.items()):
        name = operation_id(location, style, explode, shape)
        parameter = {
            "name": "X-Value" if location == "header" else "value",
            "in": location,
            "style": style,
            "explode": explode,
            "schema": schema,
            "required": location == "path",
        }
        path = f"/{name}/{{value}}/end" if location == "path" else f"/{name}"
        responses = {"200": {"description": "Fine.", "content": {"application/json": {}}}}
        paths[path] = {"get": {"operationId": name, "parameters": [parameter], "responses": responses}}
    return f"paths: {json.dumps(paths)}"


def operation_id(location: str, style: str, explode: bool, shape: str) -> str:
    return f"{location}_{style}_{explode}_{shape}".lower()


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Test:
    folder, text = tmp_path_factory.mktemp("round"), document()
    ids = [operation_id(location, style, explode, shape) for location, style, explode in COMBINATIONS for shape in SHAPES]
    app = contract(folder, text, dict.fromkeys(ids, echo))
    return app, {operation.id: operation for operation in operations(bundle(folder, text))}


def environ_of(request: httpx.Request) -> dict[str, Any]:
    """The request as servers hand it over (PEP 3333), from what httpx puts on the wire."""
    path, _, query = request.url.raw_path.decode().partition("?")
    headers = {
        f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode("latin-1").strip(" \t") for name, value in request.headers.raw
    }
    content = request.read()
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "RAW_URI": request.url.raw_path.decode(),
        "QUERY_STRING": query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": BytesIO(content),
        **headers,
    }


def sent(operation: Operation, value: Any) -> httpx.Request:
    """The request of a client. Raises ValueError for a value that the style cannot carry."""
    [parameter] = operation.parameters
    style, path, query, headers = style_of(parameter), operation.path, "", {}
    match style.location:
        case "path":
            path = expand_path(path, {"value": encode_path(style, value)})
        case "query":
            query = "&".join(encode_query(style, value))
        case "header" if value is None:
            pass
        case "header":
            headers["X-Value"] = encode_header(style, value)
        case _:
            headers["Cookie"] = "; ".join(encode_cookie(style, value))
    return httpx.Request("GET", f"http://test{path}{'?' if query else ''}{query}", headers=headers)


def carried(style: Style, value: Any) -> Any:
    """The value that arrives: without null members; None if nothing is written, for which `absent` stands."""
    if isinstance(value, list):
        value = [item for item in value if item is not None]
        if not style.explode or style.location == "header":
            value = [] if value == [""] else value
    if isinstance(value, dict):
        value = {name: member for name, member in value.items() if member is not None}
    return None if value in ([], {}) else value


def as_numbers(value: Any) -> Any:
    """Numbers as floating-point ones: the text of a large one has other digits behind the significant ones."""
    if isinstance(value, list):
        return [as_numbers(item) for item in value]
    return float(value) if isinstance(value, float) or (type(value) is int and abs(value) > 2**53) else value


def received(app: Contract, request: httpx.Request) -> Any:
    status, _, body = call(app, environ_of(request))
    assert status == "200 OK", (request, request.headers, body)
    answer = json.loads(body)
    return answer["path"][0] if answer["path"] else next(iter(answer["parameters"].values()), None)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("location", "style", "explode"), COMBINATIONS)
def test_the_runtime_reads_what_a_client_writes(api: Test, location: str, style: str, explode: bool, shape: str) -> None:
    app, by_id = api
    operation = by_id[operation_id(location, style, explode, shape)]
    carried_count = 0

    @QUICK
    @given(SHAPES[shape][1])
    def round_trip(value: Any) -> None:
        nonlocal carried_count
        try:
            request = sent(operation, value)
        except ValueError:
            return
        carried_count += 1
        expected = carried(style_of(operation.parameters[0]), value)
        result = received(app, request)
        assert as_numbers(None if result in ([], {}) else result) == as_numbers(expected), (request, request.headers)

    round_trip()
    assert carried_count


FIELDS = {name: schema for name, (schema, _) in SHAPES.items()} | {
    "things": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    "tree": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "integer"}}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "whole": {"type": "array", "items": {"type": "string"}},
}
FILES = {"file": {"type": "string", "format": "binary"}, "files": {"type": "array", "items": {"type": "string", "format": "binary"}}}
ENCODING = {
    "tree": {"style": "deepObject", "explode": True},
    "tags": {"style": "form", "explode": False},
    "whole": {"contentType": "application/json"},
}
# A name or a text with a delimiter that is not percent-encoded cannot be carried.
names = st.text("abü _-%&=+", min_size=1, max_size=3)
texts = st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1, max_size=4)
fields_of_forms = st.fixed_dictionaries(
    {},
    optional={name: values for name, (_, values) in SHAPES.items()}
    | {
        "things": st.lists(st.fixed_dictionaries({"a": hostile}), min_size=1, max_size=2),
        "tree": st.dictionaries(names, st.dictionaries(names, integers, min_size=1, max_size=2), min_size=1, max_size=2),
        "tags": st.lists(texts, min_size=1, max_size=2),
        "whole": st.lists(hostile, max_size=2),
    },
)
files = st.fixed_dictionaries(
    {}, optional={"file": st.binary(max_size=5), "files": st.lists(st.binary(max_size=3), min_size=1, max_size=2)}
)


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Test:
    folder = tmp_path_factory.mktemp("forms")
    schema = {"type": "object", "properties": FIELDS | FILES, "additionalProperties": False}
    content = {name: {"schema": schema, "encoding": ENCODING} for name in ("application/x-www-form-urlencoded", "multipart/form-data")}
    responses = {"200": {"description": "Fine.", "content": {"application/json": {}}}}
    operation = {"operationId": "act", "requestBody": {"required": True, "content": content}, "responses": responses}
    text = f"paths: {json.dumps({'/things': {'post': operation}})}"
    return contract(folder, text, {"act": echo}), {each.id: each for each in operations(bundle(folder, text))}


def arriving(form: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form that arrive: null and empty lists are absent, and objects are JSON."""
    lists = {
        name: [item for item in value if item is not None] if isinstance(value, list) and name != "whole" else value
        for name, value in form.items()
    }
    return {name: value for name, value in lists.items() if value is not None and (value != [] or name == "whole")}


def body_received(app: Contract, content_type: str, body: bytes | Stream) -> Any:
    content = body if isinstance(body, bytes) else b"".join(body)
    request = httpx.Request("POST", "http://test/things", content=content, headers={"Content-Type": content_type})
    status, _, answer = call(app, environ_of(request))
    assert status == "200 OK", (content, answer)
    return json.loads(answer)["body"]


def compared(form: dict[str, Any]) -> dict[str, Any]:
    return {name: as_numbers(value) for name, value in form.items()}


def shown(value: Any) -> Any:
    """Bytes as `echo` shows them."""
    return [shown(item) for item in value] if isinstance(value, list) else f"bytes:{value!r}"


@QUICK_FORMS
@given(fields_of_forms)
def test_the_runtime_reads_urlencoded_forms(forms: Test, form: dict[str, Any]) -> None:
    app, by_id = forms
    described = by_id["act"].body
    assert described is not None
    body = encode_form(form, field_styles(described.content["application/x-www-form-urlencoded"]))

    if body:
        assert compared(body_received(app, "application/x-www-form-urlencoded", body)) == compared(arriving(form))


@QUICK_FORMS
@given(fields_of_forms, files)
def test_the_runtime_reads_multipart_forms(forms: Test, form: dict[str, Any], contents: dict[str, Any]) -> None:
    app, by_id = forms
    described = by_id["act"].body
    assert described is not None

    result = body_received(app, *encode_multipart(form | contents, parts_of(described.content["multipart/form-data"])))

    shown = {
        name: [f"bytes:{item!r}" for item in value] if isinstance(value, list) else f"bytes:{value!r}" for name, value in contents.items()
    }
    assert compared(result) == compared(arriving(form)) | shown
