"""Every setting, read once from the environment. Defaults make `make serve` a working platform on one machine."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from contract.traffic import recording
from contract.traffic.recording import Recording
from misarmail_server import relays, shaping
from misarmail_server.relays import Way

VERSION = metadata.version("misarmail-server")
SECONDS = {"s": 1, "m": 60, "h": 3600}
DNS_PORT = 53
LONGEST = 365 * 24 * SECONDS["h"]


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


class BadSettingError(Exception):
    """A setting that cannot be used. The message names the variable; the command line prints it and exits with 2."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the platform runs with. The README's table has a line for each."""

    state: Path  # MISARMAIL_STATE
    database_url: str  # MISARMAIL_DATABASE_URL
    relay: str  # MISARMAIL_RELAY, see relays.py
    smtp_port: int  # MISARMAIL_SMTP_PORT: where receivers listen when mail goes to them directly
    shaping: Path | None  # MISARMAIL_SHAPING: rules that go before those of data/shaping.toml
    host: str  # MISARMAIL_HOST
    port: int  # MISARMAIL_PORT
    public_url: str  # MISARMAIL_PUBLIC_URL
    hostname: str  # MISARMAIL_HOSTNAME: said in EHLO and used in Message-IDs when the sender's domain is unknown
    mail_from: str  # MISARMAIL_MAIL_FROM: who sends the platform's own mail
    secret: str  # MISARMAIL_SECRET: seals stored passwords; empty for a key file in the state folder
    allows_private_targets: bool  # MISARMAIL_PRIVATE_TARGETS: whether tenants may name hosts of private networks
    spf: str  # MISARMAIL_SPF: the mechanism that customers' SPF records must have
    inbound_host: str  # MISARMAIL_INBOUND_HOST: where customers' MX records point
    return_path_host: str  # MISARMAIL_RETURN_PATH_HOST: where customers' return paths point
    inbound_listen: Address | None  # MISARMAIL_INBOUND_LISTEN: where mail from the world is taken; None for nowhere
    submission_listen: Address | None  # MISARMAIL_SUBMISSION_LISTEN: where customers hand mail in
    tls_certificate: Path | None  # MISARMAIL_TLS_CERTIFICATE: a PEM file with the chain, for STARTTLS
    tls_key: Path | None  # MISARMAIL_TLS_KEY
    mail_limit: int  # MISARMAIL_MAIL_LIMIT, bytes of a mail that comes by SMTP
    dns: tuple[str, int] | None  # MISARMAIL_DNS: the resolver to ask; None for the system's
    processes: int  # MISARMAIL_PROCESSES
    threads: int  # MISARMAIL_THREADS
    workers: int  # MISARMAIL_WORKERS
    rate_limits: float  # MISARMAIL_RATE_LIMITS: factor on the documented limits; 0 means off
    body_limit: int  # MISARMAIL_BODY_LIMIT, bytes
    queue_limit: int  # MISARMAIL_QUEUE_LIMIT: how many recipients may wait
    disk_reserve: int  # MISARMAIL_DISK_RESERVE, bytes that accepting mail leaves free
    lease_seconds: float  # MISARMAIL_LEASE
    retry_delays: tuple[float, ...]  # MISARMAIL_RETRY_DELAYS, seconds
    give_up_seconds: float  # MISARMAIL_GIVE_UP
    give_up_marketing_seconds: float  # MISARMAIL_GIVE_UP_MARKETING
    resends_marketing: bool  # MISARMAIL_AMBIGUOUS_MARKETING: whether marketing mail that may have arrived is sent again
    stream_seconds: float  # MISARMAIL_STREAM: the longest a live stream lasts
    whatsapp_url: str  # MISARMAIL_WHATSAPP_URL: where a message is posted, in the way of the WhatsApp Cloud API; empty: not configured
    whatsapp_token: str  # MISARMAIL_WHATSAPP_TOKEN
    push_url: str  # MISARMAIL_PUSH_URL: where a notification is posted, in the way of the FCM HTTP v1 API; empty: not configured
    push_token: str  # MISARMAIL_PUSH_TOKEN
    metrics_token: str  # MISARMAIL_METRICS_TOKEN: what GET /metrics asks for; empty: only this machine itself may ask
    checks_answers: bool  # MISARMAIL_CHECK_ANSWERS
    recording: Recording | None  # MISARMAIL_RECORD: where a sample of the API's traffic is written to

    @property
    def is_secure(self) -> bool:
        """Whether people reach the platform by https."""
        return self.public_url.startswith("https:")

    @property
    def journals(self) -> Path:
        """Where the workers of this machine write their journals."""
        return self.state / "journal"

    @property
    def policies(self) -> Path:
        """Where the workers of this machine keep the mail policies of receivers."""
        return self.state / "mta-sts"

    @property
    def ways(self) -> dict[str, Way]:
        """By which way the mail of each stream leaves."""
        return relays.parse(self.relay)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises BadSettingError naming the first variable that cannot be used."""
    read = _Reader(os.environ if environ is None else environ)
    state = read.folder("STATE", "var")
    port = read.count("PORT", "8025", 1, 65_535)
    host = read.text("HOST", "127.0.0.1")
    hostname = read.host("HOSTNAME", "localhost.localdomain")
    return Settings(
        state=state,
        database_url=read.database("DATABASE_URL", f"sqlite:///{state}/misarmail.db"),
        relay=read.relay("RELAY", "capture"),
        smtp_port=read.count("SMTP_PORT", "25", 1, 65_535),
        shaping=read.shaping("SHAPING"),
        host=host,
        port=port,
        public_url=read.own_url("PUBLIC_URL", f"http://{_authority(host, port)}"),
        hostname=hostname,
        mail_from=read.pattern("MAIL_FROM", f"postmaster@{hostname}", r"[^\s@<>]+@[A-Za-z0-9.-]+", "an e-mail address"),
        secret=read.pattern("SECRET", "", r"|[A-Za-z0-9_-]{43}=", "32 bytes in URL-safe base64"),
        allows_private_targets=read.choice("PRIVATE_TARGETS", "off", ("on", "off")) == "on",
        spf=read.pattern("SPF", f"a:{hostname}", r"(?:a|mx|include|ip4|ip6|exists)(?::\S+)", "a mechanism such as include:spf.example.com"),
        inbound_host=read.host("INBOUND_HOST", hostname),
        return_path_host=read.host("RETURN_PATH_HOST", hostname),
        inbound_listen=read.address("INBOUND_LISTEN"),
        submission_listen=read.address("SUBMISSION_LISTEN"),
        tls_certificate=read.file("TLS_CERTIFICATE", beside="TLS_KEY"),
        tls_key=read.file("TLS_KEY", beside="TLS_CERTIFICATE"),
        mail_limit=read.count("MAIL_LIMIT", "25000000", 10_000, 40_000_000),
        dns=read.resolver("DNS"),
        processes=read.count("PROCESSES", "1", 1, 64),
        threads=read.count("THREADS", "16", 1, 256),
        workers=read.count("WORKERS", "1", 0, 64),
        rate_limits=0.0 if read.text("RATE_LIMITS", "1") == "off" else read.number("RATE_LIMITS", "1", 0, 1_000_000),
        body_limit=read.count("BODY_LIMIT", "20000000", 1_000, 1_000_000_000),
        queue_limit=read.count("QUEUE_LIMIT", "5000000", 1_000, 1_000_000_000),
        disk_reserve=read.count("DISK_RESERVE", "50000000", 0, 1_000_000_000_000),
        lease_seconds=read.duration("LEASE", "5m", least=1),
        retry_delays=read.durations("RETRY_DELAYS", "5m,15m,1h,2h,4h,8h,16h,24h"),
        give_up_seconds=read.duration("GIVE_UP", "72h"),
        give_up_marketing_seconds=read.duration("GIVE_UP_MARKETING", "24h"),
        resends_marketing=read.choice("AMBIGUOUS_MARKETING", "hold", ("hold", "resend")) == "resend",
        stream_seconds=read.duration("STREAM", "1m"),
        whatsapp_url=read.provider("WHATSAPP_URL"),
        whatsapp_token=read.pattern("WHATSAPP_TOKEN", "", r"[!-~]*", "a word of printable ASCII"),
        push_url=read.provider("PUSH_URL"),
        push_token=read.pattern("PUSH_TOKEN", "", r"[!-~]*", "a word of printable ASCII"),
        metrics_token=read.pattern("METRICS_TOKEN", "", r"[!-~]*", "a word of printable ASCII"),
        checks_answers=read.choice("CHECK_ANSWERS", "off", ("on", "off")) == "on",
        recording=read.recording("RECORD"),
    )


def prefer(name: str, value: str) -> None:
    """Put a setting before the environment's, for this process and its children."""
    os.environ[f"MISARMAIL_{name}"] = value


