"""Parameters whose schemas leave the type open or have several, and text that is not what its style requires."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.small_documents import client, echo, one_operation, sentences


def api_with(folder: Path, parameter: str, path: str = "/things") -> Any:
    return client(folder, one_operation(f"[{parameter}]", path=path), {"act": echo})


MAP = "{type: object, additionalProperties: {type: integer}}"


@pytest.mark.parametrize(
    ("options", "query", "value"),
    [
        ("content: {text/plain: {schema: {type: string}}}", "v=5", "5"),
        ("content: {text/plain: {schema: {type: integer}}}", "v=5", 5),
        ("content: {application/json: {schema: {type: string}}}", "v=%22x%22", "x"),
        (f"style: deepObject, explode: true, schema: {MAP}", "v[a]=1", {"a": 1}),
        (f"style: deepObject, schema: {{type: object, additionalProperties: {MAP}}}", "v[a][b]=1", {"a": {"b": 1}}),
        ("style: deepObject, schema: {type: object, patternProperties: {^n: {type: integer}}}", "v[n1]=1&v[x]=1", {"n1": 1, "x": "1"}),
        (f"schema: {{anyOf: [{MAP}, {{type: 'null'}}]}}", "a=1&b=2", {"a": 1, "b": 2}),
        ("schema: {type: object, properties: {a: {type: string}}, additionalProperties: {type: integer}}", "a=1&b=2", {"a": "1", "b": 2}),
        ("schema: {anyOf: [{type: integer}, {type: string, enum: [all]}]}", "v=5", 5),
        ("schema: {anyOf: [{type: integer}, {type: string, enum: [all]}]}", "v=all", "all"),
        ("schema: {oneOf: [{type: string}, {type: integer}]}", "v=x", "x"),
        ("schema: {type: [integer, boolean]}", "v=5", 5),
        ("schema: {type: [integer, boolean]}", "v=true", True),
        ("schema: {type: [number, boolean]}", "v=1.5", 1.5),
        ("schema: {enum: [1, 2, 3]}", "v=2", 2),
        ("schema: {enum: [1, '1', true]}", "v=1", "1"),
        ("schema: {const: true}", "v=true", True),
        ("schema: {enum: [1.5, 2]}", "v=2", 2),
        ("schema: {type: array, prefixItems: [{type: integer}, {type: string}]}", "v=5&v=6", [5, "6"]),
        ("schema: {type: array, prefixItems: [{type: integer}], items: {type: boolean}}", "v=5&v=true", [5, True]),
        ("schema: {type: array, items: {anyOf: [{type: integer}, {enum: [all]}]}}", "v=5&v=all", [5, "all"]),
        ("schema: {anyOf: [{type: integer}, {type: array, items: {type: integer}}]}", "v=5&v=6", [5, 6]),
        ("schema: {anyOf: [{type: boolean}, {type: array, items: {type: integer}}]}", "v=5", [5]),
        ("schema: {anyOf: [{type: array, items: {type: integer}}, {type: 'null'}]}", "v=5", [5]),
        ("schema: {type: integer}", "v=5.0", 5),
        ("schema: {type: integer}", "v=-5.00", -5),
        ("schema: {type: integer}", "v=123456789012345678901", 123456789012345678901),
        ("explode: false, schema: {type: array, items: {type: string}}", "v=a%2Cb", ["a,b"]),
        ("explode: false, schema: {type: array, items: {type: integer}}", "v=1%2C2", [1, 2]),
        ("explode: false, schema: {type: array, items: {enum: [a, b]}}", "v=a%2Cb", ["a", "b"]),
        ("style: pipeDelimited, schema: {type: array, minItems: 1, items: {type: string}}", "v=a%2Cb", ["a,b"]),
        ("allowEmptyValue: true, schema: {type: integer}", "v=", None),
        ("allowEmptyValue: true, schema: {type: boolean}", "v", None),
        ("allowEmptyValue: true, schema: {type: string}", "v=", ""),
        ("allowReserved: true, schema: {type: string}", "v=a/b:c?d", "a/b:c?d"),
    ],
)
def test_a_query_parameter_has_the_type_that_its_schema_accepts(tmp_path: Path, options: str, query: str, value: Any) -> None:
    response = api_with(tmp_path, f"{{name: v, in: query, {options}}}").get(f"/things?{query}")

    assert response.status_code == 200, response.text
    assert response.json["parameters"].get("v") == value


@pytest.mark.parametrize(
    ("options", "query", "sentence"),
    [
        ("content: {application/json: {schema: {type: string}}}", "v=x", "Must be valid JSON"),
        ("content: {application/json: {schema: {}}}", "v=%7B", "Must be valid JSON"),
        ("explode: false, schema: {type: object}", "v=a,1,b", "Must be names and values in turn"),
        ("style: deepObject, schema: {type: object}", "v[a]=1&v[a][b]=2", "Has both a value and members for a"),
        ("style: deepObject, schema: {type: object}", "v[a][b]=1&v[a]=2", "Has both a value and members for a"),
        ("schema: {type: [integer, boolean]}", "v=x", "Must be true or false or a whole number"),
        ("schema: {type: integer}", "v=5.5", "Must be a whole number"),
        ("schema: {type: integer}", "v=1e1", "Must be a whole number"),
        ("schema: {enum: [1, 2]}", "v=3", "Must be one of: 1, 2"),
    ],
)
def test_a_query_parameter_of_another_type_is_400(tmp_path: Path, options: str, query: str, sentence: str) -> None:
    response = api_with(tmp_path, f"{{name: v, in: query, {options}}}").get(f"/things?{query}")

    assert response.status_code == 400
    assert sentences(response) == {"v": [sentence]}


@pytest.mark.parametrize(
    ("options", "path", "sentence"),
    [
        ("style: label, schema: {type: string}", "blue", "Must begin with a dot"),
        ("style: label, schema: {type: array}", "a.b", "Must begin with a dot"),
        ("style: matrix, schema: {type: string}", "blue", "Must begin with ;v="),
        ("style: matrix, schema: {type: string}", ";w=blue", "Must begin with ;v="),
        ("style: matrix, explode: true, schema: {type: array}", "v=a", "Must begin with ;v"),
        ("style: matrix, explode: true, schema: {type: array}", ";v=a;w=b", "Must begin with ;v"),
        ("style: matrix, explode: true, schema: {type: object}", "R=1", "Must begin with ;v"),
    ],
)
def test_the_prefix_of_a_path_parameter_is_required(tmp_path: Path, options: str, path: str, sentence: str) -> None:
    response = api_with(tmp_path, f"{{name: v, in: path, required: true, {options}}}", "/things/{v}").get(f"/things/{path}")

    assert response.status_code == 400
    assert sentences(response) == {"v": [sentence]}


@pytest.mark.parametrize(
    ("options", "path", "value"),
    [
        ("schema: {type: string}", "a%2Fb", "a/b"),
        ("schema: {type: array, items: {type: string}}", "a%2Cb,c%2fd", ["a,b", "c/d"]),
        ("schema: {type: array, items: {type: string}}", "a%2Cb", ["a,b"]),
        ("style: label, schema: {type: array, items: {type: string}}", ".a%2Eb,c", ["a.b", "c"]),
        ("style: label, explode: true, schema: {type: array, items: {type: number}}", ".1%2E5.2", [1.5, 2]),
        ("style: matrix, explode: true, schema: {type: array, items: {type: string}}", ";v=a%3Bb;v;v=c%3Dd", ["a;b", "", "c=d"]),
        ("explode: true, schema: {type: object}", "a%3D=b%2C,c=d", {"a=": "b,", "c": "d"}),
        ("schema: {type: string}", "%2525", "%25"),
        ("schema: {type: string}", "..%2F..%2Fetc", "../../etc"),
    ],
)
def test_delimiters_inside_the_values_of_a_path_stay(tmp_path: Path, options: str, path: str, value: Any) -> None:
    response = api_with(tmp_path, f"{{name: v, in: path, required: true, {options}}}", "/things/{v}").get(f"/things/{path}")

    assert response.status_code == 200, response.text
    assert response.json["path"] == [value]


def test_servers_without_the_raw_path_have_the_decoded_one(tmp_path: Path) -> None:
    api = api_with(tmp_path, "{name: v, in: path, required: true, schema: {type: string}}", "/things/{v}")

    for raw in ("", "/other%2F", "http://test/things/a%25b"):
        response = api.get("/things/a%25b", environ_overrides={"RAW_URI": raw, "REQUEST_URI": raw})
        assert response.json["path"] == ["a%b"]


def test_headers_and_cookies_have_typed_members(tmp_path: Path) -> None:
    header = api_with(tmp_path, f"{{name: X-F, in: header, explode: true, schema: {MAP}}}")
    cookie = api_with(tmp_path, "{name: ids, in: cookie, schema: {type: array, items: {type: integer}}}")

    assert header.get("/things", headers={"X-F": "R=1, G=2"}).json["parameters"] == {"x_f": {"R": 1, "G": 2}}
    assert cookie.get("/things", environ_overrides={"HTTP_COOKIE": "ids=1; ids=2"}).json["parameters"] == {"ids": [1, 2]}
    assert cookie.get("/things", environ_overrides={"HTTP_COOKIE": "ids=1,2"}).json["parameters"] == {"ids": [1, 2]}


def test_a_free_object_leaves_the_members_of_a_deep_one(tmp_path: Path) -> None:
    deep = "{name: filter, in: query, style: deepObject, schema: {type: object}}"
    api = api_with(tmp_path, f"{deep}, {{name: open, in: query, explode: true, schema: {MAP}}}")

    assert api.get("/things?filter[a]=x&b=1").json["parameters"] == {"filter": {"a": "x"}, "open": {"b": 1}}
