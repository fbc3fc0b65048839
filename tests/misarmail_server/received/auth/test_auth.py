"""SPF, DKIM and DMARC of received mail, with records on a DNS server of the test's own."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question
from misarmail_server.received.auth import checks, dkim_check, dmarc, macros, spf
from tests.support.servers.dns_server import DnsServer

MAIL = b"From: Ada <ada@example.org>\r\nTo: shop@sender.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n"


@pytest.fixture
def server(dns: DnsServer) -> tuple[str, int]:
    host, _, port = dns.address.rpartition(":")
    return host, int(port)


@pytest.fixture
def ask(server: tuple[str, int]) -> Callable[[Question], LookupResult]:
    return lambda question: look_up(server, [question], seconds=1.0)[0]


def spf_of(ask: Any, ip: str = "192.0.2.7", sender: str = "ada@example.org") -> str:
    return spf.check(ask, ip, "mx.example.org", sender).result


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "pass"),
        ("v=spf1 ip4:198.51.100.0/24 -all", "fail"),
        ("v=spf1 ip4:198.51.100.1 ~all", "softfail"),
        ("v=spf1 ?all", "neutral"),
        ("v=spf1 ip6:2001:db8::/32", "neutral"),
        ("v=spf1 a -all", "pass"),
        ("v=spf1 a:other.example/24 -all", "pass"),
        ("v=spf1 a:other.example -all", "fail"),
        ("v=spf1 mx -all", "pass"),
        ("v=spf1 ptr -all", "pass"),
        ("v=spf1 exists:%{ir}.%{v}.list.example -all", "pass"),
        ("v=spf1 include:good.example -all", "pass"),
        ("v=spf1 include:bad.example -all", "fail"),
        ("v=spf1 include:nothing.example -all", "permerror"),
        ("v=spf1 include:own.example -all", "permerror"),
        ("v=spf1 redirect=good.example", "pass"),
        ("v=spf1 redirect=nothing.example", "permerror"),
        ("v=spf1 -all redirect=good.example", "fail"),
        ("v=spf1 a:v1.example a:v2.example a:v3.example -all", "permerror"),
        ("v=spf1 nonsense -all", "permerror"),
        ("v=spf1 ip4:999.0.0.1 -all", "permerror"),
        ("v=spf1 ip4:2001:db8::1 -all", "permerror"),
        ("v=spf1 a/33 -all", "permerror"),
        ("v=spf1 exists:%{x}.example -all", "permerror"),
        ("v=spf1 a:example.111 -all", "permerror"),
        ("v=spf1 ip4:192.0.2.7/024 -all", "permerror"),
        ("v=spf1 ip4:192.0.2.7\t-all", "permerror"),
        ("v=spf1 redirect=good.example redirect=good.example", "permerror"),
        ("v=spf1 exp= -all", "permerror"),
        ("v=spf1 broken=%a -all", "permerror"),
        ("v=spf1 unknown=modifier ip4:192.0.2.7 -all", "pass"),
        ("v=spf2 -all", "none"),
    ],
)
def test_spf_follows_the_policy(dns: DnsServer, ask: Callable[[Question], LookupResult], record: str, result: str) -> None:
    dns.publish("example.org", "TXT", record, "another text")
    dns.publish("example.org", "A", "192.0.2.7")
    dns.publish("example.org", "MX", "10 mx.example.org.")
    dns.publish("mx.example.org", "A", "192.0.2.7")
    dns.publish("other.example", "A", "192.0.2.99")
    dns.publish("7.2.0.192.in-addr.arpa", "PTR", "mx.example.org.")
    dns.publish("7.2.0.192.in-addr.list.example", "A", "127.0.0.2")
    dns.publish("good.example", "TXT", "v=spf1 ip4:192.0.2.7 -all")
    dns.publish("bad.example", "TXT", "v=spf1 ip4:192.0.2.8 -all")
    dns.publish("own.example", "TXT", "v=spf1 include:own.example -all")

    assert spf_of(ask) == result


def test_spf_asks_for_the_greeting_where_a_bounce_has_no_sender(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    dns.publish("mx.example.org", "TXT", "v=spf1 ip4:192.0.2.7 -all")

    assert spf.check(ask, "::ffff:192.0.2.7", "mx.example.org", "") == ("pass", "mx.example.org")


def test_spf_says_when_nobody_can_tell(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    dns.publish("two.example", "TXT", "v=spf1 -all", "v=spf1 +all")
    dns.failing.add("down.example")

    assert spf_of(ask, sender="ada@down.example") == "temperror"
    assert spf_of(ask, sender="ada@two.example") == "permerror"
    assert spf_of(ask, sender="ada@nothing.example") == spf_of(ask, ip="nonsense") == "none"


@pytest.mark.parametrize(
    ("text", "name"),
    [  # RFC 7208, section 7.4
        ("%{s}", "strong-bad@email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d2r}", "example.email"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"),
        ("a%%b%_c%-", "a%b c%20"),
    ],
)
def test_macros_expand_as_the_rfc_shows(text: str, name: str) -> None:
    options = macros.MacroValues("strong-bad@email.example.com", ip_address("192.0.2.3"), "mx.example.org")

    assert macros.expand(text, options, "email.example.com") == name


@pytest.mark.parametrize(
    ("record", "by_spf", "by_dkim", "verdict"),
    [
        ("v=DMARC1; p=reject", "", (), ("fail", "reject", "example.org")),
        ("v=DMARC1; p=reject", "example.org", (), ("pass", "reject", "example.org")),
        ("v=DMARC1; p=reject", "bounce.example.org", (), ("pass", "reject", "example.org")),
        ("v=DMARC1; p=quarantine; aspf=s", "bounce.example.org", (), ("fail", "quarantine", "example.org")),
        ("v=DMARC1; p=none; adkim=s", "", ("else.example", "example.org"), ("pass", "none", "example.org")),
        ("v=DMARC1; p=reject; t=y", "else.example", (), ("fail", "none", "example.org")),
        ("v=DMARC1;p=nonsense", "", (), ("fail", "none", "example.org")),
        ("v=DMARC2; p=reject", "example.org", (), ("none", "", "example.org")),
    ],
)
def test_dmarc_compares_the_author_with_what_is_proven(
    dns: DnsServer, ask: Callable[[Question], LookupResult], record: str, by_spf: str, by_dkim: Any, verdict: Any
) -> None:
    dns.publish("_dmarc.example.org", "TXT", record)

    assert dmarc.check(ask, "Example.org", by_spf, by_dkim) == verdict


def test_dmarc_walks_up_to_the_organization(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    dns.publish("_dmarc.example.org", "TXT", "v=DMARC1; p=none; sp=reject")
    dns.publish("_dmarc.org", "TXT", "v=DMARC1; p=reject; psd=y")

    assert dmarc.check(ask, "a.b.example.org", "", ()) == ("fail", "reject", "example.org")
    assert dmarc.check(ask, "a.b.example.org", "mail.example.org", ()) == ("pass", "reject", "example.org")
    assert dmarc.check(ask, "a.b.example.org", "else.org", ()).result == "fail"


def test_dmarc_asks_no_more_than_eight_times(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    assert dmarc.check(ask, ".".join(["a"] * 60) + ".example.org", "", ()).result == "none"

    assert len(dns.asked) == 8


def test_dmarc_says_when_nobody_can_tell(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    dns.failing.add("_dmarc.example.org")

    assert dmarc.check(ask, "example.org", "example.org", ()).result == "temperror"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(mail: bytes, **how: bool) -> bytes:
    pem = key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    signature: bytes = dkim.sign(mail, b"s1", b"example.org", pem, **how)
    return signature + mail


def publish_key(dns: Any) -> None:
    der = key().public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    dns.publish("s1._domainkey.example.org", "TXT", f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}")


def test_dkim_holds_until_the_mail_is_changed(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    publish_key(dns)

    assert dkim_check.check(ask, signed(MAIL)) == ("pass", ("example.org",))
    assert dkim_check.check(ask, signed(MAIL).replace(b"How", b"Who")) == ("fail", ())
    assert dkim_check.check(ask, MAIL) == ("none", ())


def test_dkim_of_a_part_of_the_body_proves_nothing(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    publish_key(dns)

    assert dkim_check.check(ask, signed(MAIL, length=True) + b"Send money!\r\n") == ("fail", ())


def test_dkim_without_a_usable_key_proves_nothing(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    assert dkim_check.check(ask, signed(MAIL)) == ("fail", ())

    dns.publish("s1._domainkey.example.org", "TXT", "v=DKIM1; p=" + "A" * 3000)
    assert dkim_check.check(ask, signed(MAIL)) == ("fail", ())

    dns.failing.add("s1._domainkey.example.org")
    assert dkim_check.check(ask, signed(MAIL)) == ("temperror", ())


def test_dkim_verifies_few_signatures(dns: DnsServer, ask: Callable[[Question], LookupResult]) -> None:
    publish_key(dns)
    broken = b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=x; b=y\r\n"

    assert dkim_check.check(ask, broken * dkim_check.MAX_SIGNATURES + signed(MAIL)) == ("fail", ())


@pytest.mark.parametrize(
    "header",
    [
        b"DKIM-Signature: \r\n",
        b"DKIM-Signature: v=1; =; ;;\r\n",
        b"DKIM-Signature: v=1; a=x; b=\xff; bh=\xff; d=\xff; s=\xff; h=\xff\r\n",
        b"no header at all\r\n",
        b" folded from nothing\r\n",
    ],
)
def test_dkim_answers_whatever_comes(ask: Callable[[Question], LookupResult], header: bytes) -> None:
    assert dkim_check.check(ask, header + MAIL).result in {"fail", "none"}


def test_check_puts_the_three_together(dns: DnsServer, server: tuple[str, int]) -> None:
    publish_key(dns)
    dns.publish("example.net", "TXT", "v=spf1 ip4:192.0.2.7 -all")
    dns.publish("_dmarc.example.org", "TXT", "v=DMARC1; p=reject")
    session = checks.SmtpSession("192.0.2.7", "mx.example.net", "bounce@example.net")

    good, bad = checks.check(server, session, signed(MAIL)), checks.check(server, session, MAIL)

    assert (good.spf.result, good.dkim.result, good.dmarc, good.author_domain) == (
        "pass",
        "pass",
        ("pass", "reject", "example.org"),
        "example.org",
    )
    assert (bad.spf.result, bad.dkim.result, bad.dmarc.result) == ("pass", "none", "fail")


@pytest.mark.parametrize(
    ("authors", "result"),
    [
        (b"From: a@example.org, b@example.org\r\n", "pass"),
        (b"From: a@example.org, b@example.net\r\n", "none"),
        (b"From: boss@bank.example, a@example.org\r\n", "fail"),
        (b"From: a@example.org, boss@bank.example\r\n", "fail"),
        (b"From: boss@bank.example\r\nFrom: a@example.org\r\n", "fail"),
        (b"From: boss@example.org\r\nFrom: a@example.org\r\n", "none"),
        (b"From: nobody\r\n", "none"),
        (b"", "none"),
    ],
)
def test_check_gives_the_worst_result_of_all_authors(dns: DnsServer, server: tuple[str, int], authors: bytes, result: str) -> None:
    for domain in ("example.org", "example.net"):
        dns.publish(domain, "TXT", "v=spf1 ip4:192.0.2.7 -all")
    for domain in ("example.org", "bank.example"):
        dns.publish(f"_dmarc.{domain}", "TXT", "v=DMARC1; p=reject")

    judged = checks.check(server, checks.SmtpSession("192.0.2.7", "mx", "a@example.org"), authors + b"Subject: Hi\r\n\r\nHi\r\n")

    assert judged.dmarc.result == result
