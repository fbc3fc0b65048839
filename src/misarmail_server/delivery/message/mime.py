"""The tree of a mail's MIME parts (RFC 2045, RFC 2046): built once, with slots for the texts that vary."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from misarmail_server.delivery.message import encoding as message_encoding
from misarmail_server.delivery.message import headers as wire
from misarmail_server.delivery.message.encoding import EncodedTemplate
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.template import CompiledTemplate, Escape

# Parts that are messages or multipart may not be base64 (RFC 2046), so such files are sent as opaque bytes.
MEDIA_TYPE = re.compile(r"(?:text|image|audio|video|application|font|model|chemical)/[A-Za-z0-9!#$&^_.+-]{1,127}", re.IGNORECASE)
# RFC 2045, section 5.1. `name` and `boundary` are written by the platform.
PARAMETER = re.compile(r";\s*+(?!(?:name|boundary)\*?[=\d])([^\s=;\"]++=(?:\"[^\"\\]*+\"|[^\s;\"]++))", re.IGNORECASE)
OPAQUE = "application/octet-stream"

ENCODINGS = frozenset({"7bit", "8bit", "quoted-printable", "base64"})

EncodedContent: TypeAlias = tuple[bytes | EncodedTemplate, ...]


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment; `content_id` makes it part of the HTML (RFC 2392)."""

    filename: str
    content_type: str
    content: bytes
    content_id: str | None = None


class OriginalBody(NamedTuple):
    """A body that is sent as it was submitted. `content_type` is the value of its header field on one line, with all parameters."""

    content_type: str
    transfer_encoding: str
    content: bytes


class MimePart(NamedTuple):
    """A MIME part: its header fields, each with its line end, and its content."""

    fields: tuple[bytes, ...]
    content: EncodedContent


class MimeTree:
    """Builds the parts of one mail. `boundary` must not occur in its texts; quoted-printable and base64 never contain `=_`."""

    def __init__(self, boundary: str) -> None:
        self._boundary = boundary
        self._count = 0

    def root(self, html: CompiledTemplate[str] | None, text: CompiledTemplate[str] | None, files: Sequence[AttachedFile]) -> MimePart:
        """The root part: the bodies, with inline files inside and other files attached."""
        has_page = html is not None
        inline = [file for file in files if has_page and file.content_id]
        attached = [file for file in files if not (has_page and file.content_id)]
        body = self._bodies(html, text, inline)
        return self._multipart("mixed", [body, *map(_attachment, attached)]) if attached else body

    def _bodies(self, html: CompiledTemplate[str] | None, text: CompiledTemplate[str] | None, inline: list[AttachedFile]) -> MimePart:
        if html is None:
            return _text("plain", text or CompiledTemplate((), ()), str)
        page = _text("html", html, markup.escape)
        if inline:
            page = self._multipart("related", [page, *map(_attachment, inline)], ';\r\n type="text/html"')
        return page if text is None else self._multipart("alternative", [_text("plain", text, str), page])

    def _multipart(self, subtype: str, parts: list[MimePart], more: str = "") -> MimePart:
        self._count += 1
        boundary = f"=_{self._boundary}_{self._count}"
        edge = b"--" + boundary.encode()
        content: list[bytes | EncodedTemplate] = []
        for part in parts:
            content += (b"%s\r\n%s\r\n" % (edge, b"".join(part.fields)), *part.content, b"\r\n")
        content.append(edge + b"--\r\n")
        return MimePart((f'Content-Type: multipart/{subtype}{more};\r\n boundary="{boundary}"\r\n'.encode(),), tuple(content))


def _text(subtype: str, template: CompiledTemplate[str], escape: Escape) -> MimePart:
    content: bytes | EncodedTemplate
    if template.varies:
        content = message_encoding.compiled(template, escape)
        encoding = content.encoding
    else:
        encoding, content = message_encoding.encoded("".join(template.literals))
    fields = (f"Content-Type: text/{subtype}; charset=utf-8\r\n".encode(), f"Content-Transfer-Encoding: {encoding}\r\n".encode())
    return MimePart(fields, (content,))


def original(body: OriginalBody) -> MimePart:
    """The root part of a body that stays as it is. Raises Unsendable."""
    content_type = wire.field("Content-Type", wire.structured(body.content_type, "content type", used=12))
    if body.transfer_encoding not in ENCODINGS:
        raise Unsendable(f"{body.transfer_encoding[:80]!r} is not a content transfer encoding")
    return MimePart((content_type, f"Content-Transfer-Encoding: {body.transfer_encoding}\r\n".encode()), (body.content,))


def _attachment(file: AttachedFile) -> MimePart:
    media_type = _media_type(wire.checked(file.content_type, "content type"))
    disposition = "inline" if file.content_id else "attachment"
    fields = (
        f"Content-Type: {media_type}{wire.parameter('name', file.filename)}\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        f"Content-Disposition: {disposition}{wire.parameter('filename', file.filename)}\r\n",
        _content_id(file.content_id),
    )
    return MimePart(tuple(field.encode() for field in fields), (message_encoding.in_base64(file.content),))


def _media_type(content_type: str) -> str:
    """The given type with its parameters, or the type of unknown bytes."""
    kind = content_type.partition(";")[0].strip()
    if not MEDIA_TYPE.fullmatch(kind) or not (content_type.isascii() and content_type.isprintable()):
        return OPAQUE
    return ";\r\n ".join((kind, *PARAMETER.findall(content_type)))


def _content_id(content_id: str | None) -> str:
    if not content_id:
        return ""
    bare = content_id.removeprefix("<").removesuffix(">")
    if not re.fullmatch(r"[!-;=?-~]{1,255}", bare):
        raise Unsendable(f"{content_id[:80]!r} is not a valid content id")
    return f"Content-ID: <{bare}>\r\n"
