"""The operation of a request, and the response to a request without one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from tests.support.matching import logged_type, parsed
from tests.support.small_documents import call, client, contract, one_operation

OK = 'responses: {"200": {description: Fine., content: {application/json: {}}}}'
DOCUMENT = f"""
servers: [{{url: "https://example.com/api/"}}]
paths:
  /pets: {{get: {{operationId: list_pets, {OK}}}, post: {{operationId: create_pet, {OK}}}}}
  /pets/mine: {{get: {{operationId: get_mine, {OK}}}}}
  /pets/{{id}}: {{get: {{operationId: get_pet, {OK}}}, delete: {{operationId: delete_pet, {OK}}}}}
  /pets/{{id}}/toys/{{toy}}: {{get: {{operationId: get_toy, {OK}}}}}
  /pets/mine/{{what}}: {{get: {{operationId: get_what, {OK}}}}}
  /files/{{name}}.json: {{get: {{operationId: get_json, {OK}}}}}
  /files/{{name}}.{{ending}}: {{get: {{operationId: get_file, {OK}}}}}
  /files/{{name}}: {{get: {{operationId: get_name, {OK}}}}}
  /ends/: {{get: {{operationId: get_end, {OK}}}}}
  /: {{get: {{operationId: get_root, {OK}}}}}
  /a%20b: {{get: {{operationId: get_space, {OK}}}}}
  /swapped/{{b}}/{{a}}:
    get:
      operationId: get_swapped
      parameters:
        - {{name: a, in: path, required: true, schema: {{type: integer}}}}
        - {{name: b, in: path, required: true, schema: {{type: string}}}}
      {OK}
