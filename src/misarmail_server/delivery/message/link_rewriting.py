"""Replace the links of a page by slots for the tracked links of each recipient, and mark positions in a source until it is compiled."""

from __future__ import annotations

import html as markup
import re

UNSUBSCRIBE_SLOT = "unsubscribe"
MAX_LINKS = 500
MAX_URL_LENGTH = 2_048

# Noncharacters, which no text may contain (Unicode, section 23.7), mark positions in a source until it is compiled.
MARK = "\ufdd0{}\ufdd1"
MARKED = re.compile("\ufdd0([^\ufdd0\ufdd1]*+)\ufdd1")
NONCHARACTERS = str.maketrans("", "", "\ufdd0\ufdd1")
UNSUBSCRIBE_TAG = re.compile(r"\{\{\{?+\s*+unsubscribe_url\s*+\}\}\}?+")

LINK = re.compile(r"<(?:a|area)(?=[\s/])[^<]*+", re.IGNORECASE)
ATTRIBUTE = re.compile(r"[\s/]*+([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>`]++)))?+")
WEB = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)


def click_slot(link: int) -> str:
    """The slot of a tracked link."""
    return f"click{link}"


def with_tracked_links(page: str, *, is_template: bool) -> tuple[str, tuple[str, ...]]:
    """The page with marks for URLs, and the URLs by number. Links that contain merge tags are not tracked."""
    numbers: dict[str, int] = {}
    pieces: list[str] = []
    position = 0
    for link in LINK.finditer(page):
        start, end = _target(page, *link.span())
        url = markup.unescape(page[start:end]).strip()
        is_fixed = not (is_template and "{{" in url) and not UNSUBSCRIBE_TAG.search(url)
        if not (is_fixed and WEB.fullmatch(url)) or len(url) > MAX_URL_LENGTH or (len(numbers) == MAX_LINKS and url not in numbers):
            continue
        pieces += (page[position:start], MARK.format(click_slot(numbers.setdefault(url, len(numbers)))))
        position = end
    return "".join(pieces) + page[position:], tuple(numbers)


def _target(page: str, start: int, end: int) -> tuple[int, int]:
    """The span of the value of an element's first `href`; an empty span if it has none."""
    position = start + (5 if page[start + 1 : start + 5].lower() == "area" else 2)
    while attribute := ATTRIBUTE.match(page, position, end):
        if attribute[1].lower() == "href":
            value = next((group for group in (2, 3, 4) if attribute[group] is not None), None)
            return attribute.span(value) if value else (position, position)
        position = attribute.end()
    return position, position
