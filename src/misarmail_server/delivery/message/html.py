"""HTML with merge tags, given to libraries that know only HTML: styles are inlined, and a plain text is derived.

The tags are replaced by markers meanwhile. Whenever the result is uncertain the page stays as it was written: pages that are not well
nested, are large, or lose a tag on the way. That also keeps hostile pages from costing time, memory or, in a recursive library, the
process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from misarmail_server.delivery.message import template_tokens
from misarmail_server.delivery.message.template_tokens import Token

MAX_BYTES = 200_000  # characters of a page that is processed
MAX_DEPTH = 200
MAX_FORMAT_DEPTH = 10  # parsers reopen these elements after each block (WHATWG HTML, section 13.2.4.3)
MAX_MATCHES = 10_000_000  # rules times elements
MAX_CELLS = 20_000_000  # characters times table rows, because a text table pads its rows
BLANKS = re.compile(r"[ \t\xa0]{3,}")
LINE_ENDS = re.compile(r"[ \t\xa0]++$", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n{3,}")

# A tag ends before the next one begins, so that each character is read once.
ELEMENT = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,30})((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
STYLE = re.compile(r"<style\b[^<>]*+>([^<]*+)</style>", re.IGNORECASE)
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
OPTIONAL_END = frozenset(["p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "colgroup"])
FORMAT = frozenset(["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"])


class GuardedTags(NamedTuple):
    """A page whose merge tags are replaced by words and comments, numbered in order; `stem` begins the words."""

    page: str
    stem: str
    words: tuple[str, ...]
    tags: tuple[str, ...]

    def restored(self, text: str) -> str | None:
        """A text with the merge tags restored; None if one of them was lost, doubled, moved or changed."""
        markers = list(re.finditer(rf"(?:<!--)?{self.stem}\d++y(?:-->|=\"\")?", text))
        if tuple(marker[0] for marker in markers) != self.words:
            return None
        edges = [0, *(edge for marker in markers for edge in marker.span()), len(text)]
        between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        return "".join(piece for pair in zip(between, (*self.tags, ""), strict=True) for piece in pair)


def inlined(page: str, *, is_template: bool) -> str:
    """The page with its style rules copied to its elements, for mail programs without style sheets; the sheets stay too."""
    import css_inline  # noqa: PLC0415 - two megabytes that only pages with styles need

    css = "".join(STYLE.findall(page)) if len(page) <= MAX_BYTES else ""
    if not css.strip() or css.count("{") * page.count("<") > MAX_MATCHES or css.count("(") > MAX_DEPTH:
        return page
    guarded = _guard_tags(page, is_template=is_template)
    if guarded is None:
        return page
    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_link_tags=True)
    try:
        done = guarded.restored(inliner.inline(guarded.page))
    except css_inline.InlineError:
        return page
    return page if done is None else done


def plain_text(page: str, *, is_template: bool) -> str | None:
    """The text of a page, for programs that show no HTML; None if it cannot be determined."""
    from inscriptis import get_text  # noqa: PLC0415 - lxml, which only pages without a text need
    from inscriptis.model.config import ParserConfig  # noqa: PLC0415 - as above

    if len(page) > MAX_BYTES or len(page) * page.lower().count("<tr") > MAX_CELLS:
        return None
    guarded = _guard_tags(page, is_template=is_template, comments=False)
    text = guarded and guarded.restored(get_text(guarded.page, ParserConfig(display_links=True)))
    if text is None:
        return None
    return EMPTY_LINES.sub("\n\n", LINE_ENDS.sub("", BLANKS.sub("  ", text))).strip() or None


def _guard_tags(page: str, *, is_template: bool, comments: bool = True) -> GuardedTags | None:
    """Replace tags within an element's tag by words, others by comments, which may stand where text may not.

    None for a page that is not well nested, or has a section within an element's tag.
    """
    tags: Sequence[Token] = list(template_tokens.tags(page)) if is_template else ()
    stem = "mm" + "x" * (1 + max(map(len, re.findall(r"mm(x+)", page)), default=0))
    pieces, words, position, is_inside = [], [], 0, False
    for number, tag in enumerate(tags):
        between = page[position : tag.start]
        pieces.append(between)
        opening, closing = between.rfind("<"), between.rfind(">")
        is_inside = opening > closing or (is_inside and opening == closing == -1)
        if is_inside and tag.kind in template_tokens.SECTIONS:
            return None
        word = f"{stem}{number}y"
        words.append(word if is_inside or not comments else f"<!--{word}-->")
        pieces.append(words[-1])
        position = tag.end
    pieces.append(page[position:])
    guarded = "".join(pieces)
    return GuardedTags(guarded, stem, tuple(words), tuple(page[tag.start : tag.end] for tag in tags)) if _is_well_nested(guarded) else None


def _is_well_nested(page: str) -> bool:
    """Whether every element is closed where it should be, and none is nested too deeply, however lenient a parser is."""
    open_: list[str] = []
    formats = 0
    for tag in ELEMENT.finditer(page):
        name = tag[2].lower()
        if name in VOID or tag[3].endswith("/"):
            continue
        if not tag[1]:
            open_.append(name)
            formats += name in FORMAT
        else:
            while open_ and open_[-1] != name and open_[-1] in OPTIONAL_END:
                open_.pop()
            if not open_ or open_.pop() != name:
                return False
            formats -= name in FORMAT
        if len(open_) > MAX_DEPTH or formats > MAX_FORMAT_DEPTH:
            return False
    return all(name in OPTIONAL_END for name in open_)
