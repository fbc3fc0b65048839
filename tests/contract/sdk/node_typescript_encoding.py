"""The encoders of the TypeScript layer, run by Node: byte for byte what those of the Python layer write, over a table of all styles."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from contract.sdk import node_tools, packaging
from contract.sdk.python_layer.encoding import Style, encode_cookie, encode_form, encode_header, encode_path, encode_query, expand_path
from contract.sdk.python_layer.multipart import File, Part, encode_multipart
from contract.sdk.typescript_readme import tsconfig

HOSTILE = "a b&c=d,e;f%g/h+i\"j'k?l#m|n\\.[](!*)~\t\u007fnü€😀"
TEXTS = ["", "plain", HOSTILE, "50%", "%2F%zz", "..", " a ", "a\r\nb", "\ud800", "\u2028"]
NUMBERS = [0, -7, 2**53, 0.1 + 0.2, -0.0, 5.0, 1e-7, 1.25e-7, 1e16, 1.5e20, 1e21, 1.7976931348623157e308, 5e-324, True, False, None]
ARRAYS = [[], [None], [""], ["a"], [1.5, 2], ["a,b", "c d", "e|f"], [HOSTILE], [1, None, 2], [[1], {"a": "ü"}]]
OBJECTS = [
    {},
    {"a": None},
    {"R": 100, "G": "x y"},
    {HOSTILE: 1},
    {"a=b": "c"},
    {"a": {"b": [1, {"c": HOSTILE}]}, "d": []},
    {"__proto__": 1},
]
VALUES: list[Any] = [*TEXTS, *NUMBERS, *ARRAYS, *OBJECTS]
STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
ENCODERS: dict[str, Callable[[Style, Any], Any]] = {
    "path": encode_path,
    "query": encode_query,
    "header": encode_header,
    "cookie": encode_cookie,
}
FILE = {"$file": base64.b64encode(b"\0\xff").decode(), "name": 'a"b\nü.png', "headers": {"X-Sum": [1, 2]}}
FORMS: list[tuple[Any, Any]] = [
    ({f"v{index}": value for index, value in enumerate(VALUES) if value != "\ud800"}, {}),
    ({"file": FILE, "files": [FILE, {"$file": ""}]}, {"file": {"contentType": "image/*, image/png", "headers": ["X-Sum"]}}),
    ({"list": [{"a": 1}], "text": "a", "note": "b"}, {"list": {"contentType": "application/json"}, "text": {"contentType": "text/csv"}}),
    ({"a": ["x y", 1]}, {"a": {"style": Style("a", "query", "form", explode=False)}}),
    ({"a": ["x y"]}, {"a": {"style": Style("a", "query", "spaceDelimited", explode=False)}}),
    ({"a": {"b": 1, "c": [1, 2]}}, {"a": {"style": Style("a", "query", "deepObject", explode=True)}}),
    ({"a": "b"}, {"a": {"contentType": "text/\r\nX: y"}}),
    ({"a": {"$file": ""}}, {"a": {"contentType": 'video/*, video/mp4; codecs="avc1.640028, mp4a.40.2", video/webm'}}),
]
DRIVER = """
import { readFileSync } from "node:fs";
import * as encoding from "./dist/encoding.js";
import { encodeMultipart, FormFile } from "./dist/multipart.js";

const ENCODERS = { path: encoding.encodePath, query: encoding.encodeQuery, header: encoding.encodeHeader, cookie: encoding.encodeCookie };

function revived(value) {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value?.$file !== "string") return value;
  const bytes = Buffer.from(value.$file, "base64");
  const content = value.kind === "blob" ? new Blob([bytes]) : value.kind === "stream" ? new Blob([bytes]).stream() : bytes;
  return new FormFile(content, { name: value.name, headers: value.headers });
}

async function multipart({ value, parts }) {
  const files = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, revived(item)]));
  const { contentType, body } = encodeMultipart(files, parts, "edge");
  return [contentType, Buffer.from(await new Response(body).arrayBuffer()).toString("base64")];
}

async function run(test) {
  try {
    switch (test.kind) {
      case "parameter": return ENCODERS[test.style.location](test.style, test.value);
      case "form": return Buffer.from(encoding.encodeForm(test.value, test.styles)).toString("base64");
      case "path": return encoding.expandPath(test.template, test.values);
      default: return await multipart(test);
    }
  } catch (error) {
    if (error instanceof RangeError || error instanceof URIError) return { refused: true };
    throw error;
  }
}

