"""The generated modules of a Python client: client, groups of operations, table of operations, and errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contract.names import camel
from contract.sdk.error_classes import LAYER_CLASSES
from contract.sdk.paging import Paging
from contract.sdk.plan import CredentialScheme, SdkMethod, SdkPlan
from contract.sdk.python_source import Argument, GeneratedEndpoint, GeneratedSource, ListExpression, route

FUTURE_IMPORT = "from __future__ import annotations\n\n"
BUILTIN_TYPES = {
    "list",
    "dict",
    "str",
    "int",
    "bool",
    "float",
    "bytes",
    "set",
    "object",
    "type",
}  # methods must not shadow them in annotations
REEXPORTED = ("ApiError", "ConnectionFailedError", "ErrorTable", "SdkError", "UnexpectedResponseError")


def modules(plan: SdkPlan, source: GeneratedSource) -> tuple[dict[str, str], list[str]]:
    """Text by file name, and the operations that the generator does not support."""
    endpoints = {
        sdk_method.name: source.endpoints.get(route(sdk_method.operation.method, sdk_method.operation.path)) for sdk_method in plan.methods
    }
    unsupported = [
        f"{sdk_method.operation.method.upper()} {sdk_method.operation.path}"
        for sdk_method in plan.methods
        if endpoints[sdk_method.name] is None
    ]
    groups = {
        name: [(sdk_method, endpoint) for sdk_method in methods if (endpoint := endpoints[sdk_method.name]) is not None]
        for name, methods in plan.groups.items()
    }
    groups = {name: pairs for name, pairs in groups.items() if pairs}
    files = {f"groups/{name}.py": _group(name, pairs, source) for name, pairs in groups.items()}
    files["groups/__init__.py"] = ""
    files["client.py"] = _client(plan, list(groups))
    files["operations.py"] = _operations([sdk_method for pairs in groups.values() for sdk_method, _ in pairs])
    files["errors.py"] = _errors(plan)
    files["models.py"] = f'"""The models of requests and responses."""\n\n{FUTURE_IMPORT}from .generated.models import *\n'
    files["__init__.py"] = _package(plan)
    return files, unsupported


def method_name(name: str) -> str:
    """The name of an operation's method."""
    return f"{name}_" if name in BUILTIN_TYPES else name


def iterator_name(name: str) -> str:
    """The name of the method that iterates over all pages: `list_contacts` has `iter_contacts`."""
    return f"iter_{re.sub('^(list|get|find|search)_', '', name)}"


def _group(name: str, pairs: list[tuple[SdkMethod, GeneratedEndpoint]], source: GeneratedSource) -> str:
    imports = {line for _, endpoint in pairs for line in endpoint.imports}
    imports |= {"from collections.abc import Iterator", "from typing import Any, cast", "from ..generated.types import UNSET, Unset"}
    imports |= {f"from ..generated.api.{endpoint.package} import {endpoint.name} as _{endpoint.name}" for _, endpoint in pairs}
    imports |= {"from ..calls import Caller", "from ..operations import OPERATIONS", "from ..pages import by_cursor, by_page"}
    body = [f"class {camel(name)}Calls:", f'    """The operations of `client.{name}`."""', ""]
    body += ["    def __init__(self, caller: Caller) -> None:", "        self._caller = caller", ""]
    for sdk_method, endpoint in pairs:
        body += _method(sdk_method, endpoint)
        list_expression = source.list_at(endpoint.response, sdk_method.paging.items) if sdk_method.paging else None
        if sdk_method.paging and list_expression:
            imports |= set(source.import_of(list_expression.item))
            body += _iterator(endpoint, sdk_method.paging, list_expression)
    future = "from __future__ import annotations"
    return "\n".join([f'"""{camel(name)}."""', "", future, "", *sorted(imports), "", "", *body]) + "\n"


