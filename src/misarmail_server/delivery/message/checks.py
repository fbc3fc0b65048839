"""A look at a mail as it would be sent: what receivers mind, and what people will not see. Nobody is asked; links are not followed."""

from __future__ import annotations

import html as markup
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from misarmail_server.delivery.message.marketing import ATTRIBUTE
from misarmail_server.delivery.message.message import Message
from misarmail_server.delivery.message.preview import Preview
from misarmail_server.delivery.message.tracking_links import ONE_CLICK

Name = Literal["subject", "signature", "text", "size", "links", "images", "merge_tags", "unsubscribe", "headers"]
Status = Literal["ok", "warning", "problem"]

LONG_SUBJECT = 78  # characters; most programs show fewer
SHOUTED = 8  # letters from which a subject in capitals is one
CLIPPED_BY_GMAIL = 102_000  # bytes of HTML
LARGE = 10_000_000  # bytes with files; many receivers take no more
MOST_LOOKED_AT = 500  # elements of a kind
MOST_NAMED = 3

ELEMENT = re.compile(r"<(a|area|img)(?=[\s/>])[^<]*+", re.IGNORECASE)
TAG = re.compile(r"\{\{\{?[^{}\r\n]{1,100}\}\}\}?")
SIGNATURE = re.compile(r"\ba=(?P<algorithm>[\w-]+);.*?\bd=(?P<domain>[\w.-]+);", re.DOTALL)
MISTRUSTED = frozenset({"x-priority", "x-msmail-priority", "importance", "priority"})
SPOKEN = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})


