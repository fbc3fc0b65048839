"""Aliases that name classes below them: msgspec needs the classes themselves, so such aliases go to the end of the module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from typing_extensions import override

QUOTED_ALIAS = re.compile(r"^\w+: TypeAlias = .*['\"]", re.MULTILINE)
Alias = tuple[str, ast.expr, int, int]  # name, value, first line, last line with its docstring


def ordered(source: str) -> str:
    """The module with every alias that was written with quoted names moved to its end, its names unquoted."""
    if not QUOTED_ALIAS.search(source):
        return source
    aliases = {alias[0]: alias for alias in _aliases(ast.parse(source))}
    late = _late(aliases)
    if not late:
        return source
    lines = source.split("\n")
    moved = [_unquoted(aliases[name][1]) for name in late]
    blocks = [
        "\n".join([f"{name}: TypeAlias = {value}", *lines[_end(aliases[name]) : aliases[name][3]]])
        for name, value in zip(late, moved, strict=True)
    ]
    gone = {line for name in late for line in range(aliases[name][2] - 1, aliases[name][3])}
    kept = "\n".join(line for index, line in enumerate(lines) if index not in gone)
    return "\n\n\n".join([kept, *blocks]) + "\n"


def _aliases(tree: ast.Module) -> Iterator[Alias]:
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            following = tree.body[index + 1] if index + 1 < len(tree.body) else None
            docstring = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            last = following.end_lineno if docstring and following is not None else node.end_lineno
            yield node.target.id, node.value, node.lineno, last or node.lineno


def _end(alias: Alias) -> int:
    return alias[1].end_lineno or alias[2]


def _late(aliases: dict[str, Alias]) -> list[str]:
    """The aliases with quoted names and those that name them, each after those it names."""
    named = {name: set(_names(value)) for name, (_, value, _, _) in aliases.items()}
    late = {name for name, (_, value, _, _) in aliases.items() if any(_quoted(value))}
    while more := {name for name in aliases if name not in late and named[name] & late}:
        late |= more
    found: list[str] = []
    while rest := [name for name in aliases if name in late and name not in found]:
        free = [name for name in rest if not named[name] & set(rest)]
        found += free or rest
    return found


def _names(value: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(value) if isinstance(node, ast.Name))
    yield from _quoted(value)


def _quoted(value: ast.expr) -> Iterator[str]:
    """The names in quotes; a `Literal` holds values, not names."""
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name) and value.value.id.startswith("Literal"):
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr):
            yield from _quoted(child)


def _unquoted(value: ast.expr) -> str:
    quoted = set(_quoted(value))

    class Unquote(ast.NodeTransformer):
        @override
        def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
            literal = isinstance(node.value, ast.Name) and node.value.id.startswith("Literal")
            return node if literal else ast.Subscript(node.value, self.visit(node.slice), node.ctx)

        @override
        def visit_Constant(self, node: ast.Constant) -> ast.expr:
            return ast.Name(node.value, ast.Load()) if node.value in quoted else node

    return ast.unparse(Unquote().visit(value))
