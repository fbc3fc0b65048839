"""Which credentials a request carries, and whether its scopes are enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from contract.operations import Json, Operation, resolve
from contract.runtime.problems import Problem

Extract = Callable[[Mapping[str, Any]], str | None]


class Guard:
    """The compiled security of one operation: alternatives of scheme -> scopes, straight from the document."""

    def __init__(self, bundle: Json, operation: Operation) -> None:
        schemes = bundle.get("components", {}).get("securitySchemes", {})
        wanted = {name for alternative in operation.security for name in alternative}
        self.is_open = not wanted
        self._extract = {name: _extractor(resolve(bundle, schemes[name], "")[0]) for name in sorted(wanted) if name in schemes}
        self._alternatives = [
            (frozenset(one), frozenset(scope for scopes in one.values() for scope in scopes)) for one in operation.security
        ]
        self._sentence = _sentence(operation)

    def credentials(self, environ: Mapping[str, Any]) -> dict[str, str]:
        """Every credential that is there, by scheme."""
        found = {name: extract(environ) for name, extract in self._extract.items()}
        return {name: value for name, value in found.items() if value is not None}

    def check(self, presented: Mapping[str, str], scopes: frozenset[str] | None) -> None:
        """Raises Problem 403 unless an alternative's schemes are presented and its scopes granted; None grants all."""
        for schemes, needed in self._alternatives:
            if schemes <= presented.keys() and (scopes is None or needed <= scopes):
                return
        raise Problem(403, "scope_missing", self._sentence)


def _sentence(operation: Operation) -> str:
    groups = [" and ".join(scopes) for alternative in operation.security for scopes in alternative.values() if scopes]
    return f"This key lacks the {' or '.join(dict.fromkeys(groups))} scope"


def _extractor(scheme: Json) -> Extract:
    kind = scheme.get("type")
    if kind == "apiKey":
        name = scheme["name"]
        return {"header": _header, "query": _query, "cookie": _cookie}[scheme["in"]](name)
    if kind == "http" and scheme.get("scheme", "").lower() == "basic":
        return _authorization("basic")
    return _authorization("bearer")  # http bearer, oauth2 and openIdConnect


def _authorization(word: str) -> Extract:
    def extract(environ: Mapping[str, Any]) -> str | None:
        kind, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        return value.strip() if kind.lower() == word and value.strip() else None

    return extract


def _header(name: str) -> Extract:
    key = f"HTTP_{name.upper().replace('-', '_')}"
    return lambda environ: environ.get(key)


def _query(name: str) -> Extract:
    return lambda environ: (parse_qs(environ.get("QUERY_STRING", "")).get(name) or [None])[-1]


def _cookie(name: str) -> Extract:
    def extract(environ: Mapping[str, Any]) -> str | None:
        try:
            morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(name)
        except CookieError:
            return None
        return morsel.value if morsel is not None and morsel.value else None

    return extract
