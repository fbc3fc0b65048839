"""Additions to marketing mail beyond its author's text: inlined styles, tracked links, a pixel, a plain text, an unsubscribe link.

The unsubscribe link cannot be left out: a body without a visible `{{unsubscribe_url}}` gets a footer. Tracked links redirect only to the
URLs that link_rewriting.py extracted, which are stored with the message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from misarmail_server.delivery.message import html as message_html
from misarmail_server.delivery.message import template as message_template
from misarmail_server.delivery.message.link_rewriting import (
    MARK,
    MARKED,
    NONCHARACTERS,
    UNSUBSCRIBE_SLOT,
    UNSUBSCRIBE_TAG,
    with_tracked_links,
)
from misarmail_server.delivery.message.template import CompiledTemplate, Slot, TemplateTag
from misarmail_server.delivery.message.template_tokens import TemplateError
from misarmail_server.delivery.message.tracking_pixel import PIXEL

UNSUBSCRIBE_URL = "{{unsubscribe_url}}"


FOOTER = (
    '<p style="margin:24px 0 0;font:12px sans-serif;color:#666;text-align:center">'
    f'<a href="{MARK.format(UNSUBSCRIBE_SLOT)}" style="color:#666">Unsubscribe</a></p>'
)
TEXT_FOOTER = f"\n\n-- \nUnsubscribe: {MARK.format(UNSUBSCRIBE_SLOT)}\n"


@dataclass(frozen=True, slots=True)
class MarketingBodies:
    """The two bodies, ready to compile, and the URLs of the tracked links in order."""

    html: CompiledTemplate[str] | None
    text: CompiledTemplate[str] | None
    urls: tuple[str, ...]


def bodies(html: str | None, text: str | None, *, is_template: bool, is_tracked: bool) -> MarketingBodies:
    """Prepare the bodies of marketing mail. `is_template`: merge tags will be filled; otherwise only `{{unsubscribe_url}}` is a tag.

    Raises TemplateError.
    """
    if not html:
        return MarketingBodies(None, _text(text or "", is_template=is_template), ())
    page = message_html.inlined(html.translate(NONCHARACTERS), is_template=is_template)
    written = text or _text_from_html(page, is_template=is_template)
    page = _with_unsubscribe_link(page, is_template=is_template)
    urls: tuple[str, ...] = ()
    if is_tracked:
        page, urls = with_tracked_links(page, is_template=is_template)
        page = _appended(page, PIXEL)
    return MarketingBodies(
        _compiled(page, is_template=is_template), None if written is None else _text(written, is_template=is_template), urls
    )


def urls(html: str, *, is_template: bool) -> tuple[str, ...]:
    """The URLs of the tracked links of a page, in order: those that `bodies` returns, without preparing a mail."""
    page = message_html.inlined(html.translate(NONCHARACTERS), is_template=is_template)
    return with_tracked_links(_with_unsubscribe_link(page, is_template=is_template), is_template=is_template)[1]


def _with_unsubscribe_link(page: str, *, is_template: bool) -> str:
    return page if _has_unsubscribe_link(page, is_template=is_template, is_html=True) else _appended(page, FOOTER)


def _text(text: str, *, is_template: bool) -> CompiledTemplate[str]:
    text = text.translate(NONCHARACTERS)
    footer = "" if _has_unsubscribe_link(text, is_template=is_template, is_html=False) else TEXT_FOOTER
    return _compiled(text.rstrip() + footer, is_template=is_template)


def _text_from_html(page: str, *, is_template: bool) -> str | None:
    """The text of the page; None if there is none, or if its tags would no longer form a template."""
    text = message_html.plain_text(page, is_template=is_template)
    try:
        if text is not None and is_template:
            message_template.compile_template(text)
    except TemplateError:
        return None
    return text


def _compiled(source: str, *, is_template: bool) -> CompiledTemplate[str]:
    """The source with its marks, and every `{{unsubscribe_url}}`, as slots."""
    if not is_template:
        source = UNSUBSCRIBE_TAG.sub(MARK.format(UNSUBSCRIBE_SLOT), source)
    template = message_template.compile_template(source) if is_template else message_template.literal(source)
    return template.replaced(_with_slots)


def _with_slots(part: str | TemplateTag | Slot) -> Iterator[str | TemplateTag | Slot]:
    if not isinstance(part, str):
        yield Slot(UNSUBSCRIBE_SLOT) if isinstance(part, TemplateTag) and part.path == ("unsubscribe_url",) else part
        return
    for number, piece in enumerate(MARKED.split(part)):
        if piece:
            yield Slot(piece) if number % 2 else piece


def _has_unsubscribe_link(source: str, *, is_template: bool, is_html: bool) -> bool:
    """Whether every recipient sees the link: it is in no section and no comment."""
    visible = _without_comments(source) if is_html else source
    try:
        return Slot(UNSUBSCRIBE_SLOT) in _compiled(visible, is_template=is_template).parts
    except TemplateError:  # a comment contained half a section; the whole source is checked where it is compiled
        return False


def _without_comments(page: str) -> str:
    pieces: list[str] = []
    position = 0
    while (opening := page.find("<!--", position)) >= 0 and (end := page.find("-->", opening)) >= 0:
        pieces.append(page[position:opening])
        position = end + 3
    # The rest of a page after an unclosed comment is not shown.
    return "".join(pieces) + (page[position:] if opening < 0 else page[position:opening])


def _appended(page: str, addition: str) -> str:
    """The page with an addition at the end of its visible part."""
    end = page.lower().rfind("</body")
    if end < 0 or _is_in_comment(page, end):
        end = len(page)
    shown = f"-->{addition}" if _is_in_comment(page, end) else addition
    return page[:end] + shown + page[end:]


def _is_in_comment(page: str, position: int) -> bool:
    return page.rfind("<!--", 0, position) > page.rfind("-->", 0, position)
