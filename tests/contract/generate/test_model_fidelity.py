"""The schema decides, the model holds: every accepted value is held without loss, no refused value reaches a handler."""

from __future__ import annotations

import copy
import json
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.openapi import from_dict

from contract.openapi import aliases
from contract.openapi.operations import operations
from contract.openapi.references import escape
from contract.runtime.bodies import Reader
from contract.runtime.media import essence, is_json
from contract.runtime.problems import Problem
from contract.runtime.validators import Validators
from misarmail_contract.routes import SIGNATURES
from misarmail_server import document

# Some of these bodies are too long on purpose; the length of the repr does not matter.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
BUNDLE = document.bundle()
VALIDATORS = Validators(BUNDLE)
WITH_BODY = [
    (operation, operation.body)
    for operation in operations(BUNDLE)
    if operation.body is not None and any(is_json(essence(media)) for media in operation.body.media)
]
# A body shared by several operations is tested once.
BODIES = {
    operation.id: (operation, body) for operation, body in {body.pointer: (operation, body) for operation, body in WITH_BODY}.values()
}
DOCUMENT = from_dict(BUNDLE, config=SchemathesisConfig())
QUICK = settings(
    max_examples=2, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def described(operation_id: str) -> tuple[str, Any]:
    """(pointer, schema) of an operation's JSON body."""
    _, body = BODIES[operation_id]
    media = next(media_type for media_type in body.media if is_json(essence(media_type)))
    return f"{body.pointer}/content/{escape(media)}/schema", body.media[media]


def bodies_of(operation_id: str, mode: GenerationMode) -> strategies.SearchStrategy[Any]:
    """JSON bodies that are valid, or invalid, for an operation."""
    operation, _ = BODIES[operation_id]
    result: Any = DOCUMENT[operation.path][operation.method.upper()].as_strategy(generation_mode=mode)
    bodies: strategies.SearchStrategy[Any] = result.map(lambda case: case.body).filter(is_value)
    return bodies


def is_value(body: Any) -> bool:
    """Whether it is JSON, and not the marker of a missing body."""
    return isinstance(body, dict | list | str | int | float | None)


@cache
def reader(operation_id: str) -> Reader:
    return Reader(BUNDLE, BODIES[operation_id][1], SIGNATURES[operation_id], VALIDATORS)


def read(operation_id: str, value: Any) -> tuple[Any, Any]:
    """The result of the runtime's validation of a body."""
    raw = json.dumps(value).encode()
    return reader(operation_id).read(
        {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw)), "wsgi.input": BytesIO(raw)}, 10_000_000
    )


def outcome(operation_id: str, value: Any) -> int:
    """The status of reading a body."""
    try:
        read(operation_id, value)
    except Problem as problem:
        return problem.status
    return 200


def holds(carried: Any, sent: Any) -> bool:
    """Whether the model has everything that was sent; it may also have defaults."""
    if isinstance(carried, datetime):
        return carried == msgspec.convert(sent, datetime)
    if isinstance(sent, dict):
        return isinstance(carried, dict) and all(name in carried and holds(carried[name], each) for name, each in sent.items())
    if isinstance(sent, list):
        return isinstance(carried, list) and len(carried) == len(sent) and all(map(holds, carried, sent))
    return carried == sent and isinstance(carried, bool) == isinstance(sent, bool)


@pytest.mark.parametrize("operation_id", sorted(BODIES))
def test_the_model_holds_every_value_that_the_schema_accepts(operation_id: Any) -> None:
    pointer, schema = described(operation_id)
    fold = aliases.fold_function(BUNDLE, schema)

    @QUICK
    @given(bodies_of(operation_id, GenerationMode.POSITIVE).filter(VALIDATORS.at(pointer).is_valid))
    def check(value: Any) -> None:
        sent = copy.deepcopy(value)
        if fold is not None:
            fold(sent)

        result, model = read(operation_id, value)

        assert result == sent
        assert holds(msgspec.to_builtins(model, builtin_types=(datetime,)), sent)

    check()


@pytest.mark.parametrize("operation_id", sorted(BODIES))
def test_the_handler_never_receives_a_value_that_the_schema_refuses(operation_id: Any) -> None:
    pointer, _ = described(operation_id)

    @QUICK
    @given(bodies_of(operation_id, GenerationMode.NEGATIVE))
    def check(value: Any) -> None:
        assert outcome(operation_id, value) == (200 if VALIDATORS.at(pointer).is_valid(value) else 400)

    check()
