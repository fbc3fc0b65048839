"""The security requirements of the document and its operations, and the security schemes."""

from __future__ import annotations

from contract.diff.findings import Change, Collector
from contract.diff.nodes import DiffNode, Pair

URLS = {"authorizationUrl": "url", "tokenUrl": "token-url"}
SCHEME_KEYWORDS = ("scheme", "in", "name", "openIdConnectUrl")
FLOWS = ("implicit", "password", "clientCredentials", "authorizationCode")
Alternatives = dict[str, dict[str, set[str]]]


def compare_documents(collector: Collector, document: Pair) -> None:
    """Report changes of the requirements that apply to operations without their own."""
    _compare(collector, document, "api-global-security")


def compare_operations(collector: Collector, operation: Pair) -> None:
    """Report changes of an operation's requirements."""
    _compare(collector, operation, "api-security")


def _compare(collector: Collector, pair: Pair, prefix: str) -> None:
    before, after = _alternatives(pair.base), _alternatives(pair.revision)
    for name in before.keys() - after.keys():
        collector.add_at(Change(f"{prefix}-removed", f"security {name!r}", "was removed"), pair, "security")
    for name in after.keys() - before.keys():
        collector.add_at(Change(f"{prefix}-added", f"security {name!r}", "was added"), pair, "security")
    for name in before.keys() & after.keys():
        for scheme, scopes in before[name].items():
            _scopes(collector, pair, f"{prefix}-scope", (scheme, scopes, after[name].get(scheme, set())))


def _scopes(collector: Collector, pair: Pair, prefix: str, scopes: tuple[str, set[str], set[str]]) -> None:
    scheme, before, after = scopes
    for scope in sorted(before - after):
        collector.add_at(Change(f"{prefix}-removed", f"scope {scope!r} of {scheme!r}", "was removed"), pair, "security")
    for scope in sorted(after - before):
        collector.add_at(Change(f"{prefix}-added", f"scope {scope!r} of {scheme!r}", "was added"), pair, "security")


def _alternatives(node: DiffNode) -> Alternatives:
    """Each alternative by the names of its schemes; `none` for the one without schemes."""
    return {
        " and ".join(sorted(alternative.value)) or "none": {name: set(alternative.strings(name)) for name in alternative.value}
        for alternative in node.list_items("security")
    }


def compare_schemes(collector: Collector, components: Pair) -> None:
    """Report changes of the security schemes."""
    schemes = components.children("securitySchemes")
    for name, node in schemes.removed.items():
        change = Change("api-security-component-removed", f"security scheme {name!r}", "was removed")
        collector.add_removed(change, node, components.revision)
    for name, node in schemes.added.items():
        collector.add_added(Change("api-security-component-added", f"security scheme {name!r}", "was added"), node, components.base)
    for name, pair in schemes.common.items():
        _scheme(collector, name, pair)


def _scheme(collector: Collector, name: str, pair: Pair) -> None:
    subject = f"security scheme {name!r}"
    if pair.base.get("type") != pair.revision.get("type"):
        collector.add_at(Change("api-security-component-type-changed", subject, "changed its type", *pair.values("type")), pair, "type")
    for keyword in [keyword for keyword in SCHEME_KEYWORDS if pair.base.get(keyword) != pair.revision.get(keyword)]:
        collector.add_at(Change("api-security-component-changed", subject, f"changed its {keyword}", *pair.values(keyword)), pair, keyword)
    if flows := pair.child("flows"):
        for flow in FLOWS:
            if both := flows.child(flow):
                _flow(collector, f"{flow} flow of {subject}", both)


def _flow(collector: Collector, subject: str, pair: Pair) -> None:
    for keyword, word in URLS.items():
        before, after = pair.values(keyword)
        if before != after:
            change = Change(f"api-security-component-oauth-{word}-changed", subject, f"changed its {keyword}", before, after)
            collector.add_at(change, pair, keyword)
    before, after = (value if isinstance(value, dict) else {} for value in pair.values("scopes"))
    for scope in sorted(before.keys() ^ after.keys()):
        word = "added" if scope in after else "removed"
        change = Change(f"api-security-component-oauth-scope-{word}", f"scope {scope!r} of {subject}", f"was {word}")
        collector.add_at(change, pair, "scopes")
    for scope in [scope for scope in before if scope in after and before[scope] != after[scope]]:
        change = Change(
            "api-security-component-oauth-scope-changed", f"scope {scope!r} of {subject}", "changed", before[scope], after[scope]
        )
        collector.add_at(change, pair, "scopes")
