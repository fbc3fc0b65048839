"""Conditional GET (RFC 9110, sections 13.1.2 and 15.4.5): entity tags, and 304 if the client has the response already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from contract.runtime.platform import EncodedResponse

NOT_MODIFIED = 304
ENTITY_TAG = re.compile(r'(?:W/)?"[^"]*"')
NOT_MODIFIED_HEADERS = {"cache-control", "content-location", "date", "etag", "expires", "vary", "deprecation", "sunset", "link"}


def with_entity_tag(encoded: EncodedResponse) -> EncodedResponse:
    """A success with an entity tag: the handler's, else a digest of the bytes."""
    if encoded.status // 100 != 2 or encoded.stream is not None or any(name.lower() == "etag" for name, _ in encoded.headers):  # noqa: PLR2004 - any success
        return encoded
    tag = hashlib.blake2b(encoded.body, digest_size=12).hexdigest()
    return encoded._replace(headers=[*encoded.headers, ("ETag", f'"{tag}"')])


def not_modified_if_matched(encoded: EncodedResponse, environ: Mapping[str, Any]) -> EncodedResponse:
    """The response, or 304 without a body if `If-None-Match` has its entity tag (weak comparison)."""
    tag = next((value for name, value in encoded.headers if name.lower() == "etag"), None)
    if tag is None or encoded.status // 100 != 2 or not _matches(environ["HTTP_IF_NONE_MATCH"], tag):  # noqa: PLR2004 - any success
        return encoded
    return EncodedResponse(
        NOT_MODIFIED, "", b"", [(name, value) for name, value in encoded.headers if name.lower() in NOT_MODIFIED_HEADERS]
    )


def _matches(field: str, tag: str) -> bool:
    return field.strip() == "*" or tag.removeprefix("W/") in {candidate.removeprefix("W/") for candidate in ENTITY_TAG.findall(field)}
