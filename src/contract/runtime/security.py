"""Which credentials a request carries, and whether its scopes are enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from contract.openapi.operations import Json, Operation, resolve
from contract.runtime import cookies
from contract.runtime.problems import Problem

Extract = Callable[[Mapping[str, Any]], str | None]


class Guard:
    """The compiled security of one operation: alternatives of scheme -> scopes, straight from the document."""

    def __init__(self, bundle: Json, operation: Operation) -> None:
        written = bundle.get("components", {}).get("securitySchemes", {})
        wanted = sorted({name for alternative in operation.security for name in alternative})
        schemes = {name: resolve(bundle, written[name], "")[0] for name in wanted if name in written}
        self.is_open = not wanted
        self.is_optional = {} in operation.security
        self._extract = {name: _extractor(scheme) for name, scheme in schemes.items()}
        self._alternatives = [
            (frozenset(one), frozenset(scope for scopes in one.values() for scope in scopes)) for one in operation.security
        ]
        self._lacking = _lacking(operation)
        self._incomplete = f"Authentication is required: {' or '.join(' and '.join(one) for one in operation.security if one)}"
        self._challenge = ", ".join(dict.fromkeys(filter(None, map(_challenge, schemes.values()))))

    def credentials(self, environ: Mapping[str, Any]) -> dict[str, str]:
        """Every credential that is there, by scheme."""
        found = {name: extract(environ) for name, extract in self._extract.items()}
        return {name: value for name, value in found.items() if value is not None}

    def check(self, presented: Mapping[str, str], scopes: frozenset[str] | None) -> None:
        """Raises Problem 401 unless an alternative's schemes are all presented, and 403 unless its scopes are granted; None grants all."""
        complete = [needed for schemes, needed in self._alternatives if schemes <= presented.keys()]
        if not complete:
            headers = {"WWW-Authenticate": self._challenge} if self._challenge else {}
            raise Problem(401, "unauthenticated", self._incomplete, headers=headers)
        if scopes is not None and not any(needed <= scopes for needed in complete):
            raise Problem(403, "scope_missing", self._lacking)


def _lacking(operation: Operation) -> str:
    groups = [" and ".join(scopes) for alternative in operation.security for scopes in alternative.values() if scopes]
    return f"This key lacks the {' or '.join(dict.fromkeys(groups))} scope"


def _challenge(scheme: Json) -> str:
    """The word of `WWW-Authenticate` for a scheme (RFC 9110, section 11.6.1), empty for one that has none."""
    word = _word(scheme)
    return f'{word} realm="api"' if word == "Basic" else word


def _word(scheme: Json) -> str:
    match scheme.get("type"):
        case "http":
            return str(scheme.get("scheme", "")).title()
        case "oauth2" | "openIdConnect":
            return "Bearer"
        case _:
            return ""


def _extractor(scheme: Json) -> Extract:
    match scheme.get("type"):
        case "apiKey":
            return {"header": _header, "query": _query, "cookie": _cookie}[scheme["in"]](scheme["name"])
        case "mutualTLS":
            return lambda environ: environ.get("SSL_CLIENT_CERT")
        case _:
            return _authorization(_word(scheme).lower())


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
    return lambda environ: cookies.parse(environ.get("HTTP_COOKIE", "")).get(name) or None
