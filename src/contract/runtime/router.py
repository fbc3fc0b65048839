"""The router: one dictionary look-up for paths without parameters, a walk over segments for the others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import unquote

from contract.openapi.operations import PATH_PARAMETER

Target = TypeVar("Target")
Match = tuple[dict[str, Target], tuple[str, ...]]


class _Segment(Generic[Target]):
    """A segment of the tree. Literal segments win over parameters (OpenAPI 3.1, section 4.8.8.2)."""

    __slots__ = ("literal", "methods", "parameter", "patterns")

    def __init__(self) -> None:
        self.literal: dict[str, _Segment[Target]] = {}
        self.parameter: _Segment[Target] | None = None
        self.patterns: dict[str, tuple[re.Pattern[str], _Segment[Target]]] = {}
        self.methods: dict[str, Target] | None = None


class Router(Generic[Target]):
    """Routes by method and path template. A parameter fills a segment or a part of one (`{name}.json`)."""

    def __init__(self, routes: Iterable[tuple[str, str, Target]]) -> None:
        self.static: dict[str, dict[str, Target]] = {}
        self._root: _Segment[Target] = _Segment()
        for method, template, target in routes:
            path = unquote(template)  # servers pass the decoded path
            methods = self._dynamic(path) if PATH_PARAMETER.search(path) else self.static.setdefault(path, {})
            methods[method.upper()] = target

    def find(self, path: str) -> Match[Target] | None:
        """The path's targets by method, and its parameter values in order; None if no path matches."""
        methods = self.static.get(path)
        if methods is not None:
            return methods, ()
        return self._walk(self._root, [(segment, segment) for segment in path.split("/")[1:]], ())

    def find_encoded(self, path: str) -> Match[Target] | None:
        """The same for a percent-encoded path, whose values stay encoded: `%2F` does not separate segments there."""
        segments = [(unquote(segment), segment) for segment in path.split("/")[1:]]
        methods = self.static.get("".join(f"/{decoded}" for decoded, _ in segments)) if "%2f" not in path.lower() else None
        return (methods, ()) if methods is not None else self._walk(self._root, segments, ())

    def _dynamic(self, path: str) -> dict[str, Target]:
        node = self._root
        for segment in path.split("/")[1:]:
            if PATH_PARAMETER.fullmatch(segment):
                node.parameter = node = node.parameter or _Segment()
            elif PATH_PARAMETER.search(segment):
                node = node.patterns.setdefault(segment, (_pattern(segment), _Segment()))[1]
            else:
                node = node.literal.setdefault(segment, _Segment())
        if node.methods is None:
            node.methods = {}
        return node.methods

    def _walk(self, node: _Segment[Target], segments: list[tuple[str, str]], values: tuple[str, ...]) -> Match[Target] | None:
        """The match of segments, each decoded (for literal ones) and as it is (for values)."""
        if not segments:
            return (node.methods, values) if node.methods is not None else None
        (decoded, head), remaining = segments[0], segments[1:]
        if decoded in node.literal:
            result = self._walk(node.literal[decoded], remaining, values)
            if result is not None:
                return result
        for pattern, child in node.patterns.values():
            match = pattern.fullmatch(head)
            result = self._walk(child, remaining, (*values, *match.groups())) if match else None
            if result is not None:
                return result
        if node.parameter is not None and head:
            return self._walk(node.parameter, remaining, (*values, head))
        return None


def _pattern(segment: str) -> re.Pattern[str]:
    """A segment with parameters inside: literal text around groups of at least one character."""
    parts = PATH_PARAMETER.split(segment)
    return re.compile("".join("(.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)))
