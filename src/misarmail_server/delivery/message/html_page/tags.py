"""The tags and comments of an HTML page with their positions, as a browser's tokenizer finds them (WHATWG HTML, section 13.2.5).

The page stays as it is; changes replace spans. Each character is read a constant number of times.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Literal, NamedTuple

Kind = Literal["start", "end", "comment", "raw", "unclosed"]

# Elements whose content is text without tags.
RAW = frozenset(["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "plaintext"])
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"])
OPTIONAL_END = frozenset(["p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dt", "dd", "option", "colgroup"])
FORMAT = frozenset(["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"])
MAX_DEPTH = 200
MAX_FORMAT_DEPTH = 10  # parsers reopen these elements after each block (WHATWG HTML, section 13.2.4.3)
TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*+)((?:[^\"'=>]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|[=\"'])*+)>")
ATTRIBUTE = re.compile(r"[\s/]*+([^\s/>=]++|=[^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?+")
REFERENCE = re.compile(r"&(?:#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[A-Za-z][A-Za-z0-9]*+;?)")
EMPTY_COMMENT = re.compile(r"<!---?>")
COMMENT_END = re.compile(r"--!?>")
CONDITION = "<!--[if"


class HtmlTag(NamedTuple):
    """A token of a page. A comment or a tag without an end takes the rest of the page, as `unclosed`.

    `start` and `end` are the positions of the whole token; `inside` begins the attributes. `name` is in lower case.

    `raw` is the content of an element that has no tags in it, such as a style sheet; `name` is the element's.
    """

    kind: Kind
    name: str
    start: int
    inside: int
    end: int


class HtmlAttribute(NamedTuple):
    """`value` is decoded; the span is that of the value in the page, empty and behind the name if there is none."""

    name: str
    value: str
    start: int
    end: int


def tags(page: str, *, has_conditions: bool = False) -> Iterator[HtmlTag]:
    """Tags, comments and raw texts in order. `has_conditions`: enter comments that Outlook shows (`<!--[if mso]>`)."""
    position = 0
    while (start := page.find("<", position)) >= 0:
        tag = _comment(page, start, has_conditions=has_conditions) if page.startswith(("<!", "<?"), start) else _tag(page, start)
        if tag is None:
            if page[start + 1 : start + 2].isascii() and page[start + 1 : start + 2].isalpha():
                yield HtmlTag("unclosed", "", start, start, len(page))  # a tag without an end takes the rest of the page
                return
            position = start + 1
            continue
        yield tag
        position = tag.end
        if tag.kind == "start" and tag.name in RAW:
            end = _raw_end(page, tag)
            yield HtmlTag("raw", tag.name, position, position, end)
            position = end


def attributes(page: str, tag: HtmlTag) -> Iterator[HtmlAttribute]:
    """The attributes of a start tag in order; of several with one name only the first counts."""
    named: set[str] = set()
    position, end = tag.inside, tag.end - 1
    while attribute := ATTRIBUTE.match(page, position, end):
        name = attribute[1].lower()
        group = next((group for group in (2, 3, 4) if attribute[group] is not None), 1)
        start, stop = attribute.span(group) if group > 1 else (attribute.end(1), attribute.end(1))
        if name not in named:
            yield HtmlAttribute(name, attribute_value(page[start:stop]), start, stop)
        named.add(name)
        position = attribute.end()


def attribute_value(source: str) -> str:
    """The value with its character references decoded.

    In an attribute a named reference without `;` stays if `=`, a letter or a digit follows (WHATWG HTML, section 13.2.5.73), so that
    the parameters of a URL are not taken for characters.
    """
    return REFERENCE.sub(_reference, source) if "&" in source else source


def is_void(page: str, tag: HtmlTag) -> bool:
    """Whether a start tag opens nothing."""
    return tag.name in VOID or page[tag.end - 2] == "/"


def is_well_nested(page: str) -> bool:
    """Whether every element is closed where it should be, and none is nested too deeply, however lenient a parser is."""
    open_: list[str] = []
    formats = 0
    for tag in tags(page):
        if tag.kind not in {"start", "end"} or is_void(page, tag):
            continue
        if tag.kind == "start":
            open_.append(tag.name)
            formats += tag.name in FORMAT
        else:
            while open_ and open_[-1] != tag.name and open_[-1] in OPTIONAL_END:
                open_.pop()
            if not open_ or open_.pop() != tag.name:
                return False
            formats -= tag.name in FORMAT
        if len(open_) > MAX_DEPTH or formats > MAX_FORMAT_DEPTH:
            return False
    return all(name in OPTIONAL_END for name in open_)


def _reference(match: re.Match[str]) -> str:
    text = match[0]
    if text[1] == "#":
        return html.unescape(text)
    if text.endswith(";"):
        return html5.get(text[1:], text)
    return text if match.string[match.end() : match.end() + 1] == "=" else html5.get(text[1:], text)


def _tag(page: str, start: int) -> HtmlTag | None:
    match = TAG.match(page, start)
    if match is None:
        return None
    return HtmlTag("end" if match[1] else "start", match[2].lower(), start, match.start(3), match.end())


def _comment(page: str, start: int, *, has_conditions: bool) -> HtmlTag:
    """A comment, or a declaration such as `<!doctype html>` and `<![if !mso]>`, which ends at the next `>`."""
    if page.startswith("<!--", start) and not (has_conditions and page[start : start + len(CONDITION)].lower() == CONDITION):
        end = EMPTY_COMMENT.match(page, start) or COMMENT_END.search(page, start + 4)
        return HtmlTag("comment", "", start, start, end.end()) if end else HtmlTag("unclosed", "comment", start, start, len(page))
    stop = page.find(">", start) + 1
    return HtmlTag("comment" if stop else "unclosed", "", start, start, stop or len(page))


def _raw_end(page: str, tag: HtmlTag) -> int:
    match = re.compile(rf"</{tag.name}(?=[\s/>])", re.IGNORECASE).search(page, tag.end)
    return match.start() if match else len(page)
