"""Mail straight to its receivers: real SMTP servers on this machine, found through a real DNS."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from misarmail_server.delivery.envelope import Envelope, SourceAddress, no_mark
from misarmail_server.delivery.outcomes import Outcome
from misarmail_server.delivery.smtp.direct import DirectTransport
from misarmail_server.settings import Settings
from tests.support.servers.dns_server import DnsServer
from tests.support.servers.scripted_smtp import ALL_WELL, ENVELOPE, GREETING, OPENING, Scripted
from tests.support.servers.smtp_sink import Sink

MIME = b"From: hello@example.com\r\n\r\nHello\r\n"
MakeTransport = Callable[..., DirectTransport]


@pytest.fixture
def direct(settings: Callable[..., Settings], dns: DnsServer) -> Iterator[MakeTransport]:
    """Makes a transport to the servers that listen on this port."""
    with ExitStack() as opened:

        def make(port: int, **variables: Any) -> DirectTransport:
            given = {"dns": dns.address, "private_targets": "on", "hostname": "mail.example.com", **variables}
            chosen = settings(relay="direct", smtp_port=str(port), **given)
            return opened.enter_context(closing(DirectTransport(chosen, 4, dialogue_seconds=10)))

        yield make


def send(transport: DirectTransport, recipient: str = "user@there.example", source: SourceAddress | None = None) -> Outcome:
    return transport.deliver(Envelope("hello@example.com", recipient, MIME, source=source), no_mark)


def publish(dns: DnsServer, domain: str = "there.example", **hosts: str) -> None:
    """Hosts of a domain in the order of their preference, with their addresses."""
    dns.publish(domain, "MX", *(f"{10 * (number + 1)} {host}.there.example." for number, host in enumerate(hosts)))
    for host, address in hosts.items():
        dns.publish(f"{host}.there.example", "A", address)


def test_deliver_goes_to_the_host_that_is_preferred(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    with Sink(host="127.0.0.2", port=sink.port) as second:
        publish(dns, first="127.0.0.1", second="127.0.0.2")

        assert send(direct(sink.port)) == Outcome("delivered", 250, "2.0.0 kept")

    assert (len(sink.received), len(second.received)) == (1, 0)


def test_deliver_goes_to_the_next_host_and_address_when_one_does_not_answer(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    publish(dns, first="127.0.0.3", second="127.0.0.4")
    dns.publish("second.there.example", "A", "127.0.0.4", "127.0.0.1")

    assert send(direct(sink.port)).state == "delivered"


def test_deliver_goes_to_the_next_host_when_one_lets_nobody_in(direct: MakeTransport, dns: DnsServer) -> None:
    with Scripted((b"554 5.3.2 not here\r\n",), (*OPENING, *ENVELOPE, ALL_WELL, ".", b"250 ok\r\n")) as server:
        publish(dns, first="127.0.0.1", second="127.0.0.1")

        assert send(direct(server.port)).state == "delivered"


def test_deliver_defers_when_no_host_lets_us_in(direct: MakeTransport, dns: DnsServer) -> None:
    with Scripted((b"554 5.7.1 blocked\r\n",)) as server:
        publish(dns, mx="127.0.0.1")

        assert send(direct(server.port)) == Outcome("deferred", 554, "mx.there.example refused us: 5.7.1 blocked")


def test_deliver_goes_to_the_domain_itself_without_mx(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    dns.publish("there.example", "A", "127.0.0.1")

    assert send(direct(sink.port), "user@THERE.example").state == "delivered"


def test_deliver_follows_an_alias(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    dns.publish("there.example", "MX", "10 mx.there.example.")
    dns.publish("mx.there.example", "A", "127.0.0.1")
    dns.alias("www.there.example", "there.example")

    assert send(direct(sink.port), "user@www.there.example").state == "delivered"


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (["0 ."], Outcome("bounced", 556, "The domain takes no mail (null MX)", is_hard=True)),
        ([], Outcome("bounced", None, "The domain has no mail server")),
        (["10 mail.example.com.", "20 other.example."], Outcome("bounced", None, "The domain's mail would come back to this server")),
        (["10 mx.nowhere.example."], Outcome("deferred", None, "mx.nowhere.example cannot be used: it has no address that mail may go to")),
    ],
)
def test_deliver_says_why_a_domain_gets_no_mail(records: list[str], expected: Outcome, direct: MakeTransport, dns: DnsServer) -> None:
    dns.publish("there.example", "MX", *records)

    assert send(direct(25)) == expected


def test_deliver_defers_while_the_dns_is_away(direct: MakeTransport, dns: DnsServer) -> None:
    dns.failing.add("there.example")

    assert send(direct(25)) == Outcome("deferred", None, "The DNS did not say where mail to this domain goes")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"])
def test_deliver_never_goes_into_private_networks(address: str, direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    publish(dns, mx=address)

    outcome = send(direct(sink.port, private_targets="off"))

    assert outcome == Outcome("deferred", None, "mx.there.example cannot be used: it has no address that mail may go to")


def test_deliver_reaches_ipv6_and_refuses_mapped_addresses(direct: MakeTransport, dns: DnsServer) -> None:
    publish(dns, mx="127.0.0.1")
    dns.publish("mx.there.example", "A")
    dns.publish("mx.there.example", "AAAA", "::1")
    with Sink(host="::1") as sink:
        assert send(direct(sink.port)).state == "delivered"

        dns.publish("mx.there.example", "AAAA", "::ffff:127.0.0.1")
        assert send(direct(sink.port, private_targets="off")).state == "deferred"


def test_deliver_uses_one_connection_for_all_domains_of_a_host(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    publish(dns, mx="127.0.0.1")
    publish(dns, "other.example", mx="127.0.0.1")
    transport = direct(sink.port)

    assert [send(transport, f"user@{domain}").state for domain in ("there.example", "other.example")] == ["delivered"] * 2
    assert list(sink.peers.values()) == [2]
    assert dns.asked.count(("mx.there.example", "A")) == 1


def test_deliver_closes_a_connection_that_had_its_share(direct: MakeTransport, dns: DnsServer, sink: Sink, tmp_path: Any) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[there]\nmx = ["there.example"]\nmessages_per_connection = 2\n')
    publish(dns, mx="127.0.0.1")
    transport = direct(sink.port, shaping=str(rules))

    assert {send(transport).state for _ in range(3)} == {"delivered"}
    assert sorted(sink.peers.values()) == [1, 2]


def test_deliver_leaves_from_the_address_that_was_asked_for(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    publish(dns, mx="127.0.0.1")
    transport = direct(sink.port)

    assert send(transport, source=SourceAddress("127.0.0.9", "mail9.example.com")).state == "delivered"
    assert send(transport).state == "delivered"
    assert [address for address, _ in sink.peers] == ["127.0.0.9", "127.0.0.1"]
    assert sink.hostnames == ["mail9.example.com", "mail.example.com"]


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_deliver_leaves_from_any_address_where_it_cannot_from_its_own(
    address: str, direct: MakeTransport, dns: DnsServer, sink: Sink
) -> None:
    publish(dns, mx="127.0.0.1")

    assert send(direct(sink.port), source=SourceAddress(address, "mail9.example.com")).state == "delivered"
    assert sink.hostnames == ["mail.example.com"]


def test_deliver_encrypts_for_whom_it_can(direct: MakeTransport, dns: DnsServer) -> None:
    publish(dns, mx="127.0.0.1")
    with Sink(has_tls=True) as sink:
        assert send(direct(sink.port)).state == "delivered"

    assert sink.encrypted == [True]


def test_deliver_goes_in_the_clear_rather_than_not_at_all(direct: MakeTransport, dns: DnsServer) -> None:
    publish(dns, mx="127.0.0.1")
    offer = b"250-mx.example.com\r\n250-PIPELINING\r\n250 STARTTLS\r\n"
    broken = (GREETING, "EHLO", offer, "STARTTLS", b"220 go\r\n", "\x16", b"no TLS at all, sorry")
    with Scripted(broken, (GREETING, "EHLO", offer, *ENVELOPE, ALL_WELL, ".", b"250 ok\r\n")) as server:
        assert send(direct(server.port)).state == "delivered"


def test_deliver_pauses_a_host_that_does_not_answer(direct: MakeTransport, dns: DnsServer, sink: Sink) -> None:
    publish(dns, mx="127.0.0.5")
    publish(dns, "works.example", works="127.0.0.1")
    transport = direct(sink.port)
    first, second = send(transport), send(transport)

    assert first == Outcome("deferred", None, "mx.there.example cannot be used: Connection refused")
    assert (second.state, second.text) == ("released", first.text)
    assert 25 < (second.after_seconds or 0) < 35
    assert send(transport, "user@works.example").state == "delivered"


def test_deliver_gives_mail_back_while_a_provider_is_busy(direct: MakeTransport, dns: DnsServer) -> None:
    publish(dns, mx="127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        transport = direct(silent.getsockname()[1])
        limits = transport._rules.of_host("mx.there.example")  # noqa: SLF001 - two turns that are not given back
        assert [not isinstance(transport._shaper.admit(limits), Outcome) for _ in range(2)] == [True, True]  # noqa: SLF001

        assert send(transport).state == "released"
