"""Packages of `contract sdk typescript`: generated from small documents, compiled strictly, and used under Node.js by `usage.ts`.

`make sdk` runs it, with the other tests that need Node.js.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.typescript_packages import DOCUMENTS, FOLDER, compile_all, generate


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
    "a range of statuses and media types": [{"n": 1}, True, "418: No"],
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
    "an undocumented error": [True, "502: <h1>Bad gateway</h1>", "<h1>Bad\x1b \r\n gateway</h1>\u202e"],
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
    "pages of Spring": [["a", "b"], ["?size=1&page=0", "?size=1&page=1"]],
    "pages by the cursor of a link": [["a", "b"], ["https://api.example.com/v1/django", "https://api.example.com/v1/django?cursor=cD0%3D"]],
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
        ["InvalidArgumentError", f'the header "Authorization" {CANNOT_BE_SENT}'],
        ["InvalidArgumentError", f'the cookie "sid" {CANNOT_BE_SENT}'],
        ["InvalidArgumentError", f'the header "X-Team" {CANNOT_BE_SENT}'],
        ["InvalidArgumentError", f'the header "X-Team" {CANNOT_BE_SENT}'],
        0,
    ],
    "redirections are not followed": ["307: HTTP 307", ["manual"]],
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
            "400: name: Is blank; owner.email: Is invalid; lines.1.count: Is too large; Is taken",
            {"name": ["Is blank"], "owner.email": ["Is invalid"], "lines.1.count": ["Is too large"]},
            ["Is taken"],
        ],
        ["400: HTTP 400", {}, []],
        ['400: name: Is blank; {"code":1}', {"name": ["Is blank"], "": ['{"code":1}']}, []],
    ],
    "an error with a code and fields": [
        [True, True, True],
        "OrderInvalidError",
        "422 order_invalid: lines: Is empty",
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

    assert refused["name"] == "InvalidArgumentError"
    assert refused["message"].startswith("getPlace: ")


def test_every_case_is_stated(results: Any) -> None:
    assert results.keys() - CASES.keys() == {"a path that would lead elsewhere"}
