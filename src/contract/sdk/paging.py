"""How a list goes on, read from its parameters and the shape of its answer: by page number, by offset or by cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contract.examples import merge
from contract.openapi.operations import Json, Operation
from contract.runtime.media import is_json

PAGES = ("page", "page_number", "pageNumber", "page[number]")
OFFSETS = ("offset", "skip")
CURSORS = ("cursor", "after", "starting_after", "page_token", "pageToken", "next_token", "nextToken", "continuation_token", "page[after]")
NEXT = ("next_cursor", "nextCursor", "next_page_token", "nextPageToken", "next_token", "nextToken", "end_cursor", "endCursor", "cursor")
TOTALS = ("total", "total_count", "totalCount", "count_total", "total_items", "totalItems")
ITEMS = ("items", "data", "results", "records", "entries", "values")
AROUND = ("pagination", "meta", "page_info", "pageInfo", "paging", "links", "page")  # objects that say how a list goes on
WRAPPERS = ("data", "result", "response", "payload")
Path = tuple[str, ...]
Kind = Literal["page", "offset", "cursor"]


@dataclass(frozen=True, slots=True)
class Paging:
    """`parameter` moves on; `items` leads to the answer's array (empty where the answer is one). Paths are keys from the answer's top."""

    kind: Kind
    parameter: str
    items: Path
    total: Path | None = None
    cursor: Path | None = None
    first: int = 1


def paging(bundle: Json, operation: Operation) -> Paging | None:
    """How the list goes on, None for what is no list or has one page."""
    schema = _answer(bundle, operation) if operation.method == "get" else {}
    items = _items(bundle, schema)
    if items is None:
        return None
    query = {one.name: one for one in operation.parameters if one.location == "query"}
    for kind, words in KINDS:
        name = next((word for word in words if word in query), None)
        cursor = _path(bundle, schema, items[:-1], NEXT) if kind == "cursor" else None
        if name is not None and (kind != "cursor" or cursor):
            first = 0 if kind == "offset" or merge(bundle, query[name].schema).get("minimum") == 0 else 1
            return Paging(kind, name, items, _path(bundle, schema, items[:-1], TOTALS), cursor, first)
    return None


KINDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (("cursor", CURSORS), ("page", PAGES), ("offset", OFFSETS))


def _answer(bundle: Json, operation: Operation) -> Json:
    success = next((one for one in operation.responses.values() if one.status in {"200", "2XX", "2xx"}), None)
    schema = next((schema for name, schema in success.media.items() if is_json(name.partition(";")[0])), None) if success else None
    return merge(bundle, schema) if schema is not None else {}


def _items(bundle: Json, schema: Json) -> Path | None:
    """The property that holds the items: one of the usual names, else the first array; at the top or in one object around it all."""
    if schema.get("type") == "array":
        return ()
    for around in ((), *((one,) for one in WRAPPERS)):
        properties = _properties(bundle, schema, around)
        arrays = [name for name, one in properties.items() if merge(bundle, one).get("type") == "array"]
        if found := next((name for name in ITEMS if name in arrays), next(iter(arrays), None)):
            return *around, found
    return None


def _path(bundle: Json, schema: Json, beside: Path, names: tuple[str, ...]) -> Path | None:
    """Where one of these properties is: beside the items or at the top, or in an object there that says how a list goes on."""
    for base in dict.fromkeys((beside, ())):
        for around in (base, *((*base, one) for one in AROUND)):
            properties = _properties(bundle, schema, around)
            if found := next((name for name in names if name in properties), None):
                return *around, found
    return None


def _properties(bundle: Json, schema: Json, path: Path) -> Json:
    for key in path:
        schema = merge(bundle, schema.get("properties", {}).get(key, {}))
    found: Json = schema.get("properties", {})
    return found
