"""Names: from the document's words to Python's, the same for the generator and the runtime."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
SNAKE = re.compile(r"[a-z_][a-z0-9_]*")
CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*")
SOFT_KEYWORDS = {"match", "case", "type"}
TAKEN_BY_HANDLERS = ("ctx", "self", "body", "parameters")  # arguments that every handler may have
TAKEN_BY_MODELS = {"Any", "Literal", "TypeAlias", "Union", "Optional", "Struct", "UnsetType", "UNSET", "List", "Dict", "Enum", "Model"}


def snake(text: str) -> str:
    """`X-Source-App`, `sourceApp` and `source app` all become `source_app`-like Python identifiers; one that is one already stays."""
    name = text if SNAKE.fullmatch(text) else "_".join(word.lower() for word in WORDS.findall(text)) or "value"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in SOFT_KEYWORDS else name


def camel(text: str) -> str:
    """`list_templates` becomes `ListTemplates`; a name that is CamelCase already stays."""
    name = text if CAMEL.fullmatch(text) else "".join(word[:1].upper() + word[1:] for word in WORDS.findall(text)) or "Value"
    if name[0].isdigit():
        name = f"N{name}"
    return f"{name}Model" if keyword.iskeyword(name) or name in TAKEN_BY_MODELS else name


def parameter_keys(parameters: list[tuple[str, str]]) -> list[str]:
    """A Python name for each (name, location); the location is put before names that two of them share."""
    plain = [snake(name) for name, _ in parameters]
    keys = [key if plain.count(key) == 1 else f"{location}_{key}" for key, (_, location) in zip(plain, parameters, strict=True)]
    return unique(keys)


def path_keys(parameters: list[str]) -> list[str]:
    """A Python argument for each path parameter, in the template's order."""
    return unique((snake(name) for name in parameters), TAKEN_BY_HANDLERS)


def unique(wanted: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The names, with a number after each that is taken already, by one of `taken` or by one before it."""
    found: dict[str, None] = dict.fromkeys(taken)
    first = len(found)
    for name in wanted:
        candidate, count = name, 1
        while candidate in found:
            count += 1
            candidate = f"{name}_{count}"
        found[candidate] = None
    return list(found)[first:]
