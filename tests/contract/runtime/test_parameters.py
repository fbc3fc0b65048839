"""Every location, style and form of parameters (OpenAPI 3.1, section 4.8.12), and the errors of invalid ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.runtime.binding import Signature
from tests.support.matching import parsed
from tests.support.small_documents import client, echo, one_operation, sentences

LIST = "{type: array, items: {type: integer}}"
TEXTS = "{type: array, items: {type: string}}"
COLOUR = "{type: object, properties: {R: {type: integer}, G: {type: integer}, B: {type: integer}}}"
RGB = {"R": 100, "G": 200, "B": 150}


def api_with(tmp_path: Path, parameter: str, path: str = "/things") -> Any:
    return client(tmp_path, one_operation(f"[{parameter}]", path=path), {"act": echo})


def in_query(tmp_path: Path, options: str, query: str) -> Any:
    response = api_with(tmp_path, f"{{name: color, in: query, {options}}}").get(f"/things?{query}")
    return response.json["parameters"].get("color") if response.status_code == 200 else sentences(response)


@pytest.mark.parametrize(
    ("options", "query", "value"),
    [
        ("schema: {type: string}", "color=blue", "blue"),
        ("schema: {type: string}", "color=", ""),
        ("schema: {type: string}", "color", ""),
        ("schema: {type: string}", "color=a%2Cb", "a,b"),
        ("schema: {type: string}", "color=a+b%20c", "a b c"),
        ("schema: {type: string}", "color=a=b", "a=b"),
        ("schema: {type: string}", "c%6Flor=%C3%BC", "ü"),
        ("schema: {type: integer}", "color=-7", -7),
        ("schema: {type: number}", "color=1e2", 100.0),
        ("schema: {type: boolean}", "color=true", True),
        ("schema: {type: [integer, 'null']}", "color=5", 5),
        ("schema: {type: [integer, string]}", "color=5", "5"),
        ("schema: {anyOf: [{type: integer}, {type: 'null'}]}", "color=5", 5),
        ("schema: {allOf: [{type: integer}, {minimum: 1}]}", "color=5", 5),
        ("schema: {}", "color=5", "5"),
        ("schema: true", "color=5", "5"),
        (f"schema: {LIST}", "color=1&color=2", [1, 2]),
        (f"schema: {LIST}", "color=1", [1]),
        (f"schema: {LIST}, explode: false", "color=1,2", [1, 2]),
        (f"schema: {LIST}, explode: false", "color=1%2C2", [1, 2]),
        (f"schema: {LIST}, explode: false", "color=", []),
        (f"schema: {TEXTS}, explode: false", "color=a%2Cb,c", ["a,b", "c"]),
        (f"schema: {TEXTS}, style: spaceDelimited", "color=blue%20black+brown", ["blue", "black", "brown"]),
        (f"schema: {TEXTS}, style: spaceDelimited, explode: true", "color=a&color=b", ["a", "b"]),
        (f"schema: {TEXTS}, style: pipeDelimited", "color=blue%7Cblack%7Cbrown", ["blue", "black", "brown"]),
        (f"schema: {TEXTS}, style: pipeDelimited", "color=a%7Cb|c", ["a|b", "c"]),
        (f"schema: {COLOUR}", "R=100&G=200&B=150", RGB),
        (f"schema: {COLOUR}, explode: false", "color=R,100,G,200,B,150", RGB),
        (f"schema: {COLOUR}, style: spaceDelimited", "color=R%20100%20G%20200%20B%20150", RGB),
        (f"schema: {COLOUR}, style: pipeDelimited", "color=R%7C100%7CG%7C200%7CB%7C150", RGB),
        (f"schema: {COLOUR}, style: deepObject, explode: true", "color[R]=100&color%5BG%5D=200&color[B]=150", RGB),
        (
            "schema: {type: object, properties: {a: {type: array, items: {type: integer}}}}, style: deepObject",
            "color[a]=1&color[a][]=2",
            {"a": [1, 2]},
        ),
        ("schema: {type: object, additionalProperties: {type: string}}", "x=1&y=2", {"x": "1", "y": "2"}),
        ("content: {application/json: {schema: {type: object, properties: {x: {type: integer}}}}}", "color=%7B%22x%22%3A1%7D", {"x": 1}),
        ("content: {application/json: {schema: {type: array}}}", "color=[1,2]", [1, 2]),
        ("schema: {type: integer, default: 3}", "", 3),
        ("schema: {$ref: '#/components/schemas/Size'}", "", 4),
        ("schema: {type: integer, default: x}", "", None),
        (f"schema: {LIST}", "", None),
    ],
)
def test_a_query_parameter_is_decoded(tmp_path: Path, options: str, query: str, value: Any) -> None:
    text = one_operation(f"[{{name: color, in: query, {options}}}]") + "components: {schemas: {Size: {type: integer, default: 4}}}\n"
    api = client(tmp_path, text, {"act": echo})

    assert parsed(api.get(f"/things?{query}"))["parameters"].get("color") == value


@pytest.mark.parametrize(
    ("options", "query", "sentence"),
    [
        ("schema: {type: integer}", "color=1.5", "Must be a whole number"),
        ("schema: {type: integer}", "color=", "Must be a whole number"),
        ("schema: {type: integer}", "color=+5", "Must be a whole number"),
        ("schema: {type: integer}", "color=%D9%A3", "Must be a whole number"),
        ("schema: {type: integer}", "color=0x5", "Must be a whole number"),
        ("schema: {type: integer}", "color=1&color=2", "Must be a whole number"),
        ("schema: {type: string}", "color=1&color=2", "Must be text"),
        ("schema: {type: integer, maximum: 5}", "color=9" + "0" * 25, "Must be at most 5"),
        ("schema: {type: integer}", "color=9" + "0" * 5000, "Must be a whole number"),
        ("schema: {type: number}", "color=1e999", "Must be a number"),
        ("schema: {type: number}", "color=nan", "Must be a number"),
        ("schema: {type: boolean}", "color=True", "Must be true or false"),
        ("schema: {type: string}, required: true", "colour=x", "Is required"),
        (f"schema: {LIST}", "color=1&color=x", "[1]: Must be a whole number"),
        (f"schema: {COLOUR}, style: deepObject", "color[R]=x", "R: Must be a whole number"),
        ("content: {application/json: {schema: {type: object}}}", "color={", "Must be an object"),
        ("content: {application/json: {schema: {type: object}}}", "color=" + "[" * 20000, "Must be an object"),
    ],
)
def test_an_invalid_query_parameter_is_400(tmp_path: Path, options: str, query: str, sentence: str) -> None:
    response = api_with(tmp_path, f"{{name: color, in: query, {options}}}").get(f"/things?{query}")

    assert response.status_code == 400
    assert sentences(response) == {"color": [sentence]}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("color=%FF", "The query string is not UTF-8"),
        ("%C3=1", "The query string is not UTF-8"),
        ("other=%FF", "The query string is not UTF-8"),
        ("&".join(f"a{number}" for number in range(1100)), "The query string has more than 1000 fields"),
        ("a&" * 1100, "The query string has more than 1000 fields"),
    ],
)
def test_a_malformed_query_is_400(tmp_path: Path, query: Any, sentence: str) -> None:
    response = api_with(tmp_path, "{name: color, in: query, schema: {type: string}}").get(f"/things?{query}")

    assert response.status_code == 400
    assert sentences(response) == {"": [sentence]}


@pytest.mark.parametrize(
    ("options", "path", "value"),
    [
        ("schema: {type: string}", "blue", "blue"),
        ("schema: {type: integer}", "5", 5),
        (f"schema: {LIST}", "3,4,5", [3, 4, 5]),
        (f"schema: {LIST}, explode: true", "3,4,5", [3, 4, 5]),
        (f"schema: {COLOUR}", "R,100,G,200,B,150", RGB),
        (f"schema: {COLOUR}, explode: true", "R=100,G=200,B=150", RGB),
        ("schema: {type: string}, style: label", ".blue", "blue"),
        (f"schema: {LIST}, style: label", ".3.4.5", [3, 4, 5]),
        (f"schema: {LIST}, style: label", ".3,4,5", [3, 4, 5]),
        (f"schema: {LIST}, style: label, explode: true", ".3.4.5", [3, 4, 5]),
        (f"schema: {COLOUR}, style: label", ".R.100.G.200.B.150", RGB),
        (f"schema: {COLOUR}, style: label, explode: true", ".R=100.G=200.B=150", RGB),
        ("schema: {type: string}, style: matrix", ";color=blue", "blue"),
        ("schema: {type: string}, style: matrix", ";color", ""),
        (f"schema: {LIST}, style: matrix", ";color=3,4,5", [3, 4, 5]),
        (f"schema: {LIST}, style: matrix, explode: true", ";color=3;color=4", [3, 4]),
        (f"schema: {COLOUR}, style: matrix", ";color=R,100,G,200,B,150", RGB),
        (f"schema: {COLOUR}, style: matrix, explode: true", ";R=100;G=200;B=150", RGB),
        ("content: {application/json: {schema: {type: object}}}", "%7B%22x%22%3A1%7D", {"x": 1}),
        ("schema: {type: string}", "a%2Cb%20c", "a,b c"),
    ],
)
def test_a_path_parameter_is_decoded(tmp_path: Path, options: str, path: str, value: Any) -> None:
    api = api_with(tmp_path, f"{{name: color, in: path, required: true, {options}}}", "/things/{color}")

    assert api.get(f"/things/{path}").json["path"] == [value]


def test_an_invalid_path_parameter_is_400(tmp_path: Path) -> None:
    api = api_with(tmp_path, "{name: color, in: path, required: true, schema: {type: integer, minimum: 1}}", "/things/{color}")

    assert sentences(api.get("/things/x")) == {"color": ["Must be a whole number"]}
    assert sentences(api.get("/things/0")) == {"color": ["Must be at least 1"]}


@pytest.mark.parametrize(
    ("options", "header", "value"),
    [
        ("schema: {type: string}", "blue", "blue"),
        ("schema: {type: integer}", "5", 5),
        (f"schema: {LIST}", "3, 4,5", [3, 4, 5]),
        (f"schema: {COLOUR}", "R,100, G,200,B,150", RGB),
        (f"schema: {COLOUR}, explode: true", "R=100,G=200,B=150", RGB),
        ("content: {application/json: {schema: {type: object}}}", '{"x": 1}', {"x": 1}),
    ],
)
def test_a_header_parameter_is_decoded(tmp_path: Path, options: str, header: str, value: Any) -> None:
    api = api_with(tmp_path, f"{{name: X-Color, in: header, {options}}}")

    assert api.get("/things", headers={"X-Color": header}).json["parameters"] == {"x_color": value}


@pytest.mark.parametrize(
    ("options", "cookie", "value"),
    [
        ("schema: {type: string}", "color=blue; other=x", "blue"),
        ("schema: {type: string}", 'bad[key=1; {"json": 1}; color="blue"', "blue"),
        ("schema: {type: string}", "color=a%20b", "a b"),
        ("schema: {type: string}", "color=a%FFb", "a%FFb"),
        ("schema: {type: string}", "color=first; color=second", "first"),
        ("schema: {type: string}", 'color="', '"'),
        ("schema: {type: string}", 'color=""', ""),
        ("schema: {type: integer}", "color=5", 5),
        (f"schema: {LIST}, explode: false", "color=3,4,5", [3, 4, 5]),
        (f"schema: {COLOUR}, explode: false", "color=R,100,G,200,B,150", RGB),
        (f"schema: {COLOUR}", "R=100; G=200; B=150", RGB),
    ],
)
def test_a_cookie_parameter_is_decoded(tmp_path: Path, options: str, cookie: str, value: Any) -> None:
    api = api_with(tmp_path, f"{{name: color, in: cookie, {options}}}")

    assert api.get("/things", environ_overrides={"HTTP_COOKIE": cookie}).json["parameters"] == {"color": value}


def test_parameters_of_one_name_are_distinguished_by_location(tmp_path: Path) -> None:
    parameters = ", ".join(f"{{name: token, in: {location}, schema: {{type: integer}}}}" for location in ("query", "header", "cookie"))
    api = api_with(tmp_path, parameters)

    fine = api.get("/things?token=1", headers={"token": "2"}, environ_overrides={"HTTP_COOKIE": "token=3"})
    wrong = api.get("/things?token=x", headers={"token": "y"})

    assert fine.json["parameters"] == {"query_token": 1, "header_token": 2, "cookie_token": 3}
    assert set(sentences(wrong)) == {"header.token", "query.token"}


def test_accept_content_type_and_authorization_are_not_parameters(tmp_path: Path) -> None:
    names = ("Accept", "content-type", "Authorization")
    api = api_with(tmp_path, ", ".join(f"{{name: {name}, in: header, required: true, schema: {{type: integer}}}}" for name in names))

    assert api.get("/things").json["parameters"] == {}


def test_an_exploded_map_does_not_take_other_parameters(tmp_path: Path) -> None:
    api = api_with(tmp_path, "{name: page, in: query, schema: {type: integer}}, {name: rest, in: query, schema: {type: object}}")

    assert api.get("/things?page=1&a=2").json["parameters"] == {"page": 1, "rest": {"a": "2"}}


class Timed(msgspec.Struct):
    """The arguments of the handler."""

    since: datetime | None = None
    page: int = 1


def test_parameters_are_converted_to_their_model(tmp_path: Path) -> None:
    parameters = "[{name: since, in: query, schema: {type: string, format: date-time}}, {name: page, in: query, schema: {type: integer}}]"
    api = client(
        tmp_path, one_operation(parameters), {"act": (Signature("x", parameters=Timed), lambda _, given: msgspec.to_builtins(given))}
    )

    fine = api.get("/things?since=2026-01-01T00:00:00Z")
    unheld = api.get("/things?since=2026-12-31T23:59:60Z")

    assert fine.json == {"since": "2026-01-01T00:00:00Z", "page": 1}
    assert (unheld.status_code, list(sentences(unheld))) == (400, ["since"])
