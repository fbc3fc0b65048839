"""Which parts of an HTML page a reader sees, judged so that doubt means hidden."""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from misarmail_server.delivery.message.html_page import tags as html_tags
from misarmail_server.delivery.message.html_page.tags import HtmlAttribute, HtmlTag

# Elements whose content no mail program shows as text.
UNSEEN = frozenset(
    {
        *(
            "head",
            "title",
            "style",
            "script",
            "template",
            "noscript",
            "textarea",
            "select",
            "datalist",
            "object",
            "audio",
            "video",
            "canvas",
        ),
        *("iframe", "noembed", "noframes", "svg", "math", "xmp"),
    }
)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
HIDING = re.compile(
    r"(?:^|[;{])\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|color\s*:\s*transparent|clip(?:-path)?\s*:"
    r"|opacity\s*:\s*0?(?:\.0\d*)?\s*(?=[;!}]|$)|(?:max-height|max-width|height|width)\s*:\s*[01]?(?:\.\d+)?\s*(?:px|pt|em|rem|%)?\s*(?=[;!}]|$)"
    r"|(?:text-indent|left|right|top|bottom|margin-left|margin-top)\s*:\s*-\d{3})",
    re.IGNORECASE,
)
FONT_SIZE = re.compile(r"(?:^|;)\s*font(?:-size)?\s*:[^;]*?\b(\d*\.?\d+)\s*(?:px|pt|r?em|%|;|!|$)", re.IGNORECASE)
MIN_FONT_SIZE = 2.0
MAX_BODIES = 10  # end tags of `body` that are considered
BLANK = " \t\r\n\f\xa0\u00ad\u034f\u200b\u200c\u200d\u2060\ufeff"


class _Open(NamedTuple):
    name: str
    is_hidden: bool  # by itself or an element around it
    has_text: bool  # texts in it are large enough to read


TOP = _Open("", is_hidden=False, has_text=True)


class PageView:
    """Walks a page once. `page` has no merge tags any more, or others of the same length in their place."""

    def __init__(self, page: str, links: Sequence[tuple[int, int]]) -> None:
        """`links` are the spans of the address to be seen: as a text, or as the target of a link that shows something."""
        self._page = page
        self._links = sorted(begin for begin, _ in links)
        self._open = [TOP]
        self._open_count: Counter[str] = Counter()
        self._body_count = 0
        self._anchors: list[int] = []  # the depths of open links with the address
        self._unclosed = ""  # what ends a comment or tag that takes the rest of the page
        self.is_shown = False
        self.end = len(page)  # where something can be added
        self.closing = ""  # ends what would hide an addition there
        position = 0
        for tag in html_tags.tags(page):
            self._text(position, tag.start)
            self._tag(tag)
            position = tag.end
        self._text(position, len(page))
        if self.end == len(page):
            self.closing = self._closing()

    def _closing(self) -> str:
        if self._unclosed:
            return self._unclosed
        first = next((number for number, element in enumerate(self._open) if element.is_hidden), len(self._open))
        return "".join(f"</{element.name}>" for element in reversed(self._open[first:]))

    def _text(self, start: int, end: int) -> None:
        top = self._open[-1]
        if start >= end or top.is_hidden or not top.has_text or self.is_shown:
            return
        self.is_shown = self._has_link(start, end) or bool(self._anchors and html.unescape(self._page[start:end]).strip(BLANK))

    def _has_link(self, start: int, end: int) -> bool:
        return bisect_left(self._links, start) < bisect_left(self._links, end)

    def _tag(self, tag: HtmlTag) -> None:
        if tag.kind == "unclosed":
            # Otherwise it ends the value of an attribute in either kind of quotation marks.
            self._unclosed = "-->" if tag.name == "comment" else "'\">"
        elif tag.kind == "start":
            self._start(tag)
        elif tag.kind == "end":
            self._end(tag)

    def _end(self, tag: HtmlTag) -> None:
        if tag.name == "body" and self._body_count < MAX_BODIES:
            self._body_count += 1
            self.end, self.closing = tag.start, self._closing()
        while self._open_count[tag.name]:
            element = self._open.pop()
            self._open_count[element.name] -= 1
            if element.name == tag.name:
                break
        while self._anchors and self._anchors[-1] >= len(self._open):
            self._anchors.pop()

    def _start(self, tag: HtmlTag) -> None:
        given = {attribute.name: attribute for attribute in html_tags.attributes(self._page, tag)}
        style = COMMENT.sub("", given["style"].value) if "style" in given else ""
        around = self._open[-1]
        is_hidden = around.is_hidden or tag.name in UNSEEN or "hidden" in given or "\\" in style or bool(HIDING.search(style))
        if html_tags.is_void(self._page, tag):
            self.is_shown = self.is_shown or (tag.name == "img" and bool(self._anchors) and not is_hidden and _is_large(given))
            return
        size = FONT_SIZE.search(style)
        self._open_count[tag.name] += 1
        self._open.append(_Open(tag.name, is_hidden, float(size[1]) >= MIN_FONT_SIZE if size else around.has_text))
        href = given.get("href") if tag.name == "a" else None
        if href is not None and self._has_link(href.start, href.end):
            self._anchors.append(len(self._open) - 1)


def may_hide(css: str) -> bool:
    """Whether a style sheet has a rule that hides elements."""
    return "\\" in css or bool(HIDING.search(COMMENT.sub("", css)))


def _is_large(image: dict[str, HtmlAttribute]) -> bool:
    return "src" in image and all(image[side].value.strip().rstrip("px") not in {"0", "1"} for side in ("width", "height") if side in image)
