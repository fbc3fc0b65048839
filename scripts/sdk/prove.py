"""Each SDK makes every call of one table against running servers; every response must arrive as its documented type.

Arguments: a command for each driver, as NAME=COMMAND. The responses of the platform go to build/sdk.jsonl, which `contract coverage` reads.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from call_table import Row, Table
from error_codes import Codes
from live_servers import ROOT, Server, mocking, running

from contract.openapi import document
from contract.sdk.error_classes import ErrorClasses
from contract.sdk.plan import SdkMethod, SdkPlan, plan
from contract.sdk.python_generator import text
from contract.sdk.typescript_modules.literals import camel_case, iterator_name
from misarmail_contract import problems
from tests.support.servers.webhook_receiver import receiver

RECORD = ROOT / "build" / "sdk.jsonl"
NAME = "misarmail"
NAMING = {
    "python": (str, text.method_name, text.iterator_name),
    "python-async": (str, text.method_name, text.iterator_name),
    "typescript": (camel_case, camel_case, iterator_name),
}
Fields = dict[str, Any]


def main() -> int:
    """1 when a response was not as documented, or a documented one was never seen."""
    planned = plan(document.load(ROOT / "openapi" / "openapi.yaml").bundle, NAME)
    wrong: list[str] = []
    seen: set[tuple[str, int]] = set()
    for word in sys.argv[1:]:
        language, _, command = word.partition("=")
        with tempfile.TemporaryDirectory(prefix="sdk-") as folder:
            pairs = list(exchanges(planned, language, shlex.split(command), Path(folder)))
        wrong += [f"{language}: {problem}" for problem in [*judged(planned, pairs), *unseen(planned, pairs)]]
        seen |= {(row["operation"], answer["status"]) for row, answer in pairs if "operation" in row and not row["prefer"]}
        print(f"{language}: {len(pairs)} calls of {len(planned.methods)} operations")
    RECORD.write_text("".join(json.dumps({"operation": operation, "status": status}) + "\n" for operation, status in sorted(seen)))
    print("\n".join(wrong))
    return 1 if wrong else 0


def exchanges(planned: SdkPlan, language: str, command: list[str], folder: Path) -> Iterator[tuple[Fields, Fields]]:
    """Every row with the driver's result."""
    table = Table(planned)
    with running(folder) as servers, mocking(folder) as mock:
        rows = list(table.successes(servers["main"]))
        table.remember(rows)
        codes = Codes(table, servers)
        rows += [*table.refusals(servers["main"]), *codes.rows(), *table.documented(mock)]
        rows += [*table.too_large(servers["small"]), *table.too_many(servers["strict"])]
        named = [*(written(planned, language, row) for row in rows), webhook(servers["main"])]
        yield from zip(named, driven(command, named, folder), strict=True)


def written(planned: SdkPlan, language: str, row: Row) -> Fields:
    """A row with the SDK's names of the operation."""
    call = next(call for call in planned.methods if call.operation.id == row.operation)
    group, method, iterator = NAMING[language]
    return row.written | {"group": group(call.group), "method": method(call.name), "iterator": iterator(call.name)}


def driven(command: list[str], rows: list[Fields], folder: Path) -> list[Fields]:
    """A driver's result for each row."""
    table, answers = folder / "table.jsonl", folder / "answers.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    subprocess.run([*command, table, answers], cwd=folder, check=True)
    return [json.loads(line) for line in answers.read_text().splitlines()]


def webhook(server: Server) -> Fields:
    """A webhook that the server posted."""
    caller, inbox = server.caller(), receiver()
    made = caller.post("/api/v1/webhooks", json={"url": inbox.url, "events": ["email.bounced"]}).json
    caller.post(f"/api/v1/webhooks/{made['webhook']['id']}/test")
    headers, body = inbox.posts[0]
    return {"headers": headers, "body": body.decode(), "secret": made["secret"]}


