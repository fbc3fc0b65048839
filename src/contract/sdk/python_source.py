"""What openapi-python-client wrote, read back from its source: the exact types of every operation and of the lists in its models."""

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
    """An argument of an operation; positional ones are the path's parameters."""

    name: str
    annotation: str
    default: str | None
    is_keyword: bool

    @property
    def written(self) -> str:
        """As it stands in a signature."""
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default is not None else "")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The generated module of an operation. `answer` is the type of its successes, `imports` what its types need."""

    package: str
    name: str
    arguments: tuple[Argument, ...]
    answer: str
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list in a model: the expression that gives it from `answer`, and the type of its items."""

    expression: str
    item: str


class Source:
    """A generated package."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._models = {name: node.module or "" for node in _imports(folder / "models" / "__init__.py") for name in _names(node)}
        self.endpoints = dict(self._endpoints())

    def listed(self, answer: str, path: tuple[str, ...]) -> Listed | None:
        """The list that a path of property names leads to, None where the types do not lead there."""
        node: ast.expr | None = ast.parse(answer, mode="eval").body
        expression, guards = "answer", []
        for name in path:
            attributes = self._attributes(_class_of(node)) if node else {}
            own = next((one for one in (name, snake(name), f"{snake(name)}_") if one in attributes), None)
            if own is None:
                return None
            guards += [expression] if expression != "answer" and _may_be_absent(node) else []
            expression, node = f"{expression}.{own}", attributes[own]
        items = next((one.slice for one in _choices(node) if isinstance(one, ast.Subscript) and ast.unparse(one.value) == "list"), None)
        if items is None:
            return None
        whole = f"{expression} or []" if _may_be_absent(node) else expression
        return Listed(f"({whole}) if {' and '.join(guards)} else []" if guards else whole, ast.unparse(items))

    def import_of(self, model: str) -> list[str]:
        """The lines that import the models a type names, for a module beside the generated package's parent."""
        names = [word for word in re.findall(r"\w+", model) if word in self._models]
        return [f"from {GENERATED}.models.{self._models[one]} import {one}" for one in names]

    def _attributes(self, model: str) -> dict[str, ast.expr]:
        if model not in self._models:
            return {}
        tree = ast.parse((self._folder / "models" / f"{self._models[model]}.py").read_text("utf-8"))
        classes = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == model)
        return {
            line.target.id: line.annotation
            for one in classes
            for line in one.body
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
        }

    def _endpoints(self) -> Iterator[tuple[tuple[str, str], Endpoint]]:
        for path in sorted((self._folder / "api").glob("*/*.py")):
            functions = {node.name: node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
            if "_get_kwargs" in functions:
                request, reader = functions["_get_kwargs"], functions["_parse_response"]
                arguments = tuple(_arguments(request.args))
                yield route(*_target(request)), Endpoint(path.parent.name, path.stem, arguments, _success(reader), tuple(_lines(path)))


def route(method: str, path: str) -> tuple[str, str]:
    """A key for a method and a path template, whatever its parameters are called."""
    return method.lower(), re.sub(r"{[^{}]*}", "{}", path)


def _imports(path: Path) -> list[ast.ImportFrom]:
    return [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ImportFrom)]


def _names(node: ast.ImportFrom) -> list[str]:
    return [one.name for one in node.names]


def _lines(path: Path) -> Iterator[str]:
    """The imports of an endpoint as they are written one package beside the generated one."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0):
            yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom) and node.level == ROOT_LEVEL and node.module and node.module != "client":
            yield f"from {GENERATED}.{node.module} import {', '.join(_names(node))}"


def _target(request: ast.FunctionDef) -> tuple[str, str]:
    """Method and path of the request that a generated function describes."""
    target = next(node.value for node in ast.walk(request) if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_kwargs")
    assert isinstance(target, ast.Dict)
    found = {ast.literal_eval(key): value for key, value in zip(target.keys, target.values, strict=True) if key is not None}
    return tuple(next(node.value for node in ast.walk(found[key]) if isinstance(node, ast.Constant)) for key in ("method", "url"))  # type: ignore[return-value] # both are strings


def _arguments(written: ast.arguments) -> Iterator[Argument]:
    positional = len(written.args) - len(written.defaults)
    for place, one in enumerate(written.args):
        yield _argument(one, written.defaults[place - positional] if place >= positional else None, is_keyword=False)
    for one, default in zip(written.kwonlyargs, written.kw_defaults, strict=True):
        yield _argument(one, default, is_keyword=True)


def _argument(one: ast.arg, default: ast.expr | None, *, is_keyword: bool) -> Argument:
    annotation = ast.unparse(one.annotation) if one.annotation else "Any"
    return Argument(one.arg, annotation, ast.unparse(default) if default else None, is_keyword)


def _success(reader: ast.FunctionDef) -> str:
    """The type of a reader's answer without the None that stands for an unknown status."""
    found = [ast.unparse(one) for one in _choices(reader.returns)]
    return " | ".join(dict.fromkeys(one for one in found if one != "None")) or "None"


def _choices(node: ast.expr | None) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_choices(node.left), *_choices(node.right)]
    return [] if node is None else [node]


def _class_of(node: ast.expr | None) -> str:
    """The one class among a type's choices."""
    return next((one.id for one in _choices(node) if isinstance(one, ast.Name) and one.id != "Unset"), "")


def _may_be_absent(node: ast.expr | None) -> bool:
    return any(ast.unparse(one) in {"Unset", "None"} for one in _choices(node))
