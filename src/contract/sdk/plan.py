"""The language-independent description of a client: operations, credentials, errors and pagination."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from contract.names import parameter_keys, snake, unique
from contract.openapi.operations import Body, Operation, Response, operations
from contract.openapi.references import Json, escape, resolve
from contract.openapi.servers import default_url
from contract.runtime.media import essence, is_json
from contract.sdk.error_classes import ErrorClasses, error_classes
from contract.sdk.paging import Paging, paging

WITHOUT_CONTENT = {"204", "205"}  # RFC 9110, sections 15.3.5 and 15.3.6
IDEMPOTENT = {"get", "head", "put", "delete", "options", "trace"}  # RFC 9110, section 9.2.2
IDEMPOTENCY_HEADERS = {"idempotency-key", "x-idempotency-key"}
# Schemes of `Authorization` that answer a challenge or sign each request, so that no fixed text can be their credential.
NOT_FIXED = {"digest", "dpop", "hoba", "mutual", "negotiate", "ntlm", "oauth", "scram-sha-1", "scram-sha-256"}
RESERVED_ARGUMENTS = (
    *("self", "base_url", "timeout", "headers", "retries", "transport", "http_client", "on_request", "on_response"),
    "max_line_bytes",
    *("close", "aclose", "fetch", "settings"),
)


@dataclass(frozen=True, slots=True)
class CredentialScheme:
    """A credential of the document: `argument` is its name for callers; `prefix` precedes it in the request."""

    name: str
    argument: str
    location: str
    field: str
    prefix: str
    description: str
    is_pair: bool = False  # a user name and a password (RFC 7617)
    token_url: str | None = None  # where OAuth 2 client credentials get a token


@dataclass(frozen=True, slots=True)
class SdkMethod:
    """An operation as a method. `credentials` are the arguments of its schemes; `deprecated` is a message."""

    operation: Operation
    name: str
    group: str
    summary: str
    credentials: tuple[str, ...]
    idempotency_header: str | None
    deprecated: str | None
    paging: Paging | None

    @property
    def is_idempotent(self) -> bool:
        """Whether a retry is harmless by the HTTP method alone."""
        return self.operation.method in IDEMPOTENT

    @property
    def has_no_response_body(self) -> bool:
        """Whether no success has a body."""
        return not any(
            response.media
            for response in self.operation.responses.values()
            if response.status.startswith("2") or response.status == "default"
        )


def may_have_content(operation: Operation, response: Response) -> bool:
    """Whether a success without described content may have some all the same, as those of FastAPI's StreamingResponse do."""
    is_success = response.status.startswith("2") or response.status == "default"
    return is_success and not response.content and operation.method != "head" and response.status not in WITHOUT_CONTENT


MARKUP_OMISSION = "XML is carried as text, without the type of its schema"


def is_markup(kind: str) -> bool:
    """Whether a media type is XML."""
    return kind.endswith("xml")


def markup_omissions(holder: Body | Response, is_structured: Callable[[Any], bool]) -> list[str]:
    """XML that has a schema, which no client carries. Beside JSON it is one more form of the same value."""
    if any(is_json(essence(name)) for name in holder.content):
        return []
    markup = [media for media in holder.content.values() if is_markup(essence(media.name))]
    return [f"#{media.pointer}: {MARKUP_OMISSION}" for media in markup if is_structured(media.schema)]


def is_other_form(response: Response, media_type: str) -> bool:
    """Whether a media type is XML beside JSON: one more form of the same value, for which a client does not ask."""
    return is_markup(essence(media_type)) and any(is_json(essence(name)) for name in response.content)


@dataclass(frozen=True, slots=True)
class SdkPlan:
    """A whole client. `package` is the import name, `name` the distribution's; `server` is None if callers must give it."""

    name: str
    package: str
    title: str
    version: str
    server: str | None
    schemes: tuple[CredentialScheme, ...]
    methods: tuple[SdkMethod, ...]
    errors: ErrorClasses
    webhooks: tuple[str, ...]

    @property
    def groups(self) -> dict[str, list[SdkMethod]]:
        """The methods of each group, in document order."""
        groups: dict[str, list[SdkMethod]] = {}
        for method in self.methods:
            groups.setdefault(method.group, []).append(method)
        return groups


def plan(bundle: Json, name: str | None = None) -> SdkPlan:
    """The client of a document, named after its title unless a name is given."""
    all_operations = list(operations(bundle))
    names = unique(_public(operation.id) for operation in all_operations)
    groups = _groups(all_operations)
    schemes = tuple(_schemes(bundle))
    distribution = name or snake(bundle["info"]["title"]).strip("_").replace("_", "-")
    return SdkPlan(
        name=distribution,
        package=snake(distribution),
        title=bundle["info"]["title"],
        version=bundle["info"]["version"],
        server=_server(bundle),
        schemes=schemes,
        methods=tuple(
            _method(bundle, operation, (groups[operation.tag], method_name), schemes)
            for operation, method_name in zip(all_operations, names, strict=True)
        ),
        errors=error_classes(bundle, all_operations),
        webhooks=tuple(bundle.get("webhooks") or ()),
    )


