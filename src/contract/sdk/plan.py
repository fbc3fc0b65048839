"""What a client needs to know of a document, whatever its language: operations, credentials, errors and how lists go on."""

from __future__ import annotations

from dataclasses import dataclass

from contract.names import parameter_keys, snake, unique
from contract.openapi.operations import Json, Operation, operations, resolve
from contract.sdk.failures import Failures, failures
from contract.sdk.paging import Paging, paging

IDEMPOTENT = {"get", "head", "put", "delete", "options", "trace"}  # RFC 9110, section 9.2.2
IDEMPOTENCY_HEADERS = {"idempotency-key", "x-idempotency-key"}
TAKEN_BY_CLIENT = ("base_url", "timeout", "headers", "retries", "transport", "close", "fetch")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A credential of the document: `argument` is what callers name it; `prefix` stands before it on the wire."""

    name: str
    argument: str
    location: str
    field: str
    prefix: str
    description: str
    is_pair: bool = False  # a user name and a password (RFC 7617)


@dataclass(frozen=True, slots=True)
class Call:
    """An operation as a method. `credentials` are the arguments of its schemes; `deprecated` is a sentence."""

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
        """Whether a repeat does no harm by its method alone."""
        return self.operation.method in IDEMPOTENT

    @property
    def answers_nothing(self) -> bool:
        """Whether no success has a body."""
        return not any(one.media for one in self.operation.responses.values() if one.status.startswith("2") or one.status == "default")


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole client. `package` is the import name, `name` that of the distribution, `server` None where the caller must say it."""

    name: str
    package: str
    title: str
    version: str
    server: str | None
    schemes: tuple[Scheme, ...]
    calls: tuple[Call, ...]
    failures: Failures
    webhooks: tuple[str, ...]

    @property
    def groups(self) -> dict[str, list[Call]]:
        """The calls of each group, in the document's order."""
        found: dict[str, list[Call]] = {}
        for one in self.calls:
            found.setdefault(one.group, []).append(one)
        return found


def plan(bundle: Json, name: str | None = None) -> Plan:
    """The client of a document, named after its title unless it is given a name."""
    found = list(operations(bundle))
    names = unique(snake(one.id) for one in found)
    groups = _groups(found)
    schemes = tuple(_schemes(bundle))
    distribution = name or snake(bundle["info"]["title"]).strip("_").replace("_", "-")
    return Plan(
        name=distribution,
        package=snake(distribution),
        title=bundle["info"]["title"],
        version=bundle["info"]["version"],
        server=_server(bundle),
        schemes=schemes,
        calls=tuple(_call(bundle, one, (groups[one.tag], own), schemes) for one, own in zip(found, names, strict=True)),
        failures=failures(bundle, found),
        webhooks=tuple(bundle.get("webhooks") or ()),
    )


def _groups(found: list[Operation]) -> dict[str, str]:
    """An attribute of the client for each tag."""
    tags = list(dict.fromkeys(one.tag for one in found))
    return dict(zip(tags, unique((snake(tag) for tag in tags), TAKEN_BY_CLIENT), strict=True))


def _call(bundle: Json, operation: Operation, place: tuple[str, str], schemes: tuple[Scheme, ...]) -> Call:
    group, name = place
    used = {scheme for alternative in operation.security for scheme in alternative}
    return Call(
        operation=operation,
        name=name,
        group=group,
        summary=" ".join(str(operation.node.get("summary") or operation.node.get("description") or name).split()),
        credentials=tuple(one.argument for one in schemes if one.name in used),
        idempotency_header=next((one.name for one in operation.parameters if _makes_idempotent(one.name, one.location)), None),
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
    """The first server, where its address is whole."""
    url = str(next((one["url"] for one in bundle.get("servers") or ()), ""))
    return url.rstrip("/") if url.startswith(("http://", "https://")) and "{" not in url else None


def _schemes(bundle: Json) -> list[Scheme]:
    written = bundle.get("components", {}).get("securitySchemes", {})
    nodes = {name: resolve(bundle, node, "")[0] for name, node in written.items()}
    usable = {name: node for name, node in nodes.items() if node["type"] != "mutualTLS"}
    arguments = unique(parameter_keys([(name, "credential") for name in usable]), TAKEN_BY_CLIENT)
    return [_scheme(name, node, argument) for (name, node), argument in zip(usable.items(), arguments, strict=True)]


def _scheme(name: str, node: Json, argument: str) -> Scheme:
    described = " ".join(str(node.get("description", "")).split())
    if node["type"] == "apiKey":
        return Scheme(name, argument, node["in"], node["name"], "", described)
    word = str(node.get("scheme", "bearer")).lower()
    return Scheme(name, argument, "header", "Authorization", f"{word.capitalize()} ", described, is_pair=word == "basic")
