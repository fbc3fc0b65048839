"""The modules of a Python client beside its models and groups: client, errors, webhooks, and the package itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contract.names import camel
from contract.openapi.references import Json
from contract.sdk.plan import CredentialScheme, SdkPlan, iterated
from contract.sdk.python_generator.models import docstring
from contract.sdk.python_generator.servers import ServerVariable, first_server, variables

PLACEHOLDER = re.compile(r"<(\w+)>")
FUTURE_IMPORT = "from __future__ import annotations\n\n"
# A method must not shadow a name that annotations of its class use.
SHADOWING = {"list", "dict", "str", "int", "bool", "float", "bytes", "set", "object", "type", "tuple", "models", "dicts", "datetime"}
ERRORS = (
    *("ApiError", "ConnectionFailedError", "InvalidArgumentError", "SdkError", "TimedOutError", "TokenRefusedError"),
    *("UnexpectedResponseError", "UnexpectedStatusError"),
)
REEXPORTED = ("ErrorTable", *ERRORS)
PUBLIC = {
    ".auth": ("ClientCredentials",),
    ".client": ("AsyncClient", "Client"),
    ".errors": ERRORS,
    ".multipart": ("File",),
    ".operation": ("Options",),
    ".retries": ("Retries",),
}


def method_name(name: str) -> str:
    """The name of an operation's method."""
    return f"{name}_" if name in SHADOWING else name


def iterator_names(name: str) -> tuple[str, str]:
    """The names that an iterator may have, the better one first; another method may have it."""
    return iterator_name(name), f"iter_{name}"


def iterator_name(name: str) -> str:
    """`list_contacts` and `contacts` give `iter_contacts`."""
    return f"iter_{iterated(name)}"


def package_module(plan: SdkPlan, *, has_webhooks: bool) -> str:
    """`__init__.py`. Models, errors and groups are imported when they are used."""
    webhooks = ("UnknownEventError", "WebhookVerificationError", "verify") if has_webhooks else ("WebhookVerificationError", "verify")
    lines = list(docstring(f"A client for {_line(plan.title)}, version {_line(plan.version)} of its document.", 0))
    lines += ["", "from msgspec import UNSET, UnsetType", ""]
    public = {**PUBLIC, ".webhooks": webhooks}
    lines += [f"from {module} import {', '.join(names)}" for module, names in sorted(public.items())]
    exported = sorted(["UNSET", "UnsetType", *(name for names in public.values() for name in names)])
    return "\n".join([*lines, "", f"__all__ = {exported!r}", ""])


def webhooks_module(*, has_events: bool) -> str:
    """`webhooks.py`: the verifier, which returns the documented events as models."""
    return WEBHOOKS_HEAD + (VERIFY_TYPED if has_events else VERIFY_UNTYPED)


def events_module(events: list[str]) -> str:
    """`events.py`: the type of all events."""
    return filled(EVENTS, {"events": " | ".join(events)})


def errors_module(plan: SdkPlan) -> str:
    """`errors.py`: a class for each documented status and error code."""
    errors = plan.errors
    exported = [*REEXPORTED, *(item.name for item in errors.statuses), *(item.name for item in errors.codes)]
    exported.remove("ErrorTable")
    lines = ['"""Every documented error as a class, by status and by error code."""', "", FUTURE_IMPORT]
    lines += [f"from .problems import {', '.join(REEXPORTED)}", "", f"__all__ = {sorted(exported)!r}", ""]
    for status in errors.statuses:
        lines += ["", f"class {status.name}(ApiError):", f'    """The error response {status.status}."""', ""]
    for code in errors.codes:
        bases = ", ".join(item.name for item in code.statuses)
        lines += ["", f"class {code.name}({bases}):", *docstring(f"The error code {_line(code.code)}.", 4), ""]
    pairs = [f"({status.status!r}, {code.code!r}): {code.name}" for code in errors.codes for status in code.statuses]
    lines += [
        "",
        "ERRORS = ErrorTable(",
        f"    by_status={{{', '.join(f'{item.status!r}: {item.name}' for item in errors.statuses)}}},",
        f"    by_code={{{', '.join(pairs)}}},",
        f"    code_paths={errors.code_paths!r},",
        f"    role_paths={dict(errors.role_paths)!r},",
        ")",
    ]
    return "\n".join(lines) + "\n"