def _method(sdk_method: SdkMethod, endpoint: GeneratedEndpoint) -> Iterator[str]:
    return_type = "None" if sdk_method.has_no_response_body else endpoint.response
    passed = ", ".join(f"{argument.name}={argument.name}" for argument in endpoint.arguments)
    arguments = f'OPERATIONS["{sdk_method.name}"], _{endpoint.name}._get_kwargs({passed})'
    yield f"    def {method_name(endpoint.name)}({_signature(endpoint.arguments)}) -> {return_type}:"
    yield f"        {_docstring(sdk_method.summary, sdk_method.deprecated)}"
    if sdk_method.has_no_response_body:
        yield f"        self._caller.response({arguments})"
    else:
        call = f"self._caller.send({arguments}, _{endpoint.name}._parse_response)"
        # For a union, mypy infers only the common base of its types.
        yield f"        return cast({return_type!r}, {call})" if "|" in return_type else f"        return {call}"
    yield ""


def _iterator(endpoint: GeneratedEndpoint, paging: Paging, list_expression: ListExpression) -> Iterator[str]:
    position = next((argument.name for argument in endpoint.arguments if _is_same_name(argument.name, paging.parameter)), None)
    if position is None:
        return
    remaining = tuple(argument for argument in endpoint.arguments if argument.name != position)
    passed = ", ".join(f"{argument.name}={position if argument.name == position else argument.name}" for argument in endpoint.arguments)
    yield f"    def {iterator_name(endpoint.name)}({_signature(remaining)}) -> Iterator[{list_expression.item}]:"
    yield f"        {_docstring(f'All items of all pages of `{method_name(endpoint.name)}`.', None)}"
    fetch = f"lambda {position}: self.{method_name(endpoint.name)}({passed})"
    items = f"lambda response: {list_expression.expression}"
    if paging.kind == "cursor":
        yield f"        return by_cursor({fetch}, {items}, cursor={paging.cursor!r}, first=UNSET)"
    else:
        step = 1 if paging.kind == "page" else 0
        yield f"        return by_page({fetch}, {items}, total={paging.total!r}, step={step}, first={paging.first})"
    yield ""


def _is_same_name(argument: str, parameter: str) -> bool:
    return re.sub(r"[\W_]", "", argument).lower() == re.sub(r"[\W_]", "", parameter).lower()


def _signature(arguments: tuple[Argument, ...]) -> str:
    positional = [argument.source for argument in arguments if not argument.is_keyword]
    keywords = [argument.source for argument in arguments if argument.is_keyword]
    return ", ".join(["self", *positional, *(["*"] if keywords else []), *keywords])


def _docstring(sentence: str, deprecated: str | None) -> str:
    text = sentence.rstrip(".") + "." + (f" Deprecated: {deprecated}." if deprecated else "")
    return repr(text) if '"' in text or "\\" in text else f'"""{text}"""'


def _operations(methods: list[SdkMethod]) -> str:
    lines = [
        '"""The properties of each operation."""',
        "",
        FUTURE_IMPORT + "from .calls import OperationInfo",
        "",
        "OPERATIONS: dict[str, OperationInfo] = {",
    ]
    for sdk_method in methods:
        options = {
            "credentials": sdk_method.credentials,
            "idempotency_header": sdk_method.idempotency_header,
            "deprecated": sdk_method.deprecated,
        }
        arguments = [
            repr(sdk_method.name),
            f"is_idempotent={sdk_method.is_idempotent}",
            *(f"{key}={value!r}" for key, value in options.items() if value),
        ]
        lines.append(f"    {sdk_method.name!r}: OperationInfo({', '.join(arguments)}),")
    return "\n".join([*lines, "}"]) + "\n"


