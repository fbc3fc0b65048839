"""Pages whose merge tags are replaced by text of the same length, for code that knows only HTML: positions stay the same."""

from __future__ import annotations

from bisect import bisect_left

from misarmail_server.delivery.message import template_tokens
from misarmail_server.delivery.message.html_page import tags as html_tags

FILLER = "\ufdd2"  # a noncharacter (Unicode, section 23.7), so that no page contains it


def masked(page: str, *, is_template: bool) -> str:
    """The page with its merge tags replaced by text of the same length that HTML has no use for."""
    if not is_template:
        return page
    pieces: list[str] = []
    position = 0
    for tag in template_tokens.tags(page):
        pieces += (page[position : tag.start], FILLER * (tag.end - tag.start))
        position = tag.end
    return "".join(pieces) + page[position:]


def has_conditional_tags(page: str, hidden: str) -> bool:
    """Whether a section begins or ends within an element's tag."""
    sections = [tag.start for tag in template_tokens.tags(page) if tag.kind in template_tokens.SECTIONS]
    elements = (tag for tag in html_tags.tags(hidden) if tag.kind in {"start", "end"}) if sections else ()
    return any(bisect_left(sections, tag.start) < bisect_left(sections, tag.end) for tag in elements)
