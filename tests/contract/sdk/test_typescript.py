"""Packages of `contract sdk typescript`: generated from small documents, compiled strictly, and used under Node.js by `usage.ts`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from contract import cli
from contract.openapi import document
from contract.sdk import node_tools, typescript, typescript_readme
from tests.support.small_documents import bundle

FOLDER = Path(__file__).parent / "typescript"
DOCUMENTS = (FOLDER / "documents.yaml").read_text("utf-8").split("---\n")


def generate(text: str, folder: Path, int64: typescript.Int64 = "number") -> list[str]:
    """Write the package of a document; returns what it cannot carry."""
    source = folder.parent / f"{folder.name}.yaml"
    source.write_text(text, "utf-8")
    return typescript.write(document.load(source).bundle, folder, None, int64)


def compile_all(folder: Path) -> None:
    """Compile everything in a folder with the options of a package."""
    tools = node_tools.tools()
    (folder / "node_modules").symlink_to(tools / "node_modules")
    options = json.loads(typescript_readme.tsconfig())["compilerOptions"]
    config = {"compilerOptions": {**options, "rootDir": ".", "types": ["node"]}, "include": ["**/*.ts"], "exclude": ["dist"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    (folder / "package.json").write_text('{"type": "module"}')
    result = subprocess.run([tools / "node_modules" / ".bin" / "tsc"], cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled packages of all documents, with `usage.ts`."""
    folder = tmp_path_factory.mktemp("typescript")
    for text in DOCUMENTS:
        title = text.partition("title: ")[2].partition(",")[0]
        generate(text, folder / title)
        if title == "integers":
            generate(text, folder / "integers_bigint", "bigint")
    shutil.copy(FOLDER / "usage.ts", folder)
    compile_all(folder)
    return folder


@pytest.fixture(scope="session")
def results(packages: Path) -> Any:
    """The result of each case of `usage.ts`."""
    subprocess.run(["node", "dist/usage.js", "results.json"], cwd=packages, check=True, timeout=60)
    return json.loads((packages / "results.json").read_text("utf-8"))


