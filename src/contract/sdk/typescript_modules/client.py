"""The client of a TypeScript package: the connection with its credentials, the groups of methods, and the index of exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from contract.names import unique
from contract.openapi.references import Json, resolve
from contract.sdk.plan import CredentialScheme, SdkPlan
from contract.sdk.python_generator.servers import default_url
from contract.sdk.typescript_modules.literals import comment, js, property_name
from contract.sdk.typescript_modules.naming import Names, class_name
from contract.sdk.typescript_modules.operations import Call, promised


def connection_module(bundle: Json, plan: SdkPlan, names: Names, unmatched: str | None) -> str:
    """The module of `Connection`, which every function takes."""
    variables = _variables(bundle)
    server = _default_url(bundle)
    lines = ['import * as $ from "./runtime.js";', *(['import * as e from "./error_tables.js";'] if unmatched else []), ""]
    lines += ["/** The server and the credentials. */", "export interface ConnectionOptions extends $.Options {"]
    lines += _server_options(server, variables)
    for scheme in plan.schemes:
        kind = "readonly [name: string, password: string]" if scheme.is_pair else "$.Credential"
        lines += [*comment(scheme.description, "  "), f"  readonly {names.credentials[scheme.argument]}?: {kind};"]
    lines += ["}", "", f"/** A connection to {plan.title.replace('*/', '* /')}. Every function takes one. */".replace("\n", " ")]
    lines += ["export class Connection extends $.Caller {"]
    lines += [f"  constructor(options: ConnectionOptions{' = {}' if server is not None else ''}) {{", "    super(", "      {"]
    lines += [f"        baseUrl: {_base_url(server, variables)},"]
    lines += [f"        isDefaultServer: {'options.baseUrl === undefined' if server is not None else 'false'},", "        schemes: {"]
    lines += [
        f"          {_key(names, scheme)}: [{js(scheme.location)}, {js(scheme.field)}, {js(scheme.prefix)}]," for scheme in plan.schemes
    ]
    lines += [
        "        },",
        *_credentials(names, plan),
    ]
    lines += [f"        errors: {f'e.{unmatched}' if unmatched else '{}'},", f"        codePaths: {js(plan.errors.code_paths)},"]
    lines += [f"        rolePaths: {js(plan.errors.role_paths)},", "      },", "      options,", "    );", "  }", "}"]
    return "\n".join([*lines, "", *_servers(bundle), *_token_functions(bundle, names, plan)]) + "\n"


def client_module(plan: SdkPlan, names: Names, calls: list[Call]) -> str:
    """The module of `Client`: all operations in groups."""
    lines = [
        'import { Connection, type ConnectionOptions } from "./connection.js";',
        'import type * as t from "./types.js";',
        'import * as o from "./operations.js";',
        'import * as $ from "./runtime.js";',
        "",
        "export type ClientOptions = ConnectionOptions;",
        "",
    ]
    by_name = {call.method.name: call for call in calls}
    classes = dict(zip(plan.groups, _class_names(plan), strict=True))
    for group, methods in plan.groups.items():
        lines += _group(classes[group], names.groups[group], [by_name[method.name] for method in methods])
    lines += [
        *comment(f"A client for {plan.title}; its properties are the groups of operations."),
        "export class Client extends Connection {",
    ]
    lines += [f"  readonly {names.groups[group]}: {classes[group]} = new {classes[group]}(this);" for group in plan.groups]
    return "\n".join([*lines, "}"]) + "\n"


def index_module(plan: SdkPlan, bundle: Json) -> str:
    """The exports of the package."""
    has_events = bool(plan.webhooks)
    names = [*(status.name for status in plan.errors.statuses), *(code.name for code in plan.errors.codes)]
    lines = [
        'export { Client, type ClientOptions } from "./client.js";',
        f'export {{ {", ".join(["Connection", "type ConnectionOptions", *_connection_exports(bundle, plan)])} }} from "./connection.js";',
        f'export {{ {", ".join(names)} }} from "./errors.js";' if names else "",
        'export * from "./operations.js";',
        f'export {{ {", ".join(LAYER_VALUES)} }} from "./runtime.js";',
        f'export type {{ {", ".join(LAYER_TYPES)} }} from "./runtime.js";',
        'export type * from "./types.js";',
        'export { verify, type WebhookEvent } from "./events.js";' if has_events else "",
        'export { WebhookVerificationError } from "./webhooks.js";' if has_events else "",
    ]
    return "\n".join(line for line in lines if line) + "\n"


LAYER_VALUES = (
    *("ApiError", "clientCredentials", "ConnectionFailedError", "FormFile", "InvalidArgumentError", "SdkError"),
    *("TimedOutError", "TokenRefusedError", "UnexpectedResponseError", "UnexpectedStatusError"),
)
LAYER_TYPES = (
    "Attempt",
    "Bytes",
    "CallOptions",
    "Credential",
    "Download",
    "Hooks",
    "Options",
    "Retries",
    "ServerSentEvent",
    "Stream",
    "Streaming",
)


def _class_names(plan: SdkPlan) -> list[str]:
    return unique(class_name(group) for group in plan.groups)


def _group(class_text: str, attribute: str, calls: list[Call]) -> Iterator[str]:
    yield f"/** The operations of `client.{attribute}`. */"
    yield f"export class {class_text} {{"
    yield "  readonly #connection: Connection;"
    yield ""
    yield "  constructor(connection: Connection) {"
    yield "    this.#connection = connection;"
    yield "  }"
    for call in calls:
        yield ""
        yield from (f"  {line}" for line in call.summary)
        yield from _method(call)
        if call.iterator:
            yield ""
            yield f"  /** All items of all pages of `{call.function}`. */"
            yield f"  {call.iterator}({_qualified(call, '')}): AsyncGenerator<{call.item}, void, undefined> {{"
            yield f"    return o.{call.iterator}(this.#connection, input, options);"
            yield "  }"
    yield "}"
    yield ""


def _method(call: Call) -> Iterator[str]:
    if not call.other_results:
        yield f"  {call.function}({_qualified(call, '')}): {promised(call.result)} {{"
        yield f"    return o.{call.function}(this.#connection, input, options);"
        yield "  }"
        return
    yield f"  {call.function}({_qualified(call, '')}): {promised(call.result)};"
    for name, text in call.other_results.items():
        yield f"  {call.function}({_qualified(call, name)}): {promised(text)};"
    inner = call.parameters("", is_inner=True)
    yield f"  {call.function}({_in_operations(call, inner)}): Promise<unknown> {{"
    yield f"    return o.{call.function}(this.#connection, {'input' if call.is_input_required else 'input as never'}, options as never);"
    yield "  }"


def _qualified(call: Call, accept: str) -> str:
    return _in_operations(call, call.parameters("", accept=accept or None))


def _in_operations(call: Call, parameters: str) -> str:
    return parameters.replace(f": {call.input_type}", f": o.{call.input_type}") if call.input_type else parameters


def _key(names: Names, scheme: CredentialScheme) -> str:
    return property_name(names.credentials[scheme.argument])


def _credentials(names: Names, plan: SdkPlan) -> list[str]:
    """The credentials of the options; those with a password are encoded."""
    keys = [(_key(names, scheme), f"options.{names.credentials[scheme.argument]}") for scheme in plan.schemes if scheme.is_pair]
    if not keys:
        return ["        credentials: options,"]
    encoded = [f"          {key}: {option} && $.basic({option})," for key, option in keys]
    return ["        credentials: {", "          ...options,", *encoded, "        },"]


def _server_nodes(bundle: Json) -> list[Json]:
    return [node for node in bundle.get("servers") or () if isinstance(node.get("url"), str)]


def _default_node(bundle: Json) -> Json:
    """The first server with a complete URL, whose variables have defaults."""
    return next((node for node in _server_nodes(bundle) if default_url(node).startswith(("http://", "https://"))), {})


def _variables(bundle: Json) -> dict[str, Any]:
    return _default_node(bundle).get("variables") or {}


def _default_url(bundle: Json) -> str | None:
    url: str | None = _default_node(bundle).get("url")
    return None if url is None else url.rstrip("/")


def _server_options(server: str | None, variables: dict[str, Any]) -> Iterator[str]:
    if server is None:
        yield "  /** The address of the server, with its base path. */"
        yield "  readonly baseUrl: string;"
        return
    yield f"  /** Replaces {server.replace('*/', '* /')}. */"
    yield "  readonly baseUrl?: string;"
    if variables:
        yield "  /** The variables of the server's address. */"
        yield "  readonly variables?: {"
        for name, node in variables.items():
            yield from comment(str(node.get("description") or f"The default is {node.get('default')}."), "    ")
            yield f"    readonly {property_name(name)}?: {' | '.join(js(str(value)) for value in node.get('enum') or ()) or 'string'};"
        yield "  };"


def _base_url(server: str | None, variables: dict[str, Any]) -> str:
    if server is None:
        return "options.baseUrl"
    if not variables:
        return f"options.baseUrl ?? {js(server)}"
    defaults = js({name: str(node.get("default", "")) for name, node in variables.items()})
    return f"options.baseUrl ?? $.withVariables({js(server)}, {{ ...{defaults}, ...options.variables }})"


def _servers(bundle: Json) -> Iterator[str]:
    nodes = _server_nodes(bundle)
    if len(nodes) > 1:
        yield "/** The addresses of the servers in the document; `{...}` are variables. */"
        yield f"export const SERVERS = {js([node['url'] for node in nodes])} as const;"
        yield ""


def _token_urls(bundle: Json, plan: SdkPlan) -> dict[str, str]:
    """The token endpoint of each OAuth 2 scheme with client credentials, by its argument."""
    declared = bundle.get("components", {}).get("securitySchemes", {})
    base = f"{default_url(_default_node(bundle)).rstrip('/')}/"
    urls: dict[str, str] = {}
    for scheme in plan.schemes:
        node, _ = resolve(bundle, declared[scheme.name], "")
        flow = (node.get("flows") or {}).get("clientCredentials") if node.get("type") == "oauth2" else None
        if flow and isinstance(flow.get("tokenUrl"), str):
            urls[scheme.argument] = urljoin(base, flow["tokenUrl"])  # may be relative to the server
    return urls


def _connection_exports(bundle: Json, plan: SdkPlan) -> list[str]:
    return [*(["SERVERS"] if len(_server_nodes(bundle)) > 1 else []), *(["TOKEN_URLS"] if _token_urls(bundle, plan) else [])]


def _token_functions(bundle: Json, names: Names, plan: SdkPlan) -> Iterator[str]:
    urls = _token_urls(bundle, plan)
    if urls:
        yield "/** The token endpoints for `clientCredentials`, by the credential that takes its result. */"
        yield f"export const TOKEN_URLS = {js({names.credentials[argument]: url for argument, url in urls.items()})} as const;"
        yield ""
