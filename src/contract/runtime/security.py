"""The credentials of a request, and whether its scopes suffice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from contract.openapi.operations import Operation
from contract.openapi.references import Json, resolve
from contract.runtime import cookies
from contract.runtime.problems import Problem

Extract = Callable[[Mapping[str, Any]], str | None]


class Guard:
    """The compiled security of one operation: alternatives of scheme -> scopes, as in the document."""

    def __init__(self, bundle: Json, operation: Operation) -> None:
        declared = bundle.get("components", {}).get("securitySchemes", {})
        scheme_names = sorted({name for alternative in operation.security for name in alternative})
        schemes = {name: resolve(bundle, declared[name], "")[0] for name in scheme_names if name in declared}
        self.is_open = not scheme_names
        self.is_optional = {} in operation.security
        self._extract = {name: _extractor(scheme) for name, scheme in schemes.items()}
        self._alternatives = [
            (frozenset(alternative), frozenset(scope for scopes in alternative.values() for scope in scopes))
            for alternative in operation.security
        ]
        self._missing_scope = _missing_scope(operation)
        self._missing_credentials = (
            f"Authentication is required: {' or '.join(' and '.join(schemes) for schemes in operation.security if schemes)}"
        )
        self._challenge = ", ".join(dict.fromkeys(filter(None, map(_challenge, schemes.values()))))

    def credentials(self, environ: Mapping[str, Any]) -> dict[str, str]:
        """The credentials in the request, by scheme."""
        by_scheme = {name: extract(environ) for name, extract in self._extract.items()}
        return {name: value for name, value in by_scheme.items() if value is not None}

    def check(self, presented: Mapping[str, str], scopes: frozenset[str] | None) -> None:
        """Raises Problem 401 unless all schemes of an alternative are presented, and 403 unless its scopes are granted.

        `None` grants all scopes.
        """
        complete = [needed for schemes, needed in self._alternatives if schemes <= presented.keys()]
        if not complete:
            headers = {"WWW-Authenticate": self._challenge} if self._challenge else {}
            raise Problem(401, "unauthenticated", self._missing_credentials, headers=headers)
        if scopes is not None and not any(needed <= scopes for needed in complete):
            raise Problem(403, "scope_missing", self._missing_scope)


def _missing_scope(operation: Operation) -> str:
    groups = [" and ".join(scopes) for alternative in operation.security for scopes in alternative.values() if scopes]
    return f"This key lacks the {' or '.join(dict.fromkeys(groups))} scope"


def _challenge(scheme: Json) -> str:
    """The `WWW-Authenticate` challenge of a scheme (RFC 9110, section 11.6.1); empty for a scheme without one."""
    auth_scheme = _auth_scheme(scheme)
    return f'{auth_scheme} realm="api"' if auth_scheme == "Basic" else auth_scheme


def _auth_scheme(scheme: Json) -> str:
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
            return _authorization(_auth_scheme(scheme).lower())


def _authorization(auth_scheme: str) -> Extract:
    def extract(environ: Mapping[str, Any]) -> str | None:
        scheme, _, value = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        return value.strip() if scheme.lower() == auth_scheme and value.strip() else None

    return extract


def _header(name: str) -> Extract:
    key = f"HTTP_{name.upper().replace('-', '_')}"
    return lambda environ: environ.get(key)


def _query(name: str) -> Extract:
    return lambda environ: (parse_qs(environ.get("QUERY_STRING", "")).get(name) or [None])[-1]


def _cookie(name: str) -> Extract:
    return lambda environ: cookies.parse(environ.get("HTTP_COOKIE", "")).get(name, [""])[0] or None
