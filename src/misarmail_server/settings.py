"""Every setting, declared once with its variable, default and meaning, and read from the environment and the configuration file.

The defaults make `make serve` a working platform on one machine. `docs/settings.md` is generated from the declarations.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from contract.traffic.recorder_settings import Recording
from misarmail_server.setting_types import relays, sources, values
from misarmail_server.setting_types.relays import DeliveryMethod
from misarmail_server.setting_types.sources import SettingText
from misarmail_server.setting_types.values import ListenAddress

VERSION = metadata.version("misarmail-server")
T = TypeVar("T")


class BadSettingError(Exception):
    """A setting that cannot be used. The message names the variable; the command line prints it and exits with 2."""


class Declaration(NamedTuple):
    """One setting. `$MISARMAIL_X` in a default stands for the value of a setting declared before; the meaning is Markdown."""

    variable: str
    parse: Callable[[str], object]
    default: str
    meaning: str
    section: str  # a heading before this setting, or nothing
    mask: Callable[[str], str]  # the text without what must not be shown


class ShownSetting(NamedTuple):
    """A setting for display: its text without secrets, and where it comes from (see `setting_types.sources`)."""

    variable: str
    text: str
    source: str


def setting(
    name: str, parse: Callable[[str], T], default: str, meaning: str, *, section: str = "", mask: Callable[[str], str] = values.text
) -> T:
    """Declare a field of `Settings`. What `parse` returns is the field's type."""
    declaration = Declaration(f"{sources.PREFIX}{name}", parse, default, meaning, section, mask)
    dataclass_field: Any = field(metadata={"declaration": declaration})
    parsed: T = dataclass_field
    return parsed


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of the platform."""

    # fmt: off
    state: Path = setting("STATE", values.folder, "var",
        "Folder of the SQLite database, the key file, the workers' journals and other state.", section="State and database")
    database_url: str = setting("DATABASE_URL", values.database_url, "sqlite:///$MISARMAIL_STATE/misarmail.db",
        "The database: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.", mask=values.without_password)
    secret: str = setting("SECRET", values.pattern(r"|[A-Za-z0-9_-]{43}=", "32 bytes in URL-safe base64", is_secret=True), "",
        "Key that encrypts stored passwords, DKIM keys and webhook secrets, and signs links and return paths: 32 bytes in URL-safe base64, "
        "the same on every machine. Without it, a key file in the state folder is used.", mask=values.masked)
    disk_reserve: int = setting("DISK_RESERVE", values.count(0, 1_000_000_000_000), "50000000",
        "Bytes that must be free in the state folder for mail to be accepted.")

    host: str = setting("HOST", values.text, "127.0.0.1", "Address that the HTTP server listens on.", section="HTTP")
    port: int = setting("PORT", values.count(1, 65_535), "8025", "Port that the HTTP server listens on. `make serve PORT=...` sets it too.")
    public_url: str = setting("PUBLIC_URL", values.base_url, "http://$MISARMAIL_HOST:$MISARMAIL_PORT",
        "URL under which others reach the platform. Links in mail begin with it.")
    processes: int = setting("PROCESSES", values.count(1, 64), "1", "API processes.")
    threads: int = setting("THREADS", values.count(1, 256), "16", "Threads in each API process.")
    body_limit: int = setting("BODY_LIMIT", values.count(1_000, 1_000_000_000), "20000000",
        "Maximum size of a request body, in bytes. Most operations have a smaller one (`x-body-limit` in the contract).")
    rate_limits: float = setting("RATE_LIMITS", values.factor, "1", "Factor on the documented rate limits; `off` disables them.")
    stream_seconds: float = setting("STREAM", values.duration, "1m",
        "Maximum duration of a live progress stream.")
    streams: int = setting("STREAMS", values.count(1, 10_000), "10",
        "Live progress streams and exports of one account at once, in each API process. Further ones are answered 429.")
    body_memory: int = setting("BODY_MEMORY", values.count(1_000_000, 1_000_000_000_000), "200000000",
        "Bytes of request bodies that each API process holds at once. Above it, requests are answered 503.")
    connections: int = setting("CONNECTIONS", values.count(1, 1_000_000), "200",
        "HTTP connections of one client address at once, in each API process. A client behind a trusted proxy may have as many requests "
        "at once.")
    cors_origins: frozenset[str] = setting("CORS_ORIGINS", values.origins, "",
        "Origins of web pages that may use the API from a browser, such as `https://app.example.com`. `*` allows any, with API keys only; "
        "named origins may also use the session cookie.")
    trusted_proxies: tuple[values.IpNetwork, ...] = setting("TRUSTED_PROXIES", values.networks, "",
        "Networks and addresses of reverse proxies, such as `10.0.0.0/8,192.0.2.7`. The client's address is taken from their "
        "`X-Forwarded-For` or `Forwarded`, and from nobody else's.")
    proxy_protocol: frozenset[str] = setting("PROXY_PROTOCOL", values.several_of("http", "inbound", "submission"), "",
        "Listeners to which the trusted proxies send the PROXY protocol (version 1 or 2): `http`, `inbound`, `submission`. There, their "
        "connections must begin with its header.")

    hostname: str = setting("HOSTNAME", values.host, "localhost.localdomain",
        "Name that EHLO announces. Message-IDs use it when the sender's domain is unknown.", section="Names and DNS")
    mail_from: str = setting("MAIL_FROM", values.mail_address, "postmaster@$MISARMAIL_HOSTNAME",
        "Sender of the platform's own mail, such as password resets.")
    return_path_host: str = setting("RETURN_PATH_HOST", values.host, "$MISARMAIL_HOSTNAME",
        "Host of the return paths (envelope senders). Customers' return-path records point to it.")
    inbound_host: str = setting("INBOUND_HOST", values.host, "$MISARMAIL_HOSTNAME", "Host that the MX records of inbound domains point to.")
    spf: str = setting("SPF",
        values.pattern(r"(?:a|mx|include|ip4|ip6|exists)(?::\S+)", "a mechanism such as include:spf.example.com"), "a:$MISARMAIL_HOSTNAME",
        "Mechanism that a customer's SPF record must contain, such as `include:spf.example.com`.")
    dns: tuple[str, int] | None = setting("DNS", values.optional(values.resolver), "",
        "DNS resolver, as `ADDRESS:PORT`. Without it, the system's resolver is used.")

    relay: str = setting("RELAY", values.relay, "capture",
        "How mail leaves: `capture`, `direct`, or one or several relays as `smtp://USER:PASSWORD@HOST:PORT`. It is the same for all "
        "processes of the installation; `misarmail config apply` changes it.", section="Outgoing mail", mask=values.without_password)
    shaping: Path | None = setting("SHAPING", values.optional(values.shaping_rules), "",
        "TOML file of connection and rate limits per provider. Its rules come before those of `src/misarmail_server/data/shaping.toml`.")
    smtp_port: int = setting("SMTP_PORT", values.count(1, 65_535), "25", "Port that receivers listen on, for `direct`.")
    allows_private_targets: bool = setting("PRIVATE_TARGETS", values.on_or_off, "off",
        "`on` allows tenants to name mail servers and webhook endpoints in private networks, and `direct` to deliver to them.")
    workers: int = setting("WORKERS", values.count(0, 64), "1", "Delivery workers that `misarmail serve` starts.")
    queue_limit: int = setting("QUEUE_LIMIT", values.count(1_000, 1_000_000_000), "5000000",
        "Maximum number of queued recipients. Above it, sending answers 503 `queue_full` and `/readyz` is not ready. "
        "Marketing mail can fill three quarters of it; campaigns are queued as room appears.")
    lease_seconds: float = setting("LEASE", values.duration_of_at_least(1), "5m",
        "How long a worker holds a recipient before others may take it.")
    retry_delays: tuple[float, ...] = setting("RETRY_DELAYS", values.durations, "5m,15m,1h,2h,4h,8h,16h,24h",
        "Delays before deferred mail is tried again, each with 20 % jitter. The last one repeats.")
    give_up_seconds: float = setting("GIVE_UP", values.duration, "72h", "Age at which deferred mail bounces.")
    give_up_marketing_seconds: float = setting("GIVE_UP_MARKETING", values.duration, "24h",
        "Age at which deferred marketing mail bounces. For a campaign it is counted from about the first attempt.")
    resends_marketing: bool = setting("AMBIGUOUS_MARKETING", values.one_of_two("resend", "hold"), "hold",
        "Marketing mail whose delivery is unknown after a crash: `hold` keeps it as `ambiguous`, "
        "`resend` sends it again with the same Message-ID.")

    inbound_listen: ListenAddress | None = setting("INBOUND_LISTEN", values.optional(values.listen_address), "",
        "`HOST:PORT` that receives mail from other servers, such as `0.0.0.0:25`.", section="SMTP server")
    submission_listen: ListenAddress | None = setting("SUBMISSION_LISTEN", values.optional(values.listen_address), "",
        "`HOST:PORT` that accepts mail from customers' programs, such as `0.0.0.0:587`.")
    tls_certificate: Path | None = setting("TLS_CERTIFICATE", values.optional(values.readable_file), "",
        "PEM file with the certificate chain, for STARTTLS on both. Read at the start.")
    tls_key: Path | None = setting("TLS_KEY", values.optional(values.readable_file), "", "PEM file with the key of the certificate.")
    mail_limit: int = setting("MAIL_LIMIT", values.count(10_000, 40_000_000), "25000000",
        "Maximum size of a message received by SMTP, in bytes.")

    sandbox_bytes: int = setting("SANDBOX_BYTES", values.count(1_000_000, 1_000_000_000_000), "100000000",
        "Bytes of captured mail of one account. Above it, sends to the sandbox are refused (`plan_limit_exceeded`) until mail is deleted.",
        section="Retention")
    sandbox_days: int = setting("SANDBOX_DAYS", values.count(1, 3_650), "7",
        "Days for which captured mail is kept. Mail that was sent to the sandbox is deleted with its message.")
    content_days: int = setting("CONTENT_DAYS", values.count(0, 36_500), "365",
        "Days after which subject, bodies, attachments and personal values of finished messages are deleted; 0 keeps them.")
    event_days: int = setting("EVENT_DAYS", values.count(0, 36_500), "730",
        "Days after which events of messages and contacts are deleted; 0 keeps them. Counts remain. At least 60 days are kept.")
    tracked_event_days: int = setting("TRACKED_EVENT_DAYS", values.count(0, 36_500), "730",
        "Days after which events that were recorded with `track_event` are deleted; 0 keeps them. Purchases remain.")
    webhook_days: int = setting("WEBHOOK_DAYS", values.count(0, 36_500), "30",
        "Days after which ended webhook deliveries are deleted; 0 keeps them.")
    audit_days: int = setting("AUDIT_DAYS", values.count(0, 36_500), "730", "Days after which audit entries are deleted; 0 keeps them.")

    whatsapp_url: str = setting("WHATSAPP_URL", values.provider_url, "",
        "URL that WhatsApp messages are posted to (`.../PHONE_NUMBER_ID/messages` of the Cloud API). Without it, WhatsApp is off.",
        section="Other channels", mask=values.without_secrets)
    whatsapp_token: str = setting("WHATSAPP_TOKEN", values.token, "", "Bearer token for `MISARMAIL_WHATSAPP_URL`.", mask=values.masked)
    push_url: str = setting("PUSH_URL", values.provider_url, "",
        "URL that push notifications are posted to (`.../messages:send` of FCM HTTP v1). Without it, push is off.",
        mask=values.without_secrets)
    push_token: str = setting("PUSH_TOKEN", values.token, "", "Bearer token for `MISARMAIL_PUSH_URL`.", mask=values.masked)

    metrics_token: str = setting("METRICS_TOKEN", values.token, "",
        "Bearer token for `GET /metrics`.", section="Monitoring and testing", mask=values.masked)
    metrics_access: str = setting("METRICS", values.choice("token", "local", "open"), "token",
        "Access to `GET /metrics`: `token` requires `MISARMAIL_METRICS_TOKEN`, which must be set; `local` also answers requests "
        "from this machine without it; `open` answers all requests.")
    has_access_log: bool = setting("ACCESS_LOG", values.on_or_off, "off",
        "`on` logs each HTTP request as a line of JSON, without queries, credentials and tokens of links.")
    recording: Recording | None = setting("RECORD", values.traffic_recording, "",
        "`FILE,share=0.01,limit=100000000` records a share of the API's exchanges, up to a number of bytes, for `contract verify` and "
        "`contract coverage`. Values are masked unless they look like a code, an id, a number or a time.")
    checks_answers: bool = setting("CHECK_ANSWERS", values.on_or_off, "off",
        "`on` validates every response against the contract (tests, development).")
    # fmt: on

    @property
    def is_secure(self) -> bool:
        """Whether users reach the platform by https."""
        return self.public_url.startswith("https:")

    @property
    def journals(self) -> Path:
        """Folder of the journals of this machine's workers."""
        return self.state / "journal"

    @property
    def policies(self) -> Path:
        """Folder of the MTA-STS policies that this machine's workers have fetched."""
        return self.state / "mta-sts"

    @property
    def delivery_methods(self) -> dict[str, DeliveryMethod]:
        """How mail of each stream leaves."""
        return relays.parse(self.relay)


