"""openapi-core as an independent judge of the exchanges, where it supports what they contain. Each exclusion has its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from contract.openapi.operations import Operation, Parameter, operations
from contract.openapi.references import Json
from contract.openapi.schemas import types_of
from contract.openapi.shape import walk
from contract.runtime.media import essence, is_json
from contract.runtime.router import Router
from contract.runtime.validators import Validators
from contract.traffic.conformance import ExchangeValidator
from contract.traffic.exchange import Exchange, HttpMessage

UNSUPPORTED_KEYWORDS = {"$dynamicRef", "$dynamicAnchor", "unevaluatedProperties", "unevaluatedItems", "$defs"}


def faults(bundle: Json, pairs: Iterable[tuple[str, Exchange]]) -> Iterator[str]:
    """The violations that openapi-core reports."""
    if reason_against(bundle) is not None:
        return
    judge = ExchangeValidator(bundle)
    router = Router((operation.method, operation.path, operation) for operation in operations(bundle))
    for path, exchange in pairs:
        match = router.find(path)
        operation = match[0].get(exchange.method) if match else None
        if operation is None or "%" in path:  # it matches decoded paths
            continue
        judged = exchange
        if not _can_judge_request(bundle, operation, exchange):
            judged = replace(judged, request=HttpMessage(exchange.request.headers, None))
        if not is_json(essence(exchange.response.media_type)):  # it reads no streams, and other contents have no schema worth a comparison
            judged = replace(judged, response=HttpMessage(exchange.response.headers, None))
        for side, sentence in judge.violations(path, judged):
            # The empty text is a value of a string, without allowEmptyValue as well; HEAD has no content.
            if sentence.endswith("query parameter cannot be empty") or (operation.method == "head" and sentence == "Missing response data"):
                continue
            yield f"openapi-core: {operation.id} {exchange.status} {side}: {sentence} ({exchange.location})"


def reason_against(bundle: Json) -> str | None:
    """Why openapi-core cannot judge a document at all."""
    validators = Validators(bundle)
    reasons = (_reason(validators, node.value) for node in walk(bundle) if node.kind == "schema")
    return next((reason for reason in reasons if reason is not None), None)


def _reason(validators: Validators, schema: Any) -> str | None:
    if isinstance(schema, bool):
        return "boolean schemas raise TypeError in openapi-core"
    if {"readOnly", "writeOnly"} & schema.keys():
        return "openapi-core requires the required properties of the other side as well"
    if "default" in schema and not validators.of(schema).is_valid(schema["default"]):
        return "openapi-core validates bodies with their defaults, also with those that are not valid"
    if UNSUPPORTED_KEYWORDS & schema.keys() or schema.get("format") == "time":
        return "openapi-core ignores or rejects these keywords, and the offset of a time, which RFC 3339 requires"
    try:
        for pattern in (schema.get("pattern", ""), *schema.get("patternProperties", {})):
            re.compile(pattern)
    except re.error:
        return "patterns that Python cannot read"
    return None


def _can_judge_request(bundle: Json, operation: Operation, exchange: Exchange) -> bool:
    """Whether its parameters and its body have forms that openapi-core decodes."""
    body = exchange.request.media_type
    return (not body or is_json(body)) and all(_has_known_form(bundle, each) for each in operation.all_parameters)


def _has_known_form(bundle: Json, parameter: Parameter) -> bool:
    schema: Any = parameter.schema
    types = types_of(bundle, schema)
    return (
        isinstance(schema, dict)
        and isinstance(schema.get("type"), str)  # it reads neither type lists nor the types behind references
        and types <= {"string", "integer", "number", "boolean"}  # test_second_judge.py has the styles of arrays and objects that it knows
        and parameter.style in {"simple", "form"}
        and parameter.media_type is None  # it decodes no `content`
    )
