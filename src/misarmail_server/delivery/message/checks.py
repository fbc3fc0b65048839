"""Checks of a mail as it would be sent: parts that receivers reject or that readers will not see. Makes no requests; follows no links."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from misarmail_server.delivery.message.html_page import tags as html_tags
from misarmail_server.delivery.message.preview import Preview
from misarmail_server.delivery.message.recipient_urls import ONE_CLICK
from misarmail_server.delivery.message.stored_message import StoredMessage

CheckName = Literal["subject", "signature", "text", "size", "links", "images", "merge_tags", "unsubscribe", "headers"]
Status = Literal["ok", "warning", "problem"]

LONG_SUBJECT = 78  # characters; most programs show fewer
MIN_CAPITALS = 8  # letters from which an upper-case subject is reported
GMAIL_CLIP_BYTES = 102_000  # of HTML
LARGE_MAIL_BYTES = 10_000_000  # with files; many receivers refuse more
MAX_ELEMENTS = 500  # of a kind
MAX_NAMED = 3

TAG = re.compile(r"\{\{\{?[^{}\r\n]{1,100}\}\}\}?")
SIGNATURE = re.compile(r"\ba=(?P<algorithm>[\w-]+);.*?\bd=(?P<domain>[\w.-]+);", re.DOTALL)
SUSPICIOUS_FIELDS = frozenset({"x-priority", "x-msmail-priority", "importance", "priority"})
KNOWN_SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms", "cid"})


class CheckResult(NamedTuple):
    """The result of one check."""

    check: CheckName
    status: Status
    detail: str


@dataclass(frozen=True, slots=True)
class CheckedMail:
    """The mail of one recipient, and whether it is marketing."""

    preview: Preview
    is_marketing: bool

    @property
    def message(self) -> StoredMessage:
        """The message."""
        return self.preview.message

    def values(self, name: str) -> list[str]:
        """The values of a header field."""
        return [value for field, value in self.preview.headers if field.lower() == name]

    @property
    def html(self) -> str:
        """The HTML body, empty if there is none."""
        return self.message.html or ""


def check(mail: CheckedMail) -> list[CheckResult]:
    """Run every check once, in a fixed order."""
    return [run(mail) for run in CHECKS]


def _subject(mail: CheckedMail) -> CheckResult:
    text = mail.message.subject.strip()
    letters = [character for character in text if character.isalpha()]
    if not text:
        return CheckResult("subject", "problem", "The subject is empty")
    if len(letters) >= MIN_CAPITALS and all(letter.isupper() for letter in letters):
        return CheckResult("subject", "warning", "The subject is written in capitals, as spam is")
    if len(text) > LONG_SUBJECT:
        return CheckResult(
            "subject", "warning", f"The subject is {len(text)} characters long; most programs show fewer than {LONG_SUBJECT}"
        )
    if "!!" in text or "$$" in text:
        return CheckResult("subject", "warning", "The subject repeats ! or $, as spam does")
    return CheckResult("subject", "ok", f"The subject is {len(text)} characters long")


def _signature(mail: CheckedMail) -> CheckResult:
    signed = [match for value in mail.values("dkim-signature") if (match := SIGNATURE.search(value))]
    if not signed:
        return CheckResult("signature", "problem", mail.preview.unsigned_reason or "It is not signed by DKIM")
    return CheckResult(
        "signature", "ok", f"Signed by DKIM for {signed[0]['domain']} with {' and '.join(match['algorithm'] for match in signed)}"
    )


def _text(mail: CheckedMail) -> CheckResult:
    if (mail.message.text or "").strip():
        return CheckResult("text", "ok", "There is a plain text part")
    return CheckResult("text", "warning", "There is no plain text part; give text beside html")


def _size(mail: CheckedMail) -> CheckResult:
    shown = len(mail.html.encode("utf-8", "replace"))
    whole = len(mail.preview.raw) or shown + len((mail.message.text or "").encode("utf-8", "replace")) + sum(
        len(file.content) * 4 // 3 for file in mail.message.files
    )
    findings: list[tuple[Status, str]] = []
    if whole > LARGE_MAIL_BYTES:
        findings.append(("problem", f"The mail has {whole:,} bytes; many receivers refuse more than {LARGE_MAIL_BYTES:,}"))
    if shown > GMAIL_CLIP_BYTES:
        findings.append(("warning", f"The HTML has {shown:,} bytes; Gmail hides what is beyond {GMAIL_CLIP_BYTES:,}"))
    if mail.preview.style_warning:
        findings.append(("warning", mail.preview.style_warning))
    return _worst("size", findings, f"The mail has {whole:,} bytes")


def _links(mail: CheckedMail) -> CheckResult:
    targets = [attributes.get("href") for name, attributes in _elements(mail.html) if name != "img" and _is_link(attributes)]
    findings = [result for target in targets if (result := _target(target, mail)) is not None]
    return _worst("links", findings, f"Links: {len(targets)}, no problems")


def _is_link(attributes: dict[str, str]) -> bool:
    """An `a` without `href` that has a name is a link target, not a link."""
    return "href" in attributes or not {"id", "name"} & attributes.keys()


def _target(target: str | None, mail: CheckedMail) -> tuple[Status, str] | None:
    """The problem of a link's target, None if there is none."""
    url = (target or "").strip()
    if not url or url == "#":
        return "problem", "A link has no target"
    if url == mail.preview.unsubscribe_url:
        return None
    url = mail.preview.link_targets.get(url, url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "problem", f"{url[:80]} is not an address"
    if url.startswith("#"):
        return None
    if parts.scheme not in KNOWN_SCHEMES:
        return "problem", f"{url[:80]} cannot be followed from a mail"
    return _host(parts.scheme, host, url)


def _host(scheme: str, host: str, url: str) -> tuple[Status, str] | None:
    if scheme not in {"http", "https"}:
        return None
    if not host or _is_private(host):
        return "problem", f"{url[:80]} does not lead to a public host"
    return ("warning", f"{url[:80]} is not encrypted; use https") if scheme == "http" else None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))


