"""Decides whether the style sheets of a page are inlined, for mail programs that ignore them.

Whenever the result is uncertain, or could be large, the page stays as it was written. That also keeps hostile pages from costing time or
memory.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from misarmail_server.delivery.message.html_page import masking
from misarmail_server.delivery.message.html_page import tags as html_tags

MAX_LENGTH = 200_000  # characters of a page
MAX_NESTING = 200  # brackets in a style sheet
BRACKET = re.compile(r"[(\[{]|[)\]}]")
TOO_LARGE = "The styles are not inlined: the page would become too large"
TOO_LONG = f"The styles are not inlined: the HTML has more than {MAX_LENGTH:,} characters"
TOO_DEEP = "The styles are not inlined: the style sheet is nested too deeply"
NOT_NESTED = "The styles are not inlined: the elements are not well nested"
HAS_TAGS = "The styles are not inlined: a style sheet, or a section within an element's tag, depends on merge tags"


class InlinedPage(NamedTuple):
    """A page, and a sentence if its styles could not be inlined."""

    page: str
    warning: str = ""


def inlined(page: str, *, is_template: bool) -> InlinedPage:
    """The page with its style rules copied to its elements; the sheets stay too."""
    if "<style" not in page.lower():
        return InlinedPage(page)
    masked = masking.masked(page, is_template=is_template)
    sheets = [tag for tag in html_tags.tags(masked) if tag.kind == "raw" and tag.name == "style"]
    css = "".join(masked[tag.start : tag.end] for tag in sheets)
    if not css.strip():
        return InlinedPage(page)
    warning = _obstacle(page, masked, css, is_template=is_template)
    if warning:
        return InlinedPage(page, warning)
    from misarmail_server.delivery.message.html_page import style_attributes  # noqa: PLC0415 - a parser of CSS, for pages with styles

    styled = style_attributes.with_styles(page, masked)
    return InlinedPage(page, TOO_LARGE) if styled is None else InlinedPage(styled)


def _obstacle(page: str, masked: str, css: str, *, is_template: bool) -> str:
    """Why the styles cannot be inlined, empty if they can."""
    if len(page) > MAX_LENGTH:
        return TOO_LONG
    if masking.FILLER in css or (is_template and masking.has_conditional_tags(page, masked)):
        return HAS_TAGS
    if _is_too_deep(css):
        return TOO_DEEP
    return "" if html_tags.is_well_nested(masked) else NOT_NESTED


def _is_too_deep(css: str) -> bool:
    depth = 0
    for bracket in BRACKET.finditer(css):
        depth = depth + 1 if bracket[0] in "([{" else max(0, depth - 1)
        if depth > MAX_NESTING:
            return True
    return False
