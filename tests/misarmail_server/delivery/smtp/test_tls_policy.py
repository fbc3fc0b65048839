"""The security policies of receivers: MTA-STS and DANE, with real certificates."""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from misarmail_server.delivery.envelope import Envelope, no_mark
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.direct import DirectTransport
from misarmail_server.delivery.smtp.mta_sts import MtaStsPolicies, MtaStsPolicy, parse
from misarmail_server.settings import Settings
from tests.support.servers.certificate_authority import Authority
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.policy_host import PolicyHost
from tests.support.servers.smtp_sink import CERTIFICATE, Sink

HOST, DOMAIN = "mx.there.example", "there.example"
POLICY = "version: STSv1\nmode: enforce\nmx: mx.there.example\nmax_age: 86400\n"
MakeDirect = Callable[[int], "closing[DirectTransport]"]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> Path:
    return authority.issue(HOST)


@pytest.fixture
def policy_host(authority: Authority, dns: DnsServer) -> Iterator[PolicyHost]:
    """The policy of there.example, which is found."""
    dns.publish(f"_mta-sts.{DOMAIN}", "TXT", "v=STSv1; id=1;")
    dns.publish(f"mta-sts.{DOMAIN}", "A", "127.0.0.1")
    with PolicyHost(authority.issue(f"mta-sts.{DOMAIN}")) as host:
        host.policy = POLICY
        yield host


@pytest.fixture
def policies(policy_host: PolicyHost, authority: Authority, settings: Callable[..., Settings], dns: DnsServer) -> MtaStsPolicies:
    return made(settings, authority, policy_host, dns)


def made(settings: Callable[..., Settings], authority: Authority, host: PolicyHost, dns: DnsServer) -> MtaStsPolicies:
    """As a worker that starts has it."""
    chosen = settings(dns=dns.address)
    return MtaStsPolicies(chosen.dns, authority.trust, host.port, folder=chosen.policies, allows_private=True)


def direct(
    settings: Callable[..., Settings], dns: DnsServer, port: int, trust: ssl.SSLContext, policy_port: int = 1
) -> closing[DirectTransport]:
    """A transport to there.example, which has one host, that listens on this port."""
    dns.publish(DOMAIN, "MX", f"10 {HOST}.")
    dns.publish(HOST, "A", "127.0.0.1")
    chosen = settings(relay="direct", smtp_port=str(port), dns=dns.address, private_targets="on")
    return closing(DirectTransport(chosen, 4, dialogue_seconds=10, trust=trust, policy_port=policy_port))


def send(transport: DirectTransport, domain: str = DOMAIN) -> Outcome:
    return transport.deliver(Envelope("hello@example.com", f"user@{domain}", b"From: hello@example.com\r\n\r\nHello\r\n"), no_mark)


@pytest.mark.usefixtures("policy_host")
def test_deliver_sends_to_the_host_that_the_policy_names(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority, certificate: Path, policy_host: PolicyHost
) -> None:
    with (
        Sink(has_tls=True, certificate=certificate) as sink,
        direct(settings, dns, sink.port, authority.trust, policy_host.port) as transport,
    ):
        assert [send(transport).state for _ in range(2)] == ["delivered"] * 2

    assert (sink.encrypted, list(sink.peers.values())) == ([True, True], [2])
    assert policy_host.asked == ["mta-sts.there.example/.well-known/mta-sts.txt"]


@pytest.mark.parametrize(
    ("policy", "certificate_of", "reason"),
    [
        (POLICY, "nobody", "mx.there.example cannot be used: TLS failed: self-signed certificate"),
        (POLICY, "another", "mx.there.example cannot be used: TLS failed: Hostname mismatch"),
        (POLICY, None, "mx.there.example cannot be used: it offers no TLS"),
        (
            POLICY.replace("mx: mx.", "mx: other."),
            "itself",
            "mx.there.example must not be used: the domain's MTA-STS policy does not name it",
        ),
    ],
)
def test_deliver_defers_what_the_policy_forbids(
    settings: Callable[..., Settings],
    dns: DnsServer,
    authority: Authority,
    policy_host: PolicyHost,
    policy: Any,
    certificate_of: str | None,
    reason: str,
) -> None:
    policy_host.policy = policy
    files = {"nobody": lambda: CERTIFICATE, "another": lambda: authority.issue("mx.other.example"), "itself": lambda: authority.issue(HOST)}
    tls: dict[str, Any] = {"has_tls": True, "certificate": files[certificate_of]()} if certificate_of else {}
    with Sink(**tls) as sink, direct(settings, dns, sink.port, authority.trust, policy_host.port) as transport:
        outcome = send(transport)

    assert (outcome.state, sink.received) == ("deferred", [])
    assert outcome.text.startswith(reason)


