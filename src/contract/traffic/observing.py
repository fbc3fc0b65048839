"""Observation of exchanges: the responses, media types, examples and links of a document that an exchange shows."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json, lookup, resolve, unescape
from contract.runtime.media import essence
from contract.runtime.router import Router
from contract.traffic.exchange import ABSENT, Exchange

UNSUPPORTED = 415  # a refused media type does not count as used
MAX_OFFERS = 20_000  # of values that links offered and no request used yet


class Observation(NamedTuple):
    """A part of a document that an exchange showed. The fields that are set tell which part.

    A response: `status`. A media type of a response: `status` and `media`; of a request: `media`. An example of a request: `media` and
    `example`. A link: `status` and `link`.
    """

    operation: str
    status: str = ""
    media: str = ""
    example: str = ""
    link: str = ""


class LinkValues(NamedTuple):
    """A documented link: its observation, its target operation, and its values by parameter name, "" for the body."""

    observation: Observation
    target: str
    values: tuple[tuple[str, Any], ...]


class Observer:
    """Observes exchanges in their order. A link is followed when a request has a value that the link offered."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._operations = {operation.id: operation for operation in operations(bundle)}
        self._router = Router((operation.method, operation.path, operation.id) for operation in self._operations.values())
        self._links = {id_: list(links_of(bundle, operation)) for id_, operation in self._operations.items()}
        self._examples = {id_: list(examples_of(bundle, operation)) for id_, operation in self._operations.items()}
        self._offers: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], set[Observation]] = OrderedDict()
        self._names: dict[str, set[tuple[str, ...]]] = {}

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a request and the values of its path; None if the document has none."""
        match = self._router.find(path)
        if match is None:
            return None
        methods, values = match
        id_ = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if id_ is None:
            return None
        names = _names(self._operations[id_].path)
        return self._operations[id_], dict(zip(names, values, strict=True))

    def observe(self, path: str, exchange: Exchange) -> list[Observation]:
        """The observations of an exchange; none for an unknown operation. `path` is below the server's base."""
        match = self.operation(exchange.method, path)
        if match is None:
            return []
        operation, values = match
        status = documented_status(operation, exchange.status)
        observations = [Observation(operation.id, status or str(exchange.status))]
        media = exchange.response.media_type
        if status is not None and media:
            observations.append(Observation(operation.id, status, _documented_name(operation.responses[status].media, media)))
        observations += self._observe_request(operation, exchange)
        observations += self._followed_links(operation, exchange, values)
        if status is not None:
            self._remember_offers(operation, status, exchange, values)
        return observations

    def _observe_request(self, operation: Operation, exchange: Exchange) -> Iterator[Observation]:
        media = exchange.request.media_type
        if operation.body is None or not exchange.request.body or not media or exchange.status == UNSUPPORTED:
            return
        yield Observation(operation.id, media=_documented_name(operation.body.media, media))
        sent = exchange.request.json
        text = exchange.request.body.decode(errors="replace") if sent is ABSENT else ""
        for observation, value in self._examples[operation.id]:
            if essence(observation.media) == media and (value == text if sent is ABSENT else value == sent):
                yield observation

    def _followed_links(self, operation: Operation, exchange: Exchange, path: dict[str, str]) -> Iterator[Observation]:
        """The links whose offered values are in this request."""
        shapes = self._names.get(operation.id)
        if not shapes:
            return
        values = {**dict(exchange.query), **{name.lower(): value for name, value in exchange.request.headers}, **path}
        body = exchange.request.json
        if body is not ABSENT:
            values[""] = _text(body)
        for names in shapes:
            if all(name in values for name in names):
                yield from self._offers.get((operation.id, tuple((name, values[name]) for name in names)), ())

    def _remember_offers(self, operation: Operation, status: str, exchange: Exchange, path: dict[str, str]) -> None:
        """Store the values that the links of the response offer."""
        for link in self._links[operation.id]:
            if link.observation.status != status:
                continue
            values = [(name, evaluated(expression, exchange, path)) for name, expression in link.values]
            if any(value is ABSENT for _, value in values):
                continue
            offered = tuple(sorted((name, _text(value)) for name, value in values))
            self._names.setdefault(link.target, set()).add(tuple(name for name, _ in offered))
            self._offers.setdefault((link.target, offered), set()).add(link.observation)
            if len(self._offers) > MAX_OFFERS:
                self._offers.popitem(last=False)


