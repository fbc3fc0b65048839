"""dnspython, one question at a time; `external/dns` imports it with the first question."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.txtbase import TXTBase

from misarmail_server.external.dns_results import LookupResult, Question

UDP_PAYLOAD = 1232  # a DKIM record exceeds the 512 bytes of RFC 1035; this size passes every path unfragmented


def prepare(server: tuple[str, int] | None, seconds: float) -> dns.resolver.Resolver | None:
    """A resolver for this server, or the system's for None; None if the system has none."""
    try:
        resolver = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration:
        return None
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.lifetime = seconds
    resolver.use_edns(0, 0, UDP_PAYLOAD)
    resolver.set_flags(dns.flags.RD | dns.flags.AD)  # asks whether DNSSEC validation succeeded (RFC 6840, section 5.7)
    return resolver


def ask(resolver: dns.resolver.Resolver, question: Question) -> LookupResult:
    """The records, or why the look-up failed."""
    try:
        answer = resolver.resolve(f"{question.name}.", question.type, search=False)
    except dns.resolver.NXDOMAIN:
        return LookupResult()
    except dns.resolver.NoAnswer as error:
        return LookupResult(is_secure=_is_secure(error.kwargs["response"]))
    except dns.exception.Timeout:
        return LookupResult(failure="timeout")
    except (dns.exception.DNSException, OSError):
        return LookupResult(failure="server_failure")
    return LookupResult(tuple(_text(record) for record in answer), is_secure=_is_secure(answer.response))


def _is_secure(response: dns.message.Message) -> bool:
    return bool(response.flags & dns.flags.AD)


def _text(record: Rdata) -> str:
    """The text of one record; its strings may contain any bytes."""
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = record.to_text().lower()
    return text if text.endswith(" .") else text.removesuffix(".")  # `0 .` is a null MX (RFC 7505)