@pytest.mark.parametrize("mode", ["testing", "none"])
def test_deliver_sends_in_spite_of_a_policy_that_is_not_in_force(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority, policy_host: PolicyHost, mode: str
) -> None:
    policy_host.policy = POLICY.replace("enforce", mode).replace("mx.there", "other")
    with Sink() as sink, direct(settings, dns, sink.port, authority.trust, policy_host.port) as transport:
        assert send(transport).state == "delivered"


def test_policies_keep_what_holds_while_the_domain_says_nothing_new(
    policies: MtaStsPolicies, policy_host: PolicyHost, dns: DnsServer
) -> None:
    held = policies.of(DOMAIN)
    policy_host.policy = POLICY.replace("enforce", "none")
    policies._looked = type(policies._looked)()  # noqa: SLF001 - five minutes later
    assert policies.of(DOMAIN) == held == MtaStsPolicy(is_enforced=True, mx=(HOST,), max_age=86_400)

    dns.publish(f"_mta-sts.{DOMAIN}", "TXT", "v=STSv1; id=2;")
    policy_host.status = 503
    policies._looked = type(policies._looked)()  # noqa: SLF001 - five minutes later
    assert policies.of(DOMAIN) == held

    policy_host.status = 200
    policies._looked = type(policies._looked)()  # noqa: SLF001 - five minutes later
    assert policies.of(DOMAIN) == MtaStsPolicy(is_enforced=False, mx=(HOST,), max_age=86_400)


def test_policies_hold_after_a_restart_until_their_age_is_over(
    policies: MtaStsPolicies, policy_host: PolicyHost, settings: Callable[..., Settings], authority: Authority, dns: DnsServer
) -> None:
    held = policies.of(DOMAIN)
    dns.publish(f"_mta-sts.{DOMAIN}", "TXT")
    policy_host.status = 503

    assert made(settings, authority, policy_host, dns).of(DOMAIN) == held

    (file,) = settings().policies.iterdir()
    file.write_bytes(re.sub(rb'"until":\d+', b'"until":1', file.read_bytes()))
    assert made(settings, authority, policy_host, dns).of(DOMAIN) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 100_000])
def test_policies_ask_anew_where_a_file_is_spoiled(
    policies: MtaStsPolicies,
    policy_host: PolicyHost,
    settings: Callable[..., Settings],
    authority: Authority,
    dns: DnsServer,
    content: bytes,
) -> None:
    held = policies.of(DOMAIN)
    (file,) = settings().policies.iterdir()
    file.write_bytes(content)

    assert made(settings, authority, policy_host, dns).of(DOMAIN) == held
    assert len(policy_host.asked) == 2
    assert made(settings, authority, policy_host, dns).of(DOMAIN) == held
    assert len(policy_host.asked) == 2


def test_policies_do_without_a_folder(policies: MtaStsPolicies, settings: Callable[..., Settings]) -> None:
    settings().policies.write_bytes(b"")

    assert policies.of(DOMAIN) is not None


@pytest.mark.parametrize("texts", [(), ("v=spf1 -all",), ("v=STSv1; id=;",), ("v=STSv1; id=1;", "v=STSv1; id=2;")])
def test_policies_ask_nobody_without_a_record(policies: MtaStsPolicies, policy_host: PolicyHost, dns: DnsServer, texts: Any) -> None:
    dns.publish(f"_mta-sts.{DOMAIN}", "TXT", *texts)

    assert (policies.of(DOMAIN), policy_host.asked) == (None, [])


@pytest.mark.parametrize(("name", "value"), [("status", 301), ("media_type", "text/html"), ("policy", POLICY + "x" * 70_000)])
def test_policies_believe_no_other_answer(policies: MtaStsPolicies, policy_host: PolicyHost, name: str, value: Any) -> None:
    setattr(policy_host, name, value)

    assert policies.of(DOMAIN) is None


def test_policies_believe_no_host_without_a_certificate(policies: MtaStsPolicies, authority: Authority) -> None:
    with PolicyHost(authority.issue("mta-sts.other.example")) as wrong:
        wrong.policy = POLICY
        policies._port = wrong.port  # noqa: SLF001 - the same domain, another server
        assert (policies.of(DOMAIN), wrong.asked) == (None, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "version: STSv1\r\nmode: testing\r\nmx: *.There.Example\r\nmx: b.example\r\nmax_age: 5\r\n",
            (False, ("*.there.example", "b.example"), 5),
        ),
        ("version:STSv1\nmode:enforce\nmx:a.example\nmax_age:9999999999\nmode: none", (True, ("a.example",), 31_557_600)),
        ("version: STSv1\nmode: none\nmax_age: 1", (False, (), 1)),
        ("version: STSv1\nmode: enforce\nmax_age: 1", None),
        ("version: STSv2\nmode: enforce\nmx: a\nmax_age: 1", None),
        ("version: STSv1\nmode: often\nmx: a\nmax_age: 1", None),
        ("version: STSv1\nmode: enforce\nmx: a\nmax_age: -1", None),
        ("version: STSv1\nmode: enforce\nmx: a\nmax_age: \u0661", None),
        ("", None),
    ],
)
def test_parse_reads_policies(text: str, expected: Any) -> None:
    assert parse(text) == (MtaStsPolicy(*expected) if expected else None)


