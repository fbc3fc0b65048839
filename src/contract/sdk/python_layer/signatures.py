"""Verification of webhooks by the Standard Webhooks specification: HMAC-SHA256 of id, timestamp and body."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Iterable, Mapping

from .problems import SdkError

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


class WebhookVerificationError(SdkError):
    """The request is not authentic or not recent. Respond with 400."""


def check(body: bytes, headers: Mapping[str, str], secrets: str | Iterable[str], *, tolerance: float = TOLERANCE_SECONDS) -> None:
    """Verify the signature and the age of a webhook. Raises WebhookVerificationError, ValueError for an empty secret.

    `body` is the raw body of the request. Several secrets may be valid while a secret is being replaced.
    """
    keys = [secrets] if isinstance(secrets, str) else list(secrets)
    if not keys or any(not _key(secret) for secret in keys):
        raise ValueError("a secret is empty: any sender could sign with it")
    by_name = {name.lower(): value for name, value in headers.items()}
    try:
        event, timestamp, signatures = (by_name[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise WebhookVerificationError(f"The header {error} is missing") from error
    if not (timestamp.isascii() and timestamp.isdecimal() and abs(time.time() - int(timestamp[:12])) <= tolerance):
        raise WebhookVerificationError("The timestamp is too far from now")
    signed = f"{event}.{timestamp}.".encode() + body
    expected = [sign(secret, signed) for secret in keys]
    if not any(
        hmac.compare_digest(expected_signature.encode(), signature.encode())
        for signature in signatures.split()
        for expected_signature in expected
    ):
        raise WebhookVerificationError("No signature matches")


def sign(secret: str, signed: bytes) -> str:
    """One signature of `webhook-signature`. A secret `whsec_...` is base64; any other secret is used as text."""
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, 'sha256')).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
