"""Query and header parameters that an operation does not have, refused where the document says so.

`x-unknown-parameters` at the root of the document refuses them, as `additionalProperties: false` refuses unknown fields of a body. Every
query parameter must be one of the operation's. A header field is refused if it begins with one of `header_prefixes`, or nearly has the name
of a header parameter, and is none: others belong to HTTP and to proxies. An operation with `x-unknown-parameters: ignore` accepts
everything.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from contract.openapi.operations import Operation, Parameter, operations
from contract.openapi.references import Json, resolve
from contract.runtime import styles
from contract.runtime.problems import Problem, Violation, printable
from contract.runtime.validators import Validators

EXTENSION = "x-unknown-parameters"
SIMILARITY = 0.9  # of header names, as difflib measures it
MEANT_SIMILARITY = 0.6  # to a parameter that a message names
MAX_REMEMBERED, MAX_REMEMBERED_LENGTH = 4_096, 64  # header names, and characters of one
MAX_COMPARED = 50  # new header names of one request that are compared with the parameters; a misspelt one has fewer beside it
MAX_LISTED = 20  # unknown parameters of one request
Accepts = Callable[[str], bool]


class HeaderNames:
    """The header parameters of a document."""

    def __init__(self, bundle: Json, prefixes: Iterable[str]) -> None:
        parameters = [parameter for operation in operations(bundle) for parameter in operation.parameters]
        self._names = {parameter.name.lower(): parameter.name for parameter in parameters if parameter.location == "header"}
        self._prefixes = tuple(map(_key, prefixes))
        # Names that requests had and that are not refused: the same clients send the same ones.
        self._accepted = self._keys = frozenset(map(_key, self._names))

    def unknown(self, environ: Mapping[str, Any]) -> list[str]:
        """The header fields of a request that are meant for the API and that it does not have."""
        if environ.keys() <= self._accepted:
            return []
        new = [key for key in environ if key not in self._accepted]
        prefixed = {key for key in new if key.startswith(self._prefixes)}
        compared = [key for key in new if key.startswith("HTTP_") and key not in prefixed][:MAX_COMPARED]
        similar = {key for key in compared if self._near(_name(key), SIMILARITY)}
        self._remember([key for key in new if not key.startswith("HTTP_")] + [key for key in compared if key not in similar])
        return sorted(map(_name, prefixed | similar))

    def nearest(self, name: str) -> str | None:
        """The parameter that was meant."""
        near = self._near(name, MEANT_SIMILARITY)
        return self._names[near[0]] if near else None

    def _near(self, name: str, similarity: float) -> list[str]:
        """The nearest parameter, if one is so similar. Names of other lengths cannot be, and need no comparison, which takes long."""
        length = len(name)
        possible = [known for known in self._names if 2 * min(length, len(known)) >= similarity * (length + len(known))]
        return difflib.get_close_matches(name.lower(), possible, 1, similarity) if possible else []

    def _remember(self, keys: Iterable[str]) -> None:
        """Remember keys that are accepted. A full memory is emptied: clients that send the same names are soon known again."""
        short = [key for key in keys if len(key) <= MAX_REMEMBERED_LENGTH]
        if not short:
            return
        if len(self._accepted) + len(short) > MAX_REMEMBERED:
            self._accepted = self._keys
        self._accepted = self._accepted.union(short)


class QueryNames:
    """The names that the query of one operation may have: parameters, members of objects among them, and keys."""

    def __init__(self, validators: Validators, operation: Operation) -> None:
        query = [
            (parameter, styles.TextSchema(validators, parameter.schema))
            for parameter in operation.parameters
            if parameter.location == "query"
        ]
        spread = [(parameter, schema) for parameter, schema in query if styles.is_spread(schema, parameter)]
        whole = {parameter.name for parameter, schema in query if not styles.is_spread(schema, parameter)}
        self._known = whole | set(_key_names(validators.bundle, operation))
        self.spread = [(parameter, _acceptor(parameter, schema)) for parameter, schema in spread]
        self.meant = [*self._known, *(parameter.name for parameter, _ in spread)]

    def __contains__(self, name: str) -> bool:
        return name in self._known or any(accepts(name) for _, accepts in self.spread)


class UnknownParameters:
    """The check of one operation."""

    def __init__(self, validators: Validators, operation: Operation, headers: HeaderNames) -> None:
        self._names = QueryNames(validators, operation)
        self._headers = headers

    def check(self, query: Iterable[str], environ: Mapping[str, Any]) -> None:
        """Raise Problem 400 for the parameters of a request that the operation does not have."""
        names = [name for name in query if name not in self._names]
        fields = self._headers.unknown(environ)
        if not names and not fields:
            return
        near = {name: next(iter(difflib.get_close_matches(name, self._names.meant, 1)), None) for name in names[:MAX_LISTED]}
        near |= {name: self._headers.nearest(name) for name in fields[:MAX_LISTED]}
        raise Problem(400, "unknown_parameter", _summary(near), violations=[_violation(name, meant) for name, meant in near.items()])


def header_names(bundle: Json) -> HeaderNames | None:
    """The header parameters of a document that refuses unknown ones; None for other documents."""
    declared = bundle.get(EXTENSION)
    return HeaderNames(bundle, declared.get("header_prefixes", [])) if isinstance(declared, dict) else None


def ignores_unknown(operation: Operation) -> bool:
    """Whether the operation accepts every parameter."""
    return operation.node.get(EXTENSION) == "ignore"


def _summary(near: Mapping[str, str | None]) -> str:
    return "Unknown parameter" if len(near) == 1 else "Unknown parameters"


def _violation(name: str, meant: str | None) -> Violation:
    hint = f"; did you mean {printable(meant)}?" if meant else ""
    return Violation((name,), f"Unknown parameter{hint}", is_parameter=True)


def _acceptor(parameter: Parameter, schema: styles.TextSchema) -> Accepts:
    if parameter.style == "deepObject":
        return partial(styles.is_deep_field, parameter.name)
    return schema.has_member


def _key_names(bundle: Json, operation: Operation) -> Iterable[str]:
    """The query parameters that hold a key (security schemes with `in: query`)."""
    schemes = bundle.get("components", {}).get("securitySchemes", {})
    for scheme in {name for alternative in operation.security for name in alternative}:
        node, _ = resolve(bundle, schemes.get(scheme, {}), "")
        if node.get("in") == "query":
            yield node["name"]


def _key(name: str) -> str:
    """The WSGI key of a header field."""
    return f"HTTP_{name.upper().replace('-', '_')}"


def _name(key: str) -> str:
    """The header field of a WSGI key, in the usual case of its letters."""
    return key.removeprefix("HTTP_").replace("_", "-").title()