def declarations() -> dict[str, Declaration]:
    """Every setting by field name, in the order of the documentation."""
    return {info.name: info.metadata["declaration"] for info in dataclasses.fields(Settings)}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises BadSettingError naming the first invalid variable or key."""
    texts = _texts(os.environ if environ is None else environ)
    parsed: dict[str, Any] = {}
    known: dict[str, object] = {}
    for name, declared in declarations().items():
        given = texts.get(declared.variable)
        text = given.text if given else re.sub(r"\$(\w+)", lambda used: _in_url(known[used[1]]), declared.default)
        try:
            parsed[name] = known[declared.variable] = declared.parse(text)
        except ValueError as error:
            raise BadSettingError(f"{_name(declared.variable, given)} {error}") from None
    return Settings(**parsed)


def shown(environ: Mapping[str, str] | None = None) -> list[ShownSetting]:
    """Every setting without its secrets, in the order of the documentation. Raises as `load` does, but accepts invalid values."""
    texts = _texts(os.environ if environ is None else environ)
    given = {declared: texts.get(declared.variable, SettingText(declared.default, sources.DEFAULT)) for declared in declarations().values()}
    return [ShownSetting(declared.variable, declared.mask(text), source) for declared, (text, source) in given.items()]


def use_file(path: str | None) -> None:
    """Read this configuration file instead of the one in the state folder, in this process and its children."""
    if path is not None:
        os.environ[sources.CONFIG] = str(Path(path).absolute())


def prefer(name: str, value: str) -> None:
    """Override a setting of the environment, for this process and its children."""
    os.environ[f"MISARMAIL_{name}"] = value


def environment_of_child(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process and these variables, for a program that it runs."""
    return {**os.environ, **more}


