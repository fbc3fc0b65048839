"""Masking of recorded exchanges: everything keeps its shape; only text that looks like an identifier or a code keeps its letters.

Short words in lower case, ids with a prefix, UUIDs, dates, times, numbers, booleans and the words of paths are kept. In all other text, and
in everything below a secret or personal name, each letter and digit is replaced by one of its kind, so that patterns and lengths can still
be validated. Masking takes time proportional to the text.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from contract.runtime.media import is_json
from contract.traffic.exchange import HttpMessage

MAX_TEXT_LENGTH = 1_000  # longer text is always masked
SECRET = re.compile(
    r"pass(word|wd|phrase)?|secret|token|credential|auth(?!or)|cookie|signature|key$|api[-_]?key|private|proof"
    r"|(^|[_-])(otp|pin|nonce|csrf|salt|hash|session)([_-]|$)",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    r"name$|phone|mobile|forwarded|real-ip|(^|[_-])(names?|subject|city|street|address|company|ip|from|to|cc|bcc)([_-]|$)", re.IGNORECASE
)
IDENTIFYING = re.compile(r"(^|_)(id|type|kind|status|state|scopes?)$")  # members that identify an object below a secret name
PART = r"(?:[a-z]{1,24}[0-9]{0,5}|[0-9]{1,5}|\*)"
WORD = re.compile(rf"[a-z]{{1,24}}[0-9]{{0,5}}(?:[_.:/+-]{PART}){{0,9}}|[A-Z]{{1,6}}|-?[0-9]{{1,5}}|\*")
ID = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{1,32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ID_AND_MORE = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{1,64}\.")  # a URL part whose second half is a secret
TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)  # RFC 9110, section 5.6.7
NAME = re.compile(r"[_$.~-]{0,2}[A-Za-z]{1,24}[0-9]{0,5}(?:[_.:~/-][A-Za-z]{0,24}[0-9]{0,5}){0,9}|[0-9]{1,9}|")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://")
HEADER_TOKEN = re.compile(r"[^\s,;=()<>\"]+")
SAFE = "/:@!$&'()*+,;=~"


class _Shape(dict[int, str]):
    """A replacement of the same kind for each character. ASCII letters and digits stay hexadecimal, so that URL escapes stay valid."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if not character.isalnum() and (character.isascii() or character.isspace()):
            return character
        return "A" if character.isupper() else "0" if character.isnumeric() else "a"


SHAPE = _Shape()


def redacted(message: HttpMessage) -> HttpMessage:
    """A message without secrets and personal data. A body that is not JSON is left out, as its secrets are unknown."""
    return HttpMessage(tuple((name, header(name, value)) for name, value in message.headers), _body(message))


def url(path: str, query: str) -> str:
    """A path and a query, both as they were sent, without secrets and personal data."""
    clean = "/".join(_path_segment(part) for part in path.split("/"))
    return clean + (f"?{'&'.join(_query_pair(pair) for pair in query.split('&') if pair)}" if query else "")


def header(name: str, value: str) -> str:
    """The value of a header."""
    if _is_hidden(name):
        return masked(value)
    if HTTP_DATE.fullmatch(value):
        return value
    if "?" in value or "://" in value:
        return masked(value)
    if value.startswith("/"):
        return url(value, "")
    return HEADER_TOKEN.sub(lambda match: text(match[0]), value)


def text(value: str) -> str:
    """A text under a name that is neither secret nor personal."""
    return value if len(value) <= MAX_TEXT_LENGTH and _is_word_list(value) else masked(value)


def masked(value: str) -> str:
    """The shape of a text. An IP address becomes a documentation address (RFC 5737, RFC 3849); a URL keeps its scheme."""
    if TIME.fullmatch(value):
        return value
    version = _ip_version(value)
    if version:
        return "192.0.2.1" if version == 4 else "2001:db8::1"  # noqa: PLR2004 - IPv4
    scheme = SCHEME.match(value)
    start = scheme.end() if scheme else 0
    return value[:start] + value[start:].translate(SHAPE)


def _body(message: HttpMessage) -> bytes | None:
    if not message.body:
        return message.body
    if not is_json(message.media_type):
        return None
    try:
        return json.dumps(_value(json.loads(message.body)), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def _value(value: Any, name: str = "", *, is_hidden: bool = False) -> Any:
    """A JSON value. Everything below a hidden name is masked, except members that identify an object."""
    hides = _is_hidden(name) or (is_hidden and not IDENTIFYING.search(name))
    if isinstance(value, dict):
        return {_key(key): _value(item, key, is_hidden=hides) for key, item in value.items()}
    if isinstance(value, list):
        return [_value(item, name, is_hidden=is_hidden) for item in value]
    if isinstance(value, str):
        return masked(value) if hides else text(value)
    return _number(value) if hides else value


def _number(value: Any) -> Any:
    """A number with the same number of digits; booleans and null stay."""
    if isinstance(value, bool) or value is None or value == 0:
        return value
    if isinstance(value, float):
        return 1.5
    magnitude = 10 ** (len(str(abs(value))) - 1)
    return magnitude if value > 0 else -magnitude


def _is_hidden(name: str) -> bool:
    return len(name) > MAX_TEXT_LENGTH or SECRET.search(name) is not None or PERSONAL.search(name) is not None


def _key(name: str) -> str:
    return name if NAME.fullmatch(name.removesuffix("]")) or ID.fullmatch(name) else masked(name)


def _is_word_list(value: str) -> bool:
    """Whether a text is an identifier, or a list of them such as scopes."""
    return all(WORD.fullmatch(word) or ID.fullmatch(word) for word in value.split(",")) if value else True


def _path_segment(segment: str) -> str:
    decoded = unquote(segment)
    is_plain = NAME.fullmatch(decoded) or ID.fullmatch(decoded) or TIME.fullmatch(decoded)
    return segment if is_plain and not ID_AND_MORE.match(decoded) else quote(masked(decoded), safe=SAFE)


def _query_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    clean = masked(value) if _is_hidden(name) else text(value)
    return f"{quote('['.join(map(_key, name.split('['))), safe='[]@')}{equals}{quote(clean, safe='/:@!$*,~')}"


def _ip_version(value: str) -> int:
    """4 or 6, else 0."""
    if len(value) > 45 or not (value.count(".") == 3 or ":" in value):  # noqa: PLR2004 - the forms of an address
        return 0
    try:
        return ipaddress.ip_address(value).version
    except ValueError:
        return 0