def python_package(sdk_plan: SdkPlan) -> str:
    """The name of the Python package. It hides no module of Python and none that the client imports."""
    taken = sdk_plan.package in sys.stdlib_module_names or sdk_plan.package in {"httpx", "msgspec", "typing_extensions", "anyio"}
    return f"{sdk_plan.package}_client" if taken else sdk_plan.package


def _groups(all_operations: list[Operation]) -> dict[str, str]:
    """The client attribute of each tag."""
    tags = list(dict.fromkeys(operation.tag for operation in all_operations))
    return dict(zip(tags, unique((_public(tag) for tag in tags), RESERVED_ARGUMENTS), strict=True))


def iterated(name: str) -> str:
    """The items of a list, for the name of its iterator: `list_contacts` and `contacts` give `contacts`."""
    return re.sub("^(list|get|find|search|iter)_", "", name)


def _public(name: str) -> str:
    """A name in snake case that no language reserves for its own: `_send` becomes `send`."""
    return snake(snake(name).lstrip("_") or "value")


def _method(bundle: Json, operation: Operation, group_and_name: tuple[str, str], schemes: tuple[CredentialScheme, ...]) -> SdkMethod:
    group, name = group_and_name
    used = {scheme for alternative in operation.security for scheme in alternative}
    return SdkMethod(
        operation=operation,
        name=name,
        group=group,
        summary=" ".join(str(operation.node.get("summary") or operation.node.get("description") or name).split()),
        credentials=tuple(scheme.argument for scheme in schemes if scheme.name in used),
        idempotency_header=next(
            (parameter.name for parameter in operation.parameters if _makes_idempotent(parameter.name, parameter.location)), None
        ),
        deprecated=_deprecation(operation, name),
        paging=paging(bundle, operation),
    )


def _makes_idempotent(name: str, location: str) -> bool:
    return location == "header" and name.lower() in IDEMPOTENCY_HEADERS


def _deprecation(operation: Operation, name: str) -> str | None:
    if not operation.deprecated:
        return None
    sunset = operation.extensions.get("x-sunset")
    return f"{name} is deprecated" + (f" and ends on {sunset}" if sunset else "")


def _server(bundle: Json) -> str | None:
    """The first server with the defaults of its variables, if its URL is complete."""
    url = default_url(bundle)
    return url.rstrip("/") if url.startswith(("http://", "https://")) and "{" not in url else None


def _schemes(bundle: Json) -> list[CredentialScheme]:
    usable = {name: node for name, node in _scheme_nodes(bundle).items() if _obstacle(node) is None}
    arguments = unique(parameter_keys([(name, "credential") for name in usable]), RESERVED_ARGUMENTS)
    return [_scheme(name, node, argument) for (name, node), argument in zip(usable.items(), arguments, strict=True)]


def left_out_schemes(bundle: Json) -> list[str]:
    """The security schemes that a client does not carry, with places and reasons."""
    reasons = {name: _obstacle(node) for name, node in _scheme_nodes(bundle).items()}
    return [f"#/components/securitySchemes/{escape(name)}: {reason}" for name, reason in reasons.items() if reason]


def _scheme_nodes(bundle: Json) -> dict[str, Json]:
    declared = bundle.get("components", {}).get("securitySchemes", {})
    return {name: resolve(bundle, node, "")[0] for name, node in declared.items()}


def _obstacle(node: Json) -> str | None:
    """The reason why a client cannot carry a scheme."""
    if node["type"] == "mutualTLS":
        return "a client certificate (mutualTLS) is given to the HTTP client"
    scheme = str(node.get("scheme", "")).lower() if node["type"] == "http" else ""
    return f"HTTP authentication by `{scheme}` is not a fixed text; it is left to the HTTP client" if scheme in NOT_FIXED else None


def _scheme(name: str, node: Json, argument: str) -> CredentialScheme:
    description = " ".join(str(node.get("description", "")).split())
    if node["type"] == "apiKey":
        return CredentialScheme(name, argument, node["in"], node["name"], "", description)
    auth_scheme = str(node.get("scheme", "bearer")).lower()
    return CredentialScheme(
        name,
        argument,
        "header",
        "Authorization",
        f"{auth_scheme.capitalize()} ",
        description,
        is_pair=auth_scheme == "basic",
        token_url=node.get("flows", {}).get("clientCredentials", {}).get("tokenUrl"),
    )