def require_state(chosen: Settings) -> None:
    """Make the state folder. Raises BadSettingError when it cannot be written."""
    probe = chosen.state / f".probe-{os.getpid()}"
    try:
        chosen.state.mkdir(mode=0o700, parents=True, exist_ok=True)  # people's mail lies in it
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise BadSettingError(f"MISARMAIL_STATE is {chosen.state}, which cannot be written: {error.strerror}") from error


class _Reader:
    """Reads `MISARMAIL_*` variables; each method refuses what it cannot use with the variable's name."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        value = self._environ.get(f"MISARMAIL_{name}", "").strip()
        return value or default

    def pattern(self, name: str, default: str, pattern: str, form: str) -> str:
        value = self.text(name, default)
        if not re.fullmatch(pattern, value):
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; it must be {form}")
        return value

    def host(self, name: str, default: str) -> str:
        return self.pattern(name, default, r"[A-Za-z0-9.-]+", "a host's name")

    def resolver(self, name: str) -> tuple[str, int] | None:
        value = self.text(name, "")
        if not value:
            return None
        parts = _parts(f"//{value}")
        try:
            address = str(ipaddress.ip_address((parts and parts.hostname) or ""))
        except ValueError:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; it must be an address and a port, such as 127.0.0.1:53") from None
        return address, (parts and parts.port) or DNS_PORT

    def address(self, name: str) -> Address | None:
        """`HOST:PORT` to listen on, or none."""
        value = self.text(name, "")
        if not value:
            return None
        parts = _parts(f"//{value}")
        is_plain = parts is not None and not (parts.path or parts.username or parts.query or parts.fragment)
        if parts is None or not (is_plain and parts.hostname and parts.port):
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; it must be a host and a port, such as 0.0.0.0:25")
        return Address(parts.hostname, parts.port)

    def file(self, name: str, *, beside: str) -> Path | None:
        """A file that can be read, or none; of two that belong together both or none."""
        value = self.text(name, "")
        if bool(value) != bool(self.text(beside, "")):
            missing = beside if value else name
            raise BadSettingError(f"MISARMAIL_{missing} is missing; MISARMAIL_TLS_CERTIFICATE and MISARMAIL_TLS_KEY belong together")
        if value and not os.access(value, os.R_OK):
            raise BadSettingError(f"MISARMAIL_{name} is {value}, which is no file that can be read")
        return Path(value).absolute() if value else None

    def folder(self, name: str, default: str) -> Path:
        path = Path(self.text(name, default)).absolute()
        if "?" in str(path):  # it begins the options in a database's URL
            raise BadSettingError(f"MISARMAIL_{name} is {path}; the path of a folder with a question mark cannot be used")
        return path

    def recording(self, name: str) -> Recording | None:
        """Where traffic is recorded; a folder that is not there is no place to record to."""
        value = self.text(name, "")
        try:
            found = recording.parse(value)
        except ValueError as error:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; write FILE,share=0.01,limit=100000000: {error}") from None
        if found is not None and not found.path.parent.is_dir():
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; there is no folder {found.path.parent}")
        return found

    def own_url(self, name: str, default: str) -> str:
        """An http URL without the slash at its end."""
        return self.pattern(name, default, r"https?://[^\s/]\S*", "http://... or https://...").rstrip("/")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; it can be {' or '.join(choices)}")
        return value

    def count(self, name: str, default: str, least: int, most: int) -> int:
        value = self.text(name, default)
        if not re.fullmatch(r"[0-9]{1,18}", value):
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}, which is not a whole number")
        return int(self.number(name, value, least, most))

    def number(self, name: str, default: str, least: float, most: float) -> float:
        value = self.text(name, default)
        try:
            number = float(value)
        except ValueError:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}, which is not a number") from None
        if not least <= number <= most:
            raise BadSettingError(f"MISARMAIL_{name} is {value}; it can be from {_plain(least)} to {_plain(most)}")
        return number

    def duration(self, name: str, default: str, *, least: float = 0) -> float:
        seconds = self._seconds(name, self.text(name, default))
        if seconds < least:
            raise BadSettingError(f"MISARMAIL_{name} is shorter than {_plain(least)}s")
        return seconds

    def durations(self, name: str, default: str) -> tuple[float, ...]:
        return tuple(self._seconds(name, part.strip()) for part in self.text(name, default).split(","))

    def database(self, name: str, default: str) -> str:
        """The value is not repeated in a refusal: it may hold a password."""
        value = self.text(name, default)
        parts = _parts(value)
        is_file = value.startswith("sqlite:///") and value != "sqlite:///" and ":memory:" not in value
        is_server = parts is not None and parts.scheme in {"postgresql", "postgresql+psycopg"} and len(parts.path) > 1
        if not (is_file or is_server):
            raise BadSettingError(f"MISARMAIL_{name} must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        return value

    def relay(self, name: str, default: str) -> str:
        """The value is not repeated in a refusal: it may hold a password."""
        value = self.text(name, default)
        try:
            relays.parse(value)
        except ValueError:
            raise BadSettingError(f"MISARMAIL_{name} must be {relays.FORM}") from None
        return value

    def shaping(self, name: str) -> Path | None:
        """A file of rules that can be used, or none."""
        value = self.text(name, "")
        if not value:
            return None
        try:
            shaping.load(Path(value))
        except shaping.BadRuleError as error:
            raise BadSettingError(f"MISARMAIL_{name} is {value}: {error}") from None
        return Path(value).absolute()

    def provider(self, name: str) -> str:
        """The address of somebody's HTTP API, or nothing."""
        value = self.text(name, "")
        parts = _parts(value)
        is_server = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
        if value and not (is_server and value.isascii() and value.isprintable() and " " not in value):
            raise BadSettingError(f"MISARMAIL_{name} must be http://HOST/PATH or https://HOST/PATH")
        return value

    @staticmethod
    def _seconds(name: str, value: str) -> float:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", value)
        if not found:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; write a number and a unit, such as 30s, 5m or 72h")
        seconds = float(found[1]) * SECONDS[found[2]]
        if seconds > LONGEST:
            raise BadSettingError(f"MISARMAIL_{name} is {value!r}; the longest is a year, {LONGEST // SECONDS['h']}h")
        return seconds


def _parts(url: str) -> SplitResult | None:
    """A URL in parts; None when it is none, such as one whose port is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here because it is judged only then
    except ValueError:
        return None
    return parts


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _plain(number: float) -> str:
    return f"{int(number)}" if number == int(number) else f"{number}"
