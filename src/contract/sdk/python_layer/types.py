"""The types of values that the document does not describe, and of files."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import IO, TypeAlias, Union

from .multipart import File

JsonValue: TypeAlias = Union[dict[str, "JsonValue"], list["JsonValue"], str, int, float, bool, None]  # noqa: UP007 - it names itself
BinaryContent: TypeAlias = Union[bytes, IO[bytes], Iterable[bytes], AsyncIterable[bytes]]  # noqa: UP007 - as above
TextContent: TypeAlias = Union[str, BinaryContent]  # noqa: UP007 - as above
FileInput: TypeAlias = Union[File, BinaryContent]  # noqa: UP007 - as above