def require_state(chosen: Settings) -> None:
    """Create the state folder. Raises BadSettingError if it is not writable."""
    probe = chosen.state / f".probe-{os.getpid()}"
    try:
        chosen.state.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds mail
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise BadSettingError(f"MISARMAIL_STATE is {chosen.state}, which is not writable: {error.strerror}") from error


def _texts(environ: Mapping[str, str]) -> dict[str, SettingText]:
    declared = {each.variable: each for each in declarations().values()}
    try:
        texts = sources.read(environ, declared, declared[sources.STATE].default)
    except ValueError as error:
        raise BadSettingError(str(error)) from error
    _require_both(texts, "MISARMAIL_TLS_CERTIFICATE", "MISARMAIL_TLS_KEY")
    return texts


def _name(variable: str, given: SettingText | None) -> str:
    """A setting in an error message; one of a file is named by its path and key."""
    is_in_file = given is not None and given.source != sources.ENVIRONMENT
    return f"{given.source}: {variable.removeprefix(sources.PREFIX).lower()}" if given and is_in_file else variable


def _require_both(texts: Mapping[str, SettingText], *variables: str) -> None:
    missing = [variable for variable in variables if variable not in texts]
    if len(missing) == 1:
        raise BadSettingError(f"{missing[0]} is missing; {' and '.join(variables)} belong together")


def _in_url(value: object) -> str:
    """A value in the form that a URL needs: an IPv6 address in brackets."""
    try:
        return f"[{ipaddress.IPv6Address(str(value))}]"
    except ValueError:
        return str(value)
