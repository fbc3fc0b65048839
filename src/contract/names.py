"""Python names for names in a document, the same for the generator and the runtime."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

WORDS = re.compile(r"OAuth\d*|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+\d*|[A-Z]+\d*|\d+")
SNAKE = re.compile(r"[a-z_][a-z0-9_]*")
CAMEL = re.compile(r"[A-Z][A-Za-z0-9]*")
SOFT_KEYWORDS = {"match", "case", "type"}
RESERVED_ARGUMENTS = ("ctx", "self", "body", "parameters")  # that a handler may have besides
RESERVED_CLASSES = {"Any", "Literal", "TypeAlias", "Union", "Optional", "Struct", "UnsetType", "UNSET", "List", "Dict", "Enum", "Model"}


def snake(text: str) -> str:
    """A Python identifier: `X-Source-App`, `sourceApp` and `source app` give `x_source_app` and twice `source_app`; an identifier stays."""
    name = text if SNAKE.fullmatch(text) else "_".join(word.lower() for word in WORDS.findall(text)) or "value"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in SOFT_KEYWORDS else name


def camel(text: str) -> str:
    """A class name: `list_templates` gives `ListTemplates`; a CamelCase name stays."""
    name = joined(text)
    return f"{name}Model" if keyword.iskeyword(name) or name in RESERVED_CLASSES else name


def joined(text: str) -> str:
    """The words of a name in CamelCase. A class may need another name (`camel`)."""
    name = text if CAMEL.fullmatch(text) else "".join(word[:1].upper() + word[1:] for word in WORDS.findall(text)) or "Value"
    return f"N{name}" if name[0].isdigit() else name


def recognisable_first(schema_names: Iterable[str]) -> list[str]:
    """The names in the order in which they get their classes: those that are class names already come first, and so keep them."""
    return sorted(schema_names, key=lambda name: camel(name) != name)


def parameter_keys(parameters: list[tuple[str, str]]) -> list[str]:
    """A Python name for each (name, location). Where two share a name, the location is put before it."""
    plain = [snake(name) for name, _ in parameters]
    keys = [key if plain.count(key) == 1 else f"{location}_{key}" for key, (_, location) in zip(plain, parameters, strict=True)]
    return unique(keys)


def path_keys(parameters: list[str]) -> list[str]:
    """A Python argument for each path parameter, in the template's order."""
    return unique((snake(name) for name in parameters), RESERVED_ARGUMENTS)


def unique(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """The names; one that is taken, by `taken` or by an earlier name, gets a number."""
    used: dict[str, None] = dict.fromkeys(taken)
    reserved_count = len(used)
    for name in names:
        candidate, count = name, 1
        while candidate in used:
            count += 1
            candidate = f"{name}_{count}"
        used[candidate] = None
    return list(used)[reserved_count:]
