"""From a checked value to the model that carries it. The schema has decided already; what Python cannot hold is refused here."""

from __future__ import annotations

from typing import Any

import msgspec

from contract.runtime.problems import Problem, Violation, invalid


def carry(value: Any, model: Any, *, is_parameters: bool = False) -> Any:
    """The value as its model. Raises Problem 400 for what the schema allows and Python cannot hold, such as 23:59:60 or the year 0."""
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError:
        return _again(value, model, is_parameters)


def _again(value: Any, model: Any, is_parameters: bool) -> Any:  # noqa: FBT001 - handed on
    """The same once more with `1.0` as `1`, which is a whole number in JSON Schema."""
    try:
        return msgspec.convert(_whole(value), model)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), is_parameters) from error


def _whole(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {key: _whole(one) for key, one in value.items()}
        case list():
            return [_whole(one) for one in value]
        case _:
            return value


def _refusal(sentence: str, is_parameters: bool) -> Problem:  # noqa: FBT001 - handed on
    """A sentence of msgspec ends in "- at `$.field...`"."""
    said, _, place = sentence.rpartition(" - at `$")
    field = place.strip("`").lstrip(".").replace("[", ".").partition(".")[0][:200]
    return invalid([Violation((field,) if field else (), said or sentence, is_parameters)])
