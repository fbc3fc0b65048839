"""Unions that contain themselves, as `S: {anyOf: [{$ref: S}, {type: string}]}` does.

Such a member adds no value, and no type can name it.
"""

from __future__ import annotations

from collections.abc import Mapping

from contract.sdk.python_generator.type_text import ANY_TYPE, Type, split_union
from contract.sdk.python_generator.types import DICT, END, MODEL, Model


def untie(models: Mapping[str, Model]) -> None:
    """Replace each alias that is a member of itself, also through others, by the other members. Without any, it is any JSON value."""
    aliases = {name: model.alias for name, model in models.items() if model.alias is not None}
    reads = _untied({name: split_union(alias.read) for name, alias in aliases.items()}, MODEL)
    writes = _untied({name: split_union(alias.write) for name, alias in aliases.items()}, DICT)
    for name, read in reads.items():
        models[name].alias = Type(" | ".join(read) or ANY_TYPE.read, " | ".join(writes[name]) or ANY_TYPE.write)


def _untied(members: Mapping[str, list[str]], mark: str) -> dict[str, list[str]]:
    """The members of the aliases in circles, without those circles."""
    texts = {f"{mark}{name}{END}": name for name in members}
    targets = {name: [texts[part] for part in parts if part in texts] for name, parts in members.items()}
    reached = {name: _reached(targets, name) for name in members}
    circles = {name: [name, *(other for other in names if other != name and name in reached[other])] for name, names in reached.items()}
    return {
        name: sorted(
            dict.fromkeys(part for each in circle for part in members[each] if texts.get(part) not in circle),
            key=lambda part: part == "None",
        )
        for name, circle in circles.items()
        if name in reached[name]
    }


def _reached(targets: Mapping[str, list[str]], start: str) -> dict[str, None]:
    """The aliases that an alias has as members, also through others, in their order."""
    reached: dict[str, None] = {}
    waiting = list(targets[start])
    while waiting:
        name = waiting.pop(0)
        if name not in reached:
            reached[name] = None
            waiting += targets[name]
    return reached
