"""The comparison of what was sent with what arrived. Each disagreement is one sentence with its place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from call_table import File, PlannedCall
from python_calls import Outcome
from recording import Arrived

from contract import names
from contract.openapi.operations import PATH_PARAMETER
from contract.runtime.media import MULTIPART, URLENCODED, essence, is_json
from contract.runtime.parameters import outside_path
from contract.sdk.python_layer.encoding import text_of

MISSING = object()
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")
FIRST_ERROR = 400


def request_faults(call: PlannedCall, outcome: Outcome, arrived: Arrived | None) -> Iterator[str]:
    """Disagreements about the request."""
    if outcome.kind == "refused":
        if call.kind != "hostile":
            yield f"the client refuses the arguments: {outcome.text}"
        return
    if arrived is None or arrived.exchange is None:
        yield f"no request arrived: {outcome.text}"
        return
    if arrived.request is None:
        response = arrived.exchange.response.body or b""
        yield f"the server refuses {_shown(call.arguments)} {_shown(call.body)}: {arrived.exchange.url}: {response.decode()[:400]}"
        return
    got = _received(call, arrived)
    reserved = {(each.location, each.name) for each in call.operation.parameters if each.allow_reserved}
    for (location, name), value in call.arguments.items():
        received = got.get((location, name), MISSING)
        # With `allowReserved`, a percent-encoded triplet stays, so that it arrives decoded (docs/serialization.md).
        is_reserved = (location, name) in reserved
        if not _same_parameter(_decoded(value) if is_reserved else value, _decoded(received) if is_reserved else received):
            yield f"{location} {name}: sent {_shown(value)}, arrived {_shown(received)}"
    yield from _body_faults(call, arrived.request.sent)


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if isinstance(value, dict):
        return {name: _decoded(each) for name, each in value.items()}
    return unquote(value) if isinstance(value, str) else value


def _received(call: PlannedCall, arrived: Arrived) -> dict[tuple[str, str], Any]:
    request = arrived.request
    assert request is not None
    got: dict[tuple[str, str], Any] = {}
    for name, value in zip(PATH_PARAMETER.findall(call.operation.path), request.path, strict=True):
        got["path", name] = value
    others = list(outside_path(call.operation))
    keys = names.parameter_keys([(each.name, each.location) for each in others])
    for key, parameter in zip(keys, others, strict=True):
        if key in (request.parameters or {}):
            got[parameter.location, parameter.name] = request.parameters[key]
    return got


def _body_faults(call: PlannedCall, sent: Any) -> Iterator[str]:
    if call.media_type is None:
        return
    kind = essence(call.media_type)
    expected = _bare(call.expected)
    if kind in {MULTIPART, URLENCODED}:
        sent = sent or {}
        for name in {*expected, *sent}:
            if not _same_parameter(expected.get(name), sent.get(name, MISSING)):
                yield f"body {kind} {name}: sent {_shown(expected.get(name))}, arrived {_shown(sent.get(name, MISSING))}"
        return
    if isinstance(expected, str) and isinstance(sent, bytes) and not is_json(kind):
        sent = sent.decode("utf-8", "replace")
    if not same(expected, sent):
        yield f"body {kind}: sent {_shown(expected)}, arrived {_shown(sent)}"


def _bare(value: Any) -> Any:
    if isinstance(value, File):
        return value.content
    return {name: _bare(each) for name, each in value.items()} if isinstance(value, dict) else value


def answer_faults(call: PlannedCall, outcome: Outcome) -> Iterator[str]:
    """Disagreements about the answer."""
    answer = call.answer
    is_error = answer.status >= FIRST_ERROR
    if outcome.kind == "refused":
        return
    if outcome.kind == "failure":
        yield f"answer {answer.status} {answer.media_type}: {outcome.text}: {_shown(answer.value)}"
    elif is_error != (outcome.kind == "error"):
        yield f"answer {answer.status}: the client takes it as {outcome.kind} {outcome.status} {_shown(outcome.value)}"
    elif is_error:
        expected = _json_or_text(answer.content.decode("utf-8", "replace"))
        if outcome.status != answer.status or not same(expected, outcome.value):
            yield f"error {answer.status}: sent {_shown(expected)}, read {outcome.status} {_shown(outcome.value)}"
    elif not _same_content(answer.value, outcome.value):
        yield f"answer {answer.status} {answer.media_type}: sent {_shown(answer.value)}, read {_shown(outcome.value)}"


def _same_content(sent: Any, read: Any) -> bool:
    """Text may be read as bytes, but not the other way round."""
    return same(sent, read.decode("utf-8", "replace") if isinstance(sent, str) and isinstance(read, bytes) else read)


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def same(first: Any, second: Any) -> bool:
    """Whether two JSON values are equal: 1 and 1.0 are, 1 and true are not; times may be written differently."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first == second or math.isclose(first, second, rel_tol=1e-15)
    if isinstance(first, str) and isinstance(second, str):
        return first == second or _same_time(first, second)
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(value, second[name]) for name, value in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def _same_time(first: str, second: str) -> bool:
    if not (TIME.fullmatch(first) and TIME.fullmatch(second)):
        return False
    return datetime.fromisoformat(first.upper()) == datetime.fromisoformat(second.upper())


def _written(value: Any) -> Any:
    """The part of a value that a style can write: no null, and nothing for an empty array or object (docs/serialization.md)."""
    if isinstance(value, dict):
        members = {name: _written(each) if isinstance(each, dict | list) else each for name, each in value.items() if each is not None}
        return {name: each for name, each in members.items() if each is not MISSING} or MISSING
    if isinstance(value, list):
        return [each for each in value if each is not None] or MISSING
    return MISSING if value is None or value is MISSING else value


def _same_parameter(sent: Any, got: Any) -> bool:
    if same(sent, got):
        return True
    written, received = _written(sent), _written(got)
    if written is MISSING:
        return True  # the parameter is absent, and may have its default
    return same(_texts(written), _texts(received))


def _texts(value: Any) -> Any:
    """Where the schema accepts text and other types, the other value arrives as its text (docs/serialization.md)."""
    if isinstance(value, dict):
        return {name: _texts(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_texts(each) for each in value if each is not None]
    return value if isinstance(value, bytes) or value is MISSING else text_of(value)


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else repr(value)[:300]
