from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from misarmail_server import settings
from misarmail_server.settings import BadSettingError, Settings


def load(**variables: str) -> Settings:
    return settings.load({f"MISARMAIL_{name.upper()}": value for name, value in variables.items()})


def test_load_has_a_default_for_everything() -> None:
    assert load() == Settings(
        state=Path("var").absolute(),
        database_url=f"sqlite:///{Path('var').absolute()}/misarmail.db",
        relay="capture",
        smtp_port=25,
        shaping=None,
        host="127.0.0.1",
        port=8025,
        public_url="http://127.0.0.1:8025",
        hostname="localhost.localdomain",
        mail_from="postmaster@localhost.localdomain",
        secret="",
        allows_private_targets=False,
        spf="a:localhost.localdomain",
        inbound_host="localhost.localdomain",
        return_path_host="localhost.localdomain",
        inbound_listen=None,
        submission_listen=None,
        tls_certificate=None,
        tls_key=None,
        mail_limit=25_000_000,
        dns=None,
        processes=1,
        threads=16,
        workers=1,
        rate_limits=1.0,
        body_limit=20_000_000,
        queue_limit=5_000_000,
        disk_reserve=50_000_000,
        lease_seconds=300.0,
        retry_delays=(300.0, 900.0, 3_600.0, 7_200.0, 14_400.0, 28_800.0, 57_600.0, 86_400.0),
        give_up_seconds=259_200.0,
        give_up_marketing_seconds=86_400.0,
        resends_marketing=False,
        stream_seconds=60.0,
        streams=10,
        body_memory=200_000_000,
        connections=200,
        cors_origins=frozenset(),
        trusted_proxies=(),
        proxy_protocol=frozenset(),
        sandbox_bytes=100_000_000,
        sandbox_days=7,
        content_days=365,
        event_days=730,
        tracked_event_days=730,
        webhook_days=30,
        audit_days=730,
        whatsapp_url="",
        whatsapp_token="",
        push_url="",
        push_token="",
        metrics_token="",
        metrics_access="token",
        has_access_log=False,
        checks_answers=False,
        recording=None,
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("state", "/srv/mail", "database_url", "sqlite:////srv/mail/misarmail.db"),
        (
            "database_url",
            "postgresql://ada:secret@db.example.com:5433/mail",
            "database_url",
            "postgresql://ada:secret@db.example.com:5433/mail",
        ),
        (
            "database_url",
            "postgresql+psycopg:///mail?host=/run/postgresql",
            "database_url",
            "postgresql+psycopg:///mail?host=/run/postgresql",
        ),
        ("relay", "smtps://ada:p%40ss@relay.example.com", "relay", "smtps://ada:p%40ss@relay.example.com"),
        ("port", "65535", "public_url", "http://127.0.0.1:65535"),
        ("port", " 25 ", "port", 25),
        ("port", "", "port", 8025),
        ("host", "::1", "public_url", "http://[::1]:8025"),
        ("public_url", "https://mail.example.com/", "public_url", "https://mail.example.com"),
        ("hostname", "mail.example.com", "spf", "a:mail.example.com"),
        ("hostname", "mail.example.com", "inbound_host", "mail.example.com"),
        ("spf", "include:spf.example.com", "spf", "include:spf.example.com"),
        ("return_path_host", "bounces.example.com", "return_path_host", "bounces.example.com"),
        ("dns", "127.0.0.1:5353", "dns", ("127.0.0.1", 5353)),
        ("dns", "9.9.9.9", "dns", ("9.9.9.9", 53)),
        ("dns", "[::1]:5353", "dns", ("::1", 5353)),
        ("inbound_listen", "0.0.0.0:25", "inbound_listen", ("0.0.0.0", 25)),
        ("submission_listen", "[::1]:587", "submission_listen", ("::1", 587)),
        ("trusted_proxies", "10.0.0.0/8, ::1", "trusted_proxies", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("proxy_protocol", "http, inbound", "proxy_protocol", frozenset({"http", "inbound"})),
        ("cors_origins", "https://A.example/, http://localhost:3000", "cors_origins", {"https://a.example", "http://localhost:3000"}),
        ("metrics", "local", "metrics_access", "local"),
        ("rate_limits", "off", "rate_limits", 0.0),
        ("rate_limits", "2.5", "rate_limits", 2.5),
        ("workers", "0", "workers", 0),
        ("lease", "1.5m", "lease_seconds", 90.0),
        ("retry_delays", "1s, 2m,3h", "retry_delays", (1.0, 120.0, 10_800.0)),
        ("check_answers", "on", "checks_answers", True),
    ],
)
def test_load_reads_each_setting(name: str, value: str, field: str, expected: Any) -> None:
    assert getattr(load(**{name: value}), field) == expected


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("state", "what?", f"MISARMAIL_STATE is {Path('what?').absolute()}; the path must not contain a question mark"),
        ("port", "abc", "MISARMAIL_PORT is 'abc', which is not a whole number"),
        ("port", "80.5", "MISARMAIL_PORT is '80.5', which is not a whole number"),
        ("port", "-1", "MISARMAIL_PORT is '-1', which is not a whole number"),
        ("port", "0", "MISARMAIL_PORT is 0; it must be from 1 to 65535"),
        ("port", "65536", "MISARMAIL_PORT is 65536; it must be from 1 to 65535"),
        ("public_url", "mail.example.com", "MISARMAIL_PUBLIC_URL is 'mail.example.com'; it must be http://... or https://..."),
        ("hostname", "my host", "MISARMAIL_HOSTNAME is 'my host'; it must be a host name"),
        ("spf", "v=spf1 -all", "MISARMAIL_SPF is 'v=spf1 -all'; it must be a mechanism such as include:spf.example.com"),
        ("inbound_host", "my host", "MISARMAIL_INBOUND_HOST is 'my host'; it must be a host name"),
        ("dns", "dns.example.com", "MISARMAIL_DNS is 'dns.example.com'; it must be an address and a port, such as 127.0.0.1:53"),
        ("dns", "127.0.0.1:no", "MISARMAIL_DNS is '127.0.0.1:no'; it must be an address and a port, such as 127.0.0.1:53"),
        ("inbound_listen", "25", "MISARMAIL_INBOUND_LISTEN is '25'; it must be a host and a port, such as 0.0.0.0:25"),
        ("inbound_listen", "0.0.0.0:0", "MISARMAIL_INBOUND_LISTEN is '0.0.0.0:0'; it must be a host and a port, such as 0.0.0.0:25"),
        ("tls_key", "/k.pem", "MISARMAIL_TLS_CERTIFICATE is missing; MISARMAIL_TLS_CERTIFICATE and MISARMAIL_TLS_KEY belong together"),
        (
            "trusted_proxies",
            "10.0.0.1/8",
            "MISARMAIL_TRUSTED_PROXIES contains '10.0.0.1/8'; write networks and addresses, such as 10.0.0.0/8,2001:db8::/32,192.0.2.7",
        ),
        ("proxy_protocol", "smtp", "MISARMAIL_PROXY_PROTOCOL is 'smtp'; it must be http or inbound or submission"),
        (
            "cors_origins",
            "app.example.com",
            "MISARMAIL_CORS_ORIGINS contains 'app.example.com'; write origins such as https://app.example.com, separated by commas, or *",
        ),
        ("metrics", "off", "MISARMAIL_METRICS is 'off'; it must be token or local or open"),
        ("processes", "0", "MISARMAIL_PROCESSES is 0; it must be from 1 to 64"),
        ("threads", "257", "MISARMAIL_THREADS is 257; it must be from 1 to 256"),
        ("workers", "many", "MISARMAIL_WORKERS is 'many', which is not a whole number"),
        ("rate_limits", "nan", "MISARMAIL_RATE_LIMITS is nan; it must be from 0 to 1000000"),
        ("rate_limits", "none", "MISARMAIL_RATE_LIMITS is 'none', which is not a number"),
        ("body_limit", "1", "MISARMAIL_BODY_LIMIT is 1; it must be from 1000 to 1000000000"),
        ("lease", "5", "MISARMAIL_LEASE is '5'; write a number and a unit, such as 30s, 5m or 72h"),
        ("lease", "0s", "MISARMAIL_LEASE is shorter than 1s"),
        ("retry_delays", "5m,,1h", "MISARMAIL_RETRY_DELAYS is ''; write a number and a unit, such as 30s, 5m or 72h"),
        ("give_up", "9000h", "MISARMAIL_GIVE_UP is '9000h'; the maximum is a year, 8760h"),
        ("check_answers", "yes", "MISARMAIL_CHECK_ANSWERS is 'yes'; it must be on or off"),
    ],
)
def test_load_refuses_with_one_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(BadSettingError) as refused:
        load(**{name: value})

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "value",
    [
        *("telegraph", "smtp://", "smtp://:25", "smtp://host:no", "smtp://host:0", "smtp://host:99999", "http://ada:secret@host"),
        *("smtp://[::1", "smtp://a,", "smtp://a,direct", "transactional=direct", "transactional=direct;transactional=capture"),
    ],
)
def test_load_refuses_a_relay_without_repeating_it(value: Any) -> None:
    with pytest.raises(BadSettingError) as refused:
        load(relay=value)

    assert str(refused.value) == "MISARMAIL_RELAY must be capture, direct, smtp://HOST:PORT or smtps://HOST:PORT"


