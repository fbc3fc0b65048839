"""The values of a rendering, and what the name of a tag refers to.

A name is first looked up exactly, as the mustache specification has it: its first part outwards, the others only within that value. If that
finds no value, it is compared without case, and as a field of the contact: `{{plan}}`, `{{contact.plan}}`, `{{custom_fields.plan}}` and
`{{custom.plan}}` reach the same custom field, whatever characters its name has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from misarmail_server.delivery.message import template_tokens

CONTACT = "contact"
CUSTOM = ("custom_fields", "custom")


class Scope:
    """The values, and on top of them the elements of open sections."""

    def __init__(self, values: object) -> None:
        self.stack: list[Any] = [values]
        self._indexes: dict[int, dict[str, Any]] = {}  # of the mappings in the values, which outlive the scope

    def look_up(self, path: tuple[str, ...]) -> Any:
        """The value of a dotted name, None if there is none."""
        if path == template_tokens.ELEMENT:
            return self.stack[-1]
        for frame in reversed(self.stack):
            if path and isinstance(frame, Mapping) and path[0] in frame:
                value = _within(frame, path)
                return self._alike(path) if value is None and len(path) > 1 else value
        return self._alike(path) if path else None

    def _alike(self, path: tuple[str, ...]) -> Any:
        """The value of a name without regard to case, or of a contact's field."""
        for frame in reversed(self.stack):
            if isinstance(frame, Mapping) and normal(path[0]) in self._index(frame):
                value = self._walk(frame, path)
                if value is not None:
                    return value
                break
        return self._field(path)

    def _field(self, path: tuple[str, ...]) -> Any:
        root = self.stack[0]
        name = field_name(path)
        if not name or not isinstance(root, Mapping):
            return None
        for fields in self._fields(root):
            value = self._walk(fields, name)
            if value is None:
                value = self._index(fields).get(normal(".".join(name)))
            if value is not None:
                return value
        return self._walk(root, name) if len(name) < len(path) else None

    def _fields(self, root: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Where the fields of a contact may be."""
        contact = self._index(root).get(CONTACT)
        for holder in (root, contact):
            if isinstance(holder, Mapping):
                yield from (fields for name in CUSTOM if isinstance(fields := self._index(holder).get(name), Mapping))
        if isinstance(contact, Mapping):
            yield contact

    def _walk(self, value: Any, path: Sequence[str]) -> Any:
        for key in path:
            value = self._index(value).get(normal(key)) if isinstance(value, Mapping) else None
        return value

    def _index(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        index = self._indexes.get(id(mapping))
        if index is None:
            index = self._indexes[id(mapping)] = {normal(key): value for key, value in reversed(list(mapping.items()))}
        return index


def field_name(path: tuple[str, ...]) -> tuple[str, ...]:
    """The name of a contact's field without what may precede it."""
    name = path[1:] if path and normal(path[0]) == CONTACT else path
    return name[1:] if name and normal(name[0]) in CUSTOM else name


def normal(name: str) -> str:
    """Names that are equal after this are the same field."""
    return normalize("NFC", name.strip()).casefold()


def _within(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
