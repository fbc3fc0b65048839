"""Rules on custom fields, against a reference: random values and random rules, evaluated in Python."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conftest import Api
from tests.misarmail_server.services.test_segments import rule

NUMBER = re.compile(r"[+-]?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,2})?")
TEXTS = [
    "gold",
    "Gold",
    "GOLDEN",
    "12",
    "12.0",
    "-3",
    "1e3",
    "9" * 200,
    "1e308",
    "NaN",
    "%",
    "_",
    "a_b",
    "'",
    "' OR 1=1 --",
    "É",
    "é",
    "true",
    "null",
    "[1]",
]
SCALARS = st.one_of(st.sampled_from(TEXTS), st.integers(-20, 20), st.sampled_from([12.5, -0.5, 2**53 - 1, -(2**53) + 1]), st.booleans())
TEXT_RULES = st.tuples(st.sampled_from(["contains", "not_contains", "starts_with", "ends_with"]), st.sampled_from([*TEXTS, "g", "old"]))
RULES = st.one_of(
    TEXT_RULES,
    st.tuples(st.sampled_from(["equals", "not_equals"]), SCALARS),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(SCALARS, min_size=1, max_size=3)),
    st.tuples(st.sampled_from(["greater_than", "less_than"]), st.one_of(st.integers(-20, 20), st.sampled_from([12.5, 2**53 - 1]))),
    st.tuples(st.sampled_from(["is_empty", "is_not_empty"])),
)
NEGATED = {"not_contains": "contains", "not_equals": "equals", "not_in": "in", "is_not_empty": "is_empty"}


def number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None


def text(value: Any) -> str:
    return str(value).lower()


def same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool):
        return value is wanted
    if isinstance(wanted, str):
        return text(value) == wanted.lower()
    return number(value) == float(wanted)


def matches(value: Any, operator: str, wanted: Any = None) -> bool:
    if operator in NEGATED:
        return not matches(value, NEGATED[operator], wanted)
    if operator == "is_empty" or value is None:
        return operator == "is_empty" and value is None
    if operator in {"equals", "in"}:
        return any(same(value, each) for each in (wanted if operator == "in" else [wanted]))
    if operator in {"greater_than", "less_than"}:
        size = number(value)
        return size is not None and (size > wanted if operator == "greater_than" else size < wanted)
    part, whole = wanted.lower(), text(value)
    return {"contains": part in whole, "starts_with": whole.startswith(part), "ends_with": whole.endswith(part)}[operator]


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.none(), SCALARS), min_size=3, max_size=3), st.lists(RULES, min_size=3, max_size=3))
@example([True, False, "true"], [("contains", "true"), ("equals", "TRUE"), ("equals", False)])
def test_search_contacts_matches_custom_fields_as_the_reference_does(api: Api, values: list[Any], rules: list[Any]) -> None:
    for index, value in enumerate(values):
        api("PUT", "/api/v1/contacts", json={"email": f"p{index}@example.com", "custom_fields": {"x": value}})

    for operator, *wanted in rules:
        body = {"criteria": {"operator": "AND", "rules": [rule("custom_fields.x", operator, *wanted)]}}
        answer = api.post("/api/v1/contacts/search", json=body)
        matching = {contact["email"] for contact in answer.json["contacts"]}
        expected = {f"p{index}@example.com" for index, value in enumerate(values) if matches(value, operator, *wanted)}
        assert matching == expected, (operator, wanted, values)
