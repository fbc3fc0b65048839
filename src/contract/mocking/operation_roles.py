"""The roles of operations, derived from paths and methods: `/items` lists and creates, `/items/{id}` is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from contract.mocking.envelopes import ValuePath, singular
from contract.openapi.operations import PATH_PARAMETER, Operation
from contract.openapi.references import Json, resolve, unescape

ITEM_METHODS = {"get", "put", "patch", "delete"}
IN_BODY = re.compile(r"\$response\.body#/(.+)")
GENERIC_KEYS = {"id", "uuid", "name"}  # these do not tell which collection they belong to


class ActionKind(Enum):
    """The kind of action of an operation."""

    CREATE = "create"
    LIST = "list"
    CLEAR = "clear"
    SHOW = "show"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ACT = "act"  # anything else; the response is its example


COLLECTION_ACTIONS = {"post": ActionKind.CREATE, "get": ActionKind.LIST, "delete": ActionKind.CLEAR}
ITEM_ACTIONS = {"get": ActionKind.SHOW, "put": ActionKind.REPLACE, "patch": ActionKind.UPDATE, "delete": ActionKind.DELETE}


class Collection(NamedTuple):
    """A collection of resources: the path that lists them, and the parameter after it that is their id; empty without one."""

    path: str
    key: str

    @property
    def plural(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2].replace("-", "_")

    @property
    def noun(self) -> str:
        """The name of one resource."""
        return singular(self.plural)

    @property
    def depth(self) -> int:
        """The number of parameters in the path."""
        return len(PATH_PARAMETER.findall(self.path))


class PathStep(NamedTuple):
    """A resource in a path: the indices of the path values that lead to its collection, and the index of its id."""

    collection: Collection
    scope: tuple[int, ...]
    position: int


CollectionsByPath = Mapping[str, "Collection"]


@dataclass(frozen=True, slots=True)
class Role:
    """The action of an operation; `steps` are the resources in its path, outermost first, including its own resource."""

    kind: ActionKind
    collection: Collection | None
    steps: tuple[PathStep, ...]


class ResourceLink(NamedTuple):
    """A documented link that passes a value of a response to a path parameter of another operation."""

    source: Operation
    status: str
    path: ValuePath
    target: Operation
    parameter: str


def links(bundle: Json, operations: Iterable[Operation]) -> Iterator[ResourceLink]:
    """Every link that passes a value of the body to a path."""
    by_id = {operation.id: operation for operation in operations}
    by_reference = {
        f"#/paths/{operation.path.replace('~', '~0').replace('/', '~1')}/{operation.method}": operation for operation in by_id.values()
    }
    for source in by_id.values():
        for response in source.responses.values():
            for raw_link in response.node.get("links", {}).values():
                node, _ = resolve(bundle, raw_link, "")
                target = by_id.get(node.get("operationId", "")) or by_reference.get(node.get("operationRef", ""))
                for name, expression in (node.get("parameters") or {}).items() if target else ():
                    match = IN_BODY.fullmatch(expression) if isinstance(expression, str) else None
                    parameter = name.removeprefix("path.")
                    if target and match and f"{{{parameter}}}" in target.path:
                        path = tuple(unescape(key) for key in match[1].split("/"))
                        yield ResourceLink(source, response.status, path, target, parameter)


def collections(operations: Iterable[Operation], linked: Iterable[ResourceLink]) -> list[Collection]:
    """The collections of a document: those whose items have a path, then those that are only listed and added to."""
    methods: dict[str, set[str]] = {}
    for operation in operations:
        methods.setdefault(operation.path, set()).add(operation.method)
    linked_paths = {link.target.path for link in linked}
    result = []
    for path, path_methods in methods.items():
        head, _, last = path.rpartition("/")
        key = PATH_PARAMETER.fullmatch(last)
        if (
            key
            and path_methods & ITEM_METHODS
            and (methods.get(head, set()) & {"get", "post"} or "put" in path_methods or path in linked_paths)
        ):
            result.append(Collection(head, key[1]))
    result_paths = {collection.path for collection in result}
    without_items = [path for path, path_methods in methods.items() if path_methods >= {"get", "post"} and path not in result_paths]
    return result + [Collection(path, "") for path in without_items if not PATH_PARAMETER.fullmatch(path.rpartition("/")[2])]


def roles(operations: Iterable[Operation], all_collections: Iterable[Collection]) -> dict[str, Role]:
    """The role of every operation, by its id."""
    by_path = {collection.path: collection for collection in all_collections}
    items = {f"{collection.path}/{{{collection.key}}}": collection for collection in by_path.values() if collection.key}
    owners = _owners(items.values())
    return {operation.id: _role(operation, by_path, items, owners) for operation in operations}


def _owners(all_collections: Iterable[Collection]) -> dict[str, Collection]:
    """The only collection with a key of this name, if its path has no parameters."""
    by_key: dict[str, list[Collection]] = {}
    for collection in all_collections:
        by_key.setdefault(collection.key, []).append(collection)
    return {key: owners[0] for key, owners in by_key.items() if len(owners) == 1 and owners[0].depth == 0 and key not in GENERIC_KEYS}


def _role(operation: Operation, by_path: CollectionsByPath, items: CollectionsByPath, owners: CollectionsByPath) -> Role:
    steps = tuple(_steps(operation.path, items, owners))
    if operation.path in items:
        return Role(ITEM_ACTIONS.get(operation.method, ActionKind.ACT), items[operation.path], steps)
    if operation.path in by_path:
        return Role(COLLECTION_ACTIONS.get(operation.method, ActionKind.ACT), by_path[operation.path], steps)
    return Role(ActionKind.ACT, steps[-1].collection if steps else None, steps)


def _steps(path: str, items: CollectionsByPath, owners: CollectionsByPath) -> Iterator[PathStep]:
    prefix, position = "", 0
    for segment in path.split("/")[1:]:
        prefix += f"/{segment}"
        names = PATH_PARAMETER.findall(segment)
        if prefix in items:
            yield PathStep(items[prefix], tuple(range(position)), position)
        elif PATH_PARAMETER.fullmatch(segment) and names[0] in owners:
            yield PathStep(owners[names[0]], (), position)
        position += len(names)
