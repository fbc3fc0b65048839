"""The encoders of the Python layer: the table of styles (OpenAPI 3.1.1, section 4.8.12.2.5), and what a style cannot carry."""

from __future__ import annotations

from typing import Any

import pytest

from contract.sdk.python_layer.encoding import (
    Style,
    encode_cookie,
    encode_form,
    encode_header,
    encode_path,
    encode_query,
    expand_path,
    json_text,
    text_of,
)

LIST = ["blue", "black", "brown"]
RGB = {"R": 100, "G": 200, "B": 150}
HOSTILE = "a b&c=d,e;f%g/h+i\"j'k?l#m|nü€"
ENCODED = "a%20b%26c%3Dd%2Ce%3Bf%25g%2Fh%2Bi%22j%27k%3Fl%23m%7Cn%C3%BC%E2%82%AC"


def style(location: str, name: str, *, explode: bool, **options: Any) -> Style:
    return Style("color", location, name, explode, **options)


@pytest.mark.parametrize(
    ("name", "explode", "value", "text"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, LIST, "blue,black,brown"),
        ("simple", False, RGB, "R,100,G,200,B,150"),
        ("simple", True, LIST, "blue,black,brown"),
        ("simple", True, RGB, "R=100,G=200,B=150"),
        ("simple", False, "", ""),
        ("simple", False, None, ""),
        ("simple", False, [], ""),
        ("simple", False, [HOSTILE, "x"], f"{ENCODED},x"),
        ("label", False, "", "."),
        ("label", False, "blue", ".blue"),
        ("label", False, "1.5", ".1.5"),
        ("label", False, LIST, ".blue,black,brown"),
        ("label", False, RGB, ".R,100,G,200,B,150"),
        ("label", True, LIST, ".blue.black.brown"),
        ("label", True, RGB, ".R=100.G=200.B=150"),
        ("label", True, [1.5, "x.y"], ".1%2E5.x%2Ey"),
        ("label", True, {}, ""),
        ("matrix", False, "", ";color"),
        ("matrix", False, "blue", ";color=blue"),
        ("matrix", False, LIST, ";color=blue,black,brown"),
        ("matrix", False, RGB, ";color=R,100,G,200,B,150"),
        ("matrix", True, LIST, ";color=blue;color=black;color=brown"),
        ("matrix", True, RGB, ";R=100;G=200;B=150"),
        ("matrix", True, ["", "b"], ";color;color=b"),
        ("matrix", True, [HOSTILE], f";color={ENCODED}"),
    ],
)
def test_path_styles(name: str, explode: bool, value: Any, text: str) -> None:
    assert encode_path(style("path", name, explode=explode), value) == text


@pytest.mark.parametrize(
    ("name", "explode", "value", "pieces"),
    [
        ("form", True, "", ["color="]),
        ("form", True, "blue", ["color=blue"]),
        ("form", True, True, ["color=true"]),
        ("form", True, 5.0, ["color=5"]),
        ("form", True, None, []),
        ("form", True, [], []),
        ("form", True, {}, []),
        ("form", True, [None], []),
        ("form", True, HOSTILE, [f"color={ENCODED}"]),
        ("form", True, LIST, ["color=blue", "color=black", "color=brown"]),
        ("form", True, RGB, ["R=100", "G=200", "B=150"]),
        ("form", True, {"R": [1, 2], "S": {"a": 1}, "T": None}, ["R=1", "R=2", "S=%7B%22a%22%3A1%7D"]),
        ("form", False, LIST, ["color=blue,black,brown"]),
        ("form", False, RGB, ["color=R,100,G,200,B,150"]),
        ("form", False, ["a,b", "c"], ["color=a%2Cb,c"]),
        ("spaceDelimited", False, LIST, ["color=blue%20black%20brown"]),
        ("spaceDelimited", False, RGB, ["color=R%20100%20G%20200%20B%20150"]),
        ("pipeDelimited", False, [1, 2], ["color=1%7C2"]),
        ("pipeDelimited", False, RGB, ["color=R%7C100%7CG%7C200%7CB%7C150"]),
        ("pipeDelimited", True, [1, 2], ["color=1", "color=2"]),
        ("deepObject", True, RGB, ["color%5BR%5D=100", "color%5BG%5D=200", "color%5BB%5D=150"]),
        ("deepObject", False, {"a": {"b": [1, 2]}, "c": None}, ["color%5Ba%5D%5Bb%5D=1", "color%5Ba%5D%5Bb%5D=2"]),
    ],
)
def test_query_styles(name: str, explode: bool, value: Any, pieces: list[str]) -> None:
    assert encode_query(style("query", name, explode=explode), value) == pieces


