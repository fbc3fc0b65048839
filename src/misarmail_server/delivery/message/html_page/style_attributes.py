"""Copies the rules of style sheets to the `style` attributes of elements, for mail programs that ignore style sheets.

Only `style` attributes change; every other byte of the page stays. The sheets stay too, and keep their effect: a property that a rule for
some conditions sets on an element (`@media`, `:hover`) is not copied to it, because an attribute would win against that rule (CSS
Cascading 4, section 6).
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from misarmail_server.delivery.message.html_page import tags as html_tags
from misarmail_server.delivery.message.html_page.style_sheets import Declaration, Sheets, declarations, read_sheets
from misarmail_server.delivery.message.html_page.tags import HtmlTag

MAX_STYLE_LENGTH = 5_000_000  # characters that may be added to a page
MAX_MATCHES = 10_000_000  # rules times elements
MARK = "data-mm"


class _Outline(NamedTuple):
    """A page without texts: its elements, each with a number, and the start tags that these numbers belong to."""

    markup: str
    starts: list[HtmlTag]


def with_styles(page: str, masked: str) -> str | None:
    """A well-nested page with the styles of its sheets; None if it could become too large. `masked` has text instead of merge tags."""
    outline = _outline(masked)
    sheets = read_sheets(_sheets(masked))
    count = len(outline.starts)
    if (len(sheets.rules) + len(sheets.conditional)) * count > MAX_MATCHES or _added(sheets, masked, outline) > MAX_STYLE_LENGTH:
        return None
    styles = _applied(outline, sheets.css)
    conditional = _applied(outline, sheets.conditional_css) if sheets.conditional else {}
    pieces: list[str] = []
    position = 0
    for number, tag in enumerate(outline.starts):
        copied = _unconditional(styles.get(number, ()), conditional.get(number, ()))
        if copied:
            start, end, text = _change(masked, page, tag, copied)
            pieces += (page[position:start], text)
            position = end
    return "".join(pieces) + page[position:]


def _sheets(page: str) -> Iterator[tuple[str, str]]:
    """(media, source) of the style sheets of a page."""
    media = ""
    for tag in html_tags.tags(page):
        if tag.name == "style" and tag.kind == "start":
            given = {attribute.name: attribute.value.strip().lower() for attribute in html_tags.attributes(page, tag)}
            media = given.get("media", "") if given.get("type", "text/css") in {"", "text/css"} else "not all"
        elif tag.name == "style" and tag.kind == "raw":
            yield media, page[tag.start : tag.end]


def _outline(page: str) -> _Outline:
    pieces: list[str] = []
    starts: list[HtmlTag] = []
    position = 0
    for tag in html_tags.tags(page):
        if tag.kind not in {"start", "end"}:
            position = tag.end
            continue
        pieces.append("x" if page[position : tag.start].strip() else "")
        if tag.kind == "start":
            pieces.append(_numbered(page, tag, len(starts)))
            starts.append(tag)
        else:
            pieces.append(f"</{tag.name}>")
        position = tag.end
    return _Outline("".join(pieces), starts)


def _numbered(page: str, tag: HtmlTag, number: int) -> str:
    kept = "".join(
        f' {attribute.name}="{html.escape(attribute.value)}"'
        for attribute in html_tags.attributes(page, tag)
        if attribute.name != "style" and not attribute.name.startswith(MARK) and not set(attribute.name) & set("\"'<&`")
    )
    return f'<{tag.name}{kept} {MARK}="{number}">'


def _added(sheets: Sheets, page: str, outline: _Outline) -> int:
    """More characters than the rules can add: each on all elements that have the last name of its selector."""
    counts: Counter[str] = Counter()
    for tag in outline.starts:
        counts[tag.name] += 1
        for attribute in html_tags.attributes(page, tag):
            if attribute.name == "class":
                counts.update({f".{name}" for name in attribute.value.split()})
            elif attribute.name == "id":
                counts[f"#{attribute.value}"] += 1
    every = len(outline.starts)
    rules = (*sheets.rules, *sheets.conditional)
    return sum(rule.length * sum(every if key is None else counts[key] for key in rule.keys) for rule in rules)


def _applied(outline: _Outline, css: str) -> Mapping[int, tuple[Declaration, ...]]:
    """The declarations of each element, by its number, as the cascade orders them."""
    import css_inline  # noqa: PLC0415 - two megabytes that only pages with styles need

    inliner: Any = css_inline.CSSInliner(inline_style_tags=False, load_remote_stylesheets=False, extra_css=css)
    try:
        styled = inliner.inline(f"<!doctype html><body>{outline.markup}")
    except css_inline.InlineError:
        return {}
    applied: dict[int, tuple[Declaration, ...]] = {}
    known: dict[str, tuple[Declaration, ...]] = {}  # most elements share their styles with others
    for tag in html_tags.tags(styled):
        if tag.kind == "start":
            given = {attribute.name: attribute.value for attribute in html_tags.attributes(styled, tag)}
            if "style" in given and given.get(MARK, "").isdecimal():
                style = given["style"]
                known[style] = known.get(style) or declarations(style)
                applied.setdefault(int(given[MARK]), known[style])
    return applied


def _unconditional(copied: Iterable[Declaration], conditional: Iterable[Declaration]) -> list[Declaration]:
    """The declarations that would not win against a rule for some conditions."""
    return [own for own in copied if not any(own.hides(other) for other in conditional)]


def _change(masked: str, page: str, tag: HtmlTag, copied: list[Declaration]) -> tuple[int, int, str]:
    """(start, end, text) of the change that adds declarations to an element; those that it has win, because they come last."""
    own = next((attribute for attribute in html_tags.attributes(masked, tag) if attribute.name == "style"), None)
    if own is None:
        return tag.inside, tag.inside, f' style="{html.escape(_written(copied))}"'
    kept = {declaration.name for declaration in declarations(own.value)}
    added = html.escape(_written([declaration for declaration in copied if declaration.is_important or declaration.name not in kept]))
    value = page[own.start : own.end]
    if masked[own.start - 1] in "\"'" and masked[own.start - 1] == masked[own.end]:
        return own.start, own.end, f"{added} {value}" if added else value
    has_value = own.end > own.start
    return own.start, own.end, f'"{added} {value}"' if has_value else f'="{added}"'


def _written(copied: Iterable[Declaration]) -> str:
    return " ".join(
        f"{declaration.name}: {declaration.value}{' !important' if declaration.is_important else ''};" for declaration in copied
    )
