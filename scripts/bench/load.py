"""The load generator: wrk on a separate core, and the exchanges that prove that a server serves the contract before it is measured."""

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
    """The body to post, and the number of clients."""

    path: str
    body: Path
    clients: int = 16
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One run: responses, those of 400 and above, broken connections; latencies in milliseconds, CPU in microseconds per response."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: float
    p99: float
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Responses per second."""
        return self.requests / self.seconds

    @property
    def core(self) -> float:
        """Percentage of its core that the server got; far from 100, other load makes the rate meaningless."""
        return self.cpu * self.rate / 1e4

    def row(self, name: str) -> str:
        """A line of the table that `HEAD` begins."""
        return f"{name:36}{self.rate:10,.0f}{self.p50:10.2f}{self.p99:10.2f}{self.cpu:10.0f}{self.core:10.0f}"


def post(url: str, body: bytes, token: str | None = None) -> tuple[int, Any]:
    """One request; the status and the decoded response."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, body, headers)  # noqa: S310  # always http to this machine
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # as above
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


def run(server: servers.Running, load: Load, seconds: float) -> Result:
    """Post the body as fast as the clients can, for `seconds`."""
    before = server.cpu_seconds()
    figures = wrk(server.url, load, seconds)
    return replace(figures, cpu=(server.cpu_seconds() - before) / max(figures.requests, 1) * 1e6)


def wrk(base: str, load: Load, seconds: float) -> Result:
    """One run of the load generator."""
    wrk = ("wrk", "-t1", f"-c{load.clients}", f"-d{seconds:.0f}s", "--timeout", "30s", "--latency", "-s", str(SCRIPT), base + load.path)
    arguments = ("--", str(load.body), *((load.token,) if load.token else ()))
    done = subprocess.run(servers.pinned(servers.CLIENT_CORE, wrk + arguments), capture_output=True, text=True, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    figures = json.loads(line.removeprefix("RESULT "))
    return Result(
        requests=figures["requests"],
        seconds=figures["microseconds"] / 1e6,
        refused=figures["refused"],
        broken=figures["broken"],
        p50=figures["p50"] / 1000,
        p99=figures["p99"] / 1000,
    )


def middle(results: list[Result]) -> Result:
    """The median of several runs, figure by figure; errors add up."""
    return Result(
        requests=round(median(result.requests for result in results)),
        seconds=median(result.seconds for result in results),
        refused=sum(result.refused for result in results),
        broken=sum(result.broken for result in results),
        p50=median(result.p50 for result in results),
        p99=median(result.p99 for result in results),
        cpu=median(result.cpu for result in results),
    )
