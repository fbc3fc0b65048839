"""Parsers of settings.

Each converts the text of a variable to a value, or raises ValueError with the part of a sentence that follows the variable's name.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from contract.traffic import recorder_settings
from contract.traffic.recorder_settings import Recording
from misarmail_server.setting_types import relays, shaping

SECONDS = {"s": 1, "m": 60, "h": 3600}
DNS_PORT = 53
MAX_SECONDS = 365 * 24 * SECONDS["h"]
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")


class ListenAddress(NamedTuple):
    """An address to listen on."""

    host: str
    port: int


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """A parser that returns None for an empty text."""
    return lambda value: parse(value) if value else None


def pattern(regex: str, form: str, *, is_secret: bool = False) -> Callable[[str], str]:
    """A text that matches a pattern; `form` describes it in error messages, which do not repeat a secret."""

    def parse(value: str) -> str:
        if not re.fullmatch(regex, value):
            raise ValueError(f"must be {form}" if is_secret else f"is {value!r}; it must be {form}")
        return value

    return parse


def text(value: str) -> str:
    """Any text."""
    return value


def masked(value: str) -> str:
    """Nothing of a secret but whether it is set."""
    return "********" if value else ""


def without_password(value: str) -> str:
    """URLs with their passwords masked, and everything before the last `@` of one that cannot be read."""
    return re.sub(r"(//[^@:\s,;]*:)[^,;\s]*@", r"\1********@", value)


def without_secrets(value: str) -> str:
    """A URL without user, password and query."""
    return re.sub(r"//[^/@\s]*@", "//********@", value).partition("?")[0] + ("?********" if "?" in value else "")


host = pattern(r"[A-Za-z0-9.-]+", "a host name")
mail_address = pattern(r"[^\s@<>]+@[A-Za-z0-9.-]+", "an e-mail address")
token = pattern(r"[!-~]*", "printable ASCII without spaces", is_secret=True)


def base_url(value: str) -> str:
    """An http or https URL, without its trailing slash."""
    return pattern(r"https?://[^\s/]\S*", "http://... or https://...")(value).rstrip("/")


def choice(*words: str) -> Callable[[str], str]:
    """One of several words."""

    def parse(value: str) -> str:
        if value not in words:
            raise ValueError(f"is {value!r}; it must be {' or '.join(words)}")
        return value

    return parse


def one_of_two(true: str, false: str) -> Callable[[str], bool]:
    """One of two words; True for the first."""
    word = choice(true, false)
    return lambda value: word(value) == true


on_or_off = one_of_two("on", "off")


def several_of(*words: str) -> Callable[[str], frozenset[str]]:
    """Words, separated by commas."""
    word = choice(*words)
    return lambda value: frozenset(word(part.strip()) for part in value.split(",") if value)


def origins(value: str) -> frozenset[str]:
    """Origins of web pages (RFC 6454), separated by commas, or `*`."""
    parts = [part.strip().lower().rstrip("/") for part in value.split(",") if value]
    for part in parts:
        if part != "*" and not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?|https?://\[[0-9a-f:.]+\](:[0-9]+)?", part):
            raise ValueError(f"contains {part!r}; write origins such as https://app.example.com, separated by commas, or *")
    return frozenset(parts)


def networks(value: str) -> tuple[IpNetwork, ...]:
    """IP networks and addresses, separated by commas."""
    return tuple(_network(part.strip()) for part in value.split(",") if value)


def _network(value: str) -> IpNetwork:
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        raise ValueError(f"contains {value!r}; write networks and addresses, such as 10.0.0.0/8,2001:db8::/32,192.0.2.7") from None


def number(least: float, most: float) -> Callable[[str], float]:
    """A number in a range."""

    def parse(value: str) -> float:
        try:
            parsed = float(value)
        except ValueError:
            raise ValueError(f"is {value!r}, which is not a number") from None
        if not least <= parsed <= most:
            raise ValueError(f"is {value}; it must be from {_plain(least)} to {_plain(most)}")
        return parsed

    return parse


def count(least: int, most: int) -> Callable[[str], int]:
    """A whole number in a range."""
    in_range = number(least, most)

    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise ValueError(f"is {value!r}, which is not a whole number")
        return int(in_range(value))

    return parse


def factor(value: str) -> float:
    """A factor; `off` is 0."""
    return 0.0 if value == "off" else number(0, 1_000_000)(value)


def duration(value: str) -> float:
    """Seconds, from a number and a unit."""
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
    if not parts:
        raise ValueError(f"is {value!r}; write a number and a unit, such as 30s, 5m or 72h")
    seconds = float(parts[1]) * SECONDS[parts[2]]
    if seconds > MAX_SECONDS:
        raise ValueError(f"is {value!r}; the maximum is a year, {MAX_SECONDS // SECONDS['h']}h")
    return seconds


def duration_of_at_least(least: float) -> Callable[[str], float]:
    """A duration of at least `least` seconds."""

    def parse(value: str) -> float:
        seconds = duration(value)
        if seconds < least:
            raise ValueError(f"is shorter than {_plain(least)}s")
        return seconds

    return parse


def durations(value: str) -> tuple[float, ...]:
    """Durations, separated by commas."""
    return tuple(duration(part.strip()) for part in value.split(","))


def resolver(value: str) -> tuple[str, int]:
    """The IP address and port of a DNS resolver."""
    parts = _parts(f"//{value}")
    try:
        address = str(ipaddress.ip_address((parts and parts.hostname) or ""))
    except ValueError:
        raise ValueError(f"is {value!r}; it must be an address and a port, such as 127.0.0.1:53") from None
    return address, (parts and parts.port) or DNS_PORT


def listen_address(value: str) -> ListenAddress:
    """`HOST:PORT` to listen on."""
    parts = _parts(f"//{value}")
    is_plain = parts is not None and not (parts.path or parts.username or parts.query or parts.fragment)
    if parts is None or not (is_plain and parts.hostname and parts.port):
        raise ValueError(f"is {value!r}; it must be a host and a port, such as 0.0.0.0:25")
    return ListenAddress(parts.hostname, parts.port)


def readable_file(value: str) -> Path:
    """A file that this process can read."""
    if not os.access(value, os.R_OK):
        raise ValueError(f"is {value}, which is not a readable file")
    return Path(value).absolute()


def folder(value: str) -> Path:
    """An absolute path."""
    path = Path(value).absolute()
    if "?" in str(path):  # it would begin the options of a database URL
        raise ValueError(f"is {path}; the path must not contain a question mark")
    return path


def traffic_recording(value: str) -> Recording | None:
    """The file that traffic is recorded in; its folder must exist."""
    try:
        parsed = recorder_settings.parse(value)
    except ValueError as error:
        raise ValueError(f"is {value!r}; write FILE,share=0.01,limit=100000000: {error}") from None
    if parsed is not None and not parsed.path.parent.is_dir():
        raise ValueError(f"is {value!r}; there is no folder {parsed.path.parent}")
    return parsed


def database_url(value: str) -> str:
    """A database URL. Error messages do not repeat it: it may hold a password."""
    parts = _parts(value)
    is_file = value.startswith("sqlite:///") and value != "sqlite:///" and ":memory:" not in value
    is_server = parts is not None and parts.scheme in {"postgresql", "postgresql+psycopg"} and len(parts.path) > 1
    if not (is_file or is_server):
        raise ValueError("must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return value


def relay(value: str) -> str:
    """A value that `relays.parse` accepts. Error messages do not repeat it: it may hold a password."""
    try:
        relays.parse(value)
    except ValueError:
        raise ValueError(f"must be {relays.FORMAT}") from None
    return value


def shaping_rules(value: str) -> Path:
    """A rules file that `shaping.load` accepts."""
    try:
        shaping.load(Path(value))
    except shaping.BadRuleError as error:
        raise ValueError(f"is {value}: {error}") from None
    return Path(value).absolute()


def provider_url(value: str) -> str:
    """The URL of a provider's HTTP API, or an empty text."""
    parts = _parts(value)
    is_server = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    if value and not (is_server and value.isascii() and value.isprintable() and " " not in value):
        raise ValueError("must be http://HOST/PATH or https://HOST/PATH")
    return value


def _parts(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is invalid, for instance with a port that is not a number."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it validates it
    except ValueError:
        return None
    return parts


def _plain(value: float) -> str:
    return f"{int(value)}" if value == int(value) else f"{value}"
