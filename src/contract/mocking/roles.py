"""What each operation does to which things, by the shapes of paths alone: `/things` lists and creates, `/things/{id}` is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from contract.mocking.shapes import Place, singular
from contract.openapi.operations import PATH_PARAMETER, Json, Operation, resolve, unescape

ITEM_METHODS = {"get", "put", "patch", "delete"}
IN_BODY = re.compile(r"\$response\.body#/(.+)")
PLAIN_KEYS = {"id", "uuid", "name"}  # they say nothing about whose they are


class Kind(Enum):
    """What is done."""

    CREATE = "create"
    LIST = "list"
    CLEAR = "clear"
    SHOW = "show"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ACT = "act"  # anything else, answered by its example


ON_COLLECTION = {"post": Kind.CREATE, "get": Kind.LIST, "delete": Kind.CLEAR}
ON_ITEM = {"get": Kind.SHOW, "put": Kind.REPLACE, "patch": Kind.UPDATE, "delete": Kind.DELETE}


class Collection(NamedTuple):
    """Things of one kind: the path they are listed at, and the parameter after it that names one, empty where none does."""

    path: str
    key: str

    @property
    def plural(self) -> str:
        """The last word of the path."""
        return self.path.rpartition("/")[2].replace("-", "_")

    @property
    def noun(self) -> str:
        """What one thing is called."""
        return singular(self.plural)

    @property
    def depth(self) -> int:
        """How many parameters lead to it."""
        return len(PATH_PARAMETER.findall(self.path))


class Step(NamedTuple):
    """A thing that a path names: which of the path's values leads to its collection, and which is its id."""

    collection: Collection
    scope: tuple[int, ...]
    position: int


Named = Mapping[str, "Collection"]


@dataclass(frozen=True, slots=True)
class Role:
    """What an operation does; `steps` are the things that its path names, the outermost first, its own included."""

    kind: Kind
    collection: Collection | None
    steps: tuple[Step, ...]


class Link(NamedTuple):
    """A documented link by which an answer's value becomes a parameter of another operation's path."""

    source: Operation
    status: str
    location: Place
    target: Operation
    parameter: str


def links(bundle: Json, operations: Iterable[Operation]) -> Iterator[Link]:
    """Every link that hands a value of the body on to a path."""
    known = {one.id: one for one in operations}
    by_place = {f"#/paths/{one.path.replace('~', '~0').replace('/', '~1')}/{one.method}": one for one in known.values()}
    for source in known.values():
        for response in source.responses.values():
            for written in response.node.get("links", {}).values():
                node, _ = resolve(bundle, written, "")
                target = known.get(node.get("operationId", "")) or by_place.get(node.get("operationRef", ""))
                for name, expression in (node.get("parameters") or {}).items() if target else ():
                    found = IN_BODY.fullmatch(expression) if isinstance(expression, str) else None
                    parameter = name.removeprefix("path.")
                    if target and found and f"{{{parameter}}}" in target.path:
                        place = tuple(unescape(one) for one in found[1].split("/"))
                        yield Link(source, response.status, place, target, parameter)


def collections(operations: Iterable[Operation], linked: Iterable[Link]) -> list[Collection]:
    """The kinds of things of a document: those with a path of their own each, then those that are only listed and added to."""
    methods: dict[str, set[str]] = {}
    for one in operations:
        methods.setdefault(one.path, set()).add(one.method)
    reached = {one.target.path for one in linked}
    found = []
    for path, has in methods.items():
        head, _, last = path.rpartition("/")
        key = PATH_PARAMETER.fullmatch(last)
        if key and has & ITEM_METHODS and (methods.get(head, set()) & {"get", "post"} or "put" in has or path in reached):
            found.append(Collection(head, key[1]))
    listed = {one.path for one in found}
    alone = [path for path, has in methods.items() if has >= {"get", "post"} and path not in listed]
    return found + [Collection(path, "") for path in alone if not PATH_PARAMETER.fullmatch(path.rpartition("/")[2])]


def roles(operations: Iterable[Operation], found: Iterable[Collection]) -> dict[str, Role]:
    """The role of every operation by its id."""
    by_path = {one.path: one for one in found}
    items = {f"{one.path}/{{{one.key}}}": one for one in by_path.values() if one.key}
    owners = _owners(items.values())
    return {one.id: _role(one, by_path, items, owners) for one in operations}


def _owners(found: Iterable[Collection]) -> dict[str, Collection]:
    """The collection that alone has a key of that name, and needs nothing else to be found."""
    by_key: dict[str, list[Collection]] = {}
    for one in found:
        by_key.setdefault(one.key, []).append(one)
    return {key: one[0] for key, one in by_key.items() if len(one) == 1 and one[0].depth == 0 and key not in PLAIN_KEYS}


def _role(operation: Operation, by_path: Named, items: Named, owners: Named) -> Role:
    steps = tuple(_steps(operation.path, items, owners))
    if operation.path in items:
        return Role(ON_ITEM.get(operation.method, Kind.ACT), items[operation.path], steps)
    if operation.path in by_path:
        return Role(ON_COLLECTION.get(operation.method, Kind.ACT), by_path[operation.path], steps)
    return Role(Kind.ACT, steps[-1].collection if steps else None, steps)


def _steps(path: str, items: Named, owners: Named) -> Iterator[Step]:
    before, position = "", 0
    for segment in path.split("/")[1:]:
        before += f"/{segment}"
        names = PATH_PARAMETER.findall(segment)
        if before in items:
            yield Step(items[before], tuple(range(position)), position)
        elif PATH_PARAMETER.fullmatch(segment) and names[0] in owners:
            yield Step(owners[names[0]], (), position)
        position += len(names)
