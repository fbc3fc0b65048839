"""What `encoding` requires of the parts of a multipart form (OpenAPI 3.1, section 4.8.15)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contract.sdk.python_layer.multipart import File, encode_multipart
from tests.support.small_documents import client, echo, one_operation, sentences

PRODUCT = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
SCHEMA = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
        "overwrite": {"type": "boolean"},
        "products": {"type": "array", "items": PRODUCT},
        "owner": PRODUCT,
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": {"type": "integer"},
}
ENCODING = {
    "file": {"contentType": "image/png, image/jpeg", "headers": {"X-Sum": {"required": True, "schema": {"type": "integer"}}}},
    "products": {"contentType": "application/json"},
}
PNG = File(b"\x89PNG", "a.png", "image/png", {"X-Sum": 5})


@pytest.fixture
def uploads(tmp_path: Path) -> Any:
    content = {"multipart/form-data": {"schema": SCHEMA, "encoding": ENCODING}}
    body = f"requestBody: {json.dumps({'required': True, 'content': content})}"
    return client(tmp_path, one_operation(method="post", more=body), {"act": echo})


def send(api: Any, **form: Any) -> Any:
    content_type, body = encode_multipart(form, {})
    return api.post("/things", data=body, content_type=content_type)


def test_parts_are_read_by_their_encoding(uploads: Any) -> None:
    products = File([{"id": 1}, {"id": 2}], content_type="application/json")

    response = send(uploads, file=PNG, overwrite=True, products=products, owner={"id": 3}, tags=["a,b", "c"], other=7)

    assert response.status_code == 200, response.text
    assert response.json["body"] == {
        "file": "bytes:b'\\x89PNG'",
        "overwrite": True,
        "products": [{"id": 1}, {"id": 2}],
        "owner": {"id": 3},
        "tags": ["a,b", "c"],
        "other": 7,
    }


@pytest.mark.parametrize(
    ("file", "wrong"),
    [
        (File(b"x", "a", "text/plain", {"X-Sum": 5}), ["Must have the content type image/png or image/jpeg, not text/plain"]),
        (File(b"x", "a", "image/png"), ["The part must have the header X-Sum"]),
        (File(b"x", "a", "image/jpeg", {"X-Sum": "x"}), ["The header X-Sum of the part is not valid"]),
        (
            File(b"x", "a", "image/gif"),
            ["Must have the content type image/png or image/jpeg, not image/gif", "The part must have the header X-Sum"],
        ),
    ],
)
def test_other_parts_are_400(uploads: Any, file: File, wrong: list[str]) -> None:
    response = send(uploads, file=file)

    assert response.status_code == 400
    assert sentences(response) == {"#/file": wrong}


def test_a_field_without_a_content_type_is_read_as_its_encoding(uploads: Any) -> None:
    products = File('[{"id": 1}]', content_type=None)

    assert send(uploads, file=PNG, products=products).json["body"]["products"] == [{"id": 1}]
    assert sentences(send(uploads, file=PNG, products=File("[]", content_type="text/csv"))) == {
        "#/products": ["Must have the content type application/json, not text/csv"]
    }


def test_a_json_part_with_a_file_name_is_json(uploads: Any) -> None:
    """Browsers give a blob a file name."""
    owner = File(b'{"id": 3}', "blob", "application/json")

    assert send(uploads, file=PNG, owner=owner).json["body"]["owner"] == {"id": 3}


def test_text_in_another_encoding_is_400(uploads: Any) -> None:
    assert send(uploads, file=PNG, tags=File(b"\xff", "a", "text/plain")).json["code"] == "malformed_body"
