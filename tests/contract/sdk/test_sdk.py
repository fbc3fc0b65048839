"""The output of `contract sdk` for a small document, and the layer of its Python clients. `make sdk` builds and runs whole clients."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract import cli
from contract.sdk import node_tools, packaging, python, python_text
from contract.sdk.generator_input import generator_input, overrides
from contract.sdk.paging import Paging
from contract.sdk.plan import plan
from contract.sdk.python_layer.calls import Caller, Credential, OperationInfo, Reading
from contract.sdk.python_layer.pages import by_cursor, by_page
from contract.sdk.python_layer.problems import ApiError, ConnectionFailedError, ErrorTable, UnexpectedResponseError
from contract.sdk.python_layer.retries import Retries, seconds_of
from contract.sdk.python_layer.webhooks import WebhookVerificationError, sign, verify
from contract.sdk.python_source import GeneratedSource
from tests.support.small_documents import bundle

PETS = """
servers: [{url: https://pets.example.com/v1/}]
security: [{token: []}]
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string}}}
    Problem:
      type: object
      properties: {error: {type: object, properties: {code: {enum: [not_found, too_wild]}, message: {type: string}}}}
  responses:
    Pets:
      description: Pets.
      content:
        application/json:
          schema:
            type: object
            required: [data, meta]
            properties:
              data: {type: array, items: {$ref: "#/components/schemas/Pet"}}
              meta: {type: object, properties: {next_cursor: {type: [string, "null"]}, total: {type: integer}}}
    No: {description: No., content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
paths:
  /pets:
    get:
      operationId: listPets
      summary: See the pets
      tags: [pets]
      parameters: [{name: cursor, in: query, schema: {type: string}}]
      responses: {"200": {$ref: "#/components/responses/Pets"}, "404": {$ref: "#/components/responses/No"}}
    post:
      operationId: add_pet
      summary: Add a pet
      tags: [pets]
      deprecated: true
      x-sunset: 2027-01-01
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {content: {text/csv: {schema: {type: string}}}}
      responses: {"204": {description: Added.}, 4XX: {$ref: "#/components/responses/No"}}
"""
GET = OperationInfo("get_pet", is_idempotent=True, credentials=("token",))
POST = OperationInfo("add_pet", is_idempotent=False)
KEYED = OperationInfo("add_pet", is_idempotent=False, idempotency_header="Idempotency-Key")


class NotFoundError(ApiError):
    pass


class Server:
    """Returns the given responses in turn; records requests and waiting times."""

    def __init__(self, *responses: httpx.Response | Exception, role_paths: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.role_paths = role_paths or {}
        self.responses = list(responses)
        self.sent: list[httpx.Request] = []
        self.waits: list[float] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        result = self.responses.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    def send(self, operation: OperationInfo, **arguments: Any) -> Any:
        errors = ErrorTable({"404": ApiError}, {("404", "gone"): NotFoundError}, (("code",),), self.role_paths)
        http = httpx.Client(transport=httpx.MockTransport(self.respond), base_url="https://pets.example.com")
        credentials = {"token": Credential("header", "Authorization", "Bearer secret"), "other": None}
        with http:
            caller = Caller(
                http,
                credentials,
                errors=errors,
                retries=Retries(attempts=3, sleep=self.waits.append),
                reading=Reading(None, NotImplementedError),
            )
            return caller.send(operation, {"method": "get", "url": "/pets", **arguments}, read)


def read(*, client: Any, response: Any) -> Any:
    assert client is None
    return response.json()["name"]


def busy(**headers: str) -> httpx.Response:
    return httpx.Response(503, headers={name.replace("_", "-"): value for name, value in headers.items()})


def rex() -> httpx.Response:
    return httpx.Response(200, json={"name": "Rex"})


@pytest.fixture
def pets(tmp_path: Path) -> Any:
    return bundle(tmp_path, PETS)


def test_plan_describes_methods_errors_and_pagination(pets: Any) -> None:
    result = plan(pets)
    listed, added = result.methods

    assert (result.name, result.package, result.server) == ("small", "small", "https://pets.example.com/v1")
    assert (listed.name, listed.group, listed.credentials, listed.is_idempotent) == ("list_pets", "pets", ("token",), True)
    assert listed.paging == Paging("cursor", "cursor", ("data",), ("meta", "total"), ("meta", "next_cursor"))
    assert (added.idempotency_header, added.deprecated) == ("Idempotency-Key", "add_pet is deprecated and ends on 2027-01-01")
    assert [(status.name, status.status) for status in result.errors.statuses] == [("NotFoundError", "404"), ("ClientError", "4XX")]
    assert [code.name for code in result.errors.codes] == ["TooWildError"]  # not_found is the same as 404
    assert result.errors.code_paths == (("error", "code"),)


def test_generator_input_keeps_successes_and_names_bodies(pets: Any) -> None:
    result = generator_input(pets)

    assert list(result["paths"]["/pets"]["post"]["responses"]) == ["204"]
    assert result["components"]["responses"]["Pets"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Pets"}
    assert result["paths"]["/pets"]["post"]["requestBody"]["content"]["text/csv"]["schema"] == {"type": "string", "format": "binary"}
    assert overrides(pets) == {"text/csv": "application/octet-stream"}
    assert "Pets" not in pets["components"]["schemas"]


def test_python_text_uses_the_types_of_the_generator(pets: Any, tmp_path: Path) -> None:
    files = {
        "models/__init__.py": "from .pet import Pet\nfrom .pets import Pets\n",
        "models/pets.py": "class Pets:\n    data: list[Pet] | Unset\n",
        "models/pet.py": "class Pet:\n    name: str\n",
        "api/pets/list_pets.py": (
            "from ...models.pets import Pets\nfrom ...types import UNSET, Unset\n"
            "def _get_kwargs(*, cursor: str | Unset = UNSET):\n    _kwargs: dict = {'method': 'get', 'url': '/pets'}\n"
            "def _parse_response(*, client, response) -> Pets | None: ...\n"
        ),
    }
    packaging.write(tmp_path / "generated", files)

    result, left_out = python_text.modules(plan(pets), GeneratedSource(tmp_path / "generated"))

    assert left_out == ["POST /pets"]
    assert "def list_pets(self, *, cursor: str | Unset = UNSET) -> Pets:" in result["groups/pets.py"]
    assert "def iter_pets(self) -> Iterator[Pet]:" in result["groups/pets.py"]
    assert "lambda response: response.data or []" in result["groups/pets.py"]
    assert "class TooWildError(NotFoundError, ClientError):" in result["errors.py"]


def test_repair_fixes_or_removes_modules_with_generator_defects(tmp_path: Path) -> None:
    body = "def _get_kwargs(body: list[A] | File | Unset):\n    return isinstance(body, list[A] | B)\n"
    packaging.write(tmp_path, {"api/pets/one.py": body, "api/pets/two.py": "def _get_kwargs(body, *, body): ...\n"})

    python.repair(tmp_path)

    assert [path.name for path in (tmp_path / "api" / "pets").iterdir()] == ["one.py"]
    mended = body.replace("isinstance(body, list[A] | B)", "isinstance(body, list | B)")
    assert (tmp_path / "api" / "pets" / "one.py").read_text() == f"from ...types import Unset\n{mended}"


def test_sdk_does_not_overwrite_another_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    document = tmp_path / "openapi.yaml"
    document.write_text('openapi: 3.1.0\ninfo: {title: Small, version: "1"}\n' + PETS)

    code = cli.main(["sdk", "typescript", "--spec", str(document), "--output", str(tmp_path)])

    assert (code, (tmp_path / "mine.txt").read_text()) == (2, "precious")
    assert "is not empty" in capsys.readouterr().err


def test_tools_are_pinned_with_hashes() -> None:
    lock = json.loads(packaging.layer(node_tools.PACKAGE, ["package-lock.json"])["package-lock.json"])

    assert [name for name, package in lock["packages"].items() if name and not package["integrity"].startswith("sha512-")] == []


def test_caller_retries_safe_requests_after_the_requested_wait() -> None:
    server = Server(busy(Retry_After="7"), httpx.ConnectError("refused"), rex())

    assert server.send(GET) == "Rex"
    assert (len(server.sent), server.waits[0]) == (3, 7.0)
    assert 0.5 <= server.waits[1] <= 1.0
    assert server.sent[0].headers["Authorization"] == "Bearer secret"


@pytest.mark.parametrize("operation", [POST, GET])
def test_caller_stops_after_the_last_attempt(operation: Any) -> None:
    server = Server(busy(Retry_After="0"), busy(Retry_After="9999"), rex())

    with pytest.raises(ApiError) as refused:
        server.send(operation)

    assert refused.value.status == 503
    assert len(server.sent) == (1 if operation is POST else 2)


def test_caller_sends_the_same_generated_idempotency_key_with_every_attempt() -> None:
    server = Server(busy(), httpx.ReadError("broken"), rex())

    assert server.send(KEYED) == "Rex"
    assert len({each.headers["Idempotency-Key"] for each in server.sent}) == 1
    assert Server(rex()).send(KEYED, headers={"idempotency-key": "order-1"}) == "Rex"


def test_caller_does_not_retry_a_stream() -> None:
    server = Server(httpx.ConnectError("refused"))

    with pytest.raises(ConnectionFailedError, match="add_pet: refused"):
        server.send(KEYED, method="post", content=iter([b"x"]))


ROLE_PATHS = {
    "detail": ("said",),
    "request_id": ("trace",),
    "retry_after": ("wait",),
    "field_errors": ("why", "fields"),
    "form_errors": ("why", "others"),
}


def test_caller_raises_the_class_of_the_code_with_the_declared_members() -> None:
    why = {"fields": {"name": ["Is taken"]}, "others": ["No"]}
    body = {"code": "gone", "said": "There is no pet", "trace": "req_1", "why": why, "wait": 4}

    with pytest.raises(NotFoundError) as refused:
        Server(httpx.Response(404, json=body), role_paths=ROLE_PATHS).send(GET)

    error = refused.value
    assert str(error) == "get_pet: 404: gone: There is no pet"
    assert (error.request_id, error.field_errors, error.form_errors, error.retry_after) == ("req_1", {"name": ["Is taken"]}, ["No"], 4.0)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"<html>", {}),
        (b"[1]", {}),
        (b'{"errors": [{"field": "name", "message": "Is taken"}, 7]}', {"name": ["Is taken"], "": ["7"]}),
        (b'{"errors": {"name": "Is taken"}}', {"name": ["Is taken"]}),
        (b'{"detail": "No", "errors": [{"pointer": "#/name", "detail": "Is taken"}]}', {"#/name": ["Is taken"]}),
        (b'{"detail": "No", "errors": [{"parameter": "page", "detail": "Is too large"}]}', {"page": ["Is too large"]}),
        (b'{"detail": "No", "details": [{"loc": ["body", "name"], "msg": "Is taken"}]}', {"body.name": ["Is taken"]}),
    ],
)
def test_caller_reads_errors_of_any_shape(body: bytes, fields: Any) -> None:
    with pytest.raises(ApiError) as refused:
        Server(httpx.Response(400, content=body)).send(GET)

    assert (refused.value.status, refused.value.field_errors) == (400, fields)


def test_caller_reports_a_response_that_cannot_be_decoded() -> None:
    for response in (httpx.Response(200, content=b"<html>"), httpx.Response(200, json={})):
        with pytest.raises(UnexpectedResponseError, match="get_pet"):
            Server(response).send(GET)


def test_caller_warns_once_about_a_deprecated_operation() -> None:
    with pytest.warns(DeprecationWarning, match="ends on 2027"):
        Server(rex()).send(OperationInfo("old", is_idempotent=True, deprecated="old is deprecated and ends on 2027-01-01"))
    with pytest.warns(DeprecationWarning, match="no date is set"):
        Server(httpx.Response(200, json={"name": "Rex"}, headers={"Deprecation": "@1"})).send(GET)


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, None), ("", None), ("3", 3.0), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
)
def test_seconds_of_reads_both_forms(text: str | None, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_pagination_ends_with_the_list() -> None:
    pages = {1: ["a", "b"], 2: ["c"], 3: []}

    content: dict[int, dict[str, Any]] = {page: {"items": items, "total": 3} for page, items in pages.items()}
    assert list(by_page(content.__getitem__, lambda page_items: page_items["items"], total=("total",))) == [
        "a",
        "b",
        "c",
    ]
    assert list(by_page(lambda page: pages[page], lambda page_items: page_items, total=None)) == ["a", "b", "c"]
    assert list(by_page(lambda _: ["same"], lambda page_items: page_items, total=None)) == ["same"]
    offsets = {0: ["a", "b"], 2: ["c"], 3: []}
    assert list(by_page(lambda at: offsets[at], lambda page_items: page_items, total=None, step=0, first=0)) == ["a", "b", "c"]


def test_cursor_pagination_ends_without_a_cursor_or_with_a_repeated_one() -> None:
    ends: dict[str | None, dict[str, Any]] = {None: {"items": ["a"], "next": "x"}, "x": {"items": ["b"], "next": None}}

    assert list(by_cursor(ends.__getitem__, lambda page_items: page_items["items"], cursor=("next",), first=None)) == ["a", "b"]
    turns: dict[str | None, dict[str, Any]] = {None: {"items": ["a"], "next": "x"}, "x": {"items": ["b"], "next": "x"}}
    assert list(by_cursor(turns.__getitem__, lambda page_items: page_items["items"], cursor=("next",), first=None)) == ["a", "b"]


def test_verify_accepts_only_a_valid_signature() -> None:
    secret, body, stamp = "whsec_" + base64.b64encode(b"four random words").decode(), b'{"id": "evt_1"}', str(int(time.time()))
    digest = hmac.digest(b"four random words", f"evt_1.{stamp}.".encode() + body, "sha256")
    headers = {"Webhook-Id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,old v1,{base64.b64encode(digest).decode()}"}

    assert verify(body, headers, ["whsec_another", secret]) == {"id": "evt_1"}
    old = str(int(stamp) - 600)
    refused = [
        (body + b" ", headers, secret),
        (body, headers, "whsec_another"),
        (body, {**headers, "webhook-timestamp": "²"}, secret),
        (body, {**headers, "webhook-timestamp": old, "webhook-signature": sign(secret, f"evt_1.{old}.".encode() + body)}, secret),
        (body, {"webhook-id": "evt_1"}, secret),
    ]
    for case in refused:
        with pytest.raises(WebhookVerificationError):
            verify(*case)


def test_prepare_folder_replaces_only_its_own_files(tmp_path: Path) -> None:
    folder = packaging.prepare_folder(tmp_path / "sdk")
    Path(folder, "old.py").write_text("")

    assert [path.name for path in packaging.prepare_folder(folder).iterdir()] == [packaging.MARKER]
