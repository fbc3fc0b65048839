"""Both packages of one document give one thing one name, and say the same about one error (docs/toolkit.md)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from contract.names import snake
from contract.sdk import typescript
from tests.contract.sdk.node_typescript import CASES
from tests.support.python_clients import client, generated
from tests.support.small_documents import bundle
from tests.support.typescript_packages import DOCUMENTS

FOLDER = Path(__file__).parent / "documents"
MORE = """
paths:
  /union:
    get:
      operationId: getUnion
      tags: [union]
      responses: {"200": {description: It.}, "404": {description: No.}, default: {description: Else.}}
    put: {operationId: putUnion, tags: [OAuth2 Things], responses: {"204": {description: It.}, "422": {description: No.}}}
  /a:
    post:
      operationId: addA
      tags: [a]
      requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}
      responses: {"204": {description: It.}}
components: {securitySchemes: {OAuth2PasswordBearer: {type: http, scheme: bearer}, apiKeyHTTP: {type: apiKey, in: header, name: X-Key}}}
"""
TEXTS = {"fastapi": (FOLDER / "fastapi.yaml").read_text("utf-8"), "spring": (FOLDER / "spring.yaml").read_text("utf-8"), "more": MORE}


@pytest.fixture(params=TEXTS)
def packages(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[ModuleType, Path]]:
    text = TEXTS[request.param]
    typescript.write(bundle(tmp_path, text), tmp_path / "typescript", "small")
    with generated(tmp_path, text) as package:
        yield package, tmp_path / "typescript" / "src"


def matches(pattern: str, path: Path) -> list[str]:
    return re.findall(pattern, path.read_text("utf-8"), re.MULTILINE)


def test_errors_have_the_same_classes(packages: tuple[ModuleType, Path]) -> None:
    package, source = packages

    exported = set(matches(r"\b\w+Error\b", source / "index.ts"))

    assert set(importlib.import_module(f"{package.__name__}.errors").__all__) == exported


def test_groups_and_methods_and_credentials_have_the_same_names(packages: tuple[ModuleType, Path]) -> None:
    package, source = packages

    groups = matches(r"^  readonly (\w+): \w+Calls = ", source / "client.ts")
    functions = matches(r"^export function (\w+)\(", source / "operations.ts")
    credentials = matches(r"^  readonly (\w+)\?: \$\.Credential", source / "connection.ts")

    api, _ = client(package)
    methods = {name for group in groups for name in dir(getattr(api, snake(group))) if not name.startswith(("_", "download_", "stream_"))}
    assert {name.replace("_", "") for name in methods} == {name.replace("_", "").lower() for name in functions}
    assert {snake(name) for name in credentials} <= set(package.Client.__init__.__annotations__)


def test_models_have_the_same_names(packages: tuple[ModuleType, Path]) -> None:
    package, source = packages

    models = vars(importlib.import_module(f"{package.__name__}.models"))
    classes = {name for name, value in models.items() if isinstance(value, type) and value.__module__ == f"{package.__name__}.models"}

    assert classes <= set(matches(r"^export (?:interface|type) (\w+)", source / "types.ts"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    (text,) = (text for text in DOCUMENTS if "title: pages" in text)
    _, _, rest = text.partition("info:")
    carried = rest.partition("\n")[2].replace("type: mutualTLS", "type: http, scheme: bearer")
    with generated(tmp_path_factory.mktemp("pages"), carried) as package:
        yield package


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (
            httpx.Response(
                400,
                json={
                    "name": ["Is blank"],
                    "owner": {"email": ["Is invalid"]},
                    "lines": [{}, {"count": ["Is too large"]}],
                    "non_field_errors": ["Is taken"],
                },
            ),
            CASES["errors of Django and Spring"][0][0],
        ),
        (httpx.Response(400, json={"names": ["a"], "count": 1}), CASES["errors of Django and Spring"][1][0]),
        (
            httpx.Response(422, json={"code": "order_invalid", "message": "Wrong", "errors": [{"field": "lines", "message": "Is empty"}]}),
            CASES["an error with a code and fields"][2],
        ),
        (httpx.Response(307), CASES["redirections are not followed"][0]),
    ],
)
def test_errors_have_the_same_texts(pages: Any, answer: httpx.Response, sentence: str) -> None:
    api, _ = client(pages, answer)

    with pytest.raises(pages.ApiError) as caught:
        api.orders.create_order()

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("answer", "case"),
    [
        (httpx.Response(202, json={"id": "n"}), "202: the status is not documented"),
        (
            httpx.Response(201, text="<h1>Hello</h1>", headers={"content-type": "text/html"}),
            "201: the media type is not documented: text/html",
        ),
        (httpx.Response(201, headers={"content-type": "application/json"}), "201: the body is empty"),
    ],
)
def test_unexpected_responses_have_the_texts_of_typescript(pages: Any, answer: httpx.Response, case: str) -> None:
    api, _ = client(pages, answer)

    with pytest.raises(pages.UnexpectedResponseError) as caught:
        api.orders.create_order()

    assert str(caught.value) == f"create_order: {case}"
