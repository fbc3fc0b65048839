"""Merge tags: a template is compiled once and rendered many times, each in time linear to what it reads and writes.

There is no logic, and values are never scanned for tags.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

CACHED_TEMPLATES = 256
CACHED_SIZE = 32_768  # characters; a longer template is compiled each time, so that the cache stays small

# Possessive, so that nothing is ever tried twice.
TAG_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+(?:\.[A-Za-z0-9_]++)*+")


class TooLarge(Exception):  # noqa: N818 - says what is so, like the refusals
    """The rendered text has more characters than the caller allows."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A place to fill. `name` is "" for what stands in braces and is no tag: it resolves to nothing."""

    name: str
    default: str
    is_raw: bool

    def resolve(self, values: Mapping[str, Any]) -> str:
        """The value's text, or the default when it is absent, null, empty or not a single value."""
        return _text(_look_up(values, self.name)) or self.default if self.name else ""


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template. `tags` are the distinct names in order of first use."""

    tags: tuple[str, ...]
    parts: tuple[str | Tag, ...]

    def render(self, values: Mapping[str, Any], *, escape: bool, limit: int) -> str:
        """Fill the tags; `escape` makes values safe in HTML, except those in three braces.

        Raises TooLarge as soon as the text would be longer than `limit` characters.
        """
        filled: dict[Tag, str] = {}
        written: list[str] = []
        room = limit
        for part in self.parts:
            text = part if isinstance(part, str) else _filled(filled, part, values, escape=escape, limit=limit)
            room -= len(text)
            if room < 0:
                raise TooLarge
            written.append(text)
        return "".join(written)


def compile_template(source: str) -> Template:
    """Compile a template; every text is a template. Short ones are remembered."""
    return _remembered(source) if len(source) <= CACHED_SIZE else _compile(source)


def _compile(source: str) -> Template:
    parts = tuple(_parts(source))
    return Template(tags=tuple(dict.fromkeys(part.name for part in parts if isinstance(part, Tag) and part.name)), parts=parts)


_remembered = lru_cache(maxsize=CACHED_TEMPLATES)(_compile)


def _parts(source: str) -> Iterator[str | Tag]:
    """Literal text and tags in order. Closings are searched forwards, their innermost opening backwards: each character is read twice."""
    position = scanned = 0
    while (close := source.find("}}", scanned)) >= 0:
        opening = source.rfind("{{", scanned, close)
        scanned = close + 2
        if opening < 0:
            continue
        is_raw = opening > position and source[opening - 1] == "{" and source.startswith("}", scanned)
        content = source[opening + 2 : close]
        opening, scanned = (opening - 1, scanned + 1) if is_raw else (opening, scanned)
        if opening > position:
            yield source[position:opening]
        yield _tag(content, is_raw=is_raw)
        position = scanned
    if position < len(source):
        yield source[position:]


def _tag(content: str, *, is_raw: bool) -> Tag:
    name, _, default = content.partition("|")
    name = name.strip()
    if not TAG_NAME.fullmatch(name):
        return Tag("", "", is_raw=False)
    return Tag(name, default.strip(), is_raw)


def _filled(filled: dict[Tag, str], tag: Tag, values: Mapping[str, Any], *, escape: bool, limit: int) -> str:
    """The tag's text, resolved once per rendering. What is too long already is not escaped first."""
    text = filled.get(tag)
    if text is None:
        text = tag.resolve(values)
        if len(text) > limit:
            raise TooLarge
        text = filled[tag] = html.escape(text) if escape and not tag.is_raw else text
    return text


def _look_up(values: Mapping[str, Any], name: str) -> Any:
    """The value of a dotted name: a key of just that spelling first, then through nested maps. None when there is none."""
    if name in values:
        return values[name]
    found: Any = values
    for key in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def _text(value: Any) -> str:
    """A single JSON value as text; null, lists and objects have none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return json.dumps(value)
    return ""
