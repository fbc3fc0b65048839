"""Replace the links of a page by slots for the tracked links of each recipient, and mark positions in a source until it is compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from misarmail_server.delivery.message.html_page import tags as html_tags

UNSUBSCRIBE_SLOT = "unsubscribe"
MAX_LINKS = 500
MAX_URL_LENGTH = 2_048

# Noncharacters, which no text may contain (Unicode, section 23.7), mark positions in a source until it is compiled.
MARK = "\ufdd0{}\ufdd1"
MARKED = re.compile("\ufdd0([^\ufdd0\ufdd1]*+)\ufdd1")
NONCHARACTERS = str.maketrans("", "", "\ufdd0\ufdd1\ufdd2\ufdd3")
UNSUBSCRIBE_TAG = re.compile(r"\{\{\{?+\s*+unsubscribe_url\s*+\}\}\}?+", re.IGNORECASE)

WEB = re.compile(r"https?://[^\s\x00-\x20\x7f\ufdd2]+", re.IGNORECASE)


def click_slot(link: int) -> str:
    """The slot of a tracked link."""
    return f"click{link}"


def links(page: str, masked: str) -> tuple[str, ...]:
    """The web addresses that links of a page lead to, each once, in order. `masked` is the page with other text instead of merge tags."""
    return tuple(dict.fromkeys(url for _, _, url in _targets(page, masked)))[:MAX_LINKS]


def with_tracked_links(page: str, masked: str, urls: Sequence[str], added: tuple[int, str]) -> str:
    """The page with marks for these URLs, by their numbers, and with a text added at a position. Links with merge tags are not tracked."""
    numbers = {url: number for number, url in reversed(list(enumerate(urls)))}
    changes = [(start, end, MARK.format(click_slot(numbers[url]))) for start, end, url in _targets(page, masked) if url in numbers]
    pieces: list[str] = []
    position = 0
    for start, end, text in sorted([*changes, (added[0], added[0], added[1])]):
        pieces += (page[position:start], text)
        position = end
    return "".join(pieces) + page[position:]


def _targets(page: str, masked: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, URL) of the targets of links, also of those that only Outlook shows."""
    for tag in html_tags.tags(masked, has_conditions=True) if "href" in masked.lower() else ():
        if tag.kind != "start" or tag.name not in {"a", "area"}:
            continue
        target = next((attribute for attribute in html_tags.attributes(masked, tag) if attribute.name == "href"), None)
        url = target.value.strip() if target else ""
        if target and WEB.fullmatch(url) and len(url) <= MAX_URL_LENGTH and not UNSUBSCRIBE_TAG.search(page, target.start, target.end):
            yield target.start, target.end, url
