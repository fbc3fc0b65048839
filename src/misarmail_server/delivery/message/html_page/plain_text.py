"""A plain text derived from an HTML page with merge tags, by a library that knows only HTML.

Merge tags are replaced by words meanwhile. There is no text where the result is uncertain: pages that are not well nested, are large, or
lose a tag on the way. That also keeps hostile pages from costing time or, in a recursive library, the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from misarmail_server.delivery.message import template_tokens
from misarmail_server.delivery.message.html_page import masking
from misarmail_server.delivery.message.html_page import tags as html_tags
from misarmail_server.delivery.message.html_page.tags import HtmlTag

MAX_LENGTH = 200_000  # characters of a page that is processed
MAX_CELLS = 20_000_000  # characters times table rows, because a text table pads its rows
BLANKS = re.compile(r"[ \t\xa0]{3,}")
LINE_ENDS = re.compile(r"[ \t\xa0]++$", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n{3,}")
EMPTY_LINK = re.compile(r"\[\s*+\]\(([^\s\[\]]*)\)")


# Texts that the library must not change, between noncharacters (Unicode, section 23.7).
PROTECTED = "\ufdd3{}\ufdd3"
PROTECTED_TEXT = re.compile("\ufdd3([^\ufdd3]*+)\ufdd3")


class GuardedTags(NamedTuple):
    """A page whose merge tags and kept texts are replaced by words, in order; `stem` begins the words, `sections` are those of sections."""

    page: str
    stem: str
    texts: dict[str, str]
    sections: frozenset[str]

    def restored(self, text: str) -> str | None:
        """A text with the merge tags restored; None if one of them was lost, doubled, changed, or moved across the edge of a section."""
        pieces = re.split(rf"({self.stem}\d++y)(?:=\"\")?", text)
        if self._between_sections(pieces[1::2]) != self._between_sections(self.texts):
            return None
        return "".join(self.texts[piece] if number % 2 else piece for number, piece in enumerate(pieces))

    def _between_sections(self, words: Iterable[str]) -> list[list[str]]:
        """The words between the edges of sections, without their order: an address may follow the text of its link."""
        groups: list[list[str]] = [[]]
        for word in words:
            groups += [[word], []] if word in self.sections else []
            groups[-1] += [] if word in self.sections else [word]
        return [sorted(group) for group in groups]


def plain_text(page: str, *, is_template: bool) -> str | None:
    """The text of a page, for programs that show no HTML; None if it cannot be determined."""
    from inscriptis import get_text  # noqa: PLC0415 - lxml, which only pages without a text need
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415 - as above

    if len(page) > MAX_LENGTH or len(page) * page.lower().count("<tr") > MAX_CELLS:
        return None
    masked = masking.masked(page, is_template=is_template)
    if not html_tags.is_well_nested(masked) or (is_template and masking.has_conditional_tags(page, masked)):
        return None
    guarded = _guard_tags("".join(_readable(page, masked)), is_template=is_template)
    text = guarded.restored(get_text(guarded.page, ParserConfig(display_links=True)))
    if text is None:
        return None
    text = EMPTY_LINK.sub(r"\1 ", text)
    return EMPTY_LINES.sub("\n\n", LINE_ENDS.sub("", BLANKS.sub("  ", text))).strip() or None


def _readable(page: str, masked: str) -> Iterator[str]:
    """The page without comments and scripts, with alternative texts instead of images, and with addresses as they are."""
    position = 0
    for tag in html_tags.tags(masked):
        replaced = _replacement(page, masked, tag)
        if replaced is None:
            continue
        start, end, text = replaced
        yield page[position:start]
        yield text
        position = end
    yield page[position:]


def _replacement(page: str, masked: str, tag: HtmlTag) -> tuple[int, int, str] | None:
    if tag.kind in {"comment", "unclosed"} or (tag.kind == "raw" and tag.name in {"script", "style"}):
        return tag.start, tag.end, ""
    wanted = {"a": "href", "img": "alt"}.get(tag.name) if tag.kind == "start" else None
    given = next((attribute for attribute in html_tags.attributes(masked, tag) if attribute.name == wanted), None) if wanted else None
    if tag.name == "img" and tag.kind == "start":
        return tag.start, tag.end, "" if given is None else _kept(page, masked, given.start, given.end)
    return None if given is None else (given.start, given.end, _kept(page, masked, given.start, given.end))


def _kept(page: str, masked: str, start: int, end: int) -> str:
    """An attribute's value for the text; one with merge tags stays as it is written."""
    return page[start:end] if masking.FILLER in masked[start:end] else PROTECTED.format(html_tags.attribute_value(page[start:end]).strip())


def _guard_tags(page: str, *, is_template: bool) -> GuardedTags:
    """Replace merge tags and kept texts by words."""
    tags = list(template_tokens.tags(page)) if is_template else []
    sections = {tag.start for tag in tags if tag.kind in template_tokens.SECTIONS}
    spans = {(tag.start, tag.end): page[tag.start : tag.end] for tag in tags}
    spans |= {match.span(): match[1] for match in PROTECTED_TEXT.finditer(page)}
    stem = "mm" + "x" * (1 + max(map(len, re.findall(r"mm(x+)", page)), default=0))
    words = {span: f"{stem}{number}y" for number, span in enumerate(sorted(spans))}
    edges = [0, *(edge for span in words for edge in span), len(page)]
    between = [page[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    guarded = "".join(piece for pair in zip(between, (*words.values(), ""), strict=True) for piece in pair)
    texts = {word: spans[span] for span, word in words.items()}
    return GuardedTags(guarded, stem, texts, frozenset(word for (start, _), word in words.items() if start in sections))
