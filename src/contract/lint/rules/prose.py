"""Rules for text: summaries, descriptions and tags."""

from __future__ import annotations

from collections.abc import Iterator

from contract.lint.changes import Insert, Remove, Replace
from contract.lint.lint_context import LintContext, Schema
from contract.lint.registry import RuleViolation, rule
from contract.openapi.operations import Operation
from contract.openapi.references import escape


@rule
def operation_has_a_summary(operation: Operation) -> Iterator[RuleViolation]:
    """An operation has a summary without a final full stop."""
    summary = operation.node.get("summary", "").strip()
    if not summary:
        yield RuleViolation(operation.pointer, operation.id)
    elif summary.endswith("."):
        pointer = f"{operation.pointer}/summary"
        yield RuleViolation(pointer, summary, (Replace(pointer, summary.rstrip(".")),))


@rule
def operation_has_a_tag(operation: Operation) -> Iterator[RuleViolation]:
    """An operation has a tag."""
    if not operation.tags:
        yield RuleViolation(operation.pointer, operation.id)


@rule
def tags_are_declared(context: LintContext) -> Iterator[RuleViolation]:
    """The tags of operations are declared, and the declared ones are used."""
    declared = {tag["name"]: f"/tags/{index}" for index, tag in enumerate(context.bundle.get("tags", []))}
    used: set[str] = set()
    for operation in context.operations:
        for index, tag in enumerate(operation.tags):
            if tag not in declared:
                # A tag that is used several times is declared once: the first finding has the change.
                changes = (Insert("/tags", "", {"name": tag}),) if tag not in used and context.bundle.get("tags") else ()
                yield RuleViolation(f"{operation.pointer}/tags/{index}", tag, changes)
            used.add(tag)
    for tag in sorted(set(declared) - used):
        yield RuleViolation(declared[tag], f"{tag} is not used", (Remove(declared[tag]),))


@rule
def tag_is_described(context: LintContext) -> Iterator[RuleViolation]:
    """A tag has a description."""
    for index, tag in enumerate(context.bundle.get("tags", [])):
        if not tag.get("description"):
            yield RuleViolation(f"/tags/{index}", tag["name"])


@rule
def parameter_is_described(context: LintContext) -> Iterator[RuleViolation]:
    """A parameter or header has a description."""
    for node in context.nodes_of("parameter", "header"):
        if not node.value.get("description"):
            yield RuleViolation(node.pointer, node.value.get("name", node.pointer.rsplit("/", 1)[1]))


@rule
def property_is_described(schema: Schema, context: LintContext) -> Iterator[RuleViolation]:
    """A property has a description: its own or that of the schema it refers to.

    Not needed by an alias of another property, nor by a branch that only narrows (`allOf: [Problem, {properties: {code: ...}}]`).
    """
    if schema.is_refinement:
        return
    for name, property_schema in schema.value.get("properties", {}).items():
        if isinstance(property_schema, dict) and "x-alias-of" not in property_schema and not _is_described(property_schema, context):
            yield RuleViolation(f"{schema.pointer}/properties/{escape(name)}", name)


def _is_described(schema: dict[str, object], context: LintContext) -> bool:
    return bool(schema.get("description") or context.resolve(schema).get("description"))


@rule
def security_scheme_is_described(context: LintContext) -> Iterator[RuleViolation]:
    """A security scheme has a description of its use."""
    for node in context.nodes_of("security_scheme"):
        if not node.value.get("description"):
            yield RuleViolation(node.pointer, node.pointer.rsplit("/", 1)[1])
