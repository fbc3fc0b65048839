"""The load generator: wrk on a core of its own, and the exchanges that prove a server serves the contract before it is measured."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import servers

SCRIPT = Path(__file__).with_name("post.lua")
HEAD = "".join(f"{label:>10}" for label in ("req/s", "p50 ms", "p99 ms", "cpu us", "core %"))


@dataclass(frozen=True, slots=True)
class Load:
    """What is posted, by how many clients."""

    path: str
    body: Path
    clients: int = 16
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One run: answers, those of 400 and more, connections that broke; latencies in milliseconds, CPU in microseconds an answer."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def core(self) -> float:
        """Per cent of its core that the server got; far from 100 something else ran on the machine and the rate says little."""
        return self.cpu * self.rate / 1e4

    def row(self, name: str) -> str:
        """A line of the table that `HEAD` begins."""
        return f"{name:36}{self.rate:10,.0f}{self.p50:10.2f}{self.p99:10.2f}{self.cpu:10.0f}{self.core:10.0f}"


def post(url: str, body: bytes, token: str | None = None) -> tuple[int, Any]:
    """One request; the status and the decoded answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # always http to this machine
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # as above
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


def run(server: servers.Running, load: Load, seconds: float) -> Result:
    """Post the body as fast as the clients can for that long."""
    before = server.cpu_seconds()
    found = wrk(server.url, load, seconds)
    return replace(found, cpu=(server.cpu_seconds() - before) / max(found.requests, 1) * 1e6)


def wrk(base: str, load: Load, seconds: float) -> Result:
    """One run of the load generator."""
    wrk = ("wrk", "-t1", f"-c{load.clients}", f"-d{seconds:.0f}s", "--timeout", "30s", "--latency", "-s", str(SCRIPT), base + load.path)
    arguments = ("--", str(load.body), *((load.token,) if load.token else ()))
    done = subprocess.run(servers.pinned(servers.CLIENT_CORE, wrk + arguments), capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    found = json.loads(line.removeprefix("RESULT "))
    return Result(
        requests=found["requests"],
        seconds=found["microseconds"] / 1e6,
        refused=found["refused"],
        broken=found["broken"],
        p50=found["p50"] / 1000,
        p99=found["p99"] / 1000,
    )


def middle(results: list[Result]) -> Result:
    """The median of several runs, figure by figure; errors add up."""
    return Result(
        requests=round(median(one.requests for one in results)),
        seconds=median(one.seconds for one in results),
        refused=sum(one.refused for one in results),
        broken=sum(one.broken for one in results),
        p50=median(one.p50 for one in results),
        p99=median(one.p99 for one in results),
        cpu=median(one.cpu for one in results),
    )
