"""The calls of a table by the generated TypeScript package: one Node.js process for all."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from call_table import File, PlannedCall
from python_calls import Outcome, credentials
from recording import serve

from contract.openapi.references import Json
from contract.runtime.application import Wsgi
from contract.sdk import node_tools, typescript
from contract.sdk.plan import plan
from contract.sdk.typescript_modules.naming import names_of

HERE = Path(__file__).resolve().parent
SAFE_INTEGER = 2**53 - 1
LIMIT = 300  # seconds
CALLER = HERE / "typescript_calls.mjs"


class TypeScriptCalls:
    """The generated package of a document. `omissions` is what it does not carry."""

    def __init__(self, bundle: Json, folder: Path, name: str, *, has_large_integers: bool) -> None:
        """By default the package refuses integers that no JavaScript number holds; with such values, `bigint` holds them."""
        self.omissions = typescript.write(bundle, folder, name, "bigint" if has_large_integers else "number")
        self._folder = folder
        self._plan = plan(bundle, name)
        self._names = names_of(self._plan)
        self._methods = {method.operation.id: method for method in self._plan.methods}

    def run(self, calls: Iterable[PlannedCall], application: Wsgi, base: str) -> dict[int, Outcome]:
        """The outcome of each call, by number."""
        port = serve(application)
        table = {
            "base": base,
            "credentials": {self._names.credentials[name]: value for name, value in credentials(self._plan).items()},
            "calls": [self._row(call) for call in calls if _can_be_sent(call)],
        }
        (self._folder / "calls.json").write_text(json.dumps(table))
        outcomes = self._folder / "outcomes.json"
        command = ["node", CALLER, self._folder, self._folder / "calls.json", outcomes, str(port), node_tools.tools()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
        if result.returncode != 0:
            return {-1: Outcome("failure", text=result.stderr[-600:])}
        written = json.loads(outcomes.read_text("utf-8"))
        return {int(number): Outcome(**{**each, "value": unmarked(each.get("value"))}) for number, each in written.items()}

    def _row(self, call: PlannedCall) -> Json:
        method = self._methods[call.operation.id]
        arguments: dict[str, Any] = {}
        for (location, name), value in call.arguments.items():
            arguments.setdefault(location, {})[name] = value
        body = {} if call.media_type is None else {"body": call.body, "contentType": call.media_type}
        return {
            "number": call.number,
            "group": self._names.groups[method.group],
            "name": self._names.functions[method.name],
            "input": marked(arguments | body),
            "accept": call.answer.documented if self._is_asked_for(call) else None,
        }

    def _is_asked_for(self, call: PlannedCall) -> bool:
        """Whether the media type of the answer is a success that a caller asks for."""
        response = next((each for each in call.operation.responses.values() if call.answer.pointer.startswith(each.pointer)), None)
        is_success = call.answer.status < 300  # noqa: PLR2004 - HTTP
        return is_success and response is not None and len(response.content) > 1 and "*" not in (call.answer.documented or "")


def _can_be_sent(call: PlannedCall) -> bool:
    """Whether `fetch` sends it: the package lists TRACE requests, and bodies of GET and HEAD requests, as not carried."""
    return call.operation.method != "trace" and (call.media_type is None or call.operation.method not in {"get", "head"})


def marked(value: Any) -> Any:
    """Values with bytes and files as JSON."""
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        return {"$bigint": str(value)}
    if isinstance(value, File):
        return {"$file": marked(value.content), "headers": value.headers}
    if isinstance(value, dict):
        return {name: marked(each) for name, each in value.items()}
    return [marked(each) for each in value] if isinstance(value, list) else value


def unmarked(value: Any) -> Any:
    """The value of JSON from `marked`."""
    if isinstance(value, dict) and value.keys() == {"$bigint"}:
        return int(value["$bigint"])
    if isinstance(value, dict):
        return base64.b64decode(value["$bytes"]) if value.keys() == {"$bytes"} else {name: unmarked(each) for name, each in value.items()}
    return [unmarked(each) for each in value] if isinstance(value, list) else value