def test_policy_star_stands_for_one_label() -> None:
    policy = MtaStsPolicy(is_enforced=True, mx=("*.example.com", "example.com"), max_age=1)

    assert [policy.allows(host) for host in ("mx.example.com", "a.mx.example.com", "example.com", "example.org")] == [
        True,
        False,
        True,
        False,
    ]


def tlsa(file: Path, usage: int, selector: int, matching: int, *, number: int = 0) -> str:
    """The record of a file's certificate: its host's is the first."""
    result = x509.load_pem_x509_certificates(file.read_bytes())[number]
    der = result.public_bytes(Encoding.DER)
    data = result.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if selector else der
    digests: dict[int, Callable[[bytes], str]] = {
        0: lambda it: it.hex(),
        1: lambda it: hashlib.sha256(it).hexdigest(),
        2: lambda it: hashlib.sha512(it).hexdigest(),
    }
    return f"{usage} {selector} {matching} {digests[matching](data)}"


def secure(dns: DnsServer, port: int, *records: str) -> None:
    dns.publish(f"_{port}._tcp.{HOST}", "TLSA", *records)
    dns.secure |= {DOMAIN, HOST, f"_{port}._tcp.{HOST}"}


@pytest.mark.parametrize(
    ("usage", "selector", "matching", "number"),
    [(3, 1, 1, 0), (3, 0, 2, 0), (3, 1, 0, 0), (3, 0, 0, 0), (2, 0, 1, 1), (2, 1, 2, 1), (2, 0, 0, 1)],
)
def test_deliver_sends_to_the_certificate_that_dnssec_names(
    settings: Callable[..., Settings],
    dns: DnsServer,
    authority: Authority,
    certificate: Path,
    usage: int,
    selector: int,
    matching: int,
    number: int,
) -> None:
    with Sink(has_tls=True, certificate=certificate) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, f"3 1 1 {'00' * 32}", tlsa(certificate, usage, selector, matching, number=number))

        assert send(transport).state == "delivered"


def test_deliver_defers_what_has_another_certificate_than_dnssec_names(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority, certificate: Path
) -> None:
    with Sink(has_tls=True, certificate=certificate) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, f"3 1 1 {'00' * 32}")
        outcome = send(transport)

    assert (outcome.state, sink.received) == ("deferred", [])
    assert outcome.text == "mx.there.example cannot be used: no TLSA record matches the server's certificate"


def test_deliver_wants_the_hosts_name_below_a_trust_anchor(settings: Callable[..., Settings], dns: DnsServer, authority: Authority) -> None:
    other = authority.issue("mx.other.example")
    with Sink(has_tls=True, certificate=other) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, tlsa(other, 2, 0, 1, number=1))

        assert send(transport).state == "deferred"


def test_deliver_shares_no_connection_below_a_trust_anchor_with_another_domain(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority
) -> None:
    of_domain = authority.issue(DOMAIN)
    dns.publish("tenant.example", "MX", f"10 {HOST}.")
    with Sink(has_tls=True, certificate=of_domain) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, tlsa(of_domain, 2, 0, 1, number=1))
        dns.secure.add("tenant.example")
        states = [send(transport).state, send(transport, "tenant.example").state]

    assert states == ["delivered", "deferred"]  # the certificate has the name of the first domain


def test_deliver_wants_tls_where_there_are_tlsa_records(settings: Callable[..., Settings], dns: DnsServer, authority: Authority) -> None:
    with Sink() as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, f"0 1 1 {'00' * 32}")  # of no use to mail, and still a promise of TLS

        assert send(transport).text == "mx.there.example cannot be used: it offers no TLS"


def test_deliver_takes_any_certificate_where_no_record_is_usable(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority
) -> None:
    with Sink(has_tls=True) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, f"1 1 1 {'00' * 32}", f"3 1 9 {'00' * 32}")

        assert send(transport).state == "delivered"


def test_deliver_defers_when_the_records_cannot_be_looked_up(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority, certificate: Path
) -> None:
    with Sink(has_tls=True, certificate=certificate) as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port)
        dns.failing.add(f"_{sink.port}._tcp.{HOST}")

        assert send(transport).text == "mx.there.example must not be used: its TLSA records cannot be looked up"


@pytest.mark.parametrize("insecure", [DOMAIN, HOST, "records"])
def test_deliver_ignores_records_that_dnssec_does_not_vouch_for(
    settings: Callable[..., Settings], dns: DnsServer, authority: Authority, insecure: Any
) -> None:
    with Sink() as sink, direct(settings, dns, sink.port, authority.trust) as transport:
        secure(dns, sink.port, f"3 1 1 {'00' * 32}")
        dns.secure.discard(f"_{sink.port}._tcp.{HOST}" if insecure == "records" else insecure)

        assert send(transport).state == "delivered"
