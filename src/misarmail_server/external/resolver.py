"""dnspython, asked one question at a time; `external/dns` imports it when the first question comes."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.txtbase import TXTBase

from misarmail_server.external.lookup import LookupResult, Question

UDP_PAYLOAD = 1232  # a DKIM record does not fit into the 512 bytes of RFC 1035; this passes every path unfragmented


def prepare(server: tuple[str, int] | None, seconds: float) -> dns.resolver.Resolver | None:
    """A resolver that asks this server, or the system's for None; None where the system names none."""
    try:
        resolver = dns.resolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration:
        return None
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.lifetime = seconds
    resolver.use_edns(0, 0, UDP_PAYLOAD)
    resolver.set_flags(dns.flags.RD | dns.flags.AD)  # asks to be told whether DNSSEC holds (RFC 6840, section 5.7)
    return resolver


def ask(resolver: dns.resolver.Resolver, question: Question) -> LookupResult:
    """The records, none, or why nobody could tell."""
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
    """One record as this module gives it; its strings may hold any bytes."""
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = record.to_text().lower()
    return text if text.endswith(" .") else text.removesuffix(".")  # `0 .` is the MX of who takes no mail (RFC 7505)
