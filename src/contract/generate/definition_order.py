"""The order of definitions: msgspec needs classes, not quoted names, so aliases that name later classes move to the end of the module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from typing_extensions import override

QUOTED_ALIAS = re.compile(r"^\w+: TypeAlias = .*['\"]", re.MULTILINE)
Alias = tuple[str, ast.expr, int, int]  # name, value, first line, last line with its docstring


def reorder(source: str) -> str:
    """The module with every alias that has quoted names moved to its end, without the quotes."""
    if not QUOTED_ALIAS.search(source):
        return source
    aliases = {alias[0]: alias for alias in _aliases(ast.parse(source))}
    moved_names = _aliases_to_move(aliases)
    if not moved_names:
        return source
    lines = source.split("\n")
    values = [_without_quotes(aliases[name][1]) for name in moved_names]
    blocks = [
        "\n".join([f"{name}: TypeAlias = {value}", *lines[_last_value_line(aliases[name]) : aliases[name][3]]])
        for name, value in zip(moved_names, values, strict=True)
    ]
    removed = {line for name in moved_names for line in range(aliases[name][2] - 1, aliases[name][3])}
    remaining = "\n".join(line for index, line in enumerate(lines) if index not in removed)
    return "\n\n\n".join([remaining, *blocks]) + "\n"


def _aliases(tree: ast.Module) -> Iterator[Alias]:
    for index, node in enumerate(tree.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            following = tree.body[index + 1] if index + 1 < len(tree.body) else None
            has_docstring = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            last = following.end_lineno if has_docstring and following is not None else node.end_lineno
            yield node.target.id, node.value, node.lineno, last or node.lineno


def _last_value_line(alias: Alias) -> int:
    return alias[1].end_lineno or alias[2]


def _aliases_to_move(aliases: dict[str, Alias]) -> list[str]:
    """The aliases with quoted names and those that name them, in order of dependency."""
    names_in = {name: set(_names(value)) for name, (_, value, _, _) in aliases.items()}
    to_move = {name for name, (_, value, _, _) in aliases.items() if any(_quoted(value))}
    while dependent := {name for name in aliases if name not in to_move and names_in[name] & to_move}:
        to_move |= dependent
    in_order: list[str] = []
    while remaining := [name for name in aliases if name in to_move and name not in in_order]:
        independent = [name for name in remaining if not names_in[name] & set(remaining)]
        in_order += independent or remaining
    return in_order


def _names(value: ast.expr) -> Iterator[str]:
    yield from (node.id for node in ast.walk(value) if isinstance(node, ast.Name))
    yield from _quoted(value)


def _quoted(value: ast.expr) -> Iterator[str]:
    """The quoted names. A `Literal` holds values, not names."""
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name) and value.value.id.startswith("Literal"):
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    for child in ast.iter_child_nodes(value):
        if isinstance(child, ast.expr):
            yield from _quoted(child)


def _without_quotes(value: ast.expr) -> str:
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
