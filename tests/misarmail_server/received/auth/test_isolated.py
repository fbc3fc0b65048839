"""Checking mails in processes with limits."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from misarmail_server.received.auth.checks import SmtpSession
from misarmail_server.received.auth.isolated import UNDECIDED, CheckProcesses
from tests.support.servers.dns_server import DnsServer

SESSION = SmtpSession("192.0.2.7", "mx.example.org", "ada@example.org")
MAIL = b"From: ada@example.org\r\n\r\nhi\r\n"


@pytest.fixture
def processes() -> Iterator[CheckProcesses]:
    processes = CheckProcesses(160 << 20)
    yield processes
    processes.close()


@pytest.fixture
def server(dns: DnsServer) -> tuple[str, int]:
    host, _, port = dns.address.rpartition(":")
    return host, int(port)


def test_a_mail_that_takes_too_much_memory_leaves_the_next_one_alone(
    processes: CheckProcesses, dns: DnsServer, server: tuple[str, int]
) -> None:
    dns.publish("example.org", "TXT", "v=spf1 ip4:192.0.2.7 -all")

    before = processes.check(server, SESSION, MAIL)
    bomb = processes.check(server, SESSION, MAIL + b"ab\r\n" * 2_000_000)
    after = processes.check(server, SESSION, MAIL)

    assert (before.spf.result, bomb, after) == ("pass", UNDECIDED, before)


def test_a_mail_that_takes_too_long_is_undecided() -> None:
    processes = CheckProcesses(seconds=0.0)

    assert processes.check(None, SESSION, MAIL) == UNDECIDED


def test_a_process_that_died_meanwhile_is_replaced(processes: CheckProcesses, dns: DnsServer, server: tuple[str, int]) -> None:
    dns.publish("example.org", "TXT", "v=spf1 -all")
    processes.check(server, SESSION, MAIL)
    (pid,) = processes.idle
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    assert processes.check(server, SESSION, MAIL).spf.result == "fail"


def test_a_process_is_kept_for_the_next_mail_until_the_end(processes: CheckProcesses, server: tuple[str, int]) -> None:
    kept = []
    for _ in range(2):
        processes.check(server, SESSION, MAIL)
        kept.append(processes.idle)
    processes.close()

    assert (kept[0], processes.idle) == (kept[1], [])
