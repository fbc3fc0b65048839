"""Names: from the document's words to Python's, the same for the generator and the runtime."""

from __future__ import annotations

import keyword
import re

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def snake(text: str) -> str:
    """`X-Source-App`, `sourceApp` and `source app` all become `source_app`-like Python identifiers (`x_source_app`, `source_app`)."""
    name = "_".join(word.lower() for word in WORDS.findall(text)) or "value"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in {"match", "case", "type"} else name


def camel(text: str) -> str:
    """`list_templates` becomes `ListTemplates`; a name that is CamelCase already stays."""
    if re.fullmatch(r"[A-Z][A-Za-z0-9]*", text) and not keyword.iskeyword(text):
        return text
    name = "".join(word[:1].upper() + word[1:] for word in WORDS.findall(text)) or "Value"
    return f"N{name}" if name[0].isdigit() else name


def parameter_keys(parameters: list[tuple[str, str]]) -> list[str]:
    """A Python name for each (name, location); the location is put before names that two locations share."""
    plain = [snake(name) for name, _ in parameters]
    return [key if plain.count(key) == 1 else f"{location}_{key}" for key, (_, location) in zip(plain, parameters, strict=True)]
