"""The output of openapi-python-client, read from its source: the exact types of every operation and of the lists in its models."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contract.names import snake

GENERATED = "..generated"
ROOT_LEVEL = 3  # dots from an endpoint's module up to the generated package


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of an operation. Positional arguments are path parameters."""

    name: str
    annotation: str
    default: str | None
    is_keyword: bool

    @property
    def source(self) -> str:
        """The argument in a signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default is not None else "")


@dataclass(frozen=True, slots=True)
class GeneratedEndpoint:
    """The generated module of an operation. `response` is the type of its successes, `imports` are the imports of its types."""

    package: str
    name: str
    arguments: tuple[Argument, ...]
    response: str
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListExpression:
    """A list in a model: the expression for it, starting from `response`, and the type of its items."""

    expression: str
    item: str


class GeneratedSource:
    """A generated package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._models = {name: node.module or "" for node in _imports(folder / "models" / "__init__.py") for name in _names(node)}
        self.endpoints = dict(self._endpoints())

    def list_at(self, response: str, path: tuple[str, ...]) -> ListExpression | None:
        """The list at a path of property names; None if the types have none there."""
        node: ast.expr | None = ast.parse(response, mode="eval").body
        expression, guards = "response", []
        for name in path:
            attributes = self._attributes(_class_of(node)) if node else {}
            attribute = next((candidate for candidate in (name, snake(name), f"{snake(name)}_") if candidate in attributes), None)
            if attribute is None:
                return None
            guards += [expression] if expression != "response" and _may_be_absent(node) else []
            expression, node = f"{expression}.{attribute}", attributes[attribute]
        items = next(
            (
                candidate.slice
                for candidate in _choices(node)
                if isinstance(candidate, ast.Subscript) and ast.unparse(candidate.value) == "list"
            ),
            None,
        )
        if items is None:
            return None
        list_expression = f"{expression} or []" if _may_be_absent(node) else expression
        return ListExpression(f"({list_expression}) if {' and '.join(guards)} else []" if guards else list_expression, ast.unparse(items))

    def import_of(self, model: str) -> list[str]:
        """The imports of the models in a type, for a module in a sibling of the generated package."""
        names = [word for word in re.findall(r"\w+", model) if word in self._models]
        return [f"from {GENERATED}.models.{self._models[name]} import {name}" for name in names]

    def _attributes(self, model: str) -> dict[str, ast.expr]:
        if model not in self._models:
            return {}
        tree = ast.parse((self._folder / "models" / f"{self._models[model]}.py").read_text("utf-8"))
        classes = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == model)
        return {
            line.target.id: line.annotation
            for class_ in classes
            for line in class_.body
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        }

    def _endpoints(self) -> Iterator[tuple[tuple[str, str], GeneratedEndpoint]]:
        for path in sorted((self._folder / "api").glob("*/*.py")):
            functions = {node.name: node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
            if "_get_kwargs" in functions:
                request, reader = functions["_get_kwargs"], functions["_parse_response"]
                arguments = tuple(_arguments(request.args))
                yield (
                    route(*_target(request)),
                    GeneratedEndpoint(path.parent.name, path.stem, arguments, _success(reader), tuple(_lines(path))),
                )


def route(method: str, path: str) -> tuple[str, str]:
    """A key for a method and a path template, independent of parameter names."""
    return method.lower(), re.sub(r"{[^{}]*}", "{}", path)


def _imports(path: Path) -> list[ast.ImportFrom]:
    return [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ImportFrom)]


def _names(node: ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names]


def _lines(path: Path) -> Iterator[str]:
    """The imports of an endpoint, for a module in a sibling of the generated package."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.level == ROOT_LEVEL and node.module and node.module != "client":
            yield f"from {GENERATED}.{node.module} import {', '.join(_names(node))}"


def _target(request: ast.FunctionDef) -> tuple[str, str]:
    """The method and path of the request in a generated function."""
    target = next(node.value for node in ast.walk(request) if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_kwargs")
    assert isinstance(target, ast.Dict)
    entries = {ast.literal_eval(key): value for key, value in zip(target.keys, target.values, strict=True) if key is not None}
    return tuple(next(node.value for node in ast.walk(entries[key]) if isinstance(node, ast.Constant)) for key in ("method", "url"))  # type: ignore[return-value] # both are strings


def _arguments(arguments: ast.arguments) -> Iterator[Argument]:
    positional = len(arguments.args) - len(arguments.defaults)
    for index, argument in enumerate(arguments.args):
        yield _argument(argument, arguments.defaults[index - positional] if index >= positional else None, is_keyword=False)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _argument(argument, default, is_keyword=True)


def _argument(argument: ast.arg, default: ast.expr | None, *, is_keyword: bool) -> Argument:
    annotation = ast.unparse(argument.annotation) if argument.annotation else "Any"
    return Argument(argument.arg, annotation, ast.unparse(default) if default else None, is_keyword)


def _success(reader: ast.FunctionDef) -> str:
    """The return type of a response reader without None, which stands for an unknown status."""
    types = [ast.unparse(choice) for choice in _choices(reader.returns)]
    return " | ".join(dict.fromkeys(choice for choice in types if choice != "None")) or "None"


def _choices(node: ast.expr | None) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_choices(node.left), *_choices(node.right)]
    return [] if node is None else [node]


def _class_of(node: ast.expr | None) -> str:
    """The one class in a union type."""
    return next((choice.id for choice in _choices(node) if isinstance(choice, ast.Name) and choice.id != "Unset"), "")


def _may_be_absent(node: ast.expr | None) -> bool:
    return any(ast.unparse(choice) in {"Unset", "None"} for choice in _choices(node))
