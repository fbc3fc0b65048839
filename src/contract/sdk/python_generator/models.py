"""`models.py` and `dicts.py` of a client: structs and aliases, and the dictionaries that may stand for them in arguments."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from contract.sdk.python_generator.type_text import split_union
from contract.sdk.python_generator.types import DICT, END, MODEL, Field, Model
from contract.sdk.python_layer.values import EXTRA

NAME = re.compile(f"[{MODEL}{DICT}]([^{END}]*){END}")
WIDTH = 110
STRUCTURED = re.compile(r"\s|[-*+|>#`]|\d+[.)]|Args:|Raises:")  # lines outside of paragraphs
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
HIDDEN = re.compile("[\x00-\x08\x0e-\x1b\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")

MODELS_HEAD = '''"""The models of the document. An absent property is `UNSET`, which differs from `None`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, field
from typing_extensions import TypeAliasType, Unpack

if TYPE_CHECKING:
    from .types import FileInput, JsonValue
else:
    FileInput = JsonValue = Any
'''
DICTS_HEAD = '''"""Dictionaries that may stand for the models of requests; their keys are the names of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from typing_extensions import NotRequired, TypedDict, Unpack

from . import models
from .types import FileInput, JsonValue
'''


class Names:
    """The text of types in a module of the client. Only models that have a dictionary form are also accepted as dictionaries."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models

    def read(self, text: str, prefix: str = "models.") -> str:
        """A type of a response."""
        return NAME.sub(lambda match: prefix + match[1], text)

    def write(self, text: str, prefix: str = "dicts.") -> str:
        """A type of an argument."""
        return NAME.sub(lambda match: self._forms(match[1], prefix), text)

    def _forms(self, name: str, prefix: str) -> str:
        model = self._models[name]
        if model.alias is None:
            return f"models.{name} | {prefix}{name}Dict"
        return f"{prefix}{name}Dict" if self.has_dict(name) else f"models.{name}"

    def has_dict(self, name: str) -> bool:
        """Whether arguments of this type have another form than responses."""
        alias = self._models[name].alias
        return alias is None or alias.read != alias.write


def models_module(models: Mapping[str, Model]) -> str:
    """The module of all models: classes first, then aliases in the order of their use."""
    names = Names(models)
    lines = [MODELS_HEAD]
    lines += [line for model in models.values() if model.alias is None for line in ("", *_struct(model, names))]
    recursive = {name for name in models if _leads_to(models, name, name, set())}
    for name in _in_order(models):
        lines += ["", *_alias(models[name], names, is_recursive=name in recursive)]
    return "\n".join(lines) + "\n"


def dicts_module(models: Mapping[str, Model], roots: Iterable[str]) -> str:
    """The module of the dictionaries that the types of arguments (`roots`) need."""
    names = Names(models)
    lines = [DICTS_HEAD]
    for name in sorted(_reachable(models, roots)):
        model = models[name]
        if model.alias is not None and names.has_dict(name):
            lines += [f"{name}Dict: TypeAlias = {names.write(model.alias.write, '')!r}", ""]
        elif model.alias is None:
            lines += [*_dict(model, names), ""]
    return "\n".join(lines) + "\n"


def _struct(model: Model, names: Names) -> Iterator[str]:
    yield ""
    yield f"class {model.name}(Struct, kw_only=True):"
    yield from docstring(model.description or f"The model {model.name}.", 4)
    yield ""
    for field in model.fields:
        yield f"    {field.attribute}: {_field_type(field, names)}{_default(field)}"
        yield from docstring(field.description, 4) if field.description else ()
    unusual = {field.attribute: field.name for field in model.fields if not _can_be_renamed(field.name)}
    if unusual:
        yield f"    __names__: ClassVar[dict[str, str]] = {unusual!r}"
    if model.tags:
        yield f"    __tags__: ClassVar[dict[str, list[str]]] = {model.tags!r}"
    if model.extra is not None:
        extra = names.read(model.extra.read, "")
        yield f"    {EXTRA}: dict[str, {extra}] = field(default_factory=dict)"
        yield from docstring("The properties without a field.", 4)
        yield "    __open__: ClassVar[bool] = True"


def _field_type(field: Field, names: Names) -> str:
    text = names.read(field.type.read, "")
    return text if field.required or _constant(field) else f"{text} | UnsetType"


def _constant(field: Field) -> str:
    """The value of a property that selects the variant of a union."""
    only = re.fullmatch(r"""Literal\[("[^"]*"|'[^']*')\]""", field.type.read) if field.is_tag else None
    return only[1] if only else ""


def _default(field: Field) -> str:
    constant = _constant(field)
    if constant and field.name == field.attribute:
        return f" = {constant}"
    is_renamed = field.name != field.attribute and _can_be_renamed(field.name)
    default = [f"default={constant or 'UNSET'}"] if constant or not field.required else []
    arguments = [*([f"name={field.name!r}"] if is_renamed else []), *default]
    return "" if not arguments else " = UNSET" if arguments == ["default=UNSET"] else f" = field({', '.join(arguments)})"


