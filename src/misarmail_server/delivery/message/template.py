"""Merge tags: a template is compiled once and rendered many times, each in time linear to its input and output.

The language is mustache's interpolation, sections, inverted sections and comments, and a default after a bar: `{{name|there}}`. There are
no partials, lambdas or set delimiters: such a tag, like anything in braces that is not a name, renders as nothing. Values are never scanned
for tags.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, AnyStr, Generic, TypeAlias

from misarmail_server.delivery.message import template_tokens
from misarmail_server.delivery.message.template_scope import Scope
from misarmail_server.delivery.message.template_tokens import TemplateError, Token

CACHED_TEMPLATES = 256
CACHED_SIZE = 32_768  # characters; longer templates are not cached, so that the cache stays small
STEPS = 100_000  # parts that the sections of one rendering may visit, including repetitions
MAX_NESTED = 32  # nested sections
MAX_NUMBER_LENGTH = 1024  # bits; Python takes quadratic time for longer numbers

Escape: TypeAlias = Callable[[str], str]
Slots: TypeAlias = Mapping[str, str]


class RenderLimitExceeded(Exception):  # noqa: N818 - named like the refusals in errors.py
    """The rendered text has more characters than the caller allows, or takes too many steps."""


@dataclass(frozen=True, slots=True)
class TemplateTag:
    """A slot for a value. `path` is the dotted name in parts, () for anything in braces that is not a name."""

    path: tuple[str, ...]
    default: str
    is_raw: bool
    whole: tuple[str, ...] = ()  # the path if the bar belongs to a name

    def resolve(self, scope: Scope) -> str:
        """The value's text, or the default if it is absent, null, empty or not a single value."""
        if not self.path:
            return ""
        text = _text(scope.look_up(self.path))
        return text or (_text(scope.look_up(self.whole)) if self.whole else "") or self.default


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that only the platform fills, such as a recipient's link; no template can name it."""

    name: str


@dataclass(frozen=True, slots=True)
class Section(Generic[AnyStr]):
    """A part that is rendered once for each element of a list, once for another true value, and not for a false one; or the inverse."""

    path: tuple[str, ...]
    is_inverted: bool
    parts: tuple[AnyStr | TemplateTag | Slot | Section[AnyStr], ...]


Parts: TypeAlias = tuple[AnyStr | TemplateTag | Slot | Section[AnyStr], ...]


@dataclass(frozen=True, slots=True)
class CompiledTemplate(Generic[AnyStr]):
    """A compiled template. `tags` are the distinct names in order of first use, including those of sections."""

    tags: tuple[str, ...]
    parts: Parts[AnyStr]

    @property
    def varies(self) -> bool:
        """Whether there is anything to fill."""
        return any(isinstance(part, TemplateTag | Slot | Section) for part in self.parts)

    @property
    def literals(self) -> list[AnyStr]:
        """The literal texts outside of sections, which are in every rendering."""
        return [part for part in self.parts if not isinstance(part, TemplateTag | Slot | Section)]

    def render(self: CompiledTemplate[str], values: object, *, escape: bool, limit: int) -> str:
        """Fill the tags; `escape` makes values safe in HTML, except those in three braces.

        Raises RenderLimitExceeded as soon as the text would be longer than `limit` characters.
        """
        return "".join(self.pieces(values, str, escape=html.escape if escape else str, limit=limit))

    def pieces(
        self, values: object, encode: Callable[[str], AnyStr], *, escape: Escape, limit: int, slots: Slots | None = None
    ) -> list[AnyStr]:
        """The pieces that `render` joins, each value and slot passed through `escape` (unless it is raw) and `encode`.

        Raises RenderLimitExceeded.
        """
        rendering = _Rendering(values, encode, escape, limit=limit, slots=slots or {})
        rendering.write(self.parts)
        return rendering.written

    def texts(self) -> Iterator[AnyStr]:
        """All literal texts in order, including those of sections."""
        return _texts(self.parts)

    def encoded(self: CompiledTemplate[str], encode: Callable[[str], bytes]) -> CompiledTemplate[bytes]:
        """The template with its literal texts as bytes."""
        return CompiledTemplate(self.tags, _encoded(self.parts, encode))

    def replaced(
        self: CompiledTemplate[str], change: Callable[[str | TemplateTag | Slot], Iterable[str | TemplateTag | Slot]]
    ) -> CompiledTemplate[str]:
        """The template with each literal text, tag and slot replaced, including those of sections."""
        return CompiledTemplate(self.tags, tuple(_replaced(self.parts, change)))


def literal(text: str) -> CompiledTemplate[str]:
    """A template without tags, whatever the text contains."""
    return CompiledTemplate((), (text,) if text else ())


def check(source: str) -> None:
    """Refuse a text whose tags are malformed; mail that was accepted before is more lenient. Raises TemplateError."""
    template_tokens.check(source)
    compile_template(source)


def compile_template(source: str) -> CompiledTemplate[str]:
    """Compile a template; short ones are cached. Raises TemplateError for sections that are not closed or nested too deeply."""
    return _compile_cached(source) if len(source) <= CACHED_SIZE else _compile(source)


def _compile(source: str) -> CompiledTemplate[str]:
    return _TemplateCompiler(source).template()


