"""Exact JSON Schema 2020-12 by jsonschema-rs: one compiled validator per place in the bundle, built once."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator, Registry

from contract.errors import ContractError
from contract.openapi.operations import Json, lookup

FRAGMENT = "/~!$&'()*+,;=:@"  # what a URI fragment may hold as it is (RFC 3986, section 3.5)
BUNDLE = "contract:bundle"  # the bundle's name among schemas, so that a pointer into it is a reference


class Validators:
    """Compiles validators of one bundle. Errors carry the failing keyword's pointer into the bundle."""

    def __init__(self, bundle: Json) -> None:
        self.bundle = bundle
        self._registry = Registry([(BUNDLE, bundle)])
        self._made: dict[str, Draft202012Validator] = {}

    def at(self, pointer: str) -> Draft202012Validator:
        """The validator of the schema at a JSON pointer of the bundle; where none is written, everything is valid."""
        if pointer not in self._made:
            self._made[pointer] = self.compile(reference(pointer) if self._is_written(pointer) else {})
        return self._made[pointer]

    def compile(self, schema: dict[str, Any]) -> Draft202012Validator:
        """A validator of a schema made at run time; it refers to the bundle by `reference`.

        Raises ContractError for a schema that no validator can be made of, such as one with a pattern that is no regular expression.
        """
        try:
            return Draft202012Validator(schema, registry=self._registry, validate_formats=True)
        except ValueError as error:
            raise ContractError(f"{schema.get('$ref', 'A schema')} cannot be compiled: {str(error).partition(chr(10))[0]}") from error

    def _is_written(self, pointer: str) -> bool:
        try:
            lookup(self.bundle, pointer)
        except (KeyError, IndexError):
            return False
        return True


def reference(pointer: str) -> dict[str, str]:
    """A schema that means the one at a pointer of the bundle."""
    return {"$ref": f"{BUNDLE}#{quote(pointer, safe=FRAGMENT)}"}
