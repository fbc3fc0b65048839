"""Compression of responses with gzip (RFC 9110, section 8.4.1).

An attacker who makes a browser send requests, and sees the length of the responses, can guess a secret in them if it is compressed
together with the attacker's text (BREACH). So only responses to GET without a cookie are compressed, and no page whose URL holds a token.
"""

from __future__ import annotations

import gzip

from misarmail_server.operate.http.environ import Environ

MIN_BYTES = 1_400  # about one packet
LEVEL = 4
TYPES = (
    "application/json",
    "application/problem+json",
    "text/html",
    "text/css",
    "text/plain",
    "text/csv",
    "text/javascript",
    "application/javascript",
)
SECRET_PATHS = ("/t/", "/u/", "/reset-password")
VARY = (b"vary", b"Accept-Encoding")
Fields = list[tuple[bytes, bytes]]


def compressed(environ: Environ, status: int, fields: Fields, body: bytes) -> tuple[Fields, bytes]:
    """The header fields and the body to send."""
    if not _is_compressible(environ, status, fields, body):
        return fields, body
    if not _accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return [*fields, VARY], body
    packed = gzip.compress(body, LEVEL, mtime=0)
    kept = [(name, _weak(value) if name == b"etag" else value) for name, value in fields if name != b"content-length"]
    return [*kept, VARY, (b"content-encoding", b"gzip"), (b"content-length", str(len(packed)).encode())], packed


def _is_compressible(environ: Environ, status: int, fields: Fields, body: bytes) -> bool:
    if len(body) < MIN_BYTES or environ["REQUEST_METHOD"] != "GET" or "HTTP_COOKIE" in environ or status == 206:  # noqa: PLR2004 - a range
        return False
    if environ["PATH_INFO"].startswith(SECRET_PATHS):
        return False
    named = dict(fields)
    media_type = named.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1").lower()
    return media_type in TYPES and b"content-encoding" not in named and b"set-cookie" not in named


def _accepts_gzip(field: str) -> bool:
    """The client's preference; a weight of 0 refuses (RFC 9110, section 12.5.3)."""
    weights: dict[str, str] = {}
    for part in field.lower().split(","):
        coding, _, parameters = part.partition(";")
        weights[coding.strip()] = parameters.replace(" ", "").removeprefix("q=") or "1"
    weight = weights.get("gzip", weights.get("x-gzip", weights.get("*", "0")))
    try:
        return 0 < float(weight) <= 1
    except ValueError:
        return False


def _weak(tag: bytes) -> bytes:
    """The compressed bytes are not those that a strong tag names."""
    return tag if tag.startswith(b"W/") else b"W/" + tag
