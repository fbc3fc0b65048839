"""Models as JSON values: absent properties are left out, names are those of the document, files stay, also those in tuples."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

ABSENT = msgspec.UNSET
JSON_TYPES = (str, int, float, type(None), list, dict)
EXTRA = "additional_properties"  # the field for properties without one


def plain(value: Any) -> Any:
    """A model, or a value that contains models, as JSON values; bytes and files stay."""
    if isinstance(value, msgspec.Struct):
        return _members(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items() if item is not ABSENT}
    if isinstance(value, list | tuple | set | frozenset):
        items = [plain(item) for item in value]
        is_file = isinstance(value, tuple) and not all(isinstance(item, JSON_TYPES) for item in items)
        return tuple(items) if is_file else items
    if isinstance(value, enum.Enum):
        return plain(value.value)
    return next((write(value) for kind, write in TEXTS if isinstance(value, kind)), value)


TEXTS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (dt.datetime, lambda time: str(time.isoformat()).replace("+00:00", "Z")),
    ((dt.date, dt.time), lambda day: str(day.isoformat())),
    ((uuid.UUID, Decimal), str),
)


def _members(model: msgspec.Struct) -> dict[str, Any]:
    names = getattr(model, "__names__", {})
    extra: Any = plain(getattr(model, EXTRA)) if getattr(model, "__open__", False) else None
    members = {
        names.get(field, name): plain(item)
        for field, name in zip(model.__struct_fields__, model.__struct_encode_fields__, strict=True)
        if (item := getattr(model, field)) is not ABSENT and (field != EXTRA or extra is None)
    }
    return members if extra is None else {**extra, **members}
