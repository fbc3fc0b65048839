"""From a path to its operations: one dictionary look-up for paths without parameters, a walk over segments for the others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import unquote

from contract.openapi.operations import PATH_PARAMETER

Target = TypeVar("Target")
Found = tuple[dict[str, Target], tuple[str, ...]]


class _Node(Generic[Target]):
    """A segment of the tree. Literal segments win over parameters, as OpenAPI asks (section 4.8.8.2)."""

    __slots__ = ("literal", "methods", "parameter", "patterns")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[Target]] = {}
        self.parameter: _Node[Target] | None = None
        self.patterns: dict[str, tuple[re.Pattern[str], _Node[Target]]] = {}
        self.methods: dict[str, Target] | None = None


class Router(Generic[Target]):
    """Routes of (method, path template) pairs. A parameter fills a segment or a part of one (`{name}.json`)."""

    def __init__(self, routes: Iterable[tuple[str, str, Target]]) -> None:
        self.static: dict[str, dict[str, Target]] = {}
        self._root: _Node[Target] = _Node()
        for method, written, target in routes:
            path = unquote(written)  # servers hand the path over decoded
            methods = self._dynamic(path) if PATH_PARAMETER.search(path) else self.static.setdefault(path, {})
            methods[method.upper()] = target

    def find(self, path: str) -> Found[Target] | None:
        """The path's targets by method and its parameter values in order, None where no path matches."""
        methods = self.static.get(path)
        if methods is not None:
            return methods, ()
        return self._walk(self._root, path.split("/")[1:], ())

    def _dynamic(self, path: str) -> dict[str, Target]:
        node = self._root
        for segment in path.split("/")[1:]:
            if PATH_PARAMETER.fullmatch(segment):
                node.parameter = node = node.parameter or _Node()
            elif PATH_PARAMETER.search(segment):
                node = node.patterns.setdefault(segment, (_pattern(segment), _Node()))[1]
            else:
                node = node.literal.setdefault(segment, _Node())
        if node.methods is None:
            node.methods = {}
        return node.methods

    def _walk(self, node: _Node[Target], segments: list[str], values: tuple[str, ...]) -> Found[Target] | None:
        if not segments:
            return (node.methods, values) if node.methods is not None else None
        head, rest = segments[0], segments[1:]
        if head in node.literal:
            found = self._walk(node.literal[head], rest, values)
            if found is not None:
                return found
        for pattern, child in node.patterns.values():
            match = pattern.fullmatch(head)
            found = self._walk(child, rest, (*values, *match.groups())) if match else None
            if found is not None:
                return found
        if node.parameter is not None and head:
            return self._walk(node.parameter, rest, (*values, head))
        return None


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment with parameters inside it: literal text around groups that hold at least one character."""
    parts = PATH_PARAMETER.split(segment)
    return re.compile("".join("(.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)))
