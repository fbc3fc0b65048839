"""A DNS server on a free port of this machine, whose records a test publishes."""

from __future__ import annotations

import socketserver
import struct
import threading
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from typing_extensions import override

TTL = 60
CHUNK = 255  # characters of one string of a TXT record


class DnsServer:
    """Answers what was published; what is in `failing` gets SERVFAIL, what is in `silent` nothing.

    Names in `secure` are answered as validated by DNSSEC.
    """

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.silent: set[str] = set()
        self.secure: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self._records: dict[str, dict[str, list[str]]] = {}
        self._aliases: dict[str, str] = {}
        server = self

        class Datagrams(socketserver.BaseRequestHandler):
            @override
            def handle(self) -> None:
                wire, sock = self.request
                answer = server.answer(wire)
                if answer is not None:
                    sock.sendto(_short(answer), self.client_address)

        class Streams(socketserver.StreamRequestHandler):
            @override
            def handle(self) -> None:
                (length,) = struct.unpack("!H", self.rfile.read(2))
                answer = server.answer(self.rfile.read(length))
                if answer is not None:
                    wire = answer.to_wire(max_size=65_535)
                    self.wfile.write(struct.pack("!H", len(wire)) + wire)

        streams = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Streams)
        self._servers = [streams, socketserver.ThreadingUDPServer(streams.server_address, Datagrams)]
        self.address: str = "{}:{}".format(*streams.server_address)
        for item in self._servers:
            threading.Thread(target=item.serve_forever, args=(0.05,), daemon=True).start()

    def publish(self, name: str, kind: str, *values: str) -> None:
        """Put records in place of those of that name and type; none takes them away."""
        self._records.setdefault(name, {})[kind] = list(values)

    def alias(self, name: str, target: str) -> None:
        """Make a name read as another (CNAME)."""
        self._aliases[name] = target

    def publish_all(self, domain: dict[str, Any], *purposes: str) -> None:
        """Publish the records that the API asks for, for these purposes or for all."""
        for purpose in purposes or domain["dns_records"]:
            record = domain["proof"] if purpose == "proof" else domain["dns_records"][purpose]
            priority = f"{record['priority']} " if "priority" in record else ""
            dot = "" if record["type"] == "TXT" else "."
            self.publish(record["host"], record["type"], f"{priority}{record['value']}{dot}")

    def clear(self) -> None:
        self._records.clear()
        self._aliases.clear()
        self.failing.clear()
        self.silent.clear()
        self.secure.clear()
        self.asked.clear()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def answer(self, wire: bytes) -> dns.message.Message | None:
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if name in self.secure:
            response.flags |= dns.flags.AD
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        target = self._aliases.get(name, name)
        if target != name:
            response.answer.append(dns.rrset.from_text(question.name, TTL, dns.rdataclass.IN, "CNAME", f"{target}."))
        if target not in self._records:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif self._records[target].get(kind):
            texts = [_quoted(value) if kind == "TXT" else value for value in self._records[target][kind]]
            response.answer.append(dns.rrset.from_text_list(f"{target}.", TTL, dns.rdataclass.IN, kind, texts))
        return response


def _short(answer: dns.message.Message) -> bytes:
    """The part that fits into a datagram; the client asks again by TCP for the rest."""
    try:
        return answer.to_wire()
    except dns.exception.TooBig:
        answer.answer.clear()
        answer.flags |= dns.flags.TC
        return answer.to_wire()


def _quoted(text: str) -> str:
    return " ".join(f'"{text[start : start + CHUNK]}"' for start in range(0, len(text) or 1, CHUNK))
