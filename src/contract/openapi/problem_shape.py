"""The shape of a document's errors, as its error schema declares it in `x-problem`; without a declaration that of RFC 9457.

Each member of `x-problem` is a role and the JSON pointer, within an error, of the value with this role, such as
`x-problem: {detail: /message, code: /code, field_errors: /details/fields}`:

- `detail`: the message for users; `title`: the phrase of the status; `status`: the status code
- `code`: the machine-readable reason; `request_id`: the request's id in the server's log; `retry_after`: seconds until a retry
- `errors`: a list of objects with the `detail` of each violation and its `pointer` in the body or the `parameter` (RFC 9457, section 3)
- `field_errors`: an object with the messages of each top-level field; `form_errors`: a list of the other messages

`codes` maps the runtime's own codes to the document's. Required properties with a `const` are part of every error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.errors import ContractError
from contract.openapi.references import Json, escape, unescape

EXTENSION = "x-problem"
ROLES = ("detail", "title", "status", "code", "request_id", "retry_after", "errors", "field_errors", "form_errors")
KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemShape:
    """The path of each role in an error, in the order of the output. `schema` is the name of the declaring schema."""

    members: Mapping[str, KeyPath]
    media_type: str
    schema: str | None = None
    constants: Json = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_declared(self) -> bool:
        """Whether the document declares the shape."""
        return self.schema is not None


RFC_9457 = ProblemShape(
    {name: (name,) for name in ("title", "status", "detail", "code", "request_id", "errors")}, media_type="application/problem+json"
)


def problem_shape(bundle: Json) -> ProblemShape:
    """The shape that the first schema with `x-problem` declares. Raises ContractError for an unknown role or an invalid pointer."""
    for name, schema in (bundle.get("components", {}).get("schemas") or {}).items():
        if isinstance(schema, dict) and EXTENSION in schema:
            return declared(name, schema)
    return RFC_9457


def declared(name: str, schema: Json) -> ProblemShape:
    """The shape that a schema with `x-problem` declares. Raises ContractError."""
    location = f"#/components/schemas/{escape(name)}/{EXTENSION}"
    members_by_role = schema[EXTENSION]
    if not isinstance(members_by_role, dict):
        raise ContractError(f"{location} must be an object")
    unknown = [role for role in members_by_role if role not in (*ROLES, "codes")]
    if unknown:
        raise ContractError(f"{location}: unknown role {unknown[0]!r}; the roles are {', '.join(ROLES)}")
    members = {role: _keys(location, role, pointer) for role, pointer in members_by_role.items() if role != "codes"}
    return ProblemShape(members, "application/json", name, dict(_constants(schema)), dict(members_by_role.get("codes") or {}))


def _keys(location: str, role: str, pointer: Any) -> KeyPath:
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise ContractError(f"{location}: {role} must be a JSON pointer such as /{role}")
    return tuple(unescape(part) for part in pointer[1:].split("/"))


def _constants(schema: Json) -> list[tuple[str, Any]]:
    properties = schema.get("properties", {})
    required = [name for name in schema.get("required", ()) if isinstance(properties.get(name), dict)]
    return [(name, properties[name]["const"]) for name in required if "const" in properties[name]]
