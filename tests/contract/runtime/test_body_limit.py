"""Body limits: in bytes, by media type, operation and document; in values, before JSON is decoded."""

from __future__ import annotations

import io
from typing import Any

import pytest

from contract.openapi.operations import operations
from contract.runtime.binding import Signature
from contract.runtime.bodies import BodyLimit, Reader
from contract.runtime.problems import Problem
from contract.runtime.validators import Validators

CEILING = 100


def document(operation: dict[str, Any] | None = None, media: dict[str, Any] | None = None, **root: Any) -> Any:
    content = {"text/csv": {"schema": {"type": "string"}, **(media or {})}, "application/json": {"schema": True}}
    act = {"operationId": "act", "requestBody": {"content": content}, "responses": {}, **(operation or {})}
    return {"paths": {"/things": {"post": act}}, **root}


def limit(bundle: Any, content_type: str = "application/json") -> int:
    return BodyLimit(bundle, next(operations(bundle))).of(content_type, CEILING)


def read(raw: bytes, values: int) -> Any:
    bundle = document()
    body = next(operations(bundle)).body
    assert body is not None
    environ = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(raw)), "wsgi.input": io.BytesIO(raw)}
    return Reader(bundle, body, Signature("x"), Validators(bundle), max_values=values).read(environ, len(raw))[0]


def test_a_body_is_limited_by_media_type_then_operation_then_document() -> None:
    kinds = {"x-body-limits": {"open": 4, "default": 50}}
    secured: dict[str, Any] = {"security": [{"key": []}]}

    assert limit(document()) == CEILING
    assert limit(document(**kinds)) == 4
    assert limit(document({"security": [{"key": []}, {}]}, **kinds)) == 4
    assert limit(document(secured, **kinds)) == 50
    assert limit(document(secured, **{"x-body-limits": {"default": 5_000}})) == CEILING
    assert limit(document({**secured, "x-body-limit": 60}, **kinds)) == 60
    assert limit(document(secured, {"x-body-limit": 1_000}, **kinds), "text/csv; charset=utf-8") == 1_000
    assert limit(document(secured, {"x-body-limit": 1_000}, **kinds)) == 50


def test_values_are_limited_by_operation_then_document() -> None:
    def values(bundle: Any) -> int | None:
        return BodyLimit(bundle, next(operations(bundle))).values

    assert values(document()) is None
    assert values(document(**{"x-body-limits": {"values": 10}})) == 10
    assert values(document({"x-body-values": 20}, **{"x-body-limits": {"values": 10}})) == 20


@pytest.mark.parametrize("value", [b"{}", b"[]", b"0", b'""', b'"a,b"'])
def test_json_has_a_limited_number_of_values(value: bytes) -> None:
    few, many = (b"[" + b",".join([value] * count) + b"]" for count in (29_999, 30_001))

    assert len(read(few.replace(b"{}", b"0").replace(b"[]", b"0"), 30_000)) == 29_999
    with pytest.raises(Problem) as refused:
        read(many, 30_000)
    assert (refused.value.status, refused.value.code) == (413, "body_too_large")


@pytest.mark.parametrize("text", [",", "[", "{", '\\",', "\\\\"])
def test_separators_in_text_are_not_values(text: str) -> None:
    assert len(read(b'["' + text.encode() * 100_000 + b'"]', 30_000)) == 1


@pytest.mark.parametrize("raw", [b'"\\"' + b'\\"' * 1_000_000, b'"' * 1_000_001, b'{"a":"' + b"," * 1_000_000, b'"\\' + b"," * 30_000])
def test_text_that_does_not_end_is_scanned_once(raw: bytes) -> None:
    """A scan that began again at each quotation mark would take hours."""
    with pytest.raises(Problem) as refused:
        read(raw, 20_000)

    assert refused.value.status == 400


def test_deep_json_is_refused() -> None:
    for raw in (b"[" * 19_000, b'{"a":' * 19_000, b"[" * 19_000 + b"]" * 19_000):
        with pytest.raises(Problem) as refused:
            read(raw, 20_000)
        assert (refused.value.status, refused.value.code) == (400, "malformed_body")
