"""A page of resources: filtered by query parameters, cut by page, offset or cursor, and counted beside the list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contract.mocking.envelopes import ValuePath, value_at, with_value
from contract.mocking.store import MockResource
from contract.names import snake
from contract.openapi.references import Json

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 1000
LIMITS = ("limit", "per_page", "shown_pagesize", "size", "count", "max_results", "first")
OFFSETS = ("offset", "skip", "start")
PAGES = ("page", "shown_pagenumber")
CURSORS = ("cursor", "shown_pagetoken", "next_token", "starting_after", "after", "marker", "next_cursor")
OFFSET = re.compile(r"[0-9]{1,6}")
NOT_FILTERS = {*LIMITS, *OFFSETS, *PAGES, *CURSORS, "sort", "sort_by", "order", "order_by", "fields", "expand", "include"}


class ResourcePage(NamedTuple):
    """The resources of one page."""

    resources: Sequence[MockResource]
    total: int
    offset: int
    limit: int

    @property
    def next(self) -> int | None:
        """The offset of the next page, None on the last one."""
        after = self.offset + self.limit
        return after if after < self.total else None


def page(resources: Sequence[MockResource], parameters: Mapping[str, Any]) -> ResourcePage:
    """The page that the parameters of a request select."""
    limit = max(1, min(_number(parameters, LIMITS, DEFAULT_PAGE_SIZE), MAX_PAGE_SIZE))
    offset = _number(parameters, OFFSETS, 0) or (max(_number(parameters, PAGES, 1), 1) - 1) * limit
    cursor = next((parameters[name] for name in CURSORS if name in parameters), None)
    if cursor is not None:
        offset = _after(resources, str(cursor))
    return ResourcePage(resources[offset : offset + limit], len(resources), offset, limit)


def _after(resources: Sequence[MockResource], cursor: str) -> int:
    """The offset in one of our cursors, or the one after the resource with this id."""
    position = next((index for index, resource in enumerate(resources) if resource.id == cursor), None)
    if position is not None:
        return position + 1
    return int(cursor) if OFFSET.fullmatch(cursor) else 0


def _number(parameters: Mapping[str, Any], names: Sequence[str], default: int) -> int:
    value = next((parameters[name] for name in names if name in parameters), None)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default


def filtered(resources: Sequence[MockResource], query: Mapping[str, Any]) -> Sequence[MockResource]:
    """The resources whose fields have the values of the query. Parameters without a field are ignored."""
    filters = {name: value for name, value in query.items() if snake(name) not in NOT_FILTERS and not isinstance(value, dict)}
    applicable = {
        name: value
        for name, value in filters.items()
        if any(_field(resource.value, name) is not None for resource in resources[:MAX_PAGE_SIZE])
    }
    if not applicable:
        return resources
    return [resource for resource in resources if all(_has(resource.value, name, value) for name, value in applicable.items())]


def _field(value: Json, name: str) -> str | None:
    """The field that a parameter filters: the one of its name, or the plural that is a list."""
    if name in value:
        return name
    return f"{name}s" if isinstance(value.get(f"{name}s"), list) else None


def _has(resource: Json, name: str, value: Any) -> bool:
    field = _field(resource, name)
    field_value = resource.get(field) if field else None
    accepted = value if isinstance(value, list) else [value]
    return any(candidate in field_value for candidate in accepted) if isinstance(field_value, list) else field_value in accepted


def with_counts(body: Any, path: ValuePath, shown_page: ResourcePage) -> Any:
    """The body with the page's numbers in the matching fields, beside the list and in objects beside it."""
    enclosing = [path[:depth] for depth in range(len(path))]
    for outer in enclosing:
        members = value_at(body, outer)
        for name, value in members.items() if isinstance(members, dict) else ():
            if isinstance(value, dict) and (*outer, name) not in enclosing:
                body = with_value(body, (*outer, name), value | _numbers(value, shown_page))
        container = value_at(body, outer)
        if isinstance(container, dict):
            body = with_value(body, outer, container | _numbers(container, shown_page))
    return body


def _numbers(fields: Json, shown_page: ResourcePage) -> Json:
    counts = _counts(shown_page)
    keys = {name: snake(name) for name, value in fields.items() if value is None or isinstance(value, int | str)}
    if "count" in keys.values() and not {"total", "total_count"} & set(keys.values()):
        counts["count"] = shown_page.total
    return {name: counts[key] for name, key in keys.items() if key in counts and _can_replace(fields[name], counts[key])}


def _can_replace(old: Any, new: Any) -> bool:
    """Whether a value can replace another: `next` may be a URL, which a cursor is not."""
    if old is None or new is None:
        return True
    return type(old) is type(new) and not (isinstance(old, str) and "/" in old)


def _counts(shown_page: ResourcePage) -> Json:
    pages = -(-shown_page.total // shown_page.limit)
    next_cursor = None if shown_page.next is None else str(shown_page.next)
    number = shown_page.offset // shown_page.limit + 1
    return {
        **dict.fromkeys(("total", "total_count", "total_items", "total_results", "total_elements", "matched"), shown_page.total),
        **dict.fromkeys(("pages", "total_pages", "shown_pagecount", "last_page"), pages),
        **dict.fromkeys(("page", "current_page", "shown_pagenumber"), number),
        **dict.fromkeys(("limit", "per_page", "shown_pagesize"), shown_page.limit),
        **dict.fromkeys(("offset", "skip"), shown_page.offset),
        **dict.fromkeys(("count", "returned"), len(shown_page.resources)),
        **dict.fromkeys(("has_more", "has_next", "has_next_page", "more"), shown_page.next is not None),
        **dict.fromkeys(("has_prev", "has_previous", "has_previous_page"), shown_page.offset > 0),
        **dict.fromkeys(("next_cursor", "next_shown_pagetoken", "next_token", "cursor", "next"), next_cursor),
    }
