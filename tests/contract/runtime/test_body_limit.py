"""Body limits of media types (`x-body-limit`)."""

from __future__ import annotations

import io
from typing import Any

import pytest

from contract.openapi.operations import Body
from contract.runtime.binding import Signature
from contract.runtime.bodies import Reader
from contract.runtime.problems import Problem
from contract.runtime.validators import Validators


def read(length: Any, content_type: Any) -> Any:
    media: dict[str, Any] = {"text/csv": {"x-body-limit": 50, "schema": {"type": "string"}}, "text/plain": {"schema": {"type": "string"}}}
    body = Body(
        required=True,
        media={name: media_type["schema"] for name, media_type in media.items()},
        node={"content": media},
        pointer="/body",
        component=None,
    )
    reader = Reader({}, body, Signature("x"), Validators({}))
    environ = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(length), "wsgi.input": io.BytesIO(b"x" * length)}
    return reader.read(environ, 10)[0]


def test_a_media_type_can_have_its_own_body_limit() -> None:
    assert len(read(50, "text/csv; charset=utf-8")) == 50
    assert len(read(10, "text/plain")) == 10
    for length, content_type in ((51, "text/csv"), (11, "text/plain"), (11, "image/png")):
        with pytest.raises(Problem) as refused:
            read(length, content_type)
        assert (refused.value.status, refused.value.code) == (413, "body_too_large")
