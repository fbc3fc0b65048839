"""One form for values that may be written in several: deprecated second names, and formats with a canonical form.

A property with `x-alias-of: other` carries the same value as `other`. The schema describes both names exactly. After validation a value is
moved to its real name, and strings of a format that has a conversion are converted, so that models and handlers know one form only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contract.openapi.references import Json, lookup
from contract.openapi.shape import walk

Fold = Callable[[Any], None]
Convert = Callable[[str], str]  # raises ValueError with a sentence
Conversions = Mapping[str, Convert]  # by format
COMBINED = ("allOf", "anyOf", "oneOf")


class UnconvertibleError(Exception):
    """A string that matches its schema and has no canonical form; `path` is its location."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.path: tuple[str | int, ...] = ()


def of(schema: Json) -> dict[str, str]:
    """The aliases of one object schema: alias -> real name."""
    properties: dict[str, Any] = schema.get("properties", {})
    return {name: node["x-alias-of"] for name, node in properties.items() if isinstance(node, dict) and "x-alias-of" in node}


def fold(value: dict[str, Any], aliases: dict[str, str]) -> None:
    """Move every aliased value to its real name, in place."""
    for alias, name in aliases.items():
        if alias in value:
            value[name] = value.pop(alias)


def fold_function(bundle: Json, schema: Any, conversions: Conversions | None = None) -> Fold | None:
    """A function that folds every alias and converts every string at and below a schema, in place; None if there is nothing to do.

    The function raises UnconvertibleError.
    """
    functions = _FoldFunctions(bundle, conversions or {})
    return functions.of(schema) if functions.has_steps(schema, set()) else None


def required_by_either_name(schema: Json) -> Iterator[str]:
    """Real names that are required under either name: by a oneOf or anyOf of `{required: [name]}` and `{required: [alias]}`."""
    aliases = of(schema)
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword, [])
        required = [branch.get("required", [None]) for branch in branches if isinstance(branch, dict) and set(branch) == {"required"}]
        names = {aliases.get(entry[0], entry[0]) for entry in required if len(entry) == 1}
        if len(required) == len(branches) and len(names) == 1:
            yield from (name for name in names if name)


class _FoldFunctions:
    """Fold functions by the identity of their schema, so that a recursive schema has one."""

    def __init__(self, bundle: Json, conversions: Conversions) -> None:
        self._bundle = bundle
        self._conversions = conversions
        self._functions: dict[int, list[Fold]] = {}

    def has_steps(self, schema: Any, visited: set[str]) -> bool:
        """Whether a schema, or a schema that it refers to, has an alias or a converted format anywhere."""
        for node in walk(schema, "schema"):
            if isinstance(node.value, dict) and (of(node.value) or node.value.get("format") in self._conversions):
                return True
            target = node.value.get("$ref") if isinstance(node.value, dict) else None
            if isinstance(target, str) and target not in visited:
                visited.add(target)
                if self.has_steps(lookup(self._bundle, target), visited):
                    return True
        return False

    def of(self, schema: Any) -> Fold:
        """The fold function of a schema. Nested values are folded before the schema's own names."""
        if id(schema) not in self._functions:
            steps: list[Fold] = []
            self._functions[id(schema)] = steps
            steps += self._steps(schema) if isinstance(schema, dict) else ()
        own_steps = self._functions[id(schema)]

        def run(value: Any) -> None:
            for step in own_steps:
                step(value)

        return run

    def _steps(self, schema: Json) -> Iterator[Fold]:
        branches = [branch for keyword in COMBINED for branch in schema.get(keyword, ())]
        for inner in [*([lookup(self._bundle, schema["$ref"])] if "$ref" in schema else []), *branches]:
            if self.has_steps(inner, set()):
                yield self.of(inner)
        for name, inner in schema.get("properties", {}).items():
            if self.has_steps(inner, set()):
                yield _member(name, self.of(inner), self._conversion(inner))
        for keyword, wrap in (("items", _items), ("additionalProperties", _values)):
            if self.has_steps(schema.get(keyword), set()):
                yield wrap(self.of(schema[keyword]), self._conversion(schema[keyword]))
        if own := of(schema):
            yield lambda value: fold(value, own) if isinstance(value, dict) else None

    def _conversion(self, schema: Any) -> Convert | None:
        """The conversion of a string schema, which may be a reference or a branch."""
        if not isinstance(schema, dict):
            return None
        if schema.get("format") in self._conversions:
            return self._conversions[schema["format"]]
        branches = [branch for keyword in COMBINED for branch in schema.get(keyword, ())]
        inner = [*([lookup(self._bundle, schema["$ref"])] if "$ref" in schema else []), *branches]
        return next(filter(None, map(self._conversion, inner)), None)


def _member(name: str, inner: Fold, convert: Convert | None) -> Fold:
    def run(value: Any) -> None:
        if isinstance(value, dict) and name in value:
            _apply(value, name, inner, convert)

    return run


def _items(inner: Fold, convert: Convert | None) -> Fold:
    def run(value: Any) -> None:
        for index in range(len(value)) if isinstance(value, list) else ():
            _apply(value, index, inner, convert)

    return run


def _values(inner: Fold, convert: Convert | None) -> Fold:
    def run(value: Any) -> None:
        for name in list(value) if isinstance(value, dict) else ():
            _apply(value, name, inner, convert)

    return run


def _apply(parent: Any, key: str | int, inner: Fold, convert: Convert | None) -> None:
    """Fold, or convert, the value at a key of an object or list. Raises UnconvertibleError with its location."""
    try:
        if convert is not None and isinstance(parent[key], str):
            parent[key] = convert(parent[key])
        else:
            inner(parent[key])
    except UnconvertibleError as error:
        error.path = (key, *error.path)
        raise
    except ValueError as error:
        located = UnconvertibleError(str(error))
        located.path = (key,)
        raise located from error