_compile_cached = lru_cache(maxsize=CACHED_TEMPLATES)(_compile)


class _TemplateCompiler:
    """Builds a tree of tokens. Open sections are a list, not a call stack."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._open: list[Token] = []
        self._parts: list[list[Any]] = [[]]
        self._paths: dict[tuple[str, ...], None] = {}

    def template(self) -> CompiledTemplate[str]:
        for token in template_tokens.tokens(self._source):
            self._add(token)
        if self._open:
            raise self._error("{{%s}} is not closed", self._open[-1])
        names = (".".join(path) for path in self._paths if path and path != template_tokens.ELEMENT)
        return CompiledTemplate(tuple(names), tuple(self._parts[0]))

    def _add(self, token: Token) -> None:
        if token.kind == "text":
            self._parts[-1].append(token.text)
            return
        if token.kind not in {"/", "!"}:
            self._paths[token.path] = None
        if token.kind in {"#", "^"}:
            if len(self._open) == MAX_NESTED:
                raise self._error(f"{{{{%s}}}} is more than {MAX_NESTED} sections deep", token)
            self._open.append(token)
            self._parts.append([])
        elif token.kind == "/":
            self._close(token)
        elif token.kind != "!":
            self._parts[-1].append(TemplateTag(token.path, token.default, token.kind == "&", token.whole))

    def _close(self, token: Token) -> None:
        if not self._open or self._open[-1].path != token.path:
            raise self._error("{{%s}} closes no section that is open there", token)
        opening, parts = self._open.pop(), self._parts.pop()
        self._parts[-1].append(Section(opening.path, opening.kind == "^", tuple(parts)))

    def _error(self, sentence: str, token: Token) -> TemplateError:
        return TemplateError(sentence % f"{token.kind}{'.'.join(token.path)[:80]}", self._source, token.start)


class _Rendering(Generic[AnyStr]):
    """One rendering: what is written, and how much more is allowed."""

    def __init__(self, values: object, encode: Callable[[str], AnyStr], escape: Escape, *, limit: int, slots: Slots) -> None:
        self.written: list[AnyStr] = []
        self._scope = Scope(values)
        self._encode: Callable[[str], AnyStr] = encode
        self._escape = escape
        self._room = self._limit = limit
        self._steps = STEPS
        self._slots = slots

    def write(self, parts: Parts[AnyStr]) -> None:
        for part in parts:
            if isinstance(part, Section):
                self._section(part)
                continue
            piece = self._filled(part) if isinstance(part, TemplateTag) else self._slot(part) if isinstance(part, Slot) else part
            self._room -= len(piece)
            if self._room < 0:
                raise RenderLimitExceeded
            self.written.append(piece)

    def _filled(self, tag: TemplateTag) -> AnyStr:
        """The piece of a tag. A value that is already too long is not escaped first."""
        text = tag.resolve(self._scope)
        if len(text) > self._limit:
            raise RenderLimitExceeded
        return self._encode(text if tag.is_raw else self._escape(text))

    def _slot(self, slot: Slot) -> AnyStr:
        return self._encode(self._escape(self._slots[slot.name]))

    def _section(self, section: Section[AnyStr]) -> None:
        value = self._scope.look_up(section.path)
        if section.is_inverted:
            if not _is_true(value):
                self._repeat(section)
            return
        for element in value if isinstance(value, list | tuple) else (value,) if _is_true(value) else ():
            self._scope.stack.append(element)
            self._repeat(section)
            self._scope.stack.pop()

    def _repeat(self, section: Section[AnyStr]) -> None:
        self._steps -= len(section.parts) + 1
        if self._steps < 0:
            raise RenderLimitExceeded
        self.write(section.parts)


def _texts(parts: Parts[AnyStr]) -> Iterator[AnyStr]:
    for part in parts:
        if isinstance(part, Section):
            yield from _texts(part.parts)
        elif not isinstance(part, TemplateTag | Slot):
            yield part


def _encoded(parts: Parts[str], encode: Callable[[str], bytes]) -> Parts[bytes]:
    return tuple(_encoded_part(part, encode) for part in parts)


def _encoded_part(
    part: str | TemplateTag | Slot | Section[str], encode: Callable[[str], bytes]
) -> bytes | TemplateTag | Slot | Section[bytes]:
    if isinstance(part, str):
        return encode(part)
    return Section(part.path, part.is_inverted, _encoded(part.parts, encode)) if isinstance(part, Section) else part


def _replaced(
    parts: Parts[str], change: Callable[[str | TemplateTag | Slot], Iterable[str | TemplateTag | Slot]]
) -> Iterator[str | TemplateTag | Slot | Section[str]]:
    for part in parts:
        if isinstance(part, Section):
            yield replace(part, parts=tuple(_replaced(part.parts, change)))
        else:
            yield from change(part)


def _is_true(value: Any) -> bool:
    """False are null, false, 0, an empty text and an empty list; a mapping is true even if it is empty."""
    return bool(value) or isinstance(value, Mapping)


def _text(value: Any) -> str:
    """A single JSON value as text; null, lists and objects have none."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return json.dumps(value)
    return json.dumps(value) if isinstance(value, bool | int) and value.bit_length() <= MAX_NUMBER_LENGTH else ""
