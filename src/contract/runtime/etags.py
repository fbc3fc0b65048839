"""Conditional GET (RFC 9110, sections 13.1.2 and 15.4.5): a tag for every answer, and 304 for a client that has the answer already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from contract.runtime.platform import EncodedResponse

NOT_MODIFIED = 304
TAGS = re.compile(r'(?:W/)?"[^"]*"')
KEPT = {"cache-control", "content-location", "date", "etag", "expires", "vary", "deprecation", "sunset", "link"}


def tagged(encoded: EncodedResponse) -> EncodedResponse:
    """A success with an entity tag: the handler's own, else one made of the bytes."""
    if encoded.status // 100 != 2 or encoded.stream is not None or any(name.lower() == "etag" for name, _ in encoded.headers):  # noqa: PLR2004 - any success
        return encoded
    tag = hashlib.blake2b(encoded.body, digest_size=12).hexdigest()
    return encoded._replace(headers=[*encoded.headers, ("ETag", f'"{tag}"')])


def unless_known(encoded: EncodedResponse, environ: Mapping[str, Any]) -> EncodedResponse:
    """The answer, or 304 without a body when `If-None-Match` names its entity tag (compared weakly)."""
    tag = next((value for name, value in encoded.headers if name.lower() == "etag"), None)
    if tag is None or encoded.status // 100 != 2 or not _names(environ["HTTP_IF_NONE_MATCH"], tag):  # noqa: PLR2004 - any success
        return encoded
    return EncodedResponse(NOT_MODIFIED, "", b"", [(name, value) for name, value in encoded.headers if name.lower() in KEPT])


def _names(field: str, tag: str) -> bool:
    return field.strip() == "*" or tag.removeprefix("W/") in {one.removeprefix("W/") for one in TAGS.findall(field)}
