"""What an exchange shows of a document: the answer, the media types, the examples sent and the links followed."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

from contract.openapi.operations import Json, Operation, lookup, operations, resolve, unescape
from contract.runtime.media import essence
from contract.runtime.routing import Router
from contract.traffic.exchange import ABSENT, Exchange

UNSUPPORTED = 415  # a media type that was refused was not used
MOST_OFFERS = 20_000  # values that links offered and nobody has followed yet


class Seen(NamedTuple):
    """One thing that a document has and an exchange showed. Which fields are set decides what it is.

    An answer: `status`. A media type of an answer: `status` and `media`; of a request: `media`. An example of a request: `media` and
    `example`. A link: `status` and `link`.
    """

    operation: str
    status: str = ""
    media: str = ""
    example: str = ""
    link: str = ""


class _Link(NamedTuple):
    """A documented link: where it stands, where it leads, and its values by parameter name, "" for the body."""

    seen: Seen
    target: str
    values: tuple[tuple[str, Any], ...]


class Observer:
    """Looks at exchanges in the order in which they came. Links are followed when a value that one offered comes back."""

    def __init__(self, bundle: Json) -> None:
        self._bundle = bundle
        self._operations = {one.id: one for one in operations(bundle)}
        self._router = Router((one.method, one.path, one.id) for one in self._operations.values())
        self._links = {id_: list(links_of(bundle, one)) for id_, one in self._operations.items()}
        self._examples = {id_: list(examples_of(bundle, one)) for id_, one in self._operations.items()}
        self._offers: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], set[Seen]] = OrderedDict()
        self._names: dict[str, set[tuple[str, ...]]] = {}

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation of a request and its path's values; None where the document has none."""
        found = self._router.find(path)
        if found is None:
            return None
        methods, values = found
        id_ = methods.get(method) or (methods.get("GET") if method == "HEAD" else None)
        if id_ is None:
            return None
        names = _names(self._operations[id_].path)
        return self._operations[id_], dict(zip(names, values, strict=True))

    def see(self, path: str, exchange: Exchange) -> list[Seen]:
        """What an exchange showed; nothing where the document has no such operation. `path` is below the server's base."""
        found = self.operation(exchange.method, path)
        if found is None:
            return []
        operation, values = found
        status = documented_status(operation, exchange.status)
        seen = [Seen(operation.id, status or str(exchange.status))]
        media = exchange.answer.media_type
        if status is not None and media:
            seen.append(Seen(operation.id, status, _written(operation.responses[status].media, media)))
        seen += self._of_request(operation, exchange)
        seen += self._followed(operation, exchange, values)
        if status is not None:
            self._offer(operation, status, exchange, values)
        return seen

    def _of_request(self, operation: Operation, exchange: Exchange) -> Iterator[Seen]:
        media = exchange.request.media_type
        if operation.body is None or not exchange.request.body or not media or exchange.status == UNSUPPORTED:
            return
        yield Seen(operation.id, media=_written(operation.body.media, media))
        sent = exchange.request.json
        text = exchange.request.body.decode(errors="replace") if sent is ABSENT else ""
        for seen, value in self._examples[operation.id]:
            if essence(seen.media) == media and (value == text if sent is ABSENT else value == sent):
                yield seen

    def _followed(self, operation: Operation, exchange: Exchange, path: dict[str, str]) -> Iterator[Seen]:
        """The links whose offered values this request gives back."""
        shapes = self._names.get(operation.id)
        if not shapes:
            return
        given = {**dict(exchange.query), **{name.lower(): value for name, value in exchange.request.headers}, **path}
        body = exchange.request.json
        if body is not ABSENT:
            given[""] = _text(body)
        for names in shapes:
            if all(name in given for name in names):
                yield from self._offers.get((operation.id, tuple((name, given[name]) for name in names)), ())

    def _offer(self, operation: Operation, status: str, exchange: Exchange, path: dict[str, str]) -> None:
        """Remember what the answer's links offer."""
        for link in self._links[operation.id]:
            if link.seen.status != status:
                continue
            values = [(name, evaluated(written, exchange, path)) for name, written in link.values]
            if any(value is ABSENT for _, value in values):
                continue
            given = tuple(sorted((name, _text(value)) for name, value in values))
            self._names.setdefault(link.target, set()).add(tuple(name for name, _ in given))
            self._offers.setdefault((link.target, given), set()).add(link.seen)
            if len(self._offers) > MOST_OFFERS:
                self._offers.popitem(last=False)


