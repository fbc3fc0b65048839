"""Additions to marketing mail beyond its author's text: inlined styles, tracked links, a pixel, a plain text, an unsubscribe link.

The unsubscribe link cannot be left out: a body without a visible `{{unsubscribe_url}}` gets a footer. Tracked links redirect only to the
URLs that `links` found when the message was accepted, which are stored with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from misarmail_server.delivery.message import template as message_template
from misarmail_server.delivery.message import template_scope, template_tokens
from misarmail_server.delivery.message.html_page import link_rewriting, masking, visibility
from misarmail_server.delivery.message.html_page.inlining import inlined
from misarmail_server.delivery.message.html_page.link_rewriting import (
    MARK,
    MARKED,
    NONCHARACTERS,
    UNSUBSCRIBE_SLOT,
    UNSUBSCRIBE_TAG,
    with_tracked_links,
)
from misarmail_server.delivery.message.html_page.plain_text import plain_text
from misarmail_server.delivery.message.html_page.visibility import PageView
from misarmail_server.delivery.message.template import CompiledTemplate, Slot, TemplateTag
from misarmail_server.delivery.message.template_tokens import TemplateError
from misarmail_server.delivery.message.tracking_pixel import PIXEL

UNSUBSCRIBE_URL = "{{unsubscribe_url}}"


# `!important` in an attribute wins against every style sheet, so that no sheet hides the link.
SHOWN = "display:block!important;visibility:visible!important;opacity:1!important;max-height:none!important"
FOOTER = (
    f'<p style="{SHOWN};margin:24px 0 0;font:12px sans-serif!important;color:#666!important;text-align:center">'
    f'<a href="{MARK.format(UNSUBSCRIBE_SLOT)}" style="{SHOWN.replace("block", "inline")};color:#666!important">Unsubscribe</a></p>'
)
TEXT_FOOTER = f"\n\n-- \nUnsubscribe: {MARK.format(UNSUBSCRIBE_SLOT)}\n"


@dataclass(frozen=True, slots=True)
class MarketingBodies:
    """The two bodies, ready to compile. `warning` is a sentence if the styles are not inlined."""

    html: CompiledTemplate[str] | None
    text: CompiledTemplate[str] | None
    warning: str = ""


def bodies(html: str | None, text: str | None, *, is_template: bool, urls: Sequence[str] | None) -> MarketingBodies:
    """Prepare the bodies of marketing mail. `is_template`: merge tags will be filled; otherwise only `{{unsubscribe_url}}` is a tag.

    `urls` are the targets of the tracked links by number (see `links`); None for mail that is not tracked. Raises TemplateError.
    """
    if not html:
        return MarketingBodies(None, _text(text or "", is_template=is_template))
    page, warning = inlined(html.translate(NONCHARACTERS), is_template=is_template)
    written = text or _text_from_html(page, is_template=is_template)
    page = _with_additions(page, urls, is_inlined=not warning, is_template=is_template)
    made = None if written is None else _text(written, is_template=is_template)
    return MarketingBodies(_compiled(page, is_template=is_template), made, warning)


def links(html: str | None, *, is_template: bool) -> tuple[str, ...]:
    """The targets of the links of a page that can be tracked, by number. They are stored with the message (see `message_links`)."""
    page = (html or "").translate(NONCHARACTERS)
    return link_rewriting.links(page, masking.masked(page, is_template=is_template)) if page else ()


def _text(text: str, *, is_template: bool) -> CompiledTemplate[str]:
    text = text.translate(NONCHARACTERS)
    footer = "" if _has_unsubscribe_link(text, is_template=is_template) else TEXT_FOOTER
    return _compiled(text.rstrip() + footer, is_template=is_template)


def _text_from_html(page: str, *, is_template: bool) -> str | None:
    """The text of the page; None if there is none, or if its tags would no longer form a template."""
    text = plain_text(page, is_template=is_template)
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
        yield Slot(UNSUBSCRIBE_SLOT) if isinstance(part, TemplateTag) and _is_unsubscribe_url(part.path) else part
        return
    for number, piece in enumerate(MARKED.split(part)):
        if piece:
            yield Slot(piece) if number % 2 else piece


def _is_unsubscribe_url(path: tuple[str, ...]) -> bool:
    return len(path) == 1 and template_scope.normal(path[0]) == "unsubscribe_url"


def _has_unsubscribe_link(source: str, *, is_template: bool) -> bool:
    """Whether every recipient gets the link: it is in no section."""
    return Slot(UNSUBSCRIBE_SLOT) in _compiled(source, is_template=is_template).parts


def _with_additions(page: str, urls: Sequence[str] | None, *, is_inlined: bool, is_template: bool) -> str:
    """The page with tracked links, the pixel, and a footer unless every recipient sees an unsubscribe link.

    A page whose sheets hide something and are not inlined gets a footer too.
    """
    masked = masking.masked(page, is_template=is_template)
    view = PageView(masked, list(_unsubscribe_tags(page, is_template=is_template)))
    is_certain = is_inlined or not visibility.may_hide(masked)
    footer = "" if view.is_shown and is_certain else FOOTER
    added = (view.end, f"{view.closing}{footer}{PIXEL if urls is not None else ''}")
    return with_tracked_links(page, masked, urls or (), added)


def _unsubscribe_tags(page: str, *, is_template: bool) -> Iterator[tuple[int, int]]:
    """The spans of `{{unsubscribe_url}}` outside of sections."""
    if not is_template:
        yield from (match.span() for match in UNSUBSCRIBE_TAG.finditer(page))
        return
    depth = 0
    for tag in template_tokens.tags(page):
        depth += (tag.kind in {"#", "^"}) - (tag.kind == "/")
        if not depth and tag.kind in {"", "&"} and _is_unsubscribe_url(tag.path):
            yield tag.start, tag.end
