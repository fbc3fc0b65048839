"""DKIM signatures (RFC 6376, RFC 8463): relaxed header fields, simple body.

The body is `simple` because ours has nothing that a relay would change: CRLF only, no blanks at the ends of lines, no long lines. A body
that was submitted and stays as it is may have such blanks: then it is `relaxed`.
A signature depends on the mail and the key alone, so a repeated attempt sends the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from misarmail_server.delivery.message.headers import FOLD

# Signed one time more than they occur, so that no field of that name can be added (RFC 6376, section 8.15).
SEALED = (
    *("from", "to", "cc", "subject", "date", "message-id", "reply-to"),
    *("mime-version", "content-type", "content-transfer-encoding"),
)
# Signed where they occur: RFC 8058, section 4; the fields that receivers report by; threading.
SIGNED = ("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id", "in-reply-to", "references")
NAMED = frozenset((*SEALED, *SIGNED))
CRLF = "\r\n"
BLANKS = re.compile(rb"[ \t]+")
BLANKS_AT_LINE_END = re.compile(rb"[ \t](?:\r\n|\Z)")
LINE = 72  # characters of base64 on a line
NAMES_LINE = 70


@dataclass(frozen=True, slots=True)
class Signer:
    """A domain's key. `algorithm` is the `a=` of its signatures; `sign` signs the canonical bytes."""

    domain: str
    selector: str
    algorithm: str
    sign: Callable[[bytes], bytes]


def load(domain: str, selector: str, algorithm: str, private_key: bytes) -> Signer:
    """The signer of a key, PKCS #8 in DER. `algorithm` is `rsa` or `ed25519`, `domain` in its xn-- form."""
    # These take a tenth of a second to import, which a process that signs nothing should not pay.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415 - see above

    key = load_der_private_key(private_key, None)
    if algorithm == "rsa" and isinstance(key, RSAPrivateKey):
        padding, digest = PKCS1v15(), SHA256()
        return Signer(domain, selector, "rsa-sha256", lambda signed: key.sign(signed, padding, digest))
    if algorithm == "ed25519" and isinstance(key, Ed25519PrivateKey):
        return Signer(domain, selector, "ed25519-sha256", lambda signed: key.sign(hashlib.sha256(signed).digest()))
    raise ValueError(f"the key {selector} of {domain} is not of the algorithm {algorithm}")


def body_hash(body: bytes) -> str:
    """The `bh=` of a body: without the empty lines at its end, except one line end (RFC 6376, section 3.4.3)."""
    return _base64(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest())


def relaxed_body_hash(body: bytes) -> str:
    """The `bh=` of a body whose blanks relays may change (RFC 6376, section 3.4.4)."""
    lines = BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ").rstrip(b"\r\n")
    return _base64(hashlib.sha256(lines and lines + b"\r\n").digest())


def is_changed_by_relays(body: bytes) -> bool:
    """Whether a body has blanks at line ends, which some relays remove."""
    return bool(BLANKS_AT_LINE_END.search(body))


def signatures(fields: Sequence[bytes], bodys: str, signers: Sequence[Signer], *, is_relaxed: bool = False) -> bytes:
    """A DKIM-Signature field for each signer, to be put before `fields`, each of which ends with CRLF."""
    if not signers:
        return b""
    names, signed = _canonical(fields)
    return b"".join(_signature(signer, names, signed, bodys.encode(), is_relaxed=is_relaxed) for signer in signers)


def _signature(signer: Signer, names: tuple[str, ...], signed: bytes, bodys: bytes, *, is_relaxed: bool) -> bytes:
    body = "relaxed" if is_relaxed else "simple"
    field, canonical = _beginning(signer.domain, signer.selector, f"{signer.algorithm}; c=relaxed/{body}", names)
    # The field itself is signed last, with an empty `b=` and without its line end (section 3.7).
    value = base64.b64encode(signer.sign(b"%s%s%s; b=" % (signed, canonical, bodys)))
    lines = [value[start : start + LINE] for start in range(0, len(value), LINE)]
    return b"%s%s;\r\n b=%s\r\n" % (field, bodys, b"\r\n ".join(lines))


@lru_cache(maxsize=1024)
def _beginning(domain: str, selector: str, algorithms: str, names: tuple[str, ...]) -> tuple[bytes, bytes]:
    """The field up to its `bh=`, and its canonical form; the same for all recipients of a message."""
    lines = (f"v=1; a={algorithms};", f"d={domain}; s={selector};", f"h={_folded([*names, *SEALED])};", "bh=")
    text = FOLD.join(lines)
    return f"DKIM-Signature: {text}".encode(), f"dkim-signature:{text.replace(CRLF, '')}".encode()


def _canonical(fields: Sequence[bytes]) -> tuple[tuple[str, ...], bytes]:
    """(the signed names, the canonical fields in their order). Of fields with one name the last is signed first (section 5.4.2)."""
    names: list[str] = []
    lines: list[bytes] = []
    for field in reversed(fields):
        name, line = _relaxed(field)
        if name:
            names.append(name)
            lines.append(line)
    return tuple(names), b"".join(lines)


@lru_cache(maxsize=4096)
def _relaxed(field: bytes) -> tuple[str, bytes]:
    """(name, canonical field), two empty values if it is not signed; cached, because most fields are the same for all recipients."""
    raw, _, value = field.partition(b":")
    name = raw.decode().lower()
    if name not in NAMED:
        return "", b""
    return name, b"%s:%s\r\n" % (name.encode(), BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip())


def _folded(names: Sequence[str]) -> str:
    """`a:b:c` on short lines."""
    lines, room = [names[0]], NAMES_LINE - len(names[0])
    for name in names[1:]:
        room -= len(name) + 1
        if room < 0:
            lines, room = [*lines, name], NAMES_LINE - len(name)
        else:
            lines[-1] += f":{name}"
    return f":{FOLD}".join(lines)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