class Finding(NamedTuple):
    """What one check found."""

    check: Name
    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The mail of one recipient, and whether it is marketing."""

    preview: Preview
    is_marketing: bool

    @property
    def message(self) -> Message:
        """Its texts."""
        return self.preview.message

    def values(self, name: str) -> list[str]:
        """Those of a header field."""
        return [value for one, value in self.preview.headers if one.lower() == name]

    @property
    def html(self) -> str:
        """The HTML body, empty where there is none."""
        return self.message.html or ""


def check(subject: Subject) -> list[Finding]:
    """Every check once, in a fixed order."""
    return [one(subject) for one in CHECKS]


def _subject(of: Subject) -> Finding:
    text = of.message.subject.strip()
    letters = [one for one in text if one.isalpha()]
    if not text:
        return Finding("subject", "problem", "The subject is empty")
    if len(letters) >= SHOUTED and all(letter.isupper() for letter in letters):
        return Finding("subject", "warning", "The subject is written in capitals, as spam is")
    if len(text) > LONG_SUBJECT:
        return Finding("subject", "warning", f"The subject is {len(text)} characters long; most programs show fewer than {LONG_SUBJECT}")
    if "!!" in text or "$$" in text:
        return Finding("subject", "warning", "The subject repeats ! or $, as spam does")
    return Finding("subject", "ok", f"The subject is {len(text)} characters long")


def _signature(of: Subject) -> Finding:
    signed = [found for value in of.values("dkim-signature") if (found := SIGNATURE.search(value))]
    if not signed:
        return Finding("signature", "problem", of.preview.unsigned_reason or "It is not signed by DKIM")
    return Finding("signature", "ok", f"Signed by DKIM for {signed[0]['domain']} with {' and '.join(one['algorithm'] for one in signed)}")


def _text(of: Subject) -> Finding:
    if (of.message.text or "").strip():
        return Finding("text", "ok", "There is a plain text part")
    return Finding("text", "warning", "There is no plain text part; give text beside html")


def _size(of: Subject) -> Finding:
    shown = len(of.html.encode("utf-8", "replace"))
    whole = len(of.preview.raw) or shown + len((of.message.text or "").encode("utf-8", "replace")) + sum(
        len(file.content) * 4 // 3 for file in of.message.files
    )
    if whole > LARGE:
        return Finding("size", "problem", f"The mail has {whole:,} bytes; many receivers refuse more than {LARGE:,}")
    if shown > CLIPPED_BY_GMAIL:
        return Finding("size", "warning", f"The HTML has {shown:,} bytes; Gmail hides what is beyond {CLIPPED_BY_GMAIL:,}")
    return Finding("size", "ok", f"The mail has {whole:,} bytes")


def _links(of: Subject) -> Finding:
    targets = [attributes.get("href") for name, attributes in _elements(of.html) if name != "img" and _is_link(attributes)]
    judged = [found for target in targets if (found := _target(target, of)) is not None]
    return _worst("links", judged, f"Links: {len(targets)}, none of them wrong")


def _is_link(attributes: dict[str, str]) -> bool:
    """An `a` without `href` that has a name is a place to jump to."""
    return "href" in attributes or not {"id", "name"} & attributes.keys()


def _target(target: str | None, of: Subject) -> tuple[Status, str] | None:
    """What is wrong with where a link leads, None where nothing is."""
    url = (target or "").strip()
    if not url or url == "#":
        return "problem", "A link leads nowhere"
    if url == of.preview.unsubscribe_url:
        return None
    url = of.preview.link_targets.get(url, url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "problem", f"{url[:80]} is no address"
    if url.startswith("#"):
        return None
    if parts.scheme not in SPOKEN:
        return "problem", f"{url[:80]} cannot be followed from a mail"
    return _host(parts.scheme, host, url)


def _host(scheme: str, host: str, url: str) -> tuple[Status, str] | None:
    if scheme not in {"http", "https"}:
        return None
    if not host or _is_private(host):
        return "problem", f"{url[:80]} leads to no host that others reach"
    return ("warning", f"{url[:80]} is not encrypted; use https") if scheme == "http" else None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))


def _images(of: Subject) -> Finding:
    images = [attributes for name, attributes in _elements(of.html) if name == "img" and attributes.get("src") != of.preview.pixel_url]
    judged: list[tuple[Status, str]] = []
    for image in images:
        source = image.get("src", "").strip()
        if not source:
            judged.append(("problem", "An image has no source"))
        elif source.lower().startswith("data:"):
            judged.append(("warning", "An image is written into the HTML; many programs do not show it"))
        elif source.lower().startswith("http:"):
            judged.append(("warning", f"{source[:80]} is not encrypted; use https"))
        if "alt" not in image:
            judged.append(("warning", f"{source[:80] or 'An image'} has no alt text"))
    return _worst("images", judged, f"Images: {len(images)}, none of them wrong")


def _merge_tags(of: Subject) -> Finding:
    texts = (of.message.subject, of.html, of.message.text or "")
    left = dict.fromkeys(tag[0] for text in texts for tag in TAG.finditer(text))
    if left:
        named = list(left)
        return Finding("merge_tags", "problem", f"Tags that nobody fills: {', '.join(named[:MOST_NAMED])}{_more(named)}")
    return Finding("merge_tags", "ok", "No merge tag was left")


def _unsubscribe(of: Subject) -> Finding:
    if of.is_marketing:
        return _unsubscribe_link(of)
    if "unsubscribe" in f"{of.html} {of.message.text or ''}".lower():
        return Finding("unsubscribe", "warning", "The mail speaks of unsubscribing but is transactional; marketing has List-Unsubscribe")
    return Finding("unsubscribe", "ok", "Transactional mail needs no List-Unsubscribe")


def _unsubscribe_link(of: Subject) -> Finding:
    url = of.preview.unsubscribe_url
    is_in_header = any(url in value for value in of.values("list-unsubscribe"))
    is_one_click = of.values("list-unsubscribe-post") == [ONE_CLICK]
    is_in_bodies = all(url in body for body in (of.html, of.message.text) if body)
    if not (url and is_in_header and is_one_click and is_in_bodies):
        return Finding("unsubscribe", "problem", "List-Unsubscribe, its one-click form or a link in the body is missing")
    return Finding("unsubscribe", "ok", "List-Unsubscribe, its one-click form and a link in the body are there")


def _headers(of: Subject) -> Finding:
    if of.preview.fault:
        return Finding("headers", "problem", f"No correct mail can be made of it: {of.preview.fault}")
    found = [name for name, _ in of.message.fields if name.lower() in MISTRUSTED]
    if found:
        return Finding("headers", "warning", f"Filters mistrust {', '.join(found)}")
    return Finding("headers", "ok", f"{len(of.message.fields)} header fields of your own, none that filters mistrust")


CHECKS: tuple[Callable[[Subject], Finding], ...] = (
    *(_subject, _signature, _text, _size, _links, _images, _merge_tags, _unsubscribe, _headers),
)


def _elements(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of links and images, the first of them."""
    for number, found in enumerate(ELEMENT.finditer(page)):
        if number == MOST_LOOKED_AT:
            return
        attributes: dict[str, str] = {}
        position = found.end(1)
        while attribute := ATTRIBUTE.match(page, position, found.end()):
            value = next((group for group in attribute.group(2, 3, 4) if group is not None), "")
            attributes.setdefault(attribute[1].lower(), markup.unescape(value))
            position = attribute.end()
        yield found[1].lower(), attributes


def _worst(name: Name, judged: Sequence[tuple[Status, str]], otherwise: str) -> Finding:
    """The problems, or else the warnings, a few of them named."""
    for status in ("problem", "warning"):
        said = list(dict.fromkeys(detail for one, detail in judged if one == status))
        if said:
            return Finding(name, status, f"{'; '.join(said[:MOST_NAMED])}{_more(said)}")
    return Finding(name, "ok", otherwise)


def _more(named: Sequence[str]) -> str:
    return f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
