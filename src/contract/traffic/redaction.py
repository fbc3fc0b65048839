"""What may be written of an exchange: everything keeps its shape, and only what has the look of an identifier or a code its letters.

Kept are short words in lower case, ids with a prefix, UUIDs, dates, times, numbers and truth values, and of paths the words. All else, and
whatever stands below a name that tells of secrets or of persons, has each letter and digit replaced by one of its kind, so that patterns
and lengths can still be judged. All of it takes time in proportion to the text.
"""

from __future__ import annotations

import ipaddress
import json
import re
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from contract.runtime.media import is_json
from contract.traffic.exchange import Message

LONGEST = 1_000  # characters, of a text that may be a list of words
SECRET = re.compile(
    r"pass(word|wd|phrase)?|secret|token|credential|auth(?!or)|cookie|signature|key$|api[-_]?key|private|proof"
    r"|(^|[_-])(otp|pin|nonce|csrf|salt|hash|session)([_-]|$)",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    r"name$|phone|mobile|forwarded|real-ip|(^|[_-])(names?|subject|city|street|address|company|ip|from|to|cc|bcc)([_-]|$)", re.IGNORECASE
)
TELLING = re.compile(r"(^|_)(id|type|kind|status|state|scopes?)$")  # of an object below a secret name, what says which one it is
PART = r"(?:[a-z]{1,24}[0-9]{0,5}|[0-9]{1,5}|\*)"
WORD = re.compile(rf"[a-z]{{1,24}}[0-9]{{0,5}}(?:[_.:/+-]{PART}){{0,9}}|[A-Z]{{1,6}}|-?[0-9]{{1,5}}|\*")
ID = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{1,32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
ID_AND_MORE = re.compile(r"[a-z]{2,8}_[A-Za-z0-9]{1,64}\.")  # an address whose second half lets its holder in
TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)  # RFC 9110, section 5.6.7
NAME = re.compile(r"[_$.~-]{0,2}[A-Za-z]{1,24}[0-9]{0,5}(?:[_.:~/-][A-Za-z]{0,24}[0-9]{0,5}){0,9}|[0-9]{1,9}|")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://")
TOKEN = re.compile(r"[^\s,;=()<>\"]+")
SAFE = "/:@!$&'()*+,;=~"


class _Shape(dict[int, str]):
    """For each character one of its kind; letters and digits of ASCII stay hexadecimal, so that escapes of URLs stay escapes."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if not character.isalnum() and (character.isascii() or character.isspace()):
            return character
        return "A" if character.isupper() else "0" if character.isnumeric() else "a"


SHAPE = _Shape()


def redacted(message: Message) -> Message:
    """A message without what is secret or somebody's. A body that is no JSON is left out: what of it is secret is not known."""
    return Message(tuple((name, header(name, value)) for name, value in message.headers), _body(message))


def url(path: str, query: str) -> str:
    """A path and a query, both as they were sent, without what is secret or somebody's."""
    clean = "/".join(_of_path(part) for part in path.split("/"))
    return clean + (f"?{'&'.join(_pair(pair) for pair in query.split('&') if pair)}" if query else "")


def header(name: str, value: str) -> str:
    """A header field's value."""
    if _is_hidden(name):
        return masked(value)
    if HTTP_DATE.fullmatch(value):
        return value
    if "?" in value or "://" in value:
        return masked(value)
    if value.startswith("/"):
        return url(value, "")
    return TOKEN.sub(lambda found: text(found[0]), value)


def text(value: str) -> str:
    """A text under a name that says nothing."""
    return value if len(value) <= LONGEST and _are_words(value) else masked(value)


def masked(value: str) -> str:
    """The shape of a text. An address of a network is one for documentation (RFC 5737, RFC 3849); of a URL its scheme stays."""
    if TIME.fullmatch(value):
        return value
    version = _ip_version(value)
    if version:
        return "192.0.2.1" if version == 4 else "2001:db8::1"  # noqa: PLR2004 - IPv4
    scheme = SCHEME.match(value)
    begin = scheme.end() if scheme else 0
    return value[:begin] + value[begin:].translate(SHAPE)


def _body(message: Message) -> bytes | None:
    if not message.body:
        return message.body
    if not is_json(message.media_type):
        return None
    try:
        return json.dumps(_value(json.loads(message.body)), ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def _value(value: Any, name: str = "", *, is_hidden: bool = False) -> Any:
    """A JSON value; what is below a hidden name is hidden, whatever its own name is, except what tells which one it is."""
    hides = _is_hidden(name) or (is_hidden and not TELLING.search(name))
    if isinstance(value, dict):
        return {_key(key): _value(one, key, is_hidden=hides) for key, one in value.items()}
    if isinstance(value, list):
        return [_value(one, name, is_hidden=is_hidden) for one in value]
    if isinstance(value, str):
        return masked(value) if hides else text(value)
    return _number(value) if hides else value


def _number(value: Any) -> Any:
    """A number of as many digits; truth values and null as they are."""
    if isinstance(value, bool) or value is None or value == 0:
        return value
    if isinstance(value, float):
        return 1.5
    most = 10 ** (len(str(abs(value))) - 1)
    return most if value > 0 else -most


def _is_hidden(name: str) -> bool:
    return len(name) > LONGEST or SECRET.search(name) is not None or PERSONAL.search(name) is not None


def _key(name: str) -> str:
    return name if NAME.fullmatch(name.removesuffix("]")) or ID.fullmatch(name) else masked(name)


def _are_words(value: str) -> bool:
    """Whether a text is an identifier, or a list of them such as scopes."""
    return all(WORD.fullmatch(one) or ID.fullmatch(one) for one in value.split(",")) if value else True


def _of_path(written: str) -> str:
    decoded = unquote(written)
    is_plain = NAME.fullmatch(decoded) or ID.fullmatch(decoded) or TIME.fullmatch(decoded)
    return written if is_plain and not ID_AND_MORE.match(decoded) else quote(masked(decoded), safe=SAFE)


def _pair(written: str) -> str:
    name, sign, value = written.partition("=")
    name, value = unquote_plus(name), unquote_plus(value)
    clean = masked(value) if _is_hidden(name) else text(value)
    return f"{quote('['.join(map(_key, name.split('['))), safe='[]@')}{sign}{quote(clean, safe='/:@!$*,~')}"


def _ip_version(value: str) -> int:
    """4 or 6, else 0."""
    if len(value) > 45 or not (value.count(".") == 3 or ":" in value):  # noqa: PLR2004 - as such an address is written
        return 0
    try:
        return ipaddress.ip_address(value).version
    except ValueError:
        return 0