def documented_status(operation: Operation, status: int) -> str | None:
    """The key under which an operation documents a status, None without one."""
    keys = operation.responses
    return next((key for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default") if key in keys), None)


def links_of(bundle: Json, operation: Operation) -> Iterator[LinkValues]:
    """The links of an operation's responses to operations of the same document."""
    for status, response in operation.responses.items():
        for name, raw_link in response.node.get("links", {}).items():
            link, _ = resolve(bundle, raw_link, "")
            target = link.get("operationId") or _operation_id(bundle, link.get("operationRef", ""))
            values = [(_without_location(key), value) for key, value in link.get("parameters", {}).items()]
            values += [("", link["requestBody"])] if "requestBody" in link else []
            if target and values:
                yield LinkValues(Observation(operation.id, status, link=name), target, tuple(values))


def examples_of(bundle: Json, operation: Operation) -> Iterator[tuple[Observation, Any]]:
    """The examples of an operation's request body by media type. An `example` without a name is called `example`."""
    if operation.body is None:
        return
    for media, raw in operation.body.node.get("content", {}).items():
        node, _ = resolve(bundle, raw, "")
        named = {name: resolve(bundle, raw_example, "")[0].get("value", ABSENT) for name, raw_example in node.get("examples", {}).items()}
        if "example" in node:
            named["example"] = node["example"]
        for name, value in named.items():
            if value is not ABSENT:
                yield Observation(operation.id, media=media, example=name), value


def evaluated(expression: Any, exchange: Exchange, path: dict[str, str]) -> Any:
    """The value of a runtime expression (OpenAPI 3.1, section 4.8.20.4), ABSENT without one; other values are literals."""
    if isinstance(expression, dict):  # a body that contains expressions
        values = {key: evaluated(nested, exchange, path) for key, nested in expression.items()}
        return ABSENT if ABSENT in values.values() else values
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    if expression in {"$url", "$method", "$statusCode"}:
        return {"$url": exchange.url, "$method": exchange.method, "$statusCode": exchange.status}[expression]
    side, _, source = expression[1:].partition(".")
    message = {"request": exchange.request, "response": exchange.response}.get(side)
    if message is None:
        return ABSENT
    kind, _, name = source.partition(".")
    if source.startswith("body"):
        return _at_pointer(message.json, source.partition("#")[2])
    value = message.header(name) if kind == "header" else {"path": path, "query": dict(exchange.query)}.get(kind, {}).get(name)
    return ABSENT if value is None else value


def _at_pointer(value: Any, pointer: str) -> Any:
    if value is ABSENT or not pointer:
        return value
    try:
        return lookup(value, pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return ABSENT


def _operation_id(bundle: Json, reference: str) -> str | None:
    """The id of the operation that a reference into the same document names."""
    if not reference.startswith("#/paths/"):
        return None
    *_, path, method = reference.split("/")
    return next((operation.id for operation in operations(bundle) if (operation.path, operation.method) == (unescape(path), method)), None)


def _without_location(name: str) -> str:
    """A parameter's name without the prefix `path.` (or another location) that links may use."""
    location, dot, bare = name.partition(".")
    return bare if dot and location in {"path", "query", "header", "cookie"} else name


def _documented_name(media: dict[str, Json], name: str) -> str:
    """A media type as the document writes it."""
    return next((media_type for media_type in media if essence(media_type) == name), name)


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _text(value: Any) -> str:
    """A value as in a path or a query; anything but text and numbers as canonical JSON."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
