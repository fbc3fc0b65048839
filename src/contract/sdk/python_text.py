"""The modules of a Python client that depend on the document: its client, groups of operations, table of operations and errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contract.names import camel
from contract.sdk.failures import OF_THE_LAYER
from contract.sdk.paging import Paging
from contract.sdk.plan import Call, Plan, Scheme
from contract.sdk.python_source import Argument, Endpoint, Listed, Source, route

FUTURE = "from __future__ import annotations\n\n"
TYPES = {"list", "dict", "str", "int", "bool", "float", "bytes", "set", "object", "type"}  # methods must not hide them from annotations
READ = ("ApiError", "ConnectionFailedError", "ErrorTable", "SdkError", "UnexpectedAnswerError")


def modules(plan: Plan, source: Source) -> tuple[dict[str, str], list[str]]:
    """Text by file name, and the operations that the generator could not carry."""
    known = {one.name: source.endpoints.get(route(one.operation.method, one.operation.path)) for one in plan.calls}
    left_out = [f"{one.operation.method.upper()} {one.operation.path}" for one in plan.calls if known[one.name] is None]
    groups = {
        name: [(call, endpoint) for call in calls if (endpoint := known[call.name]) is not None] for name, calls in plan.groups.items()
    }
    groups = {name: pairs for name, pairs in groups.items() if pairs}
    found = {f"groups/{name}.py": _group(name, pairs, source) for name, pairs in groups.items()}
    found["groups/__init__.py"] = ""
    found["client.py"] = _client(plan, list(groups))
    found["operations.py"] = _operations([call for pairs in groups.values() for call, _ in pairs])
    found["errors.py"] = _errors(plan)
    found["models.py"] = f'"""What operations take and answer."""\n\n{FUTURE}from .generated.models import *\n'
    found["__init__.py"] = _package(plan)
    return found, left_out


def method(name: str) -> str:
    """The name of an operation's method."""
    return f"{name}_" if name in TYPES else name


def iterator(name: str) -> str:
    """The name of the method that goes through all pages: `list_contacts` has `iter_contacts`."""
    return f"iter_{re.sub('^(list|get|find|search)_', '', name)}"


def _group(name: str, pairs: list[tuple[Call, Endpoint]], source: Source) -> str:
    imports = {line for _, endpoint in pairs for line in endpoint.imports}
    imports |= {"from collections.abc import Iterator", "from typing import Any, cast", "from ..generated.types import UNSET, Unset"}
    imports |= {f"from ..generated.api.{one.package} import {one.name} as _{one.name}" for _, one in pairs}
    imports |= {"from ..calls import Caller", "from ..operations import OPERATIONS", "from ..pages import by_cursor, by_page"}
    body = [f"class {camel(name)}Calls:", f'    """The operations of `client.{name}`."""', ""]
    body += ["    def __init__(self, caller: Caller) -> None:", "        self._caller = caller", ""]
    for call, endpoint in pairs:
        body += _method(call, endpoint)
        listed = source.listed(endpoint.answer, call.paging.items) if call.paging else None
        if call.paging and listed:
            imports |= set(source.import_of(listed.item))
            body += _iterator(endpoint, call.paging, listed)
    future = "from __future__ import annotations"
    return "\n".join([f'"""{camel(name)}."""', "", future, "", *sorted(imports), "", "", *body]) + "\n"


def _method(call: Call, endpoint: Endpoint) -> Iterator[str]:
    answer = "None" if call.answers_nothing else endpoint.answer
    given = ", ".join(f"{one.name}={one.name}" for one in endpoint.arguments)
    arguments = f'OPERATIONS["{call.name}"], _{endpoint.name}._get_kwargs({given})'
    yield f"    def {method(endpoint.name)}({_signature(endpoint.arguments)}) -> {answer}:"
    yield f"        {_docstring(call.summary, call.deprecated)}"
    if call.answers_nothing:
        yield f"        self._caller.response({arguments})"
    else:
        sent = f"self._caller.send({arguments}, _{endpoint.name}._parse_response)"
        # Of a choice of types mypy infers only what they have in common.
        yield f"        return cast({answer!r}, {sent})" if "|" in answer else f"        return {sent}"
    yield ""


def _iterator(endpoint: Endpoint, paging: Paging, listed: Listed) -> Iterator[str]:
    moving = next((one.name for one in endpoint.arguments if _same(one.name, paging.parameter)), None)
    if moving is None:
        return
    others = tuple(one for one in endpoint.arguments if one.name != moving)
    given = ", ".join(f"{one.name}={moving if one.name == moving else one.name}" for one in endpoint.arguments)
    yield f"    def {iterator(endpoint.name)}({_signature(others)}) -> Iterator[{listed.item}]:"
    yield f"        {_docstring(f'All items of all pages of `{method(endpoint.name)}`.', None)}"
    fetch = f"lambda {moving}: self.{method(endpoint.name)}({given})"
    items = f"lambda answer: {listed.expression}"
    if paging.kind == "cursor":
        yield f"        return by_cursor({fetch}, {items}, cursor={paging.cursor!r}, first=UNSET)"
    else:
        step = 1 if paging.kind == "page" else 0
        yield f"        return by_page({fetch}, {items}, total={paging.total!r}, step={step}, first={paging.first})"
    yield ""


