"""Serve a document while it is edited: reload on save, print findings, call existing handlers and return examples elsewhere.

While the document is invalid, its last valid version stays in service.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from typing_extensions import override
from watchfiles import Change, DefaultFilter, watch

from contract import handlers
from contract.dev.wsgi_server import ReplaceableApp, background_loop
from contract.errors import ContractError
from contract.lint.engine import lint
from contract.lint.report_formats import text
from contract.mocking import mock
from contract.openapi import document
from contract.project import Project
from contract.runtime.application import Wsgi

DEBOUNCE_MS, STEP_MS = 60, 20  # an editor's save is several events
SOURCE_SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".py")


class LiveReloader:
    """The application of the current document, which follows its files."""

    def __init__(self, path: Path, project: Project) -> None:
        self._path = path
        self._project = project
        self._loop: asyncio.AbstractEventLoop = background_loop()
        self._files: list[Path] = []
        self.app = ReplaceableApp(self._load())
        self._print_findings()

    def follow(self, restart: list[str]) -> None:
        """Reload on every save, forever. A saved Python file restarts the process with `restart`: modules do not reload reliably."""
        while True:
            folders = self._folders()
            for changes in watch(*folders, watch_filter=_SourceFilter(), debounce=DEBOUNCE_MS, step=STEP_MS):
                if any(path.endswith(".py") for _, path in changes):
                    sys.stdout.flush()
                    os.execv(restart[0], restart)  # noqa: S606 - the same command again, without a shell
                self._reload()
                if self._folders() != folders:
                    break

    def _reload(self) -> None:
        try:
            self.app.current = self._load()
        except ContractError as error:
            print_now(f"{error}\nstill serving the previous version")
        else:
            self._print_findings()

    def _load(self) -> Wsgi:
        """The document's application. Raises ContractError with every finding if the document is invalid."""
        try:
            loaded = document.load(self._path)
        except ContractError:
            if findings := lint(self._path):  # the error has only the first
                raise ContractError(text(findings).rstrip()) from None
            raise
        self._files = loaded.files
        return mock.application(loaded.bundle, self._loop, self._implemented())

    def _print_findings(self) -> None:
        """Print the findings of the document that is already served."""
        try:
            findings = lint(self._path)
        except ContractError as error:
            print_now(str(error))
        else:
            print_now(f"{text(findings)}serving {self._path.name}, {len(findings)} finding{'' if len(findings) == 1 else 's'}")

    def _implemented(self) -> dict[str, Wsgi]:
        """The project's application for every operation with a handler. If it cannot be imported, examples are returned."""
        package = handlers.handlers_folder(self._project)
        if self._project.app is None or package is None:
            return {}
        try:
            app = handlers.load_application(self._project.app)
        except ContractError as error:
            print_now(f"{error}; its operations return examples")
            return {}
        return dict.fromkeys(handlers.implemented(package), app)

    def _folders(self) -> list[Path]:
        package = handlers.handlers_folder(self._project)
        return sorted({self._path.parent, *(file.parent for file in self._files), *([package.parent] if package else [])})


class _SourceFilter(DefaultFilter):
    """Lets documents and Python modules pass."""

    @override
    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(SOURCE_SUFFIXES) and super().__call__(change, path)


def print_now(sentence: str) -> None:
    """Print a message and flush."""
    print(sentence, flush=True)  # noqa: T201 - a development server prints
