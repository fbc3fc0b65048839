"""Security: declared everywhere, with schemes and scopes that exist."""

from __future__ import annotations

from collections.abc import Iterator

from contract.lint.lint_context import Contract
from contract.lint.registry import Spot, rule
from contract.openapi.operations import Json, Operation, escape


@rule
def security_is_declared(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """An operation says who may call it.

    `security: []` says everybody. The document's own `security` counts for operations without one.
    """
    if "security" not in operation.node and "security" not in contract.bundle:
        yield Spot(operation.pointer, operation.id)


@rule
def security_scheme_exists(contract: Contract) -> Iterator[Spot]:
    """A security requirement names a declared scheme."""
    for name, _, pointer in _requirements(contract):
        if not contract.scheme(name):
            yield Spot(pointer, name)


@rule
def scope_exists(contract: Contract) -> Iterator[Spot]:
    """A scope is declared by its scheme.

    OAuth 2 schemes declare scopes in their flows; others in `x-scopes`, a map from scope to description.
    """
    for name, scopes, pointer in _requirements(contract):
        scheme = contract.scheme(name)
        declared = _scopes(scheme)
        for index, scope in enumerate(scopes):
            if scheme and scheme["type"] != "openIdConnect" and scope not in declared:
                yield Spot(f"{pointer}/{index}", f"{scope} of {name}")


def _scopes(scheme: Json) -> set[str]:
    flows = scheme.get("flows", {})
    return {scope for flow in flows.values() for scope in flow.get("scopes", {})} | set(scheme.get("x-scopes", {}))


def _requirements(contract: Contract) -> Iterator[tuple[str, list[str], str]]:
    """Scheme, scopes and pointer of every requirement of the document and its operations."""
    owners = [(contract.bundle, ""), *((operation.node, operation.pointer) for operation in contract.operations)]
    for node, pointer in owners:
        for index, alternative in enumerate(node.get("security", ())):
            for name, scopes in alternative.items():
                yield name, scopes, f"{pointer}/security/{index}/{escape(name)}"
