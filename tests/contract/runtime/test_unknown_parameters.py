"""Which parameters an operation has, by every style that spreads one over several fields."""

from __future__ import annotations

from typing import Any

import pytest

from contract.openapi.operations import operations
from contract.runtime.problems import Problem
from contract.runtime.unknown_parameters import (
    MAX_COMPARED,
    MAX_REMEMBERED,
    MAX_REMEMBERED_LENGTH,
    UnknownParameters,
    header_names,
)
from contract.runtime.validators import Validators

OBJECT = {"type": "object", "properties": {"colour": {"type": "string"}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "x-unknown-parameters": {"header_prefixes": ["X-Shop-"]},
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "api_key"}}},
    "paths": {
        "/things": {
            "get": {
                "operationId": "list_things",
                "security": [{"key": []}],
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "schema": OBJECT},
                    {"name": "paint", "in": "query", "schema": OBJECT},
                    {"name": "json", "in": "query", "content": {"application/json": {"schema": OBJECT}}},
                    {"name": "X-Shop-Region", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {},
            }
        }
    },
}


def refused(query: list[str], *headers: str, document: dict[str, Any] = DOCUMENT) -> dict[str, str]:
    """The sentences of a request, by parameter."""
    names = header_names(document)
    assert names is not None
    check = UnknownParameters(Validators(document), next(iter(operations(document))), names)
    try:
        check.check(query, {f"HTTP_{header.upper().replace('-', '_')}": "" for header in headers})
    except Problem as problem:
        return {str(violation.path[0]): violation.sentence for violation in problem.violations}
    return {}


@pytest.mark.parametrize("name", ["limit", "tags", "filter[colour]", "filter[any]", "filter[list][]", "colour", "json", "api_key"])
def test_accepts_the_fields_of_every_style(name: str) -> None:
    assert refused([name]) == {}


def test_refuses_other_fields_and_names_the_nearest() -> None:
    assert refused(["limits", "filter", "filter[colour", "paint.x", "zzz"]) == {
        "limits": "Unknown parameter; did you mean limit?",
        "filter": "Unknown parameter; did you mean filter?",
        "filter[colour": "Unknown parameter; did you mean filter?",
        "paint.x": "Unknown parameter; did you mean paint?",
        "zzz": "Unknown parameter",
    }


def test_an_exploded_object_without_properties_accepts_every_field() -> None:
    operation = DOCUMENT["paths"]["/things"]["get"]
    any_field = {"name": "rest", "in": "query", "schema": {"type": "object"}}
    document = {**DOCUMENT, "paths": {"/things": {"get": {**operation, "parameters": [*operation["parameters"], any_field]}}}}

    assert refused(["zzz"], document=document) == {}


def test_header_fields_are_refused_by_prefix_and_by_likeness_only() -> None:
    assert refused([], "X-Shop-Regions", "X-Shop-Q", "X-Shop-Region", "Accept", "X-Shopping", "Content-Length") == {
        "X-Shop-Q": "Unknown parameter; did you mean X-Shop-Region?",
        "X-Shop-Regions": "Unknown parameter; did you mean X-Shop-Region?",
    }


def test_a_long_header_name_is_refused_by_prefix_only() -> None:
    assert refused([], "X-Shop-" + "R" * 60_000, "X" * 60_000, "X-Shap-Region" + "n" * 100) == {
        f"X-Shop-{'R' * 60_000}".title(): "Unknown parameter"
    }


def test_names_of_requests_take_a_limited_memory() -> None:
    names = header_names(DOCUMENT)
    assert names is not None
    for number in range(200):
        names.unknown({f"HTTP_X_{number}_{'A' * 5_000}": "", **{f"HTTP_N{number}_{each}": "" for each in range(40)}})
        remembered = vars(names)["_accepted"]
        assert len(remembered) <= MAX_REMEMBERED
        assert max(map(len, remembered)) <= MAX_REMEMBERED_LENGTH

    assert names.unknown({"HTTP_X_SHAP_REGION": "", "HTTP_X_SHOP_REGION": "", "HTTP_ACCEPT": ""}) == ["X-Shap-Region"]


def test_only_some_of_many_new_names_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    names = header_names(DOCUMENT)
    assert names is not None
    compared: list[str] = []
    monkeypatch.setattr("difflib.get_close_matches", lambda name, *_: compared.append(name))
    names.unknown({f"HTTP_X_SHIP_{number:06}": "" for number in range(3_000)})

    assert len(compared) == MAX_COMPARED


def test_a_document_without_the_extension_refuses_nothing() -> None:
    assert header_names({**DOCUMENT, "x-unknown-parameters": None}) is None