@pytest.mark.parametrize(
    "value",
    [
        "mysql://ada:secret@host/mail",
        "sqlite:///",
        "sqlite:///:memory:",
        "postgresql://host",
        "postgresql://host/",
        "postgresql://host:no/mail",
    ],
)
def test_load_refuses_a_database_without_repeating_it(value: str) -> None:
    with pytest.raises(BadSettingError) as refused:
        load(database_url=value)

    assert str(refused.value) == "MISARMAIL_DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def test_require_state_creates_the_folder_for_its_owner_only(tmp_path: Path) -> None:
    settings.require_state(load(state=f"{tmp_path}/a/b"))

    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_require_state_refuses_a_path_that_cannot_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(BadSettingError) as refused:
        settings.require_state(load(state=f"{tmp_path}/file/var"))

    assert str(refused.value) == f"MISARMAIL_STATE is {tmp_path}/file/var, which is not writable: Not a directory"


def test_prefer_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISARMAIL_PORT", "1")

    settings.prefer("PORT", "2")

    assert settings.load().port == 2


@pytest.mark.parametrize("name", ["whatsapp_url", "push_url"])
@pytest.mark.parametrize("value", ["graph.example.com", "ftp://example.com/", "https://", "https://exa mple.com/", "http://[::1"])
def test_load_refuses_a_provider_that_is_no_http_address(name: str, value: str) -> None:
    with pytest.raises(BadSettingError, match=f"MISARMAIL_{name.upper()} must be http"):
        load(**{name: value})
