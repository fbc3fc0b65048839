"""Rules for security: it is declared everywhere, with schemes and scopes that exist."""

from __future__ import annotations

from collections.abc import Iterator

from contract.lint.lint_context import LintContext
from contract.lint.registry import RuleViolation, rule
from contract.openapi.operations import Operation
from contract.openapi.references import Json, escape


@rule
def security_is_declared(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """An operation states who may call it.

    `security: []` allows everyone. The document's `security` applies to operations without their own.
    """
    if "security" not in operation.node and "security" not in context.bundle:
        yield RuleViolation(operation.pointer, operation.id)


@rule
def security_scheme_exists(context: LintContext) -> Iterator[RuleViolation]:
    """A security requirement names a declared scheme."""
    for name, _, pointer in _requirements(context):
        if not context.scheme(name):
            yield RuleViolation(pointer, name)


@rule
def scope_exists(context: LintContext) -> Iterator[RuleViolation]:
    """A scope is declared by its scheme.

    OAuth 2 schemes declare scopes in their flows; others in `x-scopes`, a map from scope to description or the name of a schema whose enum
    lists the scopes.
    """
    for name, scopes, pointer in _requirements(context):
        scheme = context.scheme(name)
        declared = _scopes(scheme, context)
        for index, scope in enumerate(scopes):
            if scheme and scheme["type"] != "openIdConnect" and scope not in declared:
                yield RuleViolation(f"{pointer}/{index}", f"{scope} of {name}")


def _scopes(scheme: Json, context: LintContext) -> set[str]:
    flows, own = scheme.get("flows", {}), scheme.get("x-scopes", {})
    listed = context.find(f"/components/schemas/{escape(own)}").get("enum", ()) if isinstance(own, str) else own
    return {scope for flow in flows.values() for scope in flow.get("scopes", {})} | set(listed)


def _requirements(context: LintContext) -> Iterator[tuple[str, list[str], str]]:
    """The scheme, scopes and pointer of every security requirement of the document and its operations."""
    owners = [(context.bundle, ""), *((operation.node, operation.pointer) for operation in context.operations)]
    for node, pointer in owners:
        for index, alternative in enumerate(node.get("security", ())):
            for name, scopes in alternative.items():
                yield name, scopes, f"{pointer}/security/{index}/{escape(name)}"
