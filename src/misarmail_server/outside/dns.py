"""Questions to the DNS, many at once and never for long. That there is no record, and that nobody answered, are told apart."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Literal, NamedTuple

import dns.exception
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.txtbase import TXTBase

ANSWER_SECONDS = 5.0  # for one question, repeats included
TOGETHER_SECONDS = 15.0  # for all of them
AT_ONCE = 16
UDP_PAYLOAD = 1232  # a DKIM record does not fit into the 512 bytes of RFC 1035; this passes every path unfragmented

Failure = Literal["timeout", "server_failure"]


class Question(NamedTuple):
    """What is asked for: a name without its final dot, and a type such as `TXT`."""

    name: str
    type: str


class Found(NamedTuple):
    """The records of that type: texts joined, MX as `preference host`, hosts in lower case without a final dot. Empty when there are none.

    `failure` says that nobody could tell.
    """

    values: tuple[str, ...] = ()
    failure: Failure | None = None


def look_up(server: tuple[str, int] | None, questions: Sequence[Question], *, seconds: float = ANSWER_SECONDS) -> list[Found]:
    """An answer for each question, in their order. `server` is an address and a port, None the system's resolver."""
    if not questions:
        return []
    try:
        resolver = _resolver(server, seconds)
    except dns.resolver.NoResolverConfiguration:
        return [Found(failure="server_failure")] * len(questions)
    pool = ThreadPoolExecutor(min(AT_ONCE, len(questions)), thread_name_prefix="dns")
    asked = [pool.submit(_ask, resolver, one) for one in questions]
    wait(asked, TOGETHER_SECONDS)
    pool.shutdown(wait=False, cancel_futures=True)
    return [_in_time(one) for one in asked]


def _in_time(answer: Future[Found]) -> Found:
    return answer.result() if answer.done() and not answer.cancelled() else Found(failure="timeout")


def _resolver(server: tuple[str, int] | None, seconds: float) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=server is None)
    if server is not None:
        resolver.nameservers, resolver.port = [server[0]], server[1]
    resolver.lifetime = seconds
    resolver.use_edns(0, 0, UDP_PAYLOAD)
    return resolver


def _ask(resolver: dns.resolver.Resolver, question: Question) -> Found:
    try:
        answer = resolver.resolve(f"{question.name}.", question.type, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Found()
    except dns.exception.Timeout:
        return Found(failure="timeout")
    except (dns.exception.DNSException, OSError):
        return Found(failure="server_failure")
    return Found(tuple(_text(record) for record in answer))


def _text(record: Rdata) -> str:
    """One record as this module gives it; its strings may hold any bytes."""
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = record.to_text().lower()
    return text if text.endswith(" .") else text.removesuffix(".")  # `0 .` is the MX of who takes no mail (RFC 7505)
