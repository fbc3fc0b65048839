"""Exact JSON Schema 2020-12 by jsonschema-rs: one compiled validator per schema of the bundle."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from jsonschema_rs import Draft202012Validator

from contract.compilable import FRAGMENT, compilable, registry
from contract.errors import ContractError
from contract.openapi.references import Json, lookup

BUNDLE = "contract:bundle"  # the bundle's URI, so that schemas can refer to it


class Validators:
    """Compiles the validators of one bundle. Errors have the failing keyword's pointer into the bundle."""

    def __init__(self, bundle: Json) -> None:
        self.bundle = bundle
        self._registry = registry(BUNDLE, bundle)
        self._compiled: dict[str, Draft202012Validator] = {}

    def at(self, pointer: str) -> Draft202012Validator:
        """The validator of the schema at a JSON pointer of the bundle; without a schema everything is valid."""
        if pointer not in self._compiled:
            self._compiled[pointer] = self.compile(reference(pointer) if self._exists(pointer) else {})
        return self._compiled[pointer]

    def compile(self, schema: Any) -> Draft202012Validator:
        """A validator of a schema that refers to the bundle by `reference`.

        Raises ContractError if the schema cannot be compiled, for example because of an invalid regular expression.
        """
        try:
            return Draft202012Validator(schema, registry=self._registry, validate_formats=True)
        except ValueError as error:
            name = schema.get("$ref", "A schema") if isinstance(schema, dict) else "A schema"
            raise ContractError(f"{name} cannot be compiled: {str(error).partition(chr(10))[0]}") from error

    def of(self, schema: Any) -> Draft202012Validator:
        """A validator of a schema outside the bundle, whose references lead into the bundle."""
        return self.compile(compilable(schema, BUNDLE))

    def _exists(self, pointer: str) -> bool:
        try:
            lookup(self.bundle, pointer)
        except (KeyError, IndexError):
            return False
        return True


def reference(pointer: str) -> dict[str, str]:
    """A schema that refers to the schema at a pointer of the bundle."""
    return {"$ref": f"{BUNDLE}#{quote(pointer, safe=FRAGMENT)}"}
