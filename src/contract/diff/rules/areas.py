"""The parts of an operation that have a schema, and the ids of changes to these schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.diff.rule_levels import LEVELS, Level

JSON_MEDIA = re.compile(r"application/(.+\+)?json")
MAX_PATH_LENGTH = 300  # longer paths lose their beginning
OUTGOING_LEVELS = {
    "request-property-removed": Level.ERR,
    "new-required-request-property": Level.INFO,
    "new-required-request-property-with-default": Level.INFO,
    "request-property-became-required-with-default": Level.INFO,
    "request-body-added-required": Level.INFO,
    "request-body-added-optional": Level.INFO,
    "request-body-became-required": Level.INFO,
    "request-body-became-optional": Level.ERR,
    "request-body-media-type-added": Level.INFO,
}


@dataclass(frozen=True, slots=True)
class Area:
    """A body, parameter or response header. `is_text` means that values are sent as text, so that any of them can be read as a string.

    `is_outgoing` marks requests of webhooks and callbacks: clients of the API receive them, so that breaking changes are reversed.
    """

    part: str  # request-body, response-body, request-parameter, response-header
    subject: str = field(compare=False)  # for sentences; the rules do not depend on it
    location: str = ""  # of a parameter
    is_text: bool = False
    is_repeated: bool = False  # a query parameter whose items are repeated as name=value
    is_outgoing: bool = False

    @property
    def is_request(self) -> bool:
        """Whether the ids are those of requests."""
        return self.part.startswith("request")

    @property
    def property_part(self) -> str:
        """`request-property` or `response-property`."""
        return f"{self.part.split('-', maxsplit=1)[0]}-property"

    def id(self, stem: str, position: SchemaPosition) -> str:
        """The id of a change at a position, empty if the vocabulary has none."""
        candidates = (f"{part}-{stem}" for part in self._parts(position))
        return next((name for name in candidates if name in LEVELS), "")

    def _parts(self, position: SchemaPosition) -> Iterator[str]:
        """The parts that an id may begin with, the most specific first."""
        if self.part == "request-parameter":
            if position.is_nested:
                yield from ("request-header-property",) if self.location == "header" else ()
                yield "request-parameter-property"
            yield self.part
        elif not position.is_nested:
            yield self.part
            if self.part == "response-body":
                yield "response-mediatype"
        elif self.part == "response-header":
            yield self.part
        else:
            if position.is_hidden:
                yield "request-read-only-property" if self.is_request else "response-write-only-property"
            yield self.property_part

    def level(self, name: str) -> Level:
        """The level of an id in this area."""
        if not self.is_outgoing:
            return LEVELS[name]
        return OUTGOING_LEVELS.get(name) or LEVELS.get(name.replace("request-", "response-", 1), LEVELS[name])


@dataclass(frozen=True, slots=True)
class SchemaPosition:
    """A position in an area's schema. `is_nested` is false at its root.

    `is_hidden` means that the value is never sent in this direction: read-only in a request, write-only in a response.
    """

    path: str = ""
    is_nested: bool = False
    is_hidden: bool = False

    def below(self, key: str, *, is_hidden: bool = False) -> SchemaPosition:
        """The position of a member."""
        return SchemaPosition(f"{self.path}/{key}", is_nested=True, is_hidden=self.is_hidden or is_hidden)

    def prefixed(self, path: str) -> SchemaPosition:
        """The same position with a path before its own."""
        return SchemaPosition(f"{path}{self.path}"[-MAX_PATH_LENGTH:], self.is_nested, self.is_hidden)


def is_text(media_type: str) -> bool:
    """Whether the values of a media type are sent as text without types: all media types except JSON and ranges that include it."""
    name = media_type.split(";", maxsplit=1)[0].strip().lower()
    return not name.endswith("*") and JSON_MEDIA.fullmatch(name) is None