def _same(argument: str, parameter: str) -> bool:
    return re.sub(r"[\W_]", "", argument).lower() == re.sub(r"[\W_]", "", parameter).lower()


def _signature(arguments: tuple[Argument, ...]) -> str:
    positional = [one.written for one in arguments if not one.is_keyword]
    keywords = [one.written for one in arguments if one.is_keyword]
    return ", ".join(["self", *positional, *(["*"] if keywords else []), *keywords])


def _docstring(sentence: str, deprecated: str | None) -> str:
    text = sentence.rstrip(".") + "." + (f" Deprecated: {deprecated}." if deprecated else "")
    return repr(text) if '"' in text or "\\" in text else f'"""{text}"""'


def _operations(calls: list[Call]) -> str:
    lines = [
        '"""What the document says about each operation."""',
        "",
        FUTURE + "from .calls import Operation",
        "",
        "OPERATIONS: dict[str, Operation] = {",
    ]
    for one in calls:
        more = {"credentials": one.credentials, "idempotency_header": one.idempotency_header, "deprecated": one.deprecated}
        words = [repr(one.name), f"is_idempotent={one.is_idempotent}", *(f"{key}={value!r}" for key, value in more.items() if value)]
        lines.append(f"    {one.name!r}: Operation({', '.join(words)}),")
    return "\n".join([*lines, "}"]) + "\n"


def _errors(plan: Plan) -> str:
    failures = plan.failures
    exported = [*READ, *(one.name for one in failures.statuses), *(one.name for one in failures.codes)]
    exported.remove("ErrorTable")
    lines = ['"""Every documented error as a class: catch a status, or one of its codes."""', "", FUTURE]
    lines += [f"from .problems import {', '.join(READ)}", "", f"__all__ = {sorted(exported)!r}", ""]
    for status in failures.statuses:
        lines += ["", f"class {status.name}(ApiError):", f'    """The server answered {status.status}."""', ""]
    for code in failures.codes:
        bases = ", ".join(one.name for one in code.statuses)
        lines += ["", f"class {code.name}({bases}):", f"    {_docstring(f'The code {code.code}', None)}", ""]
    lines += ["", "ERRORS = ErrorTable(", f"    by_status={{{', '.join(f'{one.status!r}: {one.name}' for one in failures.statuses)}}},"]
    pairs = [f"({status.status!r}, {code.code!r}): {code.name}" for code in failures.codes for status in code.statuses]
    lines += [
        f"    by_code={{{', '.join(pairs)}}},",
        f"    code_paths={failures.code_paths!r},",
        f"    places={dict(failures.places)!r},",
        ")",
    ]
    return "\n".join(lines) + "\n"


def _client(plan: Plan, groups: list[str]) -> str:
    imports = [f"from .groups.{name} import {camel(name)}Calls" for name in groups]
    server = "base_url: str" + (f" = {plan.server!r}" if plan.server else "")
    schemes = ", ".join(f"{one.argument}: {'tuple[str, str]' if one.is_pair else 'str'} | None = None" for one in plan.schemes)
    text = CLIENT.format(
        title=plan.title,
        imports="\n".join(imports),
        signature=", ".join(filter(None, ["self", server, "*", schemes])),
        described="\n        ".join(_described(one) for one in plan.schemes),
        credentials=", ".join(f"{one.argument!r}: {_credential(one)}" for one in plan.schemes),
        groups="\n        ".join(f"self.{name} = {camel(name)}Calls(caller)" for name in groups) or "del caller",
    )
    return text.replace("{title}", plan.title)


def _described(scheme: Scheme) -> str:
    return f"`{scheme.argument}` is sent as {scheme.location} {scheme.field}.".replace("\\", "")


def _credential(scheme: Scheme) -> str:
    value = (
        f"basic(*{scheme.argument})" if scheme.is_pair else f"{scheme.prefix!r} + {scheme.argument}" if scheme.prefix else scheme.argument
    )
    return f"Credential({scheme.location!r}, {scheme.field!r}, {value}) if {scheme.argument} is not None else None"


def _package(plan: Plan) -> str:
    names = sorted([one for one in OF_THE_LAYER if one != "ErrorTable"])
    errors = [one for one in names if one != "WebhookVerificationError"]
    return f'''"""A client of {plan.title.replace('"', "'")}, version {plan.version.replace('"', "'")} of its document."""

from .client import Client
from .errors import {", ".join(errors)}
from .generated.types import UNSET, File
from .retries import Retries
from .webhooks import WebhookVerificationError, verify

__all__ = {sorted(["Client", "File", "Retries", "UNSET", "verify", *names])!r}
'''


CLIENT = '''"""One object for the whole API."""

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
    """A client; its attributes are the groups of operations. It keeps connections open: use it with `with`, or close it."""

    def __init__({signature}, timeout: float = 30.0, headers: Mapping[str, str] | None = None,
                 retries: Retries | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """Nothing is sent yet.

        {described}
        `timeout` is in seconds; `transport` replaces the way requests leave (proxies, tests).
        """
        self._http = httpx.Client(base_url=base_url, timeout=timeout, headers=headers, transport=transport)
        reading = Reading(Generated(base_url=base_url, raise_on_unexpected_status=True), UnexpectedStatus)
        credentials: dict[str, Credential | None] = {{{credentials}}}
        caller = Caller(self._http, credentials, errors=ERRORS, retries=retries or Retries(), reading=reading)
        {groups}

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
'''
