"""Strings of a format with a canonical form are converted, wherever a schema has them."""

from __future__ import annotations

from typing import Any

import pytest

from contract.openapi.aliases import UnconvertibleError, fold_function

BUNDLE: dict[str, Any] = {
    "components": {
        "schemas": {
            "Code": {"type": "string", "format": "code"},
            "Part": {"type": "object", "properties": {"code": {"$ref": "#/components/schemas/Code"}, "kode": {"x-alias-of": "code"}}},
        }
    }
}
CODE = {"$ref": "#/components/schemas/Code"}
PART = {"$ref": "#/components/schemas/Part"}


def upper(text: str) -> str:
    if text == "?":
        raise ValueError("Must be a code")
    return text.upper()


@pytest.mark.parametrize(
    ("schema", "value", "folded"),
    [
        ({"properties": {"a": CODE}}, {"a": "x", "b": "x"}, {"a": "X", "b": "x"}),
        ({"properties": {"a": {"anyOf": [CODE, {"type": "null"}]}}}, {"a": "x"}, {"a": "X"}),
        ({"properties": {"a": {"anyOf": [CODE, {"type": "null"}]}}}, {"a": None}, {"a": None}),
        ({"properties": {"a": {"items": CODE}}}, {"a": ["x", "y"]}, {"a": ["X", "Y"]}),
        ({"additionalProperties": CODE}, {"a": "x"}, {"a": "X"}),
        ({"properties": {"a": {"items": PART}}}, {"a": [{"code": "x"}, {}]}, {"a": [{"code": "X"}, {}]}),
        (PART, {"kode": "x"}, {"code": "x"}),
        ({"allOf": [PART, {"properties": {"b": CODE}}]}, {"code": "x", "b": "y"}, {"code": "X", "b": "Y"}),
    ],
)
def test_conversion_of_strings_by_format(schema: Any, value: Any, folded: Any) -> None:
    fold = fold_function(BUNDLE, schema, {"code": upper})

    assert fold is not None
    fold(value)
    assert value == folded


def test_conversion_names_the_place_of_a_string_without_a_form() -> None:
    fold = fold_function(BUNDLE, {"properties": {"a": {"items": PART}}}, {"code": upper})

    assert fold is not None
    with pytest.raises(UnconvertibleError) as refused:
        fold({"a": [{"code": "x"}, {"code": "?"}]})
    assert (refused.value.path, refused.value.sentence) == (("a", 1, "code"), "Must be a code")


def test_conversion_of_nothing_is_no_function() -> None:
    assert fold_function(BUNDLE, {"properties": {"a": CODE}}) is None
    assert fold_function(BUNDLE, {"properties": {"a": {"type": "string"}}}, {"code": upper}) is None
