"""The modules of a TypeScript client that depend on the document: its client with groups, table of operations and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from contract.names import camel
from contract.runtime.media import is_json
from contract.sdk.paging import Paging
from contract.sdk.plan import Call, Plan, Scheme

RESERVED = {"constructor", "caller"}


def modules(plan: Plan) -> dict[str, str]:
    """Text by file name."""
    return {"client.ts": _client(plan), "errors.ts": _errors(plan), "operations.ts": _operations(plan), "index.ts": INDEX}


def lower(name: str) -> str:
    """`list_contacts` becomes `listContacts`."""
    word = camel(name)
    word = word[:1].lower() + word[1:]
    return f"{word}_" if word in RESERVED else word


def iterator(name: str) -> str:
    """The name of the method that goes through all pages: `list_contacts` has `iterContacts`."""
    return lower(f"iter_{re.sub('^(list|get|find|search)_', '', name)}")


def _operations(plan: Plan) -> str:
    lines = [
        'import type { Operation } from "./calls.js";',
        "",
        "/** What the document says about each operation. */",
        "export const OPERATIONS = {",
    ]
    lines += [f"  {_js(one.name)}: {_js(_described(one))}," for one in plan.calls]
    return "\n".join([*lines, "} satisfies Record<string, Operation>;"]) + "\n"


def _described(call: Call) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": call.name,
        "method": call.operation.method,
        "path": call.operation.path,
        "isIdempotent": call.is_idempotent,
        "reads": _reads(call),
        "takes": list(call.operation.body.media) if call.operation.body else [],
        "credentials": list(call.credentials),
    }
    more = {"idempotencyHeader": call.idempotency_header, "deprecated": call.deprecated}
    return found | {key: value for key, value in more.items() if value}


def _reads(call: Call) -> str:
    """How a success is read: JSON unless no success is."""
    media = [name for one in call.operation.responses.values() if one.status.startswith("2") for name in one.media]
    plain = [name.partition(";")[0].strip().lower() for name in media]
    if not plain or any(map(is_json, plain)):
        return "json"
    return "text" if all(name.startswith("text/") or name.endswith("xml") for name in plain) else "blob"


def _errors(plan: Plan) -> str:
    failures = plan.failures
    lines = ['import { ApiError, type ErrorTable } from "./problems.js";', ""]
    for status in failures.statuses:
        lines += [f"/** The server answered {status.status}. */", f"export class {status.name} extends ApiError {{}}", ""]
    for code in failures.codes:
        above = code.statuses[0].name if len(code.statuses) == 1 else "ApiError"  # a class has one parent here
        lines += [f"/** The code {_comment(code.code)}. */", f"export class {code.name} extends {above} {{}}", ""]
    by_status = ", ".join(f"{_js(one.status)}: {one.name}" for one in failures.statuses)
    by_code = ", ".join(f"{_js(f'{status.status} {one.code}')}: {one.name}" for one in failures.codes for status in one.statuses)
    lines += ["export const ERRORS: ErrorTable = {", f"  byStatus: {{ {by_status} }},", f"  byCode: {{ {by_code} }},"]
    return "\n".join([*lines, f"  codePaths: {_js(failures.code_paths)},", f"  places: {_js(failures.places)},", "};"]) + "\n"


def _client(plan: Plan) -> str:
    groups = plan.groups
    lines = [
        IMPORTS,
        *(line for name, calls in groups.items() for line in _group(name, calls)),
        "/** How to reach the server, and as whom. */",
    ]
    lines += ["export interface ClientOptions extends Options {", f"  readonly baseUrl{'?' if plan.server else ''}: string;"]
    lines += [f"  readonly {lower(one.argument)}?: {'readonly [string, string]' if one.is_pair else 'string'};" for one in plan.schemes]
    lines += ["}", "", f"/** A client of {_comment(plan.title)}; its properties are the groups of operations. */", "export class Client {"]
    lines += [f"  readonly {lower(name)}: {camel(name)}Calls;" for name in groups]
    lines += ["", f"  constructor(options: ClientOptions{' = {}' if plan.server else ''}) {{", "    const credentials = {"]
    lines += [f"      {_js(one.argument)}: {_credential(one)}," for one in plan.schemes]
    base = f"options.baseUrl ?? {_js(plan.server)}" if plan.server else "options.baseUrl"
    lines += ["    };", f"    const caller = new Caller({base}, credentials, ERRORS, options);"]
    lines += [f"    this.{lower(name)} = new {camel(name)}Calls(caller);" for name in groups]
    return "\n".join([*lines, "  }", "}"]) + "\n"


def _group(name: str, calls: list[Call]) -> Iterator[str]:
    yield f"/** The operations of `client.{lower(name)}`. */"
    yield f"export class {camel(name)}Calls {{"
    yield "  readonly #caller: Caller;"
    yield ""
    yield "  constructor(caller: Caller) {"
    yield "    this.#caller = caller;"
    yield "  }"
    for call in calls:
        yield from _method(call)
        if call.paging:
            yield from _iterator(call, call.paging)
    yield "}"
    yield ""


def _method(call: Call) -> Iterator[str]:
    operation = f"operations[{_js(call.name)}]"
    yield ""
    yield f"  /** {_comment(call.summary)}{f' @deprecated {_comment(call.deprecated)}' if call.deprecated else ''} */"
    yield f"  {lower(call.name)}(...[input]: Arguments<{operation}>): Promise<Answer<{operation}>> {{"
    yield f"    return this.#caller.send(OPERATIONS[{_js(call.name)}], input);"
    yield "  }"


def _iterator(call: Call, paging: Paging) -> Iterator[str]:
    operation = f"operations[{_js(call.name)}]"
    item = f"Listed<Answer<{operation}>, {_js(paging.items)}>"
    told = {"kind": paging.kind, "parameter": paging.parameter, "items": paging.items, "total": paging.total, "cursor": paging.cursor}
    told = {key: value for key, value in told.items() if value is not None}
    yield ""
    yield f"  /** All items of all pages of `{lower(call.name)}`. */"
    yield f"  {iterator(call.name)}(...[input]: Arguments<{operation}>): AsyncGenerator<{item}, void, undefined> {{"
    yield f"    const paging: Paging = {_js(told | {'first': paging.first})};"
    yield f"    return pages<{item}>(paging, input, (moved) => this.#caller.send(OPERATIONS[{_js(call.name)}], moved));"
    yield "  }"


def _credential(scheme: Scheme) -> str:
    given = f"options.{lower(scheme.argument)}"
    value = f"basic({given})" if scheme.is_pair else f"{_js(scheme.prefix)} + {given}" if scheme.prefix else given
    made = f"{{ location: {_js(scheme.location)}, name: {_js(scheme.field)}, value: {value} }} as const"
    return f"{given} === undefined ? undefined : ({made})"


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    return text.replace("*/", "* /")


IMPORTS = """import { basic, Caller, type Options } from "./calls.js";
import { ERRORS } from "./errors.js";
import { OPERATIONS } from "./operations.js";
import { type Paging, pages } from "./pages.js";
import type { operations } from "./schema.js";
import type { Answer, Arguments, Listed } from "./types.js";
"""

INDEX = """export type { Options } from "./calls.js";
export * from "./client.js";
export * from "./errors.js";
export { ApiError, ConnectionFailedError, SdkError, UnexpectedAnswerError } from "./problems.js";
export type { Retries } from "./retries.js";
export type { components, operations, paths } from "./schema.js";
export type { Answer, Input } from "./types.js";
export { verify, WebhookVerificationError } from "./webhooks.js";
"""
