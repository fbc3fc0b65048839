"""The cross test of one document, in a separate process; prints its result as one JSON line. Arguments: DOCUMENT FOLDER COUNT SEED."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import second_judge
from call_table import CallTable
from comparison import answer_faults, request_faults
from python_calls import Outcome, PythonCalls
from recording import RecordingFront, Recordings, answering, signatures
from typescript_calls import TypeScriptCalls

from contract.dev.wsgi_server import background_loop
from contract.errors import ContractError
from contract.mocking.mock import application as mock_application
from contract.openapi import document
from contract.openapi.operations import operations
from contract.openapi.references import Json
from contract.runtime.compiled_operations import RouteTable
from contract.traffic.verification import verify

CLIENTS = ("python", "python models", "python async")
BROKEN = 500
# Members that a schema allows and does not describe are not a disagreement. The mock gives errors that are not documented.
MOCK_KINDS = {"status", "media type"}
LARGE = re.compile(rb"[^\d\"][1-9]\d{15,}")  # an integer that a JavaScript number may not hold


class CrossTest:
    """The state of one run. `faults` are sentences with places."""

    def __init__(self, path: Path, folder: Path, count: int, seed: str) -> None:
        self._folder = folder
        self.bundle: Json = document.load(path).bundle
        self.faults: list[str] = []
        routes = RouteTable(self.bundle, signatures(self.bundle))
        routes.compile()
        self.table = CallTable(self.bundle, routes, count, seed)
        self._routes = routes
        self._base = routes.base
        self.python = PythonCalls(self.bundle, folder / "python", "crossed")
        has_large_integers = any(LARGE.search(call.answer.content) for call in self.table.calls)
        self.typescript = TypeScriptCalls(self.bundle, folder / "typescript", "crossed", has_large_integers=has_large_integers)
        self.refused: dict[int, set[str]] = {}

    def against_runtime(self) -> None:
        """All clients against the runtime."""
        recordings = Recordings()
        front = answering(self.bundle, self._routes, self.table, recordings)
        outcomes = {client: self.python.run(self.table.calls, front, self._base, client) for client in CLIENTS}
        outcomes["typescript"] = self.typescript.run(self.table.calls, front, self._base)
        for client, results in outcomes.items():
            if -1 in results:
                self.faults.append(f"{client}: {results[-1].text}")
                continue
            for call in self.table.calls:
                if call.number in results:
                    self._compare(client, call, results[call.number], recordings)
        for number, refusals in self.refused.items():
            if len(refusals & {"python", "typescript"}) == 1:
                call = self.table.calls[number]
                self.faults.append(f"{call.operation.id}: only {sorted(refusals)} refuses {call.arguments!r:.300} {call.body!r:.300}")
        self._verify("runtime", recordings)

    def _compare(self, client: str, call: Any, outcome: Outcome, recordings: Recordings) -> None:
        if outcome.kind == "refused":
            self.refused.setdefault(call.number, set()).add(client)
        arrived = recordings.arrived.get((client, call.number))
        faults = list(request_faults(call, outcome, arrived))
        if not faults:
            faults = list(answer_faults(call, outcome))
        self.faults += [f"{client}: {call.operation.id}: #{call.number} {call.kind}: {fault}" for fault in faults]

    def against_mock(self) -> None:
        """Both clients against the mock."""
        recordings = Recordings()
        front = RecordingFront(mock_application(self.bundle, background_loop()), recordings)
        first = list({call.operation.id: call for call in self.table.calls if call.kind != "hostile"}.values())
        outcomes = {
            "python": self.python.run(first, front, self._base, "python"),
            "typescript": self.typescript.run(first, front, self._base),
        }
        for client, results in outcomes.items():
            for call in first:
                outcome = results.get(call.number)
                arrived = recordings.arrived.get((client, call.number))
                status = arrived.exchange.status if arrived and arrived.exchange else 0
                name = f"mock: {client}: {call.operation.id}: #{call.number}"
                if outcome is not None and outcome.kind == "failure":
                    self.faults.append(f"{name}: {outcome.text}")
                elif status >= BROKEN and not any(each.startswith("5") or each == "default" for each in call.operation.responses):
                    self.faults.append(f"{name}: {status} {outcome.value!r:.300}" if outcome else f"{name}: {status}")
        self._verify("mock", recordings)

    def _verify(self, against: str, recordings: Recordings) -> None:
        """The violations that `contract verify` reports for the exchanges."""
        pairs = []
        for each in recordings.arrived.values():
            if each.exchange is not None and (against == "mock" or each.request is not None):
                path = each.exchange.path[len(self._base) :]
                pairs.append((path or "/", each.exchange))
        report = verify(self.bundle, pairs)
        self.faults += second_judge.faults(self.bundle, pairs)
        for violation in report.violations:
            self.faults.append(
                f"verify {against}: {violation.operation} {violation.status} {violation.side}: {violation.sentence} ({violation.location})"
            )
        for unknown in report.unknown:
            if unknown.kind != "field" and not (against == "mock" and unknown.kind in MOCK_KINDS):
                self.faults.append(f"verify {against}: undocumented {unknown.kind} {unknown.operation} {unknown.name}")
        self.faults += [f"{against}: the server failed: {error}" for error in recordings.errors]


def main(words: list[str]) -> Json:
    """The result."""
    path, folder, count, seed = Path(words[0]), Path(words[1]), int(words[2]), words[3]
    begun = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        test = CrossTest(path, folder, count, seed)
    except ContractError as error:
        return {"refused": str(error), "seconds": round(time.perf_counter() - begun, 1)}
    test.against_runtime()
    test.against_mock()
    called = {call.operation.id for call in test.table.calls}
    return {
        "operations": len(list(operations(test.bundle))),
        "called": len(called),
        "calls": len(test.table.calls),
        "missing": test.table.missing,
        "refusals": len(test.refused),
        "omitted": [*test.python.omissions, *test.typescript.omissions],
        "faults": test.faults,
        "seconds": round(time.perf_counter() - begun, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])), flush=True)
    os._exit(0)  # the servers' threads are still running
