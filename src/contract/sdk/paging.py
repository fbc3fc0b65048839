"""The pagination of a list, derived from its parameters and its response: by page number, offset, cursor or `Link` header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from contract.example_values import merge
from contract.generate.defaults import type_names
from contract.names import snake
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
LAST_FIELDS = ("last", "is_last", "isLast", "last_page", "lastPage")  # true on the last page, if they are booleans
NEXT_LINK_FIELDS = ("next", "next_url", "nextUrl", "next_page_url", "nextPageUrl")  # URLs of the next page, which have its cursor
ITEMS_FIELDS = ("items", "data", "results", "content", "records", "entries", "values")
PAGING_OBJECTS = ("pagination", "meta", "page_info", "pageInfo", "paging", "links", "page")  # objects with pagination fields
WRAPPERS = ("data", "result", "response", "payload")
Path = tuple[str, ...]
Kind = Literal["page", "offset", "cursor", "link"]


@dataclass(frozen=True, slots=True)
class Paging:
    """`parameter` selects the next page (none if a link does); `items` is the path of the array (empty if the response is the array).

    Paths are keys from the top of the response. `more` is the path of a value that is false or null on the last page, `last` of one that
    is true there. `within` is the query parameter of which `parameter` is a property, such as Spring's `pageable`. With
    `is_cursor_in_link`, the value at `cursor` is the URL of the next page.
    """

    kind: Kind
    parameter: str
    items: Path
    total: Path | None = None
    cursor: Path | None = None
    first: int = 1
    more: Path | None = None
    last: Path | None = None
    within: str | None = None
    is_cursor_in_link: bool = False


def paging(bundle: Json, operation: Operation) -> Paging | None:
    """The pagination of an operation; None if it returns no list or a single page."""
    schema = _success_schema(bundle, operation) if operation.method == "get" else {}
    words = _words(operation.path)
    items = _items(bundle, schema, words)
    if items is None:
        return None
    is_list = _is_list(bundle, schema, items, words)
    for within, schemas in _query(bundle, operation):
        for kind, names in PARAMETERS_BY_KIND:
            name = next((candidate for candidate in names if candidate in schemas), None)
            if name is not None and (by_parameter := _by_parameter(bundle, (schema, items), (kind, name), schemas[name])):
                if not is_list and not (by_parameter.total or by_parameter.cursor or by_parameter.more or by_parameter.last):
                    return None
                return replace(by_parameter, within=within)
    return Paging("link", "", items) if _has_links(operation) else None


def _query(bundle: Json, operation: Operation) -> Iterator[tuple[str | None, Json]]:
    """The schemas of query parameters by name; then, for each parameter that is an object, those of its properties."""
    query = {parameter.name: merge(bundle, parameter.schema) for parameter in operation.parameters if parameter.location == "query"}
    yield None, query
    for name, schema in query.items():
        if schema.get("properties"):
            yield name, schema["properties"]


def _by_parameter(bundle: Json, page: tuple[Json, Path], position: tuple[Kind, str], parameter: Any) -> Paging | None:
    """The pagination by a parameter; None if the response has no next cursor for it."""
    (schema, items), (kind, name) = page, position
    parent = items[:-1]
    total = _path(bundle, schema, parent, TOTAL_FIELDS)
    if kind == "cursor":
        cursor = _path(bundle, schema, parent, NEXT_CURSOR_FIELDS)
        link = None if cursor else _path(bundle, schema, parent, NEXT_LINK_FIELDS, type_name="string")
        return Paging(kind, name, items, total, cursor or link, is_cursor_in_link=link is not None) if cursor or link else None
    node = merge(bundle, parameter)
    return Paging(
        kind,
        name,
        items,
        total,
        first=0 if kind == "offset" or 0 in {node.get("minimum"), node.get("default")} else 1,
        more=_path(bundle, schema, parent, MORE_FIELDS),
        last=_path(bundle, schema, parent, LAST_FIELDS, type_name="boolean"),
    )


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
    return merge(bundle, page_schema(success.media) or {}) if success else {}


def page_schema(media: Mapping[str, Any]) -> Any:
    """The schema of JSON among media types; without JSON, that of a range that includes it, as Spring writes it."""
    by_name = {name.partition(";")[0]: schema for name, schema in media.items()}
    return next((schema for name, schema in by_name.items() if is_json(name)), by_name.get("*/*", by_name.get("application/*")))


def _words(path: str) -> tuple[str, ...]:
    """The names in a path that may be those of its items, the last one first: `/v1/users/{id}/mail-boxes` has mail_boxes, users and v1."""
    return tuple(snake(segment) for segment in reversed(path.split("/")) if segment and "{" not in segment)


def _is_list(bundle: Json, schema: Json, items: Path, words: tuple[str, ...]) -> bool:
    """Whether an array is what the operation lists: by its name, or because the response has nothing else.

    Any other response may have an array too, such as the warnings of a search, and may repeat the number of the page.
    """
    return not items or items[-1] in ITEMS_FIELDS or snake(items[-1]) in words or len(_properties(bundle, schema, items[:-1])) == 1


def _items(bundle: Json, schema: Json, words: tuple[str, ...]) -> Path | None:
    """The property with the items, at the top or inside a wrapper: a usual name, one of the path's, an array of objects, or any."""
    if schema.get("type") == "array":
        return ()
    for wrapper in ((), *((name,) for name in WRAPPERS)):
        properties = _properties(bundle, schema, wrapper)
        arrays = [name for name, property_schema in properties.items() if merge(bundle, property_schema).get("type") == "array"]
        usual = [name for name in ITEMS_FIELDS if name in arrays]
        named = sorted((name for name in arrays if snake(name) in words), key=lambda name: words.index(snake(name)))
        of_objects = [name for name in arrays if merge(bundle, merge(bundle, properties[name]).get("items")).get("properties")]
        if candidates := [*usual, *named, *of_objects, *arrays]:
            return *wrapper, candidates[0]
    return None


def _path(bundle: Json, schema: Json, items_parent: Path, names: tuple[str, ...], *, type_name: str | None = None) -> Path | None:
    """The path of one of these properties, of a type if one is given: beside the items, at the top, or in a pagination object there."""
    for base in dict.fromkeys((items_parent, ())):
        for container in (base, *((*base, name) for name in PAGING_OBJECTS)):
            properties = _properties(bundle, schema, container)
            for name in names:
                if name in properties and type_name in {None, *type_names(merge(bundle, properties[name]))}:
                    return *container, name
    return None


def _properties(bundle: Json, schema: Json, path: Path) -> Json:
    for key in path:
        schema = merge(bundle, schema.get("properties", {}).get(key, {}))
    properties: Json = schema.get("properties", {})
    return properties
