"""The parts of an operation that a schema describes, and which id a change to a schema has in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.diff.vocabulary import LEVELS, Level

JSON_MEDIA = re.compile(r"application/(.+\+)?json")
LONGEST_PATH = 300  # of a deeper spot the end is told
MIRRORED = {
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
    """A body, parameter or response header. `is_text` tells that values travel as text, so that any of them can be read as a string.

    `is_sent` is for the requests of webhooks and callbacks: the client of the API receives them, so what breaks is the other way round.
    """

    part: str  # request-body, response-body, request-parameter, response-header
    subject: str = field(compare=False)  # in words; the rules do not depend on it
    location: str = ""  # of a parameter
    is_text: bool = False
    is_repeated: bool = False  # a query parameter whose list is the same name several times
    is_sent: bool = False

    @property
    def is_request(self) -> bool:
        """Whether clients send it, as the vocabulary sees it."""
        return self.part.startswith("request")

    @property
    def of_properties(self) -> str:
        """`request-property` or `response-property`."""
        return f"{self.part.split('-', maxsplit=1)[0]}-property"

    def id(self, stem: str, spot: Spot) -> str:
        """The id of a change at a spot, empty where the vocabulary has none."""
        candidates = (f"{place}-{stem}" for place in self._places(spot))
        return next((name for name in candidates if name in LEVELS), "")

    def _places(self, spot: Spot) -> Iterator[str]:
        """The places a change may be counted to, the most exact first."""
        if self.part == "request-parameter":
            if spot.is_nested:
                yield from ("request-header-property",) if self.location == "header" else ()
                yield "request-parameter-property"
            yield self.part
        elif not spot.is_nested:
            yield self.part
            if self.part == "response-body":
                yield "response-mediatype"
        elif self.part == "response-header":
            yield self.part
        else:
            if spot.is_hidden:
                yield "request-read-only-property" if self.is_request else "response-write-only-property"
            yield self.of_properties

    def level(self, name: str) -> Level:
        """The level of one of this area's ids."""
        if not self.is_sent:
            return LEVELS[name]
        return MIRRORED.get(name) or LEVELS.get(name.replace("request-", "response-", 1), LEVELS[name])


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in an area's schema. `is_nested` is false at its root.

    `is_hidden` tells that the property around it never travels this way: read-only in a request, write-only in a response.
    """

    path: str = ""
    is_nested: bool = False
    is_hidden: bool = False

    def below(self, key: str, *, is_hidden: bool = False) -> Spot:
        """The spot of a member."""
        return Spot(f"{self.path}/{key}", is_nested=True, is_hidden=self.is_hidden or is_hidden)

    def behind(self, path: str) -> Spot:
        """The same spot with the path that leads to where its own begins."""
        return Spot(f"{path}{self.path}"[-LONGEST_PATH:], self.is_nested, self.is_hidden)


def is_text(media_type: str) -> bool:
    """Whether the values of a media type travel as text without types of their own: everything but JSON and what may be JSON."""
    name = media_type.split(";", maxsplit=1)[0].strip().lower()
    return not name.endswith("*") and JSON_MEDIA.fullmatch(name) is None
