"""Iteration over the items of a list, page by page: by number, offset, cursor or `Link` header (RFC 8288)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from msgspec import UNSET

from .operation import Options
from .values import plain

Page = TypeVar("Page")
Item = TypeVar("Item")
Cursor = TypeVar("Cursor")
LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*!-]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)')
NEXT = re.compile(r';\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=[\s;,]|$))', re.IGNORECASE)


class Ends(Generic[Page]):
    """How a page tells that it is the last: by the total, by a value that is false or null, or by one that is true."""

    def __init__(
        self,
        total: Callable[[Page], object] | None = None,
        more: Callable[[Page], object] | None = None,
        last: Callable[[Page], object] | None = None,
    ) -> None:
        self._total, self._more, self._last = total, more, last

    def at(self, page: Page, count: int) -> bool:
        """Whether a page is the last, after `count` items."""
        total = self._total(page) if self._total else None
        if isinstance(total, int) and count >= total:
            return True
        return (self._more is not None and not self._more(page)) or (self._last is not None and self._last(page) is True)


class Numbers(Generic[Page, Item]):
    """Positions of pages: `value` grows by `step`, or by the number of items if `step` is 0."""

    def __init__(self, items: Callable[[Page], Iterable[Item]], first: int, step: int, ends: Ends[Page]) -> None:
        self.value: int | None = first
        self._items, self._step, self._ends = items, step, ends
        self._count = 0
        self._previous: Page | None = None

    def take(self, page: Page) -> list[Item]:
        """The items of a page. `value` is None after an empty or repeated page, and after the last page."""
        items = [] if page == self._previous else list(self._items(page))
        self._count += len(items)
        self._previous = page
        is_end = not items or self._ends.at(page, self._count)
        self.value = None if is_end or self.value is None else self.value + (self._step or len(items))
        return items


def by_number(
    fetch: Callable[[int], Page],
    items: Callable[[Page], Iterable[Item]],
    *,
    first: int,
    step: int,
    ends: Ends[Page],
) -> Iterator[Item]:
    """Iterate by page number, or by offset if `step` is 0."""
    numbers = Numbers(items, first, step, ends)
    while numbers.value is not None:
        yield from numbers.take(fetch(numbers.value))


async def by_number_async(
    fetch: Callable[[int], Awaitable[Page]],
    items: Callable[[Page], Iterable[Item]],
    *,
    first: int,
    step: int,
    ends: Ends[Page],
) -> AsyncIterator[Item]:
    """Iterate by page number, or by offset if `step` is 0."""
    numbers = Numbers(items, first, step, ends)
    while numbers.value is not None:
        for item in numbers.take(await fetch(numbers.value)):
            yield item


def by_cursor(fetch: Callable[[Any], Page], items: Callable[[Page], Iterable[Item]], cursor: Callable[[Page], object]) -> Iterator[Item]:
    """Iterate by cursor. Ends if there is no next cursor or it equals the previous one."""
    position: object = UNSET
    while True:
        page = fetch(position)
        yield from items(page)
        position, previous = cursor(page), position
        if not position or position == previous:
            return


async def by_cursor_async(
    fetch: Callable[[Any], Awaitable[Page]], items: Callable[[Page], Iterable[Item]], cursor: Callable[[Page], object]
) -> AsyncIterator[Item]:
    """Iterate by cursor. Ends if there is no next cursor or it equals the previous one."""
    position: object = UNSET
    while True:
        page = await fetch(position)
        for item in items(page):
            yield item
        position, previous = cursor(page), position
        if not position or position == previous:
            return


def by_link(
    fetch: Callable[[Options], tuple[Page, Mapping[str, str]]], items: Callable[[Page], Iterable[Item]], options: Options | None
) -> Iterator[Item]:
    """Iterate by the `next` link of each response. Only its query is used: credentials never go to another host."""
    call, seen = options or Options(), set[str]()
    while True:
        page, headers = fetch(call)
        yield from items(page)
        query = next_query(headers.get("link", ""))
        if query is None or query in seen:
            return
        seen.add(query)
        call = replace(call, query_string=query)


async def by_link_async(
    fetch: Callable[[Options], Awaitable[tuple[Page, Mapping[str, str]]]],
    items: Callable[[Page], Iterable[Item]],
    options: Options | None,
) -> AsyncIterator[Item]:
    """Iterate by the `next` link of each response. Only its query is used: credentials never go to another host."""
    call, seen = options or Options(), set[str]()
    while True:
        page, headers = await fetch(call)
        for item in items(page):
            yield item
        query = next_query(headers.get("link", ""))
        if query is None or query in seen:
            return
        seen.add(query)
        call = replace(call, query_string=query)


def next_query(header: str) -> str | None:
    """The query of the `next` link; None without one."""
    return next((urlsplit(target).query for target, parameters in LINK.findall(header) if NEXT.search(parameters)), None)


def cursor_in(link: object, parameter: str) -> str | None:
    """The cursor in the URL of the next page; None without one."""
    query = parse_qs(urlsplit(link).query) if isinstance(link, str) else {}
    return next(iter(query.get(parameter, ())), None)


def moved(argument: object, name: str, position: object) -> Any:
    """An argument that is an object, with another position in one of its members."""
    return {**(plain(argument) if argument is not UNSET else {}), **({} if position is UNSET else {name: position})}


def at(page: object, *attributes: str) -> Any:
    """The value at a path of attributes; None if it is absent."""
    value: Any = page
    for attribute in attributes:
        value = getattr(value, attribute, None)
    return None if value is UNSET else value
