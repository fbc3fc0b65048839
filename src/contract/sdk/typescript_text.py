"""The generated modules of a TypeScript client: client with groups, table of operations, and errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from contract.names import camel
from contract.runtime.media import is_json
from contract.sdk.paging import Paging
from contract.sdk.plan import CredentialScheme, SdkMethod, SdkPlan

RESERVED = {"constructor", "caller"}


def modules(plan: SdkPlan) -> dict[str, str]:
    """Text by file name."""
    return {"client.ts": _client(plan), "errors.ts": _errors(plan), "operations.ts": _operations(plan), "index.ts": INDEX}


def camel_case(name: str) -> str:
    """`list_contacts` becomes `listContacts`."""
    result = camel(name)
    result = result[:1].lower() + result[1:]
    return f"{result}_" if result in RESERVED else result


def iterator_name(name: str) -> str:
    """The name of the method that iterates over all pages: `list_contacts` has `iterContacts`."""
    return camel_case(f"iter_{re.sub('^(list|get|find|search)_', '', name)}")


def _operations(plan: SdkPlan) -> str:
    lines = [
        'import type { OperationInfo } from "./calls.js";',
        "",
        "/** The properties of each operation. */",
        "export const OPERATIONS = {",
    ]
    lines += [f"  {_js(sdk_method.name)}: {_js(_operation_info(sdk_method))}," for sdk_method in plan.methods]
    return "\n".join([*lines, "} satisfies Record<string, OperationInfo>;"]) + "\n"


def _operation_info(sdk_method: SdkMethod) -> dict[str, Any]:
    info: dict[str, Any] = {
        "name": sdk_method.name,
        "method": sdk_method.operation.method,
        "path": sdk_method.operation.path,
        "isIdempotent": sdk_method.is_idempotent,
        "parseAs": _parse_as(sdk_method),
        "bodyTypes": list(sdk_method.operation.body.media) if sdk_method.operation.body else [],
        "credentials": list(sdk_method.credentials),
    }
    options = {"idempotencyHeader": sdk_method.idempotency_header, "deprecated": sdk_method.deprecated}
    return info | {key: value for key, value in options.items() if value}


def _parse_as(sdk_method: SdkMethod) -> str:
    """The form in which a success is read: JSON unless no success is JSON."""
    media = [name for response in sdk_method.operation.responses.values() if response.status.startswith("2") for name in response.media]
    essences = [name.partition(";")[0].strip().lower() for name in media]
    if not essences or any(map(is_json, essences)):
        return "json"
    return "text" if all(name.startswith("text/") or name.endswith("xml") for name in essences) else "blob"


def _errors(plan: SdkPlan) -> str:
    errors = plan.errors
    lines = ['import { ApiError, type ErrorTable } from "./problems.js";', ""]
    for status in errors.statuses:
        lines += [f"/** The error response {status.status}. */", f"export class {status.name} extends ApiError {{}}", ""]
    for code in errors.codes:
        parent = code.statuses[0].name if len(code.statuses) == 1 else "ApiError"  # a class has one parent here
        lines += [f"/** The error code {_comment(code.code)}. */", f"export class {code.name} extends {parent} {{}}", ""]
    by_status = ", ".join(f"{_js(item.status)}: {item.name}" for item in errors.statuses)
    by_code = ", ".join(f"{_js(f'{status.status} {item.code}')}: {item.name}" for item in errors.codes for status in item.statuses)
    lines += ["export const ERRORS: ErrorTable = {", f"  byStatus: {{ {by_status} }},", f"  byCode: {{ {by_code} }},"]
    return "\n".join([*lines, f"  codePaths: {_js(errors.code_paths)},", f"  rolePaths: {_js(errors.role_paths)},", "};"]) + "\n"


def _client(plan: SdkPlan) -> str:
    groups = plan.groups
    lines = [
        IMPORTS,
        *(line for name, methods in groups.items() for line in _group(name, methods)),
        "/** The server and the credentials. */",
    ]
    lines += ["export interface ClientOptions extends Options {", f"  readonly baseUrl{'?' if plan.server else ''}: string;"]
    lines += [
        f"  readonly {camel_case(scheme.argument)}?: {'readonly [string, string]' if scheme.is_pair else 'string'};"
        for scheme in plan.schemes
    ]
    lines += ["}", "", f"/** A client for {_comment(plan.title)}; its properties are the groups of operations. */", "export class Client {"]
    lines += [f"  readonly {camel_case(name)}: {camel(name)}Calls;" for name in groups]
    lines += ["", f"  constructor(options: ClientOptions{' = {}' if plan.server else ''}) {{", "    const credentials = {"]
    lines += [f"      {_js(scheme.argument)}: {_credential(scheme)}," for scheme in plan.schemes]
    base = f"options.baseUrl ?? {_js(plan.server)}" if plan.server else "options.baseUrl"
    lines += ["    };", f"    const caller = new Caller({base}, credentials, ERRORS, options);"]
    lines += [f"    this.{camel_case(name)} = new {camel(name)}Calls(caller);" for name in groups]
    return "\n".join([*lines, "  }", "}"]) + "\n"


def _group(name: str, methods: list[SdkMethod]) -> Iterator[str]:
    yield f"/** The operations of `client.{camel_case(name)}`. */"
    yield f"export class {camel(name)}Calls {{"
    yield "  readonly #caller: Caller;"
    yield ""
    yield "  constructor(caller: Caller) {"
    yield "    this.#caller = caller;"
    yield "  }"
    for sdk_method in methods:
        yield from _method(sdk_method)
        if sdk_method.paging:
            yield from _iterator(sdk_method, sdk_method.paging)
    yield "}"
    yield ""


def _method(sdk_method: SdkMethod) -> Iterator[str]:
    operation = f"operations[{_js(sdk_method.name)}]"
    yield ""
    yield f"  /** {_comment(sdk_method.summary)}{f' @deprecated {_comment(sdk_method.deprecated)}' if sdk_method.deprecated else ''} */"
    yield f"  {camel_case(sdk_method.name)}(...[input]: Arguments<{operation}>): Promise<Result<{operation}>> {{"
    yield f"    return this.#caller.send(OPERATIONS[{_js(sdk_method.name)}], input);"
    yield "  }"


def _iterator(sdk_method: SdkMethod, paging: Paging) -> Iterator[str]:
    operation = f"operations[{_js(sdk_method.name)}]"
    item = f"ItemsOf<Result<{operation}>, {_js(paging.items)}>"
    options = {"kind": paging.kind, "parameter": paging.parameter, "items": paging.items, "total": paging.total, "cursor": paging.cursor}
    options = {key: value for key, value in options.items() if value is not None}
    yield ""
    yield f"  /** All items of all pages of `{camel_case(sdk_method.name)}`. */"
    yield f"  {iterator_name(sdk_method.name)}(...[input]: Arguments<{operation}>): AsyncGenerator<{item}, void, undefined> {{"
    yield f"    const paging: Paging = {_js(options | {'first': paging.first})};"
    yield f"    return pages<{item}>(paging, input, (moved) => this.#caller.send(OPERATIONS[{_js(sdk_method.name)}], moved));"
    yield "  }"


def _credential(scheme: CredentialScheme) -> str:
    option = f"options.{camel_case(scheme.argument)}"
    value = f"basic({option})" if scheme.is_pair else f"{_js(scheme.prefix)} + {option}" if scheme.prefix else option
    credential = f"{{ location: {_js(scheme.location)}, name: {_js(scheme.field)}, value: {value} }} as const"
    return f"{option} === undefined ? undefined : ({credential})"


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _comment(text: str) -> str:
    return text.replace("*/", "* /")


IMPORTS = """import { basic, Caller, type Options } from "./calls.js";
import { ERRORS } from "./errors.js";
import { OPERATIONS } from "./operations.js";
import { type Paging, pages } from "./pages.js";
import type { operations } from "./schema.js";
import type { Arguments, ItemsOf, Result } from "./types.js";
"""

INDEX = """export type { Options } from "./calls.js";
export * from "./client.js";
export * from "./errors.js";
export { ApiError, ConnectionFailedError, SdkError, UnexpectedResponseError } from "./problems.js";
export type { Retries } from "./retries.js";
export type { components, operations, paths } from "./schema.js";
export type { Input, Result } from "./types.js";
export { verify, WebhookVerificationError } from "./webhooks.js";
"""
