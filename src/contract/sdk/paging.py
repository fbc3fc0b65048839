"""The pagination of a list, derived from its parameters and its response: by page number, offset, cursor or `Link` header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from contract.example_values import merge
from contract.openapi.operations import Operation
from contract.openapi.references import Json
from contract.runtime.media import is_json

PAGE_PARAMETERS = ("page", "page_number", "pageNumber", "page[number]")
OFFSET_PARAMETERS = ("offset", "skip")
CURSOR_PARAMETERS = (
    "cursor",
    "after",
    "starting_after",
    "page_token",
    "pageToken",
    "next_token",
    "nextToken",
    "continuation_token",
    "page[after]",
)
NEXT_CURSOR_FIELDS = (
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "nextToken",
    "end_cursor",
    "endCursor",
    "cursor",
)
TOTAL_FIELDS = ("total", "total_count", "totalCount", "count_total", "total_items", "totalItems", "totalElements")
MORE_FIELDS = (
    "has_more",
    "hasMore",
    "has_next",
    "hasNext",
    "next",
    "next_page",
    "nextPage",
    "next_url",
    "nextUrl",
)  # false or null on the last page
ITEMS_FIELDS = ("items", "data", "results", "records", "entries", "values")
PAGING_OBJECTS = ("pagination", "meta", "page_info", "pageInfo", "paging", "links", "page")  # objects with pagination fields
WRAPPERS = ("data", "result", "response", "payload")
Path = tuple[str, ...]
Kind = Literal["page", "offset", "cursor", "link"]


@dataclass(frozen=True, slots=True)
class Paging:
    """`parameter` selects the next page (none if a link does); `items` is the path of the array (empty if the response is the array).

    Paths are keys from the top of the response. `more` is the path of a value that is false or null on the last page.
    """

    kind: Kind
    parameter: str
    items: Path
    total: Path | None = None
    cursor: Path | None = None
    first: int = 1
    more: Path | None = None


def paging(bundle: Json, operation: Operation) -> Paging | None:
    """The pagination of an operation; None if it returns no list or a single page."""
    schema = _success_schema(bundle, operation) if operation.method == "get" else {}
    items = _items(bundle, schema)
    if items is None:
        return None
    query = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "query"}
    for kind, names in PARAMETERS_BY_KIND:
        name = next((candidate for candidate in names if candidate in query), None)
        cursor = _path(bundle, schema, items[:-1], NEXT_CURSOR_FIELDS) if kind == "cursor" else None
        if name is not None and (kind != "cursor" or cursor):
            parameter = merge(bundle, query[name].schema)
            first = 0 if kind == "offset" or 0 in {parameter.get("minimum"), parameter.get("default")} else 1
            total, more = (_path(bundle, schema, items[:-1], names) for names in (TOTAL_FIELDS, MORE_FIELDS))
            return Paging(kind, name, items, total, cursor, first, None if kind == "cursor" else more)
    return Paging("link", "", items) if _has_links(operation) else None


PARAMETERS_BY_KIND: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("cursor", CURSOR_PARAMETERS),
    ("page", PAGE_PARAMETERS),
    ("offset", OFFSET_PARAMETERS),
)


def _has_links(operation: Operation) -> bool:
    """Whether a success documents a `Link` header (RFC 8288)."""
    successes = (response for response in operation.responses.values() if response.status.startswith("2"))
    return any(name.lower() == "link" for response in successes for name in response.headers)


def _success_schema(bundle: Json, operation: Operation) -> Json:
    success = next((response for response in operation.responses.values() if response.status in {"200", "2XX", "2xx"}), None)
    schema = next((schema for name, schema in success.media.items() if is_json(name.partition(";")[0])), None) if success else None
    return merge(bundle, schema) if schema is not None else {}


def _items(bundle: Json, schema: Json) -> Path | None:
    """The property with the items: one of the usual names, else the first array; at the top or inside a wrapper."""
    if schema.get("type") == "array":
        return ()
    for wrapper in ((), *((name,) for name in WRAPPERS)):
        properties = _properties(bundle, schema, wrapper)
        arrays = [name for name, property_schema in properties.items() if merge(bundle, property_schema).get("type") == "array"]
        if items_name := next((name for name in ITEMS_FIELDS if name in arrays), next(iter(arrays), None)):
            return *wrapper, items_name
    return None


def _path(bundle: Json, schema: Json, items_parent: Path, names: tuple[str, ...]) -> Path | None:
    """The path of one of these properties: beside the items, at the top, or in a pagination object there."""
    for base in dict.fromkeys((items_parent, ())):
        for container in (base, *((*base, name) for name in PAGING_OBJECTS)):
            properties = _properties(bundle, schema, container)
            if field_name := next((name for name in names if name in properties), None):
                return *container, field_name
    return None


def _properties(bundle: Json, schema: Json, path: Path) -> Json:
    for key in path:
        schema = merge(bundle, schema.get("properties", {}).get(key, {}))
    properties: Json = schema.get("properties", {})
    return properties