def client_module(plan: SdkPlan, bundle: Json, groups: dict[str, str]) -> str:
    """`client.py`: `Client` and `AsyncClient`. `groups` are the attributes with their classes."""
    server = first_server(bundle)
    arguments = variables(bundle, [*RESERVED, *(scheme.argument for scheme in plan.schemes), *groups])
    schemes = ", ".join(f"{scheme.argument!r}: {_scheme(scheme)}" for scheme in plan.schemes)
    imports = "\n".join(f"    from .groups.{module} import Async{name}, {name}" for module, name in groups.items())
    checked = f"if TYPE_CHECKING:\n{imports}\n" if groups else ""
    text = filled(CLIENT_HEAD, {"schemes": f"{{{schemes}}}", "imports": checked})
    return text + "".join(_client(plan, server, arguments, groups, is_async=is_async) for is_async in (False, True))


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with a value for each `<name>`. Values come from the document: they are not searched for names again."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], template)


RESERVED = ("self", "base_url", "timeout", "headers", "retries", "transport", "http_client", "on_request", "on_response", "max_line_bytes")


def _client(plan: SdkPlan, server: str | None, arguments: list[ServerVariable], groups: dict[str, str], *, is_async: bool) -> str:
    credentials = [f"{scheme.argument}: {_credential_type(scheme)} | None = None" for scheme in plan.schemes]
    signature = ["self", "base_url: str" if server is None else "base_url: str | None = None", "*"]
    signature += [*(argument.source for argument in arguments), *credentials]
    url = "base_url" if server is None else f"base_url if base_url is not None else {_template(server, arguments)}"
    template = CLIENT
    for sync, other in (ASYNC_WORDS if is_async else SYNC_WORDS).items():
        template = template.replace(sync, other)
    values = {
        "signature": ", ".join(signature),
        "url": url,
        "default": "False" if server is None else "base_url is None",
        "credentials": ", ".join(f"{scheme.argument!r}: {scheme.argument}" for scheme in plan.schemes),
        "described": "\n".join(_documentation(plan, server, arguments)),
    }
    prefix = "Async" if is_async else ""
    return filled(template, values) + "".join(
        GROUP.format(attribute=attribute, name=f"{prefix}{name}") for attribute, name in groups.items()
    )


def _template(server: str, arguments: list[ServerVariable]) -> str:
    replaced = repr(server)
    for argument in arguments:
        replaced += f".replace({'{' + argument.name + '}'!r}, {argument.argument})"
    return replaced


def _documentation(plan: SdkPlan, server: str | None, arguments: list[ServerVariable]) -> Iterator[str]:
    text = [f"`base_url` is the URL of the server{', with its base path' if server is None else f'; {server} without it'}."]
    text += [f"`{argument.argument}` is part of that URL. {_line(argument.description)}".strip() for argument in arguments]
    text += [f"`{scheme.argument}` is sent as {scheme.location} {scheme.field}. {scheme.description}".strip() for scheme in plan.schemes]
    text += [
        "`timeout` is in seconds. `headers` are sent with every request.",
        "`transport` replaces the HTTP transport (proxies, tests); `http_client` the whole HTTP client, which stays open at the end.",
        "`on_request` and `on_response` see every request and response. `max_line_bytes` is the length of the longest line of a stream.",
    ]
    lines = list(docstring("Create a client without connecting.\n\n" + "\n".join(text), 8))
    yield from lines


def _credential_type(scheme: CredentialScheme) -> str:
    return "tuple[str, str]" if scheme.is_pair else "str | ClientCredentials" if scheme.token_url else "str"


def _scheme(scheme: CredentialScheme) -> str:
    token = f", {scheme.token_url!r}" if scheme.token_url else ""
    return f"Scheme({scheme.location!r}, {scheme.field!r}, {scheme.prefix!r}{token})"


def group_class(group: str) -> str:
    """The class of a group."""
    return f"{camel(group)}Calls"


def _line(text: str) -> str:
    return " ".join(text.split())


