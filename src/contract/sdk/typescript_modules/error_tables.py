"""The error classes of a TypeScript client, and the tables from which an operation's errors are chosen."""

from __future__ import annotations

from collections.abc import Iterator

from contract.openapi.operations import Operation, Response, response_of
from contract.openapi.references import Json
from contract.runtime.media import essence, is_json
from contract.sdk.error_classes import response_codes
from contract.sdk.plan import SdkPlan
from contract.sdk.typescript_modules.literals import comment, js
from contract.sdk.typescript_modules.naming import Names
from contract.sdk.typescript_modules.type_declarations import TypeDeclarations

MAX_BODY_TYPES, MAX_BODY_LENGTH = 4, 300


class ErrorTables:
    """One table for each distinct set of errors, so that a function brings only its own classes along."""

    def __init__(self, bundle: Json, plan: SdkPlan, names: Names, types: TypeDeclarations) -> None:
        self._bundle = bundle
        self._plan = plan
        self._types = types
        self._credentials = {scheme.name: names.credentials[scheme.argument] for scheme in plan.schemes}
        self._tables: dict[str, str] = {}
        self._bodies: dict[str, dict[str, None]] = {}
        self.unmatched = self._table(
            entry
            for status, node in bundle.get("x-unmatched", {}).items()
            for entry in self._entries(response_of(bundle, str(status), node, f"/x-unmatched/{status}"))
        )

    def credential(self, scheme: str) -> str | None:
        """The option of a security scheme; None if the client cannot send it."""
        return self._credentials.get(scheme)

    def tables(self, operation: Operation) -> list[str]:
        """The tables of an operation's error responses."""
        successes = {status for status in operation.responses if status.startswith("2")}
        errors = [
            item
            for status, item in operation.responses.items()
            if status.startswith(("4", "5")) or (successes and not status.startswith("2"))
        ]
        return list(dict.fromkeys(name for item in errors if (name := self._table(self._entries(item)))))

    def classes_module(self) -> str:
        """The module of the classes."""
        errors = self._plan.errors
        lines = ['import type * as t from "./types.js";', 'import { ApiError } from "./problems.js";', ""]
        for status in errors.statuses:
            lines += [f"/** The error response {status.status}. */", *self._class(status.name, f"ApiError<{self._body(status.name)}>"), ""]
        for code in errors.codes:
            parent = code.statuses[0].name if len(code.statuses) == 1 else "ApiError"  # a class has one parent here
            lines += [*comment(f"The error code {code.code}."), *self._class(code.name, parent), ""]
        return "\n".join(lines) + "\n"

    def module(self) -> str:
        """The module of the tables."""
        tables = (f"export const {name}: Errors = {text};" for text, name in self._tables.items())
        return "\n".join(['import type { Errors } from "./calls.js";', 'import * as c from "./errors.js";', "", *tables]) + "\n"

    def _class(self, name: str, parent: str) -> Iterator[str]:
        yield f"export class {name} extends {parent} {{"
        yield f"  override readonly name: string = {js(name)};"
        yield "}"

    def _entries(self, response: Response) -> Iterator[tuple[str, str]]:
        status = response.status.upper() if response.status != "default" else response.status
        status_class = next(item for item in self._plan.errors.statuses if item.status == status)
        schema = next((media.schema for name, media in response.content.items() if is_json(essence(name))), None)
        if schema is not None:
            self._bodies.setdefault(status_class.name, {})[self._types.plain(schema, "response")] = None
        codes = response_codes(self._bundle, response, self._plan.errors)
        yield from ((f"{status} {item.code}", item.name) for item in codes if status_class in item.statuses)
        yield status, status_class.name

    def _table(self, entries: Iterator[tuple[str, str]]) -> str | None:
        members = ", ".join(f"{js(name)}: c.{class_name}" for name, class_name in entries)
        if not members:
            return None
        return self._tables.setdefault(f"{{ {members} }}", f"$e{len(self._tables)}")

    def _body(self, class_name: str) -> str:
        """The type of the body, if there are few."""
        texts = list(self._bodies.get(class_name, ()))
        text = " | ".join(texts)
        return text if texts and len(texts) <= MAX_BODY_TYPES and len(text) <= MAX_BODY_LENGTH else "unknown"
