"""Conversion of a validated value to its model. Values that the schema allows and Python cannot hold are refused here."""

from __future__ import annotations

from typing import Any

import msgspec

from contract.runtime.problems import Problem, Violation, invalid


def to_model(value: Any, model: Any, *, is_parameters: bool = False) -> Any:
    """The value as its model. Raises Problem 400 for a value that Python cannot hold, such as 23:59:60 or the year 0."""
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError:
        return _with_integers(value, model, is_parameters)


def _with_integers(value: Any, model: Any, is_parameters: bool) -> Any:  # noqa: FBT001 - from to_model
    """Convert with `1.0` as `1`, which is an integer in JSON Schema."""
    try:
        return msgspec.convert(_floats_to_integers(value), model)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), is_parameters) from error


def _floats_to_integers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _floats_to_integers(item) for key, item in value.items()}
        case list():
            return [_floats_to_integers(item) for item in value]
        case _:
            return value


def _refusal(sentence: str, is_parameters: bool) -> Problem:  # noqa: FBT001 - from to_model
    """The problem for a message of msgspec, which ends in "- at `$.field...`"."""
    reason, _, location = sentence.rpartition(" - at `$")
    field = location.strip("`").lstrip(".").replace("[", ".").partition(".")[0][:200]
    return invalid([Violation((field,) if field else (), reason or sentence, is_parameters)])