def documented_status(operation: Operation, status: int) -> str | None:
    """The key under which an operation documents a status, None where it does not."""
    keys = operation.responses
    return next((key for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default") if key in keys), None)


def links_of(bundle: Json, operation: Operation) -> Iterator[_Link]:
    """The links of an operation's answers that lead to an operation of the same document."""
    for status, response in operation.responses.items():
        for name, written in response.node.get("links", {}).items():
            link, _ = resolve(bundle, written, "")
            target = link.get("operationId") or _referred(bundle, link.get("operationRef", ""))
            values = [(_bare(one), value) for one, value in link.get("parameters", {}).items()]
            values += [("", link["requestBody"])] if "requestBody" in link else []
            if target and values:
                yield _Link(Seen(operation.id, status, link=name), target, tuple(values))


def examples_of(bundle: Json, operation: Operation) -> Iterator[tuple[Seen, Any]]:
    """The examples of an operation's request body by media type; an `example` without a name is called `example`."""
    if operation.body is None:
        return
    for media, written in operation.body.node.get("content", {}).items():
        node, _ = resolve(bundle, written, "")
        named = {name: resolve(bundle, one, "")[0].get("value", ABSENT) for name, one in node.get("examples", {}).items()}
        if "example" in node:
            named["example"] = node["example"]
        for name, value in named.items():
            if value is not ABSENT:
                yield Seen(operation.id, media=media, example=name), value


def evaluated(expression: Any, exchange: Exchange, path: dict[str, str]) -> Any:
    """The value of a runtime expression (OpenAPI 3.1, section 4.8.20.4), ABSENT where the exchange has none; others are themselves."""
    if isinstance(expression, dict):  # a body with expressions in it
        found = {key: evaluated(one, exchange, path) for key, one in expression.items()}
        return ABSENT if ABSENT in found.values() else found
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    if expression in {"$url", "$method", "$statusCode"}:
        return {"$url": exchange.url, "$method": exchange.method, "$statusCode": exchange.status}[expression]
    side, _, source = expression[1:].partition(".")
    message = {"request": exchange.request, "response": exchange.answer}.get(side)
    if message is None:
        return ABSENT
    kind, _, rest = source.partition(".")
    if source.startswith("body"):
        return _pointed(message.json, source.partition("#")[2])
    value = message.header(rest) if kind == "header" else {"path": path, "query": dict(exchange.query)}.get(kind, {}).get(rest)
    return ABSENT if value is None else value


def _pointed(value: Any, pointer: str) -> Any:
    if value is ABSENT or not pointer:
        return value
    try:
        return lookup(value, pointer)
    except (KeyError, IndexError, ValueError, TypeError):
        return ABSENT


def _referred(bundle: Json, reference: str) -> str | None:
    """The id of an operation that a reference into the same document names."""
    if not reference.startswith("#/paths/"):
        return None
    *_, path, method = reference.split("/")
    return next((one.id for one in operations(bundle) if (one.path, one.method) == (unescape(path), method)), None)


def _bare(name: str) -> str:
    """A parameter's name without the `path.` in front of it that a link may have."""
    location, dot, bare = name.partition(".")
    return bare if dot and location in {"path", "query", "header", "cookie"} else name


def _written(media: dict[str, Json], seen: str) -> str:
    """A media type as the document writes it."""
    return next((one for one in media if essence(one) == seen), seen)


def _names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _text(value: Any) -> str:
    """A value as it stands in a path or a query; anything but text and numbers as JSON in one form."""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