def _errors(plan: SdkPlan) -> str:
    errors = plan.errors
    exported = [*REEXPORTED, *(item.name for item in errors.statuses), *(item.name for item in errors.codes)]
    exported.remove("ErrorTable")
    lines = ['"""Every documented error as a class, by status and by error code."""', "", FUTURE_IMPORT]
    lines += [f"from .problems import {', '.join(REEXPORTED)}", "", f"__all__ = {sorted(exported)!r}", ""]
    for status in errors.statuses:
        lines += ["", f"class {status.name}(ApiError):", f'    """The error response {status.status}."""', ""]
    for code in errors.codes:
        bases = ", ".join(item.name for item in code.statuses)
        lines += ["", f"class {code.name}({bases}):", f"    {_docstring(f'The error code {code.code}', None)}", ""]
    lines += ["", "ERRORS = ErrorTable(", f"    by_status={{{', '.join(f'{item.status!r}: {item.name}' for item in errors.statuses)}}},"]
    pairs = [f"({status.status!r}, {code.code!r}): {code.name}" for code in errors.codes for status in code.statuses]
    lines += [
        f"    by_code={{{', '.join(pairs)}}},",
        f"    code_paths={errors.code_paths!r},",
        f"    role_paths={dict(errors.role_paths)!r},",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _client(plan: SdkPlan, groups: list[str]) -> str:
    imports = [f"from .groups.{name} import {camel(name)}Calls" for name in groups]
    server = "base_url: str" + (f" = {plan.server!r}" if plan.server else "")
    schemes = ", ".join(f"{scheme.argument}: {'tuple[str, str]' if scheme.is_pair else 'str'} | None = None" for scheme in plan.schemes)
    text = CLIENT.format(
        title=plan.title,
        imports="\n".join(imports),
        signature=", ".join(filter(None, ["self", server, "*", schemes])),
        described="\n        ".join(_credential_description(scheme) for scheme in plan.schemes),
        credentials=", ".join(f"{scheme.argument!r}: {_credential(scheme)}" for scheme in plan.schemes),
        groups="\n        ".join(f"self.{name} = {camel(name)}Calls(caller)" for name in groups) or "del caller",
    )
    return text.replace("{title}", plan.title)


def _credential_description(scheme: CredentialScheme) -> str:
    return f"`{scheme.argument}` is sent as {scheme.location} {scheme.field}.".replace("\\", "")


def _credential(scheme: CredentialScheme) -> str:
    value = (
        f"basic(*{scheme.argument})" if scheme.is_pair else f"{scheme.prefix!r} + {scheme.argument}" if scheme.prefix else scheme.argument
    )
    return f"Credential({scheme.location!r}, {scheme.field!r}, {value}) if {scheme.argument} is not None else None"


def _package(plan: SdkPlan) -> str:
    names = sorted([name for name in LAYER_CLASSES if name != "ErrorTable"])
    errors = [name for name in names if name != "WebhookVerificationError"]
    return f'''"""A client for {plan.title.replace('"', "'")}, version {plan.version.replace('"', "'")} of its document."""

from .client import Client
from .errors import {", ".join(errors)}
from .generated.types import UNSET, File
from .retries import Retries
from .webhooks import WebhookVerificationError, verify

__all__ = {sorted(["Client", "File", "Retries", "UNSET", "verify", *names])!r}
'''


CLIENT = '''"""The client."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

import httpx

from .calls import Caller, Credential, Reading, basic
from .errors import ERRORS
from .generated.client import Client as Generated
from .generated.errors import UnexpectedStatus
{imports}
from .retries import Retries


class Client:
    """A client; its attributes are the groups of operations. It keeps connections open: use `with`, or call `close`."""

    def __init__({signature}, timeout: float = 30.0, headers: Mapping[str, str] | None = None,
                 retries: Retries | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Create a client without connecting.

        {described}
        `timeout` is in seconds; `transport` replaces the HTTP transport (proxies, tests).
        """
        self._http = httpx.Client(base_url=base_url, timeout=timeout, headers=headers, transport=transport)
        reading = Reading(Generated(base_url=base_url, raise_on_unexpected_status=True), UnexpectedStatus)
        credentials: dict[str, Credential | None] = {{{credentials}}}
        caller = Caller(self._http, credentials, errors=ERRORS, retries=retries or Retries(), reading=reading)
        {groups}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
'''
