"""What the document says to people: summaries, descriptions and tags."""

from __future__ import annotations

from collections.abc import Iterator

from contract.lint.changes import Insert, Remove, Replace
from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import Spot, rule
from contract.openapi.operations import Operation, escape


@rule
def operation_has_a_summary(operation: Operation) -> Iterator[Spot]:
    """An operation has a summary without a final full stop."""
    summary = operation.node.get("summary", "").strip()
    if not summary:
        yield Spot(operation.pointer, operation.id)
    elif summary.endswith("."):
        where = f"{operation.pointer}/summary"
        yield Spot(where, summary, (Replace(where, summary.rstrip(".")),))


@rule
def operation_has_a_tag(operation: Operation) -> Iterator[Spot]:
    """An operation has a tag."""
    if not operation.tags:
        yield Spot(operation.pointer, operation.id)


@rule
def tags_are_declared(contract: Contract) -> Iterator[Spot]:
    """The tags of operations are declared, and the declared ones are used."""
    declared = {tag["name"]: f"/tags/{index}" for index, tag in enumerate(contract.bundle.get("tags", []))}
    used: set[str] = set()
    for operation in contract.operations:
        for index, tag in enumerate(operation.tags):
            if tag not in declared:
                # Declared once, however often it is used; the first finding brings the change.
                mend = (Insert("/tags", "", {"name": tag}),) if tag not in used and contract.bundle.get("tags") else ()
                yield Spot(f"{operation.pointer}/tags/{index}", tag, mend)
            used.add(tag)
    for tag in sorted(set(declared) - used):
        yield Spot(declared[tag], f"{tag} is not used", (Remove(declared[tag]),))


@rule
def tag_is_described(contract: Contract) -> Iterator[Spot]:
    """A tag has a description."""
    for index, tag in enumerate(contract.bundle.get("tags", [])):
        if not tag.get("description"):
            yield Spot(f"/tags/{index}", tag["name"])


@rule
def parameter_is_described(contract: Contract) -> Iterator[Spot]:
    """A parameter or header has a description."""
    for node in contract.of("parameter", "header"):
        if not node.value.get("description"):
            yield Spot(node.pointer, node.value.get("name", node.pointer.rsplit("/", 1)[1]))


@rule
def property_is_described(schema: Schema, contract: Contract) -> Iterator[Spot]:
    """A property has a description, its own or that of the schema it refers to.

    A branch that only narrows (`allOf: [Problem, {properties: {code: ...}}]`) and an alias of another property need none.
    """
    if schema.is_refinement:
        return
    for name, written in schema.value.get("properties", {}).items():
        if isinstance(written, dict) and "x-alias-of" not in written and not _is_described(written, contract):
            yield Spot(f"{schema.pointer}/properties/{escape(name)}", name)


def _is_described(schema: dict[str, object], contract: Contract) -> bool:
    return bool(schema.get("description") or contract.resolve(schema).get("description"))


@rule
def security_scheme_is_described(contract: Contract) -> Iterator[Spot]:
    """A security scheme says how to use it."""
    for node in contract.of("security_scheme"):
        if not node.value.get("description"):
            yield Spot(node.pointer, node.pointer.rsplit("/", 1)[1])
