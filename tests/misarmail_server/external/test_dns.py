from __future__ import annotations

from typing import Any

from misarmail_server.external.dns import look_up
from misarmail_server.external.dns_results import LookupResult, Question
from tests.support.servers.dns_server import DnsServer


def server(dns: Any) -> Any:
    host, _, port = dns.address.rpartition(":")
    return host, int(port)


def test_look_up_answers_in_the_order_of_the_questions(dns: DnsServer) -> None:
    dns.publish("example.com", "TXT", "one " * 100, "two")
    dns.publish("example.com", "MX", "0 .")

    texts, hosts, none, nobody = look_up(
        server(dns),
        [Question("example.com", "TXT"), Question("example.com", "MX"), Question("example.com", "A"), Question("x.example", "A")],
    )

    assert sorted(texts.values) == ["one " * 100, "two"]
    assert (hosts, none, nobody) == (LookupResult(("0 .",)), LookupResult(), LookupResult())


def test_look_up_tells_apart_why_nobody_could_tell(dns: DnsServer) -> None:
    dns.failing.add("broken.example")
    dns.silent.add("silent.example")

    result = look_up(server(dns), [Question("broken.example", "TXT"), Question("silent.example", "TXT")], seconds=0.3)

    assert result == [LookupResult(failure="server_failure"), LookupResult(failure="timeout")]


def test_look_up_asks_nothing_for_nothing(dns: DnsServer) -> None:
    assert (look_up(server(dns), []), dns.asked) == ([], [])
