"""The plan of clients, the command `contract sdk`, and the errors and signatures of the Python layer. `make sdk` runs whole clients."""

from __future__ import annotations

import base64
import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest

from contract import cli
from contract.sdk import node_tools, packaging
from contract.sdk.paging import Paging
from contract.sdk.plan import plan
from contract.sdk.python_layer.problems import ApiError, ErrorTable, RawResponse
from contract.sdk.python_layer.retries import seconds_of
from contract.sdk.python_layer.signatures import WebhookVerificationError, check, sign
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


WITHOUT_LIST = [
    ("/search", "offset", "offset: {type: integer}, warnings: {type: array, items: {type: string}}"),
    ("/items/{id}", "page", "id: {type: integer}, tags: {type: array, items: {type: string}}"),
    ("/report", "skip", "name: {type: string}, errors: {type: array, items: {type: object, properties: {at: {type: integer}}}}"),
]
OBJECTS = "{type: array, items: {type: object, properties: {id: {type: integer}}}}"
LISTS = [
    ("/search", "page", f"page: {{type: integer}}, data: {OBJECTS}", ("data",)),
    ("/search", "page", f"warnings: {{type: array, items: {{type: string}}}}, found: {OBJECTS}, total: {{type: integer}}", ("found",)),
    ("/v1/mail-boxes", "offset", f"offset: {{type: integer}}, errors: {OBJECTS}, mailBoxes: {OBJECTS}", ("mailBoxes",)),
    ("/search", "offset", f"matches: {OBJECTS}", ("matches",)),
]


def paging_of(tmp_path: Path, path: str, parameter: str, properties: str) -> Paging | None:
    """The pagination of a GET operation with a query parameter, whose response has these properties."""
    document = f"""
paths:
  {path}:
    get:
      operationId: read
      parameters: [{{name: {parameter}, in: query, schema: {{type: integer}}}}]
      responses: {{"200": {{description: All., content: {{application/json: {{schema: {{type: object, properties: {{{properties}}}}}}}}}}}}}
"""
    (method,) = plan(bundle(tmp_path, document)).methods
    return method.paging


@pytest.mark.parametrize(("path", "parameter", "properties"), WITHOUT_LIST)
def test_a_response_with_some_array_is_no_page(tmp_path: Path, path: str, parameter: str, properties: str) -> None:
    assert paging_of(tmp_path, path, parameter, properties) is None


@pytest.mark.parametrize(("path", "parameter", "properties", "items"), LISTS)
def test_a_page_has_its_items_under_a_usual_name_or_that_of_the_path(
    tmp_path: Path, path: str, parameter: str, properties: str, items: tuple[str, ...]
) -> None:
    paging = paging_of(tmp_path, path, parameter, properties)

    assert paging is not None
    assert paging.items == items


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


class GoneError(ApiError):
    """An error of the test."""


ROLE_PATHS = {
    "detail": ("said",),
    "request_id": ("trace",),
    "retry_after": ("wait",),
    "field_errors": ("why", "fields"),
    "form_errors": ("why", "others"),
}


def test_errors_have_the_class_of_the_code_and_the_declared_members() -> None:
    why = {"fields": {"name": ["Is taken"]}, "others": ["No"]}
    table = ErrorTable({"404": ApiError}, {("404", "gone"): GoneError}, (("code",),), ROLE_PATHS)
    body = {"code": "gone", "said": "There is no pet", "trace": "req_1", "why": why, "wait": 4}

    error = table.error("get_pet", RawResponse(404, {}, json.dumps(body).encode()))

    assert isinstance(error, GoneError)
    assert str(error) == "404 gone: name: Is taken; No"
    assert error.message == "There is no pet"
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
        (b'{"name": ["Is taken"], "owner": {"email": ["Is invalid"]}}', {"name": ["Is taken"], "owner.email": ["Is invalid"]}),
        (b'{"lines": [{}, {"count": ["Is too large"]}]}', {"lines.1.count": ["Is too large"]}),
        (b'[{}, {"count": ["Is too large"]}]', {"1.count": ["Is too large"]}),
        (b'{"names": ["a"], "count": 1}', {}),
        (b'{"status": 400, "error": "Bad Request", "errors": [{"field": "name", "defaultMessage": "Is blank"}]}', {"name": ["Is blank"]}),
    ],
)
def test_errors_of_any_shape_are_read(body: bytes, fields: Any) -> None:
    error = ErrorTable().error("get_pet", RawResponse(400, {}, body))

    assert (error.status, error.field_errors) == (400, fields)


def test_errors_of_django_without_a_field_are_apart() -> None:
    error = ErrorTable().error("add_pet", RawResponse(400, {}, b'{"non_field_errors": ["Is taken"], "name": ["Is blank"]}'))

    assert (str(error), error.field_errors, error.form_errors) == ("400: name: Is blank; Is taken", {"name": ["Is blank"]}, ["Is taken"])


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, None), ("", None), ("3", 3.0), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)]
)
def test_seconds_of_reads_both_forms(text: str | None, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


def test_check_accepts_only_a_valid_signature() -> None:
    secret, body, stamp = "whsec_" + base64.b64encode(b"four random words").decode(), b'{"id": "evt_1"}', str(int(time.time()))
    digest = hmac.digest(b"four random words", f"evt_1.{stamp}.".encode() + body, "sha256")
    headers = {"Webhook-Id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,old v1,{base64.b64encode(digest).decode()}"}

    check(body, headers, ["whsec_another", secret])
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
            check(*case)


@pytest.mark.parametrize("secrets", ["", "whsec_", [], ["whsec_AAAA", ""]])
def test_check_refuses_an_empty_secret(secrets: Any) -> None:
    stamp = str(int(time.time()))
    headers = {"webhook-id": "evt_1", "webhook-timestamp": stamp, "webhook-signature": sign("", f"evt_1.{stamp}.{{}}".encode())}

    with pytest.raises(ValueError, match="a secret is empty"):
        check(b"{}", headers, secrets)


def test_prepare_folder_replaces_only_its_own_files(tmp_path: Path) -> None:
    folder = packaging.prepare_folder(tmp_path / "sdk")
    Path(folder, "old.py").write_text("")

    assert [path.name for path in packaging.prepare_folder(folder).iterdir()] == [packaging.MARKER]
