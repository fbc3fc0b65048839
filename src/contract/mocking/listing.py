"""A page of things: filtered by what a query says of their fields, cut by page, offset or cursor, counted beside the list."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contract.mocking.shapes import Place, value_at, with_value
from contract.mocking.store import Thing
from contract.names import snake
from contract.openapi.operations import Json

USUAL, MOST = 100, 1000  # things on a page where the document says nothing, and whatever it says
LIMITS = ("limit", "per_page", "page_size", "size", "count", "max_results", "first")
OFFSETS = ("offset", "skip", "start")
PAGES = ("page", "page_number")
CURSORS = ("cursor", "page_token", "next_token", "starting_after", "after", "marker", "next_cursor")
OFFSET = re.compile(r"[0-9]{1,6}")
NOT_FILTERS = {*LIMITS, *OFFSETS, *PAGES, *CURSORS, "sort", "sort_by", "order", "order_by", "fields", "expand", "include"}


class Page(NamedTuple):
    """Which of all things are shown."""

    things: Sequence[Thing]
    total: int
    offset: int
    limit: int

    @property
    def next(self) -> int | None:
        """The offset of the next page, None on the last one."""
        after = self.offset + self.limit
        return after if after < self.total else None


def page(things: Sequence[Thing], parameters: Mapping[str, Any]) -> Page:
    """The page that a request's parameters ask for."""
    limit = max(1, min(_number(parameters, LIMITS, USUAL), MOST))
    offset = _number(parameters, OFFSETS, 0) or (max(_number(parameters, PAGES, 1), 1) - 1) * limit
    cursor = next((parameters[name] for name in CURSORS if name in parameters), None)
    if cursor is not None:
        offset = _after(things, str(cursor))
    return Page(things[offset : offset + limit], len(things), offset, limit)


def _after(things: Sequence[Thing], cursor: str) -> int:
    """The place that a cursor of ours names, or the one after the thing whose id it is."""
    found = next((index for index, one in enumerate(things) if one.id == cursor), None)
    if found is not None:
        return found + 1
    return int(cursor) if OFFSET.fullmatch(cursor) else 0


def _number(parameters: Mapping[str, Any], names: Sequence[str], otherwise: int) -> int:
    found = next((parameters[name] for name in names if name in parameters), None)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else otherwise


def matching(things: Sequence[Thing], asked: Mapping[str, Any]) -> Sequence[Thing]:
    """The things whose fields have the values asked for; what no thing has a field for is not asked of them."""
    wanted = {name: value for name, value in asked.items() if snake(name) not in NOT_FILTERS and not isinstance(value, dict)}
    known = {name: value for name, value in wanted.items() if any(_field(one.value, name) is not None for one in things[:MOST])}
    if not known:
        return things
    return [one for one in things if all(_has(one.value, name, value) for name, value in known.items())]


def _field(thing: Json, name: str) -> str | None:
    """The field a parameter speaks of: its own name, or the plural that is a list."""
    if name in thing:
        return name
    return f"{name}s" if isinstance(thing.get(f"{name}s"), list) else None


def _has(thing: Json, name: str, value: Any) -> bool:
    field = _field(thing, name)
    own = thing.get(field) if field else None
    wanted = value if isinstance(value, list) else [value]
    return any(one in own for one in wanted) if isinstance(own, list) else own in wanted


def counted(body: Any, place: Place, found: Page) -> Any:
    """The answer with the page's numbers in the fields that hold such, beside the list and in an object beside it."""
    beside = [place[:depth] for depth in range(len(place))]
    for outer in beside:
        inside = value_at(body, outer)
        for name, value in inside.items() if isinstance(inside, dict) else ():
            if isinstance(value, dict) and (*outer, name) not in beside:
                body = with_value(body, (*outer, name), value | _numbers(value, found))
        here = value_at(body, outer)
        if isinstance(here, dict):
            body = with_value(body, outer, here | _numbers(here, found))
    return body


def _numbers(fields: Json, found: Page) -> Json:
    known = _known(found)
    named = {name: snake(name) for name, value in fields.items() if value is None or isinstance(value, int | str)}
    if "count" in named.values() and not {"total", "total_count"} & set(named.values()):
        known["count"] = found.total
    return {name: known[key] for name, key in named.items() if key in known and _alike(fields[name], known[key])}


def _alike(old: Any, new: Any) -> bool:
    """Whether a value can take another's place: `next` may be an address, which a cursor is not."""
    if old is None or new is None:
        return True
    return type(old) is type(new) and not (isinstance(old, str) and "/" in old)


def _known(found: Page) -> Json:
    pages = -(-found.total // found.limit)
    following = None if found.next is None else str(found.next)
    number = found.offset // found.limit + 1
    return {
        **dict.fromkeys(("total", "total_count", "total_items", "total_results", "total_elements", "matched"), found.total),
        **dict.fromkeys(("pages", "total_pages", "page_count", "last_page"), pages),
        **dict.fromkeys(("page", "current_page", "page_number"), number),
        **dict.fromkeys(("limit", "per_page", "page_size"), found.limit),
        **dict.fromkeys(("offset", "skip"), found.offset),
        **dict.fromkeys(("count", "returned"), len(found.things)),
        **dict.fromkeys(("has_more", "has_next", "has_next_page", "more"), found.next is not None),
        **dict.fromkeys(("has_prev", "has_previous", "has_previous_page"), found.offset > 0),
        **dict.fromkeys(("next_cursor", "next_page_token", "next_token", "cursor", "next"), following),
    }
