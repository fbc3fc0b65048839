"""The shape of errors: declared by the document in `x-problem`, by default RFC 9457."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract.errors import ContractError
from contract.openapi.problem_shape import RFC_9457, problem_shape
from contract.runtime.platform import OpenPlatform
from contract.runtime.problems import Problem, Violation, as_json
from tests.support.small_documents import bundle, client, one_operation

PAGE = "[{name: page, in: query, schema: {type: integer}}]"
BODY = """requestBody: {content: {application/json: {schema: {type: object, properties: {to: {items: {properties:
        {email: {type: string}}}}}}}}}"""
ERROR = """components:
  schemas:
    Error:
      type: object
      required: [success, message]
      x-problem: %s
      properties: {success: {type: boolean, const: false}, message: {type: string}}
"""
OURS = "{detail: /message, code: /code, request_id: /request_id, field_errors: /details/fields, form_errors: /details/others}"


def shaped(tmp_path: Path, mapping: str | None) -> Any:
    """A client of a document whose error schema has this mapping."""
    text = one_operation(PAGE, method="post", more=BODY) + (ERROR % mapping if mapping else "")
    return client(tmp_path, text, {"act": lambda *_: None}, OpenPlatform(problem_shape(bundle(tmp_path, text))))


def test_a_document_without_a_declared_shape_has_problem_details(tmp_path: Path) -> None:
    api = shaped(tmp_path, None)

    wrong = api.post("/things", json={"to": [{"email": 1}]})
    query = api.post("/things?page=x")

    assert (wrong.status_code, wrong.headers["Content-Type"]) == (400, "application/problem+json")
    assert wrong.json == {
        "title": "Bad Request",
        "status": 400,
        "detail": "Validation failed",
        "code": "validation_failed",
        "request_id": wrong.headers["X-Request-Id"],
        "errors": [{"detail": "Must be text", "pointer": "#/to/0/email"}],
    }
    assert query.json["errors"] == [{"detail": "Must be a whole number", "parameter": "page"}]


def test_every_error_has_the_declared_shape(tmp_path: Path) -> None:
    api = shaped(tmp_path, OURS)

    wrong = api.post("/things", json={"to": [{"email": 1}]})
    whole = api.post("/things", json=[])
    missing = api.get("/nowhere")

    assert wrong.headers["Content-Type"] == "application/json"
    assert wrong.json == {
        "success": False,
        "message": "Validation failed",
        "code": "validation_failed",
        "request_id": wrong.headers["X-Request-Id"],
        "details": {"fields": {"to": ["[0].email: Must be text"]}, "others": []},
    }
    assert whole.json["details"] == {"fields": {}, "others": ["Must be an object"]}
    assert missing.json == {
        "success": False,
        "message": "There is no route /nowhere",
        "code": "not_found",
        "request_id": missing.headers["X-Request-Id"],
    }


def test_a_declared_shape_may_have_an_error_list_and_other_codes(tmp_path: Path) -> None:
    mapping = "{detail: /message, code: /error/type, errors: /error/list, codes: {validation_failed: invalid_request}}"
    text = one_operation() + ERROR % mapping
    shape = problem_shape(bundle(tmp_path, text))

    body = as_json(Problem(400, "validation_failed", "No", violations=[Violation(("a", "b"), "Is required")]), shape, "1")

    assert body == {
        "success": False,
        "message": "No",
        "error": {"type": "invalid_request", "list": [{"detail": "Is required", "pointer": "#/a/b"}]},
    }


def test_extra_members_are_added_to_the_shape() -> None:
    body = as_json(Problem(402, "paid", "Pay first", extra={"price": 3}), RFC_9457, "1")

    assert body == {"title": "Payment Required", "status": 402, "detail": "Pay first", "code": "paid", "request_id": "1", "price": 3}


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("[/message]", "#/components/schemas/Error/x-problem must be an object"),
        (
            "{sentence: /message}",
            "#/components/schemas/Error/x-problem: unknown role 'sentence'; the roles are detail, title, ",
        ),
        ("{detail: message}", "#/components/schemas/Error/x-problem: detail must be a JSON pointer such as /detail"),
    ],
)
def test_an_invalid_declaration_is_refused(tmp_path: Path, mapping: str, sentence: str) -> None:
    with pytest.raises(ContractError) as refused:
        problem_shape(bundle(tmp_path, one_operation() + ERROR % mapping))

    assert str(refused.value).startswith(sentence)
