"""Fetching the MTA-STS policy of a domain (RFC 8461, section 3.3) over https: no redirects, bounded, with one deadline."""

from __future__ import annotations

import ssl
import time

import httpx

from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import Question
from misarmail_server.external.public_addresses import is_public

MAX_LENGTH = 65_536  # bytes
SECONDS = 10.0
HTTPS_PORT = 443
OK = 200


def fetch(domain: str, dns: tuple[str, int] | None, trust: ssl.SSLContext, *, port: int = HTTPS_PORT, allows_private: bool) -> str | None:
    """The policy's text, None if there is no trusted one. The address that was checked is the one that is connected to."""
    host = f"mta-sts.{domain}"
    answers = look_up(dns, [Question(host, "A"), Question(host, "AAAA")], seconds=SECONDS / 2)
    addresses = [value for answer in answers for value in answer.values if allows_private or is_public(value)]
    return _get(host, addresses[0], port, trust) if addresses else None


def _get(host: str, address: str, port: int, trust: ssl.SSLContext) -> str | None:
    until = time.monotonic() + SECONDS
    url = httpx.URL(scheme="https", host=address, port=port, path="/.well-known/mta-sts.txt")
    headers = {"Host": host, "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(verify=trust, timeout=SECONDS / 2, follow_redirects=False, trust_env=False) as client,
            client.stream("GET", url, headers=headers, extensions={"sni_hostname": host}) as answer,
        ):
            media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return _text(answer, until) if answer.status_code == OK and media_type == "text/plain" else None
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return None


def _text(answer: httpx.Response, until: float) -> str | None:
    text = b""
    for piece in answer.iter_raw():
        text += piece
        if len(text) > MAX_LENGTH or time.monotonic() > until:
            return None
    return text.decode("utf-8", "replace")
