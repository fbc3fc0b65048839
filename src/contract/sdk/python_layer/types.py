"""The types of values that the document does not describe, and of files."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import IO, TypeAlias, Union

from .multipart import File

JsonValue: TypeAlias = Union[dict[str, "JsonValue"], list["JsonValue"], str, int, float, bool, None]  # noqa: UP007 - it names itself
BinaryContent: TypeAlias = Union[bytes, IO[bytes], Iterable[bytes], AsyncIterable[bytes]]  # noqa: UP007 - as above
TextContent: TypeAlias = Union[str, BinaryContent]  # noqa: UP007 - as above
FileTuple: TypeAlias = Union[  # noqa: UP007 - as above
    tuple[Union[str, None], BinaryContent],  # noqa: UP007 - as above
    tuple[Union[str, None], BinaryContent, Union[str, None]],  # noqa: UP007 - as above
    tuple[Union[str, None], BinaryContent, Union[str, None], Mapping[str, str]],  # noqa: UP007 - as above
]  # (name, content, content type, headers), as httpx and requests take a file
FileInput: TypeAlias = Union[File, FileTuple, BinaryContent]  # noqa: UP007 - as above
