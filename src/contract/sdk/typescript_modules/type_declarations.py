"""The named types of a client: one for each schema, or two if `readOnly` and `writeOnly` make requests and responses differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from contract.generate.discriminators import DiscriminatedUnions
from contract.generate.read_write import SchemaSides
from contract.names import camel
from contract.openapi.operations import operations
from contract.openapi.references import Json, escape, lookup, unescape
from contract.runtime.media import essence, is_form
from contract.runtime.visibility import Side
from contract.sdk.typescript_modules.literals import comment
from contract.sdk.typescript_modules.type_expressions import (
    DEFERRED,
    DIRECT,
    SCHEMAS,
    UNKNOWN,
    TypeExpressions,
    View,
    is_block,
    members_of,
    union,
)

REFERENCE = re.compile(f"([{DEFERRED}{DIRECT}])([A-Za-z0-9_]+)")
OPERATION_POINTER = re.compile(r"/paths/([^/]+)/([a-z]+)/")
# Names of the language's library that the generated modules use.
GLOBALS = ("Promise", "Blob", "Uint8Array", "ReadableStream", "AsyncGenerator", "Client", "Connection")


@dataclass(slots=True)
class Declaration:
    """An exported type. `schema` may have a description."""

    name: str
    schema: Any
    text: str


class TypeDeclarations:
    """Every named type of a document; `taken` are names of other exports."""

    def __init__(self, bundle: Json, taken: Iterable[str], *, bigint: bool) -> None:
        self._bundle = bundle
        self._sides = SchemaSides(bundle)
        self._families = DiscriminatedUnions(bundle)
        self._expressions = TypeExpressions(bundle, self._name_of, self._hoist, bigint=bigint)
        self._taken = {*taken, *GLOBALS}
        self._names: dict[tuple[str, str], str] = {}
        self._waiting: list[tuple[str, str, View]] = []
        self._declared: dict[str, Declaration] = {}
        self._forms = set(_form_components(bundle))
        self._nested: list[tuple[str, Any, View]] = []
        for name in bundle.get("components", {}).get("schemas", {}):
            for side in self._sides.of(f"{SCHEMAS}{escape(name)}"):
                self._name_of(f"{SCHEMAS}{escape(name)}", View(side))

    def expression(self, schema: Any, side: Side, preferred_name: str, *, form: bool = False) -> str:
        """The type of a schema; an inline object gets a declaration with the preferred name."""
        text = self._expressions.of(schema, View(side, is_form=form))
        if "{" not in text or (isinstance(schema, dict) and set(schema) == {"$ref"}):
            return self._qualified(text)
        name = self._unique(camel(preferred_name))
        self._declared[name] = Declaration(name, schema, text)
        return f"t.{name}"

    def plain(self, schema: Any, side: Side) -> str:
        """The type of a schema, without a declaration."""
        return self._qualified(self._expressions.of(schema, View(side, is_direct=False)))

    def reserved(self) -> list[str]:
        """All names so far, exported or not to be used."""
        return list(self._taken)

    def reserve(self, names: Iterable[str]) -> None:
        """Keep these names for other modules."""
        self._taken.update(names)

    def module(self) -> str:
        """The text of the module with all declarations."""
        self._declare_waiting()
        cycles = _cycles({name: _direct(item.text) for name, item in self._declared.items()})
        lines = ['import type * as $ from "./runtime.js";', ""] if any("$." in item.text for item in self._declared.values()) else []
        for declaration in sorted(self._declared.values(), key=lambda item: item.name):
            text, circular = self._untied(declaration, cycles)
            lines += [*_lines(declaration, text, circular), ""]
        return "\n".join(lines or ["export {};"]) + "\n"

    def _untied(self, declaration: Declaration, cycles: dict[str, set[str]]) -> tuple[str, set[str]]:
        """The type of a union that contains itself, also through other unions: that of its other members. And the types in its circle."""
        if not cycles[declaration.name]:
            return declaration.text, set()
        others: list[str] = []
        circle = [declaration.name]
        for name in circle:  # grows
            for member in members_of(self._declared[name].text):
                target = member.removeprefix(DIRECT)
                if member == target or target not in cycles[name]:
                    others.append(member)
                elif target not in circle:
                    circle.append(target)
        return union(others) or UNKNOWN, {target for name in circle for target in (name, *cycles[name])}

    def _declare_waiting(self) -> None:
        while self._waiting or self._nested:
            self._declare_nested()
            if not self._waiting:
                continue
            pointer, name, view = self._waiting.pop(0)
            schema = lookup(self._bundle, pointer)
            children = self._families.children(pointer)
            text = self._expressions.of(schema, View(view.side, view.is_form, owner=pointer))
            if children and not view.owner:
                text = self._family(pointer, text, view, name)
            self._declared[name] = Declaration(name, schema, text)

    def _declare_nested(self) -> None:
        while self._nested:
            name, schema, view = self._nested.pop()
            self._declared[name] = Declaration(name, schema, self._expressions.of(schema, view))

    def _hoist(self, schema: Any, view: View) -> str:
        """A declaration for a schema inside many others, which neither this module nor the compiler would follow further."""
        name = self._unique("Nested")
        self._nested.append((name, schema, view))
        return name

    def _family(self, pointer: str, text: str, view: View, name: str) -> str:
        """A component that others extend: the union of those, and of itself unless a discriminator excludes it."""
        base = self._base_of(pointer, view)
        self._declared[base] = Declaration(base, {"description": f"The properties that every {name} has."}, text)
        members = [self._tagged_child(pointer, child, view) for child in self._families.children(pointer)]
        schema = lookup(self._bundle, pointer)
        mapping = schema["discriminator"].get("mapping") or {}
        has_itself = not mapping or any(_is_target(target, pointer) for target in mapping.values())
        return union([*members, *([DIRECT + base] if has_itself else [])])

    def _tagged_child(self, pointer: str, child: str, view: View) -> str:
        schema = lookup(self._bundle, pointer)
        tagged = {"oneOf": [{"$ref": f"#{child}"}], "discriminator": schema["discriminator"]}
        return self._expressions.of(tagged, View(view.side))

    def _base_of(self, pointer: str, view: View) -> str:
        return self._name(pointer, View(view.side, owner=pointer), f"{camel(unescape(pointer.rpartition('/')[2]))}Base", is_base=True)

    def _name_of(self, pointer: str, view: View) -> str:
        children = self._families.children(pointer)
        if view.owner and view.owner in children:
            return self._base_of(pointer, view)
        if pointer in self._forms:
            view = View(view.side, is_form=True)
        base = camel(unescape(pointer.rpartition("/")[2]))
        operation = OPERATION_POINTER.match(pointer)
        if operation:
            base = f"{camel(f'{operation[2]}_{unescape(operation[1])}')}{base}"
        return self._name(pointer, View(view.side, view.is_form), base)

    def _name(self, pointer: str, view: View, base: str, *, is_base: bool = False) -> str:
        side = view.side if self._sides.differ(pointer) else "response"
        slot = (pointer, f"{side} base" if is_base else side)
        if slot not in self._names:
            needs_another = side == "request" and "response" in self._sides.of(pointer)
            self._names[slot] = self._unique(f"{base}Input" if needs_another else base)
            if not is_base:
                self._waiting.append((pointer, self._names[slot], View(view.side, view.is_form)))
        return self._names[slot]

    def _unique(self, name: str) -> str:
        candidate, count = name, 1
        while candidate in self._taken:
            count += 1
            candidate = f"{name}{count}"
        self._taken.add(candidate)
        return candidate

    def _qualified(self, text: str) -> str:
        return REFERENCE.sub(r"t.\2", text)


def _form_components(bundle: Json) -> Iterator[str]:
    """The components that are only bodies of forms, whose binary properties are files."""
    forms: dict[str, None] = {}
    others: set[str] = set()
    for operation in operations(bundle):
        sent = operation.body.media if operation.body else {}
        forms |= {_reference(schema): None for media_type, schema in sent.items() if is_form(essence(media_type))}
        others |= {_reference(schema) for media_type, schema in sent.items() if not is_form(essence(media_type))}
        others |= {_reference(schema) for response in operation.responses.values() for schema in response.media.values()}
    yield from (reference for reference in forms if reference and reference not in others)


def _reference(schema: Any) -> str:
    return str(schema.get("$ref", "")).removeprefix("#") if isinstance(schema, dict) else ""


def _is_target(target: Any, pointer: str) -> bool:
    return isinstance(target, str) and pointer in {target.removeprefix("#"), SCHEMAS + escape(target)}


def _direct(text: str) -> set[str]:
    return {match[2] for match in REFERENCE.finditer(text) if match[1] == DIRECT}


def _cycles(direct: dict[str, set[str]]) -> dict[str, set[str]]:
    """For each type, the direct references that lead back to it."""
    reachable: dict[str, set[str]] = {}
    for name, targets in direct.items():
        seen: set[str] = set()
        waiting = list(targets)
        while waiting:
            target = waiting.pop()
            if target not in seen:
                seen.add(target)
                waiting += direct.get(target, ())
        reachable[name] = seen
    return {name: {target for target in direct[name] if name in reachable.get(target, ()) or target == name} for name in direct}


def _lines(declaration: Declaration, text: str, circular: set[str]) -> list[str]:
    # A type that is only a part of itself says nothing.
    text = REFERENCE.sub(lambda match: UNKNOWN if match[1] == DIRECT and match[2] in circular else match[2], text)
    schema = declaration.schema if isinstance(declaration.schema, dict) else {}
    described = str(schema.get("description") or schema.get("title") or "")
    head = comment(described, tags=["@deprecated"] if schema.get("deprecated") is True else [])
    if is_block(text):
        return [*head, *f"export interface {declaration.name} {text}".split("\n")]
    return [*head, *f"export type {declaration.name} = {text};".split("\n")]