const tests = JSON.parse(readFileSync("tests.json", "utf8"));
console.log(JSON.stringify(await Promise.all(tests.map(run))));
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The encoders of the layer, compiled by the options of a client."""
    folder = tmp_path_factory.mktemp("layer")
    sources = packaging.layer("contract.sdk.typescript_layer", ["encoding.ts", "multipart.ts"])
    packaging.write(folder, {f"src/{name}": text for name, text in sources.items()})
    options = json.loads(tsconfig())
    options["compilerOptions"] |= {"noUnusedLocals": True, "noUnusedParameters": True}
    packaging.write(folder, {"tsconfig.json": json.dumps(options), "package.json": '{"type": "module"}', "driver.js": DRIVER})
    node_tools.run(folder, str(node_tools.tools() / "node_modules" / ".bin" / "tsc"))
    return folder


def run(folder: Path, tests: list[dict[str, Any]]) -> list[Any]:
    (folder / "tests.json").write_text(json.dumps(tests))
    process = subprocess.run(["node", "driver.js"], cwd=folder, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    results: list[Any] = json.loads(process.stdout)
    return results


def refused_or(encode: Callable[[], Any]) -> Any:
    try:
        return encode()
    except ValueError:
        return {"refused": True}


def styles() -> Iterator[Style]:
    for location, names in STYLES.items():
        for name, explode in itertools.product(names, (False, True)):
            yield Style("the name[]" if location in {"path", "query"} else "name", location, name, explode)
        yield Style("name", location, names[0], explode=False, media_type="application/vnd.x+json; a=b")
        yield Style("name", location, names[0], explode=False, media_type="text/plain")
    yield Style("name", "query", "form", explode=True, allow_reserved=True)
    yield Style("name", "query", "form", explode=False, allow_reserved=True)


def in_typescript(style: Style) -> dict[str, Any]:
    members = asdict(style)
    return {
        **{name: members[name] for name in ("name", "location", "style", "explode")},
        "allowReserved": style.allow_reserved,
        **({} if style.media_type is None else {"mediaType": style.media_type}),
    }


def test_parameters_are_written_as_in_python(layer: Path) -> None:
    table = list(itertools.product(styles(), VALUES))

    results = run(layer, [{"kind": "parameter", "style": in_typescript(style), "value": value} for style, value in table])

    expected = [refused_or(lambda style=style, value=value: ENCODERS[style.location](style, value)) for style, value in table]  # type: ignore[misc]
    wrong = [(style, value, result, want) for (style, value), result, want in zip(table, results, expected, strict=True) if result != want]
    assert wrong == []
    assert {json.dumps(result) for result in results} > {'{"refused": true}', '["name=a"]'}


def test_forms_are_written_as_in_python(layer: Path) -> None:
    styles_ = {"v1": Style("v1", "query", "deepObject", explode=True), "v30": Style("v30", "query", "pipeDelimited", explode=False)}
    values = [form for form, _ in FORMS if "file" not in form]

    tests = [
        {"kind": "form", "value": value, "styles": {name: in_typescript(style) for name, style in styles_.items()}} for value in values
    ]
    results = run(layer, tests)

    assert results == [
        refused_or(lambda value=value: base64.b64encode(encode_form(value, styles_)).decode())  # type: ignore[misc]
        for value in values
    ]


def part_of(described: dict[str, Any]) -> Part:
    headers = {name: Style(name, "header", "simple", explode=False) for name in described.get("headers", ())}
    return Part(described.get("contentType"), headers, described.get("style"))


def part_in_typescript(described: dict[str, Any]) -> dict[str, Any]:
    part = part_of(described)
    return {
        **({} if part.content_type is None else {"contentType": part.content_type}),
        "headers": {name: in_typescript(style) for name, style in part.headers.items()},
        **({} if part.style is None else {"style": in_typescript(part.style)}),
    }


def revived(value: Any) -> Any:
    if isinstance(value, list):
        return [revived(item) for item in value]
    if isinstance(value, dict) and "$file" in value:
        return File(base64.b64decode(value["$file"]), value.get("name"), headers=value.get("headers", {}))
    return value


def multipart(form: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    value = {name: revived(item) for name, item in form.items()}
    content_type, body = encode_multipart(value, {name: part_of(part) for name, part in parts.items()}, "edge")
    assert isinstance(body, bytes)
    return [content_type, base64.b64encode(body).decode()]


@pytest.mark.parametrize("kind", ["bytes", "blob", "stream"])
def test_multipart_forms_are_written_as_in_python(layer: Path, kind: str) -> None:
    def of_kind(form: dict[str, Any]) -> dict[str, Any]:
        return {name: item | {"kind": kind} if isinstance(item, dict) and "$file" in item else item for name, item in form.items()}

    tests = [
        {
            "kind": "multipart",
            "value": of_kind(form),
            "parts": {name: part_in_typescript(part) for name, part in parts.items()},
        }
        for form, parts in FORMS
    ]

    results = run(layer, tests)

    assert results == [refused_or(lambda form=form, parts=parts: multipart(form, parts)) for form, parts in FORMS]  # type: ignore[misc]


def test_paths_are_expanded_as_in_python(layer: Path) -> None:
    tests = [(template, {"id": value}) for template in ("/a/{id}/b", "/a/x{id}", "/{id}.json") for value in ("", ".", "..", "x%2Fy", "$&")]

    results = run(layer, [{"kind": "path", "template": template, "values": values} for template, values in tests])

    assert results == [refused_or(lambda template=template, values=values: expand_path(template, values)) for template, values in tests]  # type: ignore[misc]