CLIENT_HEAD = '''"""The clients, synchronous and asynchronous."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import httpx
from typing_extensions import Self

from .auth import ClientCredentials, Scheme
from .calls import MAX_LINE_BYTES, AsyncCaller, AsyncOnRequest, AsyncOnResponse, Caller, OnRequest, OnResponse, Settings
from .errors import ERRORS
from .retries import Retries

<imports>
SCHEMES: dict[str, Scheme] = <schemes>
'''
CLIENT = '''

class @Client:
    """A client; its attributes are the groups of operations. It keeps connections open: use `@with`, or call `@close`."""

    def __init__(<signature>, timeout: float = 30.0, headers: Mapping[str, str] | None = None,
                 retries: Retries | None = None, transport: httpx.@BaseTransport | None = None,
                 http_client: httpx.@Client | None = None, on_request: @OnRequest | None = None,
                 on_response: @OnResponse | None = None, max_line_bytes: int = MAX_LINE_BYTES) -> None:
<described>
        self._is_owner = http_client is None
        self._http = http_client or httpx.@Client(timeout=timeout, headers=headers, transport=transport)
        settings = Settings(
            base_url=(<url>).rstrip("/"), schemes=SCHEMES, credentials={<credentials>}, errors=ERRORS,
            retries=retries or Retries(), is_default_server=<default>, on_request=on_request, on_response=on_response,
            headers=headers or {} if http_client is not None else {}, max_line_bytes=max_line_bytes,
        )
        self._caller = @Caller(self._http, settings)

    @def @close(self) -> None:
        """Close the connections."""
        if self._is_owner:
            @await self._http.@close()

    @def __@enter__(self) -> Self:
        return self

    @def __@exit__(self, *_: object) -> None:
        @await self.@close()
'''
GROUP = '''
    @cached_property
    def {attribute}(self) -> {name}:
        """The operations of `{attribute}`."""
        from .groups.{attribute} import {name}

        return {name}(self._caller)
'''
SYNC_WORDS = {
    "@Client": "Client",
    "@BaseTransport": "BaseTransport",
    "@OnRe": "OnRe",
    "@Caller": "Caller",
    "@def": "def",
    "@close": "close",
    "@await ": "",
    "@enter": "enter",
    "@exit": "exit",
    "@with": "with",
}
ASYNC_WORDS = {
    "@Client": "AsyncClient",
    "@BaseTransport": "AsyncBaseTransport",
    "@OnRe": "AsyncOnRe",
    "@Caller": "AsyncCaller",
    "@def": "async def",
    "@close": "aclose",
    "@await ": "await ",
    "@enter": "aenter",
    "@exit": "aexit",
    "@with": "async with",
}
EVENTS = '''"""The events that webhooks send."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from . import models
from .types import JsonValue

Event: TypeAlias = <events>
"""Every documented event."""
'''
WEBHOOKS_HEAD = '''"""Webhooks: verification, and the events of the document as models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from .decoding import decode
from .problems import SdkError
from .signatures import TOLERANCE_SECONDS, WebhookVerificationError, check, sign
from .types import JsonValue

'''
VERIFY_UNTYPED = '''
__all__ = ["WebhookVerificationError", "sign", "verify"]

Event: TypeAlias = JsonValue


def verify(body: bytes, headers: Mapping[str, str], secrets: str | Iterable[str], *, tolerance: float = TOLERANCE_SECONDS) -> Event:
    """The decoded event of a webhook, after its signature and its age (at most `tolerance` seconds) were verified.

    `body` is the raw body of the request. Several secrets may be valid while a secret is being replaced. Raises WebhookVerificationError.
    """
    check(body, headers, secrets, tolerance=tolerance)
    try:
        event: JsonValue = json.loads(body)
    except ValueError as error:
        raise WebhookVerificationError("The body is not JSON") from error
    return event
'''
VERIFY_TYPED = '''
if TYPE_CHECKING:
    from .events import Event

__all__ = ["UnknownEventError", "WebhookVerificationError", "sign", "verify"]


class UnknownEventError(SdkError):
    """An authentic webhook whose event this version of the client does not know. `event` is its JSON."""

    def __init__(self, message: str, event: JsonValue) -> None:
        super().__init__(message)
        self.event = event


def verify(body: bytes, headers: Mapping[str, str], secrets: str | Iterable[str], *, tolerance: float = TOLERANCE_SECONDS) -> Event:
    """The event of a webhook, after its signature and its age (at most `tolerance` seconds) were verified.

    `body` is the raw body of the request. Several secrets may be valid while a secret is being replaced.
    Raises WebhookVerificationError, and UnknownEventError for an event that the document does not describe.
    """
    check(body, headers, secrets, tolerance=tolerance)
    try:
        document: JsonValue = json.loads(body)
    except ValueError as error:
        raise WebhookVerificationError("The body is not JSON") from error
    try:
        from .events import Event as AnyEvent

        event: Event = decode(body, AnyEvent)
    except ValueError as error:
        raise UnknownEventError(f"The event is not documented: {error}", document) from error
    return event
'''