def _can_be_renamed(name: str) -> bool:
    """Whether msgspec accepts a name for a field beside that of the additional properties. The client's own decoder reads the others."""
    return name != EXTRA and not re.search(r'[\\"\x00-\x1f]', name)


def _alias(model: Model, names: Names, *, is_recursive: bool) -> Iterator[str]:
    assert model.alias is not None
    text = names.read(model.alias.read, "")
    yield f"{model.name} = TypeAliasType({model.name!r}, {text!r})" if is_recursive else f"{model.name}: TypeAlias = {text}"
    yield from docstring(model.description, 0) if model.description else ()


def _dict(model: Model, names: Names) -> Iterator[str]:
    if model.extra is not None:
        yield f"{model.name}Dict: TypeAlias = Mapping[str, object]"
        return
    entries = {field.name: _entry(field, names) for field in model.fields}
    used = {word for text in entries.values() for word in IDENTIFIER.findall(text)}
    if all(_is_plain(name) and name not in used for name in entries):
        yield f"class {model.name}Dict(TypedDict):"
        yield from docstring(f"A dictionary for `models.{model.name}`.", 4)
        yield from (f"    {name}: {text}" for name, text in entries.items())
    else:
        members = ", ".join(f"{name!r}: {text!r}" for name, text in entries.items())
        yield f"{model.name}Dict = TypedDict({f'{model.name}Dict'!r}, {{{members}}})"


def _is_plain(name: str) -> bool:
    return IDENTIFIER.fullmatch(name) is not None and not keyword.iskeyword(name) and not name.startswith("__")


def _entry(field: Field, names: Names) -> str:
    text = names.write(field.type.write, "")
    return text if field.required or field.is_tag else f"NotRequired[{text}]"


def model_names(text: str) -> list[str]:
    """The models that a type names."""
    return NAME.findall(text)


def _reachable(models: Mapping[str, Model], roots: Iterable[str]) -> set[str]:
    reachable: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in reachable:
            reachable.add(name)
            model = models[name]
            texts = [field.type.write for field in model.fields] + ([model.alias.write] if model.alias else [])
            waiting += [target for text in texts for target in model_names(text)]
    return reachable


def _alias_targets(models: Mapping[str, Model], name: str) -> list[str]:
    alias = models[name].alias
    return [target for target in model_names(alias.read) if models[target].alias is not None] if alias else []


def _leads_to(models: Mapping[str, Model], start: str, name: str, visited: set[str]) -> bool:
    """Whether an alias refers to itself without a class between."""
    for target in _alias_targets(models, name):
        if target == start:
            return True
        if target not in visited:
            visited.add(target)
            if _leads_to(models, start, target, visited):
                return True
    return False


def _in_order(models: Mapping[str, Model]) -> list[str]:
    """The aliases, each after those that it names."""
    ordered: dict[str, None] = {}

    def visit(name: str, path: frozenset[str]) -> None:
        for target in _alias_targets(models, name):
            if target not in path and target not in ordered:
                visit(target, path | {target})
        ordered[name] = None

    for name, model in models.items():
        if model.alias is not None and name not in ordered:
            visit(name, frozenset({name}))
    return list(ordered)


def docstring(text: str, indent: int) -> Iterator[str]:
    """The lines of a docstring with any text. Characters that an editor would hide or reorder are escaped."""
    safe = HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text.replace("\\", "\\\\")).replace('"""', '\\"\\"\\"')
    lines = [part for line in _paragraphs(safe) for part in (_wrap(line, indent) if line.strip() else [""])]
    while lines and not lines[-1]:
        lines.pop()
    lines = lines or [""]
    margin = " " * indent
    if lines[-1].endswith('"') and not lines[-1].endswith('\\"\\"\\"'):
        lines[-1] = lines[-1][:-1] + '\\"'
    if len(lines) == 1 and len(lines[0]) < WIDTH:
        yield f'{margin}"""{lines[0]}"""'
    else:
        yield f'{margin}"""{lines[0]}'
        yield from (f"{margin}{line}" if line else "" for line in lines[1:])
        yield f'{margin}"""'


def _paragraphs(text: str) -> Iterator[str]:
    """The lines of a text, with those of a paragraph joined. Lists, tables, code and indented lines stay as they are."""
    paragraph: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip() and not STRUCTURED.match(line):
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield " ".join(paragraph)
            paragraph = []
        yield line
    yield from paragraph


def _wrap(line: str, indent: int) -> list[str]:
    lead = len(line) - len(line.lstrip())
    return textwrap.wrap(
        line, WIDTH - indent, subsequent_indent=" " * lead, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    ) or [""]


def is_optional(text: str) -> bool:
    """Whether a type allows None."""
    return "None" in split_union(text)
