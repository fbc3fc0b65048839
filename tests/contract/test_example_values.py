"""Generated values and responses: what schemas allow, in the form in which they are sent."""

from __future__ import annotations

import pytest

from contract.example_values import example_values, from_response, text_matching
from contract.openapi.operations import operations


def test_headers_are_in_their_media_types_and_content_type_is_left_to_the_body() -> None:
    items = {"schema": {"type": "array", "items": {"type": "integer", "minimum": 5}, "minItems": 2}}
    headers = {"X-Json": {"content": {"application/json": items}}, "X-List": items, "Content-Type": {"schema": {"type": "string"}}}
    paths = {"/a": {"get": {"responses": {"200": {"description": "So.", "headers": headers}}}}}
    (operation,) = operations({"paths": paths})

    assert from_response({}, operation.responses["200"]).headers == {"X-Json": "[5, 5]", "X-List": "5,5"}


def test_forbidden_properties_have_no_value_and_the_last_value_has_only_what_is_required() -> None:
    properties = {"a": {"type": "integer"}, "b": False, "c": {"type": "boolean"}}
    values = list(example_values({}, {"schema": {"type": "object", "required": ["a"], "properties": properties}}))

    assert (values[0], values[-1]) == ({"a": 0, "c": True}, {"a": 0})


@pytest.mark.parametrize(("pattern", "text"), [(r"^-?\d{0,4}$", "-"), (r"^\d{3}$", "000"), ("^[A-Z]{2}", "AA")])
def test_text_of_a_pattern_has_ascii_digits_and_no_final_line_break(pattern: str, text: str) -> None:
    assert text_matching(pattern, 0, 99) == text