CANNOT_BE_SENT = "has a character that cannot be sent"
CHAT = "createChat: 200: "
CASES: dict[str, Any] = {
    "the styles of a query": [
        (
            "https://api.example.com/v1/search?filter%5Bname%5D=a%20b&filter%5Bsize%5D=3&space=x%20y&pipe=1%7C2&comma=a%2Cb,c"
            "&many=1&many=2&pair=a,1,b,z&json=%7B%22q%22%3A%22%C3%BC%22%7D&to=/a?b"
        ),
        "R=1",
    ],
    "texts are written as their styles write them": [True, True, True],
    "the styles of a path": "https://api.example.com/v1/m;matrix=a;matrix=b/.1,2/1,2/x=1,y=2",
    "server-sent events": [[{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 2}]],
    "events with their names": [{"event": "tick", "data": "a\nb", "id": "7", "retry": 20}],
    "an event that is cut anywhere": [{"n": 1}, {"n": 2, "ü": "😀"}],
    "a stream is closed by leaving its loop": [{"n": 1}, False],
    "events whose text is JSON": [{"n": 1}],
    "a stream that breaks": [
        [[{"n": 1}], "ConnectionFailedError", "watchEvents: terminated"],
        [
            [{"n": 1}],
            "UnexpectedResponseError",
            "watchEvents: 200: the body cannot be decoded: Expected ':' after property name in JSON at position 4",
        ],
        [[{"n": 1}], "Error", "enough"],
    ],
    "a line that is too long": ["watchEvents: 200: the body cannot be decoded: a line is too long", 1],
    "a refused stream": [True, 404],
    "one operation, JSON or events": [{"n": 0}, [{"n": 1}]],
    "lines and sequences": [[{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 2}]],
    "a file in parts": ["image/png", "ü.png", [0, 255], [0, 255]],
    "a streamed upload": ["image/png", [1, 2]],
    "a body in two media types": [["application/json", '[{"n":1}]'], ["text/csv", "n\r\n1\r\n"]],
    "a form with files": (
        '--\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\nX-Sum: 7\r\n\r\nx\r\n'
        '--\r\nContent-Disposition: form-data; name="products"\r\nContent-Type: application/json\r\n\r\n[{"n":1}]\r\n----\r\n'
    ),
    "an urlencoded form": ["application/x-www-form-urlencoded", "a=x%20y%26&b=1&b=2"],
    "a redirection is the answer": [None, "/x", "manual"],
    "a range of statuses and media types": [{"n": 1}, True, "getRange: 418: No"],
    "a webhook": [
        *(1, "No signature matches", "The timestamp is too far from now", "The header webhook-id is missing"),
        *(["a secret is empty: any sender could sign with it"] * 2),
    ],
    "an undocumented status": {
        "name": "UnexpectedResponseError",
        "message": "createChat: 202: the status is not documented",
        "reason": "status",
        "status": 202,
        "body": '{"n":1}',
    },
    "an undocumented error": [True, "createChat: 502: <h1>Bad gateway</h1>", "<h1>Bad\x1b \r\n gateway</h1>\u202e"],
    "another media type": {
        "name": "UnexpectedResponseError",
        "message": f"{CHAT}the media type is not documented: text/html",
        "reason": "media type",
        "status": 200,
        "body": "<h1>Hello</h1>",
    },
    "broken JSON": [True, "body", '{"n": '],
    "no body": ["empty", ""],
    "an integer that no number holds": {
        "name": "UnexpectedResponseError",
        "message": "putThing: 200: the body cannot be decoded: 9007199254740993 has more digits than a number can hold; "
        "generate the package with `--int64 bigint`",
        "reason": "body",
        "status": 200,
        "body": '{"id": 9007199254740993}',
    },
    "digits in texts and fractions": {"id": 1, "price": 0.12345678901234568, "text": '9007199254740993 \\" 9007199254740993'},
    "bigints": [
        {
            "id": "9007199254740993n",
            "count": 7,
            "price": 1,
            "text": "12345678901234567890",
            "maximum": "18446744073709551615n",
            "parents": [{"id": "7n", "maximum": None}],
        },
        "https://api.example.com/v1/things/9007199254740993",
        '{"id":9007199254740993,"text":"#1"}',
        {
            "name": "UnexpectedResponseError",
            "message": "putThing: 200: the body cannot be decoded: 9007199254740993 has more digits than a number can hold; "
            "generate the package with `--int64 bigint`",
            "reason": "body",
            "status": 200,
            "body": '{"id": 1, "count": 9007199254740993}',
        },
    ],
    "pages by number": [["a", "b", "c"], ["?page=1", "?page=2"]],
    "pages that say there are no more": [["a", "b"], 2],
    "pages by offset": [["b", "c", "d"], ["?offset=1", "?offset=3"]],
    "pages by cursor": [["a", "b"], ["", "?cursor=x", "?cursor=y"]],
    "pages by links": [["a", "b"], ["https://api.example.com/v1/by-link?api_key=k", "https://api.example.com/v1/by-link?page=2&api_key=k"]],
    "a link to another server": [
        {"name": "SdkError", "message": "The link to the next page leads to another server: https://evil.example.net"},
        1,
    ],
    "retries with one idempotency key": [{"id": "o"}, 7, True, 3, 1, 36],
    "no retry without an idempotency key": [{"name": "ConnectionFailedError", "message": "createChat: connect ECONNREFUSED"}, 1],
    "the options of a call": ["1", "2", "order-1", "application/json, */*;q=0.1"],
    "an aborted call": ["enough", 1],
    "a late answer": {"name": "TimedOutError", "message": "listByPage: no response in time"},
    "hooks": [[["failure", 1, "fetch failed"], ["response", "listByPage", 2, 200]], ["00-1", "00-2"]],
    "the first complete alternative of credentials": [
        ["", "Basic YWRhOnDDpHNzd29yZA==", None],
        ["?api_key=k%26", None, "sid=s"],
        ["", "Bearer token", None],
    ],
    "credentials that cannot be sent are not shown": [
        ["SdkError", f'the header "Authorization" {CANNOT_BE_SENT}'],
        ["SdkError", f'the cookie "sid" {CANNOT_BE_SENT}'],
        ["SdkError", f'the header "X-Team" {CANNOT_BE_SENT}'],
        ["SdkError", f'the header "X-Team" {CANNOT_BE_SENT}'],
        0,
    ],
    "redirections are not followed": ["createOrder: 307", ["manual"]],
    "client credentials": [
        ["https://us.example.com/token", "a%3Ab:c+d%7E*%2B", "grant_type=client_credentials&scope=orders"],
        1,
        ["Bearer t1", "Bearer t1"],
    ],
    "content that the document does not describe": [
        *([0, 255], True, True),
        {"name": "ConnectionFailedError", "message": "getUndescribed: terminated"},
    ],
    "a refused token is renewed once": [
        [*("Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"), "Bearer t1"],
        *(401, 4, True),
    ],
    "refused client credentials": {
        "name": "TokenRefusedError",
        "message": 'The token endpoint answered 401: {"error":"invalid_client"}',
    },
    "the server's variables": [
        ["https://us.example.com/v1/by-page", "https://eu.example.com/v1/by-page", "https://files.example.org/elsewhere"],
        ["https://{region}.example.com/{version}", "/local"],
    ],
    "errors of Django and Spring": [
        [
            "createOrder: 400 (name: Is blank; owner.email: Is invalid; lines.1.count: Is too large; Is taken)",
            {"name": ["Is blank"], "owner.email": ["Is invalid"], "lines.1.count": ["Is too large"]},
            ["Is taken"],
        ],
        ["createOrder: 400", {}, []],
        ['createOrder: 400: Bad Request (name: Is blank; {"code":1})', {"name": ["Is blank"], "": ['{"code":1}']}, []],
    ],
    "an error with a code and fields": [
        [True, True, True],
        "OrderInvalidError",
        "createOrder: 422: order_invalid: The order is wrong (lines: Is empty)",
        {"lines": ["Is empty"]},
        "r1",
        3,
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_package_does(case: str, results: Any) -> None:
    assert results[case] == CASES[case]


def test_package_refuses_a_path_that_leads_elsewhere(results: Any) -> None:
    refused = results["a path that would lead elsewhere"]

    assert refused["name"] == "SdkError"
    assert refused["message"].startswith("getPlace: ")


def test_every_case_is_stated(results: Any) -> None:
    assert results.keys() - CASES.keys() == {"a path that would lead elsewhere"}


def test_generation_needs_no_network_and_no_other_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples behind `externalValue` are not fetched."""

    def refused(*_: object) -> None:
        raise AssertionError("the network is not needed")

    monkeypatch.setattr("socket.socket.connect", refused)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert [text.partition("title: ")[2].partition(",")[0] for text in DOCUMENTS if generate(text, tmp_path / str(len(text)))] == ["pages"]


def test_names_that_are_keywords_equal_or_absent_are_distinct(packages: Path) -> None:
    text = (packages / "hostile" / "src" / "operations.ts").read_text("utf-8")
    functions = re.findall(r"^export function (\w+)", text, re.MULTILINE)

    assert functions == ["delete_", "getQuotes100AB", "getNothing", "value", "getCase", "getCase2", "getRemote"]


def test_types_keep_their_names_and_do_not_hide_what_the_package_uses(packages: Path) -> None:
    text = (packages / "hostile" / "src" / "types.ts").read_text("utf-8")
    types = re.findall(r"^export (?:type|interface) (\w+)", text, re.MULTILINE)

    assert types == ["AB", "Class", "Client2", "Error", "GetRemoteResponse", "Promise2", "Record", "Response", "VLAN", "VLan", "Vlan"]


XML = """
openapi: 3.1.0
info: {title: Markup, version: "1"}
paths:
  /a:
    put:
      operationId: put_a
      security: [{certificate: []}]
      requestBody: {content: {application/xml: {schema: {type: object, properties: {n: {type: integer}}}}}}
      responses: {"204": {description: Kept.}}
    trace: {operationId: trace_a, servers: [{url: /v2}], responses: {"204": {description: Seen.}}}
components:
  securitySchemes:
    certificate: {type: mutualTLS}
    challenged: {type: http, scheme: Digest}
    fixed: {type: http, scheme: Token}
"""


CHALLENGED = "#/components/securitySchemes/challenged: HTTP authentication by `digest` is not a fixed text; it is left to the HTTP client"


def test_both_languages_list_the_same_schemes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(XML)
    lists: list[list[str]] = []

    for language in ("python", "typescript"):
        assert cli.main(["sdk", language, str(source), "--output", str(tmp_path / language)]) == 1
        lists.append([line for line in capsys.readouterr().err.splitlines() if "securitySchemes" in line])

    assert lists[0] == lists[1]
    assert len(lists[0]) == 2


def test_sdk_lists_what_the_package_cannot_carry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(XML)

    code = cli.main(["sdk", "typescript", str(source), "--output", str(tmp_path / "package")])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "not carried: #/components/securitySchemes/certificate: a client certificate (mutualTLS) is given to the HTTP client",
        f"not carried: {CHALLENGED}",
        "not carried: #/paths/~1a/put/requestBody/content/application~1xml: XML is carried as text, without the type of its schema",
        "not carried: #/paths/~1a/trace: `fetch` sends no TRACE requests",
        "not carried: #/paths/~1a/trace: its server /v2 is relative; use a separate Connection for it",
    ]


def test_sdk_makes_bigints_on_demand(tmp_path: Path) -> None:
    source = tmp_path / "openapi.yaml"
    source.write_text(DOCUMENTS[3])

    code = cli.main(["sdk", "typescript", "--int64", "bigint", "--spec", str(source), "--output", str(tmp_path / "package")])

    types = (tmp_path / "package" / "src" / "types.ts").read_text()
    assert code == 0
    assert "  id: bigint;\n  count?: number;" in types


def nested(depth: int) -> str:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    document_of_it = {
        "openapi": "3.1.0",
        "info": {"title": "Deep", "version": "1"},
        "paths": {},
        "components": {"schemas": {"Deep": schema}},
    }
    return json.dumps(document_of_it)


def test_types_that_are_nested_deeply_are_declared_apart(tmp_path: Path) -> None:
    left_out = generate(nested(100), tmp_path / "deep")

    text = (tmp_path / "deep" / "src" / "types.ts").read_text()
    assert left_out == []
    assert re.findall(r"^export interface (\w+)", text, re.MULTILINE) == ["Deep", "Nested"]
    assert text.count("a?: string;") == 1


def test_a_union_that_contains_itself_is_the_union_of_its_other_members(tmp_path: Path) -> None:
    text = """
paths:
  /circles: {get: {responses: {"200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Left"}}}}}}}
components:
  schemas:
    Left: {anyOf: [{$ref: "#/components/schemas/Left"}, {$ref: "#/components/schemas/Right"}, {enum: ["a | b", "{"]}]}
    Right: {anyOf: [{$ref: "#/components/schemas/Left"}, {type: array, items: {$ref: "#/components/schemas/Right"}}]}
    Empty: {anyOf: [{$ref: "#/components/schemas/Empty"}]}
    Holder: {properties: {left: {$ref: "#/components/schemas/Left"}, empty: {$ref: "#/components/schemas/Empty"}}}
"""
    typescript.write(bundle(tmp_path, text), tmp_path / "sdk", "circles")

    lines = (tmp_path / "sdk" / "src" / "types.ts").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(("export type Left ", "export type Right "))] == [
        'export type Left = "a | b" | "{" | Right[];',
        'export type Right = Right[] | "a | b" | "{";',
    ]
