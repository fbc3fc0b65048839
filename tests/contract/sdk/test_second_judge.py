"""openapi-core reads what the encoders write, in the styles that it supports (0.23: neither `label`, `matrix` nor spread objects)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contract.sdk.python_layer.encoding import Style, encode_cookie, encode_header, encode_path, encode_query, expand_path

SHAPES: dict[str, tuple[Any, Any]] = {
    "text": ({"type": "string"}, "a b,c&d=%e+"),
    "word": ({"type": "string"}, "a-b"),
    "texts": ({"type": "array", "items": {"type": "string"}}, ["a", "b+c"]),
    "integers": ({"type": "array", "items": {"type": "integer"}}, [1, 2]),
    "point": ({"type": "object", "properties": {"x": {"type": "integer"}, "name": {"type": "string"}}}, {"x": 1, "name": "b"}),
}
SUPPORTED = [
    *(("path", "simple", explode, shape) for explode in (False, True) for shape in ("word", "integers", "point")),
    *(("query", "form", explode, shape) for explode in (False, True) for shape in ("text", "texts", "integers")),
    ("query", "form", False, "point"),
    *(("query", "pipeDelimited", False, shape) for shape in ("texts", "integers", "point")),
    ("query", "deepObject", True, "point"),
    *(("header", "simple", explode, shape) for explode in (False, True) for shape in ("text", "texts", "integers", "point")),
    *(("cookie", "form", explode, shape) for explode in (False, True) for shape in ("text", "texts", "integers")),
    ("cookie", "form", False, "point"),
]


class Request:
    """A request in openapi-core's protocol."""

    host_url, method, body, content_type = "http://server", "get", None, ""

    def __init__(self, style: Style, value: Any) -> None:
        self.path = expand_path("/things/{v}", {"v": encode_path(style, value)}) if style.location == "path" else "/things"
        query = encode_query(style, value) if style.location == "query" else []
        cookies = encode_cookie(style, value) if style.location == "cookie" else []
        headers = [(style.name, encode_header(style, value))] if style.location == "header" else []
        self.full_url_pattern = f"http://server{self.path}"
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl("&".join(query), keep_blank_values=True)),
            header=Headers(headers),
            cookie=ImmutableMultiDict([(name, unquote(text)) for name, _, text in (piece.partition("=") for piece in cookies)]),
        )


@pytest.mark.parametrize(("location", "style", "explode", "shape"), SUPPORTED)
def test_openapi_core_reads_the_same_value(location: str, style: str, explode: bool, shape: str) -> None:
    schema, value = SHAPES[shape]
    written = Style("v", location, style, explode)
    parameter = {"name": "v", "in": location, "style": style, "explode": explode, "required": True, "schema": schema}
    operation = {"parameters": [parameter], "responses": {"200": {"description": "Fine."}}}
    paths = {"/things/{v}" if location == "path" else "/things": {"get": operation}}
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "/"}], "paths": paths}
    judge = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))

    result = judge.unmarshal_request(Request(written, value))

    assert result.errors == []
    assert getattr(result.parameters, location)["v"] == value