def test_allow_reserved_leaves_what_a_query_can_have() -> None:
    reserved = style("query", "form", explode=False, allow_reserved=True)

    assert encode_query(reserved, "/a:b?c@d!$'()*,;") == ["color=/a:b?c@d!$'()*,;"]
    assert encode_query(reserved, "a&b=c+d#e[f]") == ["color=a%26b%3Dc%2Bd%23e%5Bf%5D"]
    assert encode_query(reserved, "%2F 50%") == ["color=%2F%2050%25"]
    assert encode_query(reserved, ["a/b,c", "d"]) == ["color=a/b%2Cc,d"]


def test_content_parameters() -> None:
    assert encode_query(style("query", "form", explode=True, media_type="application/json"), {"q": None}) == ["color=%7B%22q%22%3Anull%7D"]
    assert encode_query(style("query", "form", explode=True, media_type="text/plain"), "a b") == ["color=a%20b"]
    assert encode_header(style("header", "simple", explode=False, media_type="application/json"), {"ü": [1.0]}) == '{"\\u00fc":[1]}'
    assert encode_path(style("path", "simple", explode=False, media_type="application/json"), [1]) == "%5B1%5D"


@pytest.mark.parametrize(
    ("explode", "value", "text"),
    [
        (False, "a, b=c", "a, b=c"),
        (False, LIST, "blue,black,brown"),
        (False, RGB, "R,100,G,200,B,150"),
        (True, RGB, "R=100,G=200,B=150"),
        (True, [], ""),
        (False, "50%", "50%"),
    ],
)
def test_headers(explode: bool, value: Any, text: str) -> None:
    assert encode_header(style("header", "simple", explode=explode), value) == text


@pytest.mark.parametrize(
    ("explode", "value", "pieces"),
    [
        (True, "a;b", ["color=a%3Bb"]),
        (True, [1, 2], ["color=1", "color=2"]),
        (False, [1, "a,b"], ["color=1,a%2Cb"]),
        (True, RGB, ["R=100", "G=200", "B=150"]),
        (False, RGB, ["color=R,100,G,200,B,150"]),
        (True, [], []),
    ],
)
def test_cookies(explode: bool, value: Any, pieces: list[str]) -> None:
    assert encode_cookie(style("cookie", "form", explode=explode), value) == pieces


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.1 + 0.2, "0.30000000000000004"),
        (100.0, "100"),
        (-0.0, "0"),
        (1e16, "10000000000000000"),
        (1.5e20, "150000000000000000000"),
        (1e21, "1e+21"),
        (1.25e-7, "1.25e-7"),
        (0.000001, "0.000001"),
        (123456789012345678901234567890, "123456789012345678901234567890"),
    ],
)
def test_numbers_have_no_artefacts(number: float, text: str) -> None:
    assert text_of(number) == json_text(number) == text


@pytest.mark.parametrize(
    ("encode", "of", "value", "reason"),
    [
        (encode_query, style("query", "spaceDelimited", explode=False), ["a b"], "'a b' has ' '"),
        (encode_query, style("query", "pipeDelimited", explode=False), ["a|b"], "has '|'"),
        (encode_query, style("query", "deepObject", explode=True), {"a]": 1}, "cannot have a bracket"),
        (encode_query, style("query", "form", explode=True), float("nan"), "not a JSON value"),
        (encode_header, style("header", "simple", explode=False), ["a,b"], "has ','"),
        (encode_header, style("header", "simple", explode=True), {"a=b": 1}, "equals sign"),
        (encode_header, style("header", "simple", explode=False), ["a", " b"], "begin or end with a space"),
        (encode_header, style("header", "simple", explode=False), "a\r\nSet-Cookie: b", "cannot be the value of a header"),
        (encode_header, style("header", "simple", explode=False), "é", "cannot be the value of a header"),
        (encode_cookie, style("cookie", "form", explode=True), {"a;b": 1}, "cannot be the name of a cookie"),
    ],
)
def test_values_that_a_style_cannot_carry(encode: Any, of: Style, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("|", r"\|")):
        encode(of, value)


def test_forms() -> None:
    tags = Style("tags", "query", "form", explode=False)
    value = {"name": "a b", "tags": ["x,y", "z"], "many": [1, 2], "owner": {"id": 1}, "list": [{"id": 2}], "absent": None}

    body = encode_form(value, {"tags": tags})

    assert body == b"name=a%20b&tags=x%2Cy,z&many=1&many=2&owner=%7B%22id%22%3A1%7D&list=%7B%22id%22%3A2%7D"


def test_paths_lead_nowhere_else() -> None:
    assert expand_path("/files/{name}.json", {"name": ".."}) == "/files/...json"
    assert expand_path("/m{ids}/x", {"ids": ";ids=a;ids=b"}) == "/m;ids=a;ids=b/x"
    for value in ("", ".", ".."):
        with pytest.raises(ValueError, match=r"{id} cannot be"):
            expand_path("/users/{id}", {"id": value})