"""
IDS = [
    *("list_pets", "create_pet", "get_mine", "get_pet", "delete_pet", "get_toy", "get_what", "get_json", "get_file", "get_name"),
    *("get_end", "get_root", "get_space", "get_swapped"),
]


def handler_named(name: Any) -> Any:
    return lambda _, *path: {"operation": name, "path": list(path)}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return client(tmp_path_factory.mktemp("routing"), DOCUMENT, {name: handler_named(name) for name in IDS})


@pytest.mark.parametrize(
    ("path", "operation", "values"),
    [
        ("/pets", "list_pets", []),
        ("/pets/mine", "get_mine", []),
        ("/pets/7", "get_pet", ["7"]),
        ("/pets/mine/toys", "get_what", ["toys"]),
        ("/pets/mine/toys/ball", "get_toy", ["mine", "ball"]),
        ("/pets/a%20b", "get_pet", ["a b"]),
        ("/pets/%C3%BC", "get_pet", ["ü"]),
        ("/pets/a%25b", "get_pet", ["a%b"]),
        ("/pets/..", "get_pet", [".."]),
        ("/files/a.json", "get_json", ["a"]),
        ("/files/a.b.json", "get_json", ["a.b"]),
        ("/files/a.txt", "get_file", ["a", "txt"]),
        ("/files/a.b.txt", "get_file", ["a.b", "txt"]),
        ("/files/a%2Fb.txt", "get_file", ["a/b", "txt"]),
        ("/pets/a%2Fb", "get_pet", ["a/b"]),
        ("/pets/mine%2Ftoys", "get_pet", ["mine/toys"]),
        ("/pets/a%252Fb", "get_pet", ["a%2Fb"]),
        ("/pets/a%2Fb/toys/c%2f%25", "get_toy", ["a/b", "c/%"]),
        ("/pets%2F7", "get_pet", ["7"]),
        ("/files/a", "get_name", ["a"]),
        ("/ends/", "get_end", []),
        ("/", "get_root", []),
        ("/a%20b", "get_space", []),
        ("/swapped/x/5", "get_swapped", ["x", 5]),
    ],
)
def test_a_path_reaches_its_operation(api: Any, path: str, operation: str, values: Any) -> None:
    assert api.get(f"/api{path}").json == {"operation": operation, "path": values}


@pytest.mark.parametrize(
    "path",
    [
        "/pets/",
        "//pets",
        "/pets//toys/x",
        "/pets/7/",
        "/pets/7/toys",
        "/ends",
        "/PETS",
        "/files/",
        "",
        "/nothing",
    ],
)
def test_an_unknown_path_is_404(api: Any, path: str) -> None:
    response = api.get(f"/api{path}")

    assert (response.status_code, parsed(response)["code"]) == (404, "not_found")


def test_a_path_that_is_not_utf_8_is_404(tmp_path: Path) -> None:
    app = contract(tmp_path, DOCUMENT, {name: handler_named(name) for name in IDS})

    status, _, body = call(app, {"PATH_INFO": "/api/pets/\xff", "REQUEST_METHOD": "GET"})

    assert status == "404 Not Found"
    assert b"not_found" in body


def test_a_path_outside_the_base_is_404(tmp_path: Path) -> None:
    inside = contract(tmp_path, DOCUMENT, {name: handler_named(name) for name in IDS})

    assert call(inside, {"PATH_INFO": "/pets", "REQUEST_METHOD": "GET"})[0] == "404 Not Found"


def test_wrap_passes_other_paths_to_the_other_application(tmp_path: Path) -> None:
    inside = contract(tmp_path, DOCUMENT, {name: handler_named(name) for name in IDS})
    app = inside.wrap(lambda environ, _: [environ["PATH_INFO"].encode()])

    assert app({"PATH_INFO": "/apis", "REQUEST_METHOD": "GET"}, print) == [b"/apis"]
    assert b"not_found" in next(iter(app({"PATH_INFO": "/api", "REQUEST_METHOD": "GET"}, lambda *_: None)))


@pytest.mark.parametrize(
    ("path", "allowed"), [("/pets", "GET, POST"), ("/pets/7", "DELETE, GET"), ("/pets/mine", "GET"), ("/files/a.json", "GET")]
)
def test_an_unsupported_method_is_405_with_allow(api: Any, path: str, allowed: str) -> None:
    refused = api.open(f"/api{path}", method="PATCH")
    options = api.open(f"/api{path}", method="OPTIONS")

    assert (refused.status_code, refused.json["code"], refused.headers["Allow"]) == (405, "method_not_allowed", allowed)
    assert (options.status_code, options.data, options.headers["Allow"]) == (204, b"", allowed)
    assert "Content-Length" not in options.headers


def test_control_characters_of_a_method_are_replaced(api: Any) -> None:
    refused = api.open("/api/pets", method="G\x1bT")

    assert refused.status_code == 405
    assert "\x1b" not in refused.json["detail"]


def test_head_is_get_without_its_body(api: Any) -> None:
    got, head = api.get("/api/pets"), api.head("/api/pets")

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.data))
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


def test_head_of_a_path_without_get_is_405(tmp_path: Path) -> None:
    api = client(tmp_path, one_operation(method="post"), {"act": handler_named("act")})

    assert api.head("/things").status_code == 405


def test_a_very_long_path_is_404(api: Any) -> None:
    assert api.get("/api/" + "a/" * 20_000).status_code == 404


@pytest.mark.parametrize(
    ("server", "base"),
    [
        ('{url: "/"}', ""),
        ('{url: "https://example.com"}', ""),
        ('{url: "v1"}', "/v1"),
        ('{url: "./v1/"}', "/v1"),
        ('{url: "https://{host}/{stage}/v2", variables: {host: {default: a.example}, stage: {default: live}}}', "/live/v2"),
    ],
)
def test_the_base_path_comes_from_the_first_server(tmp_path: Path, server: str, base: str) -> None:
    api = client(tmp_path, f"servers: [{server}]\n{one_operation()}", {"act": handler_named("act")})

    assert api.get(f"{base}/things").status_code == 200


def test_a_failing_handler_is_500_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Any) -> None:
        raise ZeroDivisionError("no secrets here")

    api = client(tmp_path, one_operation(), {"act": fail})
    with caplog.at_level(logging.ERROR, "contract"):
        response = api.get("/things")

    assert (response.status_code, parsed(response)["code"]) == (500, "internal_error")
    assert "secrets" not in response.text
    assert caplog.records[0].getMessage() == f"request {response.headers['X-Request-Id']} failed"
    assert logged_type(caplog) is ZeroDivisionError
