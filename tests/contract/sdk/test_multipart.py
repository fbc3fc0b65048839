"""Multipart forms of the Python layer: content types, part headers, file names, streaming."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from contract.sdk.python_layer.encoding import Style
from contract.sdk.python_layer.multipart import File, Part, Stream, encode_multipart
from contract.sdk.python_layer.values import plain


def parts_of(value: dict[str, Any], parts: dict[str, Part] | None = None) -> list[bytes]:
    """The parts of a form, without the boundaries."""
    content_type, body = encode_multipart(value, parts or {}, "edge")
    raw = body if isinstance(body, bytes) else b"".join(body)
    assert content_type == "multipart/form-data; boundary=edge"
    assert raw.startswith(b"--edge\r\n")
    assert raw.endswith(b"\r\n--edge--\r\n")
    return raw.removeprefix(b"--edge\r\n").removesuffix(b"\r\n--edge--\r\n").split(b"\r\n--edge\r\n")


def test_default_content_types() -> None:
    assert parts_of({"a": "ü", "b": True, "c": [1, 2], "d": {"x": 1}, "e": [{"y": 2.0}], "f": b"\0", "g": None}) == [
        'Content-Disposition: form-data; name="a"\r\n\r\nü'.encode(),
        b'Content-Disposition: form-data; name="b"\r\n\r\ntrue',
        b'Content-Disposition: form-data; name="c"\r\n\r\n1',
        b'Content-Disposition: form-data; name="c"\r\n\r\n2',
        b'Content-Disposition: form-data; name="d"\r\nContent-Type: application/json\r\n\r\n{"x":1}',
        b'Content-Disposition: form-data; name="e"\r\nContent-Type: application/json\r\n\r\n{"y":2}',
        b'Content-Disposition: form-data; name="f"; filename="upload"\r\nContent-Type: application/octet-stream\r\n\r\n\0',
    ]


def test_files_as_tuples_of_httpx() -> None:
    value = {"a": ("a.txt", b"abc", "text/plain"), "b": [("b.bin", b"b"), (None, b"c", None, {"X-Sum": "1"})], "c": ("x", "y")}
    assert parts_of(value) == [
        b'Content-Disposition: form-data; name="a"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nabc',
        b'Content-Disposition: form-data; name="b"; filename="b.bin"\r\nContent-Type: application/octet-stream\r\n\r\nb',
        b'Content-Disposition: form-data; name="b"; filename="upload"\r\nContent-Type: application/octet-stream\r\nX-Sum: 1\r\n\r\nc',
        b'Content-Disposition: form-data; name="c"\r\n\r\nx',
        b'Content-Disposition: form-data; name="c"\r\n\r\ny',
    ]


def test_a_comma_in_quotes_separates_no_media_types() -> None:
    part = Part('video/*, video/mp4; codecs="avc1.640028, mp4a.40.2", video/webm')

    assert parts_of({"a": File(b"x", name="a")}, {"a": part}) == [
        b'Content-Disposition: form-data; name="a"; filename="a"\r\nContent-Type: video/mp4; codecs="avc1.640028, mp4a.40.2"\r\n\r\nx'
    ]


def test_encoding_decides() -> None:
    sums = Style("X-Sum", "header", "simple", explode=False)
    parts = {
        "products": Part("application/json"),
        "file": Part("image/*, image/png, image/jpeg", {"X-Sum": sums}),
        "tags": Part(style=Style("tags", "query", "form", explode=False)),
        "filter": Part(style=Style("filter", "query", "deepObject", explode=True)),
        "note": Part("text/markdown"),
    }
    value = {
        "products": [{"id": 1}, {"id": 2}],
        "file": File(b"png", name="a.png", headers={"X-Sum": [1, 2]}),
        "tags": ["a b", "c"],
        "filter": {"x": 1},
        "note": "# Hi",
    }

    assert parts_of(value, parts) == [
        b'Content-Disposition: form-data; name="products"\r\nContent-Type: application/json\r\n\r\n[{"id":1},{"id":2}]',
        b'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\nX-Sum: 1,2\r\n\r\npng',
        b'Content-Disposition: form-data; name="tags"\r\n\r\na b,c',
        b'Content-Disposition: form-data; name="filter[x]"\r\n\r\n1',
        b'Content-Disposition: form-data; name="note"\r\nContent-Type: text/markdown\r\n\r\n# Hi',
    ]


def test_names_are_escaped() -> None:
    [part] = parts_of({'a"b\r\nc': File(b"", name='x"; filename="y\r\n.txt', content_type="text/plain")})

    head = part.partition(b"\r\n")[0]
    assert head == b'Content-Disposition: form-data; name="a%22b%0D%0Ac"; filename="x%22; filename=%22y%0D%0A.txt"'


@pytest.mark.parametrize(
    "file",
    [
        File(b"", content_type="text/plain\r\nX-Evil: 1"),
        File(b"", headers={"X-Sum": "1\r\nX-Evil: 1"}),
        File(b"", headers={"X-Sum: 1\r\nX-Evil": "1"}),
    ],
)
def test_part_headers_cannot_be_injected(file: File) -> None:
    with pytest.raises(ValueError, match="X-"):
        encode_multipart({"file": file}, {})


def test_files_are_streamed_and_can_be_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as file:
        file.seek(100)
        _, body = encode_multipart({"file": file, "more": "text"}, {}, "edge")
        assert isinstance(body, Stream)
        first, second = b"".join(body), b"".join(body)

    assert first == second
    assert len(first) == body.length
    assert b"\r\n\r\n" + b"x" * 199_900 + b"\r\n" in first
    assert b'filename="big.bin"' in first
    assert body.is_repeatable


def test_iterators_have_no_length() -> None:
    _, body = encode_multipart({"file": iter([b"a", b"b"])}, {}, "edge")

    assert isinstance(body, Stream)
    assert body.length is None
    assert not body.is_repeatable
    assert b"\r\n\r\nab\r\n" in b"".join(body)


def test_async_clients_iterate_too() -> None:
    async def chunks() -> Any:
        yield b"a"
        yield b"b"

    async def collected() -> bytes:
        _, body = encode_multipart({"file": chunks(), "other": BytesIO(b"c")}, {}, "edge")
        assert isinstance(body, Stream)
        return b"".join([chunk async for chunk in body])

    raw = asyncio.run(collected())

    assert b"\r\n\r\nab\r\n" in raw
    assert b"\r\n\r\nc\r\n" in raw


def test_boundaries_differ() -> None:
    assert encode_multipart({}, {})[0] != encode_multipart({}, {})[0]


def test_a_tuple_is_a_list_unless_it_has_a_file() -> None:
    assert plain({"file": ("a.txt", b"abc"), "pair": ("a", (1, None))}) == {"file": ("a.txt", b"abc"), "pair": ["a", [1, None]]}