NEVER_SENT = {("unknown_parameter", 400)}  # a typed client has no parameter that an operation does not have


def judged(planned: SdkPlan, pairs: list[tuple[Fields, Fields]]) -> Iterator[str]:
    """The responses that differ from the expected ones."""
    calls = {call.operation.id: call for call in planned.methods}
    for row, answer in pairs:
        problem = of_call(calls[row["operation"]], planned.errors, row, answer) if "operation" in row else answer.get("failure")
        if problem:
            yield f"{row.get('operation', 'webhook')} {row.get('prefer') or row.get('tamper') or ''}: {problem}; {answer}"


def of_call(call: SdkMethod, failures: ErrorClasses, row: Fields, answer: Fields) -> str | None:
    """The problem of a response, or None."""
    if "failure" in answer:
        return "it failed"
    if answer["status"] != row["status"] or (row["code"] and answer.get("code") != row["code"]):
        return f"expected {row['status']} {row['code'] or ''}"
    if answer["deprecated"] != (call.deprecated is not None):
        return "expected a warning where it is deprecated, and only there"
    return of_success(call, row, answer) if row["status"] < 300 else of_refusal(failures, row, answer)  # noqa: PLR2004 - HTTP


def of_success(call: SdkMethod, row: Fields, answer: Fields) -> str | None:
    """Check that pages have all their items, and that a flaky server is called again with the same idempotency key."""
    if row["iterate"] is not None and row["iterate"] >= 0 and answer["count"] != row["iterate"]:
        return f"expected {row['iterate']} items"
    if row["tamper"] == "flaky" and (answer["attempts"], answer["keys"]) != (3, 1):
        return "expected three attempts with one key"
    return None if row["iterate"] is not None or answer["answer"] or call.has_no_response_body else "expected a body"


def of_refusal(failures: ErrorClasses, row: Fields, answer: Fields) -> str | None:
    """Check that the error has the class of its code, otherwise of its status, and the fields of its kind."""
    classes = {(status.status, code.code): code.name for code in failures.codes for status in code.statuses}
    by_status = {each.status: each.name for each in failures.statuses}
    status = str(row["status"])
    expected = classes.get((status, answer["code"]), by_status[status])
    if answer["error"] != expected:
        return f"expected {expected}"
    if status != "304" and not answer["request_id"]:
        return "expected a request id"
    if row["code"] == "validation_failed" and not answer["has_fields"]:
        return "expected the fields that are wrong"
    if "text" in answer and not answer["text"].startswith(f"{status} {answer['code'] or ''}".strip() + ": "):
        return "expected a text with the status and the code"
    return "expected a time to try again" if status in {"429", "503"} and not answer["retry_after"] else None


def unseen(planned: SdkPlan, pairs: list[tuple[Fields, Fields]]) -> Iterator[str]:
    """Check that every operation succeeded at the server, and that every code and every documented response arrived."""
    calls = [(row, answer) for row, answer in pairs if "operation" in row]
    real = [(row, answer) for row, answer in calls if not row["prefer"]]
    done = {row["operation"] for row, answer in real if answer["status"] == row["status"] < 300}  # noqa: PLR2004 - HTTP
    running = [call for call in planned.methods if "x-unavailable" not in call.operation.node]
    yield from (f"{call.operation.id} never succeeded" for call in running if call.operation.id not in done)
    codes = {(answer.get("code"), answer["status"]) for _, answer in real}
    known = {(code, status) for code, statuses in problems.STATUSES.items() for status in statuses}
    yield from (f"the server never sent {code} with {status}" for code, status in sorted(known - codes - NEVER_SENT))
    seen = {(row["operation"], answer["status"]) for row, answer in calls}
    documented = {(call.operation.id, int(status)) for call in planned.methods for status in call.operation.responses}
    yield from (f"{operation} {status} was never seen" for operation, status in sorted(documented - seen))


if __name__ == "__main__":
    sys.exit(main())