def _images(mail: CheckedMail) -> CheckResult:
    images = [attributes for name, attributes in _elements(mail.html) if name == "img" and attributes.get("src") != mail.preview.pixel_url]
    findings: list[tuple[Status, str]] = []
    for image in images:
        source = image.get("src", "").strip()
        if not source:
            findings.append(("problem", "An image has no source"))
        elif source.lower().startswith("data:"):
            findings.append(("warning", "An image is written into the HTML; many programs do not show it"))
        elif source.lower().startswith("http:"):
            findings.append(("warning", f"{source[:80]} is not encrypted; use https"))
        if source and "alt" not in image:
            findings.append(("warning", f"{source[:80]} has no alt text"))
    return _worst("images", findings, f"Images: {len(images)}, no problems")


def _merge_tags(mail: CheckedMail) -> CheckResult:
    texts = (mail.message.subject, mail.html, mail.message.text or "")
    left = dict.fromkeys(tag[0] for text in texts for tag in TAG.finditer(text))
    if left:
        named = list(left)
        return CheckResult("merge_tags", "problem", f"Tags that are not filled: {', '.join(named[:MAX_NAMED])}{_more(named)}")
    return CheckResult("merge_tags", "ok", "All merge tags are filled")


def _unsubscribe(mail: CheckedMail) -> CheckResult:
    if mail.is_marketing:
        return _unsubscribe_link(mail)
    if "unsubscribe" in f"{mail.html} {mail.message.text or ''}".lower():
        return CheckResult("unsubscribe", "warning", "The mail mentions unsubscribing but is transactional; marketing has List-Unsubscribe")
    return CheckResult("unsubscribe", "ok", "Transactional mail needs no List-Unsubscribe")


def _unsubscribe_link(mail: CheckedMail) -> CheckResult:
    url = mail.preview.unsubscribe_url
    is_in_header = any(url in value for value in mail.values("list-unsubscribe"))
    is_one_click = mail.values("list-unsubscribe-post") == [ONE_CLICK]
    is_in_bodies = all(url in body for body in (mail.html, mail.message.text) if body)
    if not (url and is_in_header and is_one_click and is_in_bodies):
        return CheckResult("unsubscribe", "problem", "List-Unsubscribe, its one-click form or a link in the body is missing")
    return CheckResult("unsubscribe", "ok", "List-Unsubscribe, its one-click form and a link in the body are present")


def _headers(mail: CheckedMail) -> CheckResult:
    if mail.preview.fault:
        return CheckResult("headers", "problem", f"The message cannot be built: {mail.preview.fault}")
    suspicious = [name for name, _ in mail.message.fields if name.lower() in SUSPICIOUS_FIELDS]
    if suspicious:
        return CheckResult("headers", "warning", f"Filters distrust {', '.join(suspicious)}")
    return CheckResult("headers", "ok", f"{len(mail.message.fields)} custom header fields, none that filters distrust")


CHECKS: tuple[Callable[[CheckedMail], CheckResult], ...] = (
    *(_subject, _signature, _text, _size, _links, _images, _merge_tags, _unsubscribe, _headers),
)


def _elements(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(name, attributes) of the first links and images."""
    elements = (tag for tag in html_tags.tags(page) if tag.kind == "start" and tag.name in {"a", "area", "img"})
    for tag in islice(elements, MAX_ELEMENTS):
        yield tag.name, {attribute.name: attribute.value for attribute in html_tags.attributes(page, tag)}


def _worst(name: CheckName, findings: Sequence[tuple[Status, str]], otherwise: str) -> CheckResult:
    """The result with the problems, else the warnings; a few of them are named."""
    for status in ("problem", "warning"):
        details = list(dict.fromkeys(detail for severity, detail in findings if severity == status))
        if details:
            return CheckResult(name, status, f"{'; '.join(details[:MAX_NAMED])}{_more(details)}")
    return CheckResult(name, "ok", otherwise)


def _more(named: Sequence[str]) -> str:
    return f" and {len(named) - MAX_NAMED} more" if len(named) > MAX_NAMED else ""
