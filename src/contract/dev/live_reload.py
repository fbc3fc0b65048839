"""Serving a document as it is edited: reload on save, findings printed, handlers where they exist, examples where not.

A document that is broken for the moment never takes down what is served: the last good one stays.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from typing_extensions import override
from watchfiles import Change, DefaultFilter, watch

from contract import handlers
from contract.dev.wsgi_server import Exchangeable, background_loop
from contract.errors import ContractError
from contract.lint.engine import lint
from contract.lint.formats import text
from contract.mocking import mock
from contract.openapi import document
from contract.project import Project
from contract.runtime.application import Wsgi

DEBOUNCE, STEP = 60, 20  # milliseconds: an editor's save is several events
SOURCES = (".yaml", ".yml", ".json", ".toml", ".py")


class Dev:
    """What is served now, and how it follows the files."""

    def __init__(self, path: Path, project: Project) -> None:
        self._path = path
        self._project = project
        self._loop: asyncio.AbstractEventLoop = background_loop()
        self._files: list[Path] = []
        self.served = Exchangeable(self._load())
        self._judge()

    def follow(self, restart: list[str]) -> None:
        """Reload at every save, for ever. A saved Python file replaces the process by `restart`: modules cannot be trusted to reload."""
        while True:
            folders = self._folders()
            for changes in watch(*folders, watch_filter=_Sources(), debounce=DEBOUNCE, step=STEP):
                if any(changed.endswith(".py") for _, changed in changes):
                    sys.stdout.flush()
                    os.execv(restart[0], restart)  # noqa: S606 - the same command again, without a shell
                self._reload()
                if self._folders() != folders:
                    break

    def _reload(self) -> None:
        try:
            self.served.current = self._load()
        except ContractError as error:
            say(f"{error}\nstill serving the version before")
        else:
            self._judge()

    def _load(self) -> Wsgi:
        """The document's application. Raises ContractError with every finding for a document that is not valid."""
        try:
            loaded = document.load(self._path)
        except ContractError:
            if findings := lint(self._path):  # the error names the first, this names all
                raise ContractError(text(findings).rstrip()) from None
            raise
        self._files = loaded.files
        return mock.application(loaded.bundle, self._loop, self._real())

    def _judge(self) -> None:
        """Print what lint finds in what is served already."""
        try:
            findings = lint(self._path)
        except ContractError as error:
            say(str(error))
        else:
            say(f"{text(findings)}serving {self._path.name}, {len(findings)} finding{'' if len(findings) == 1 else 's'}")

    def _real(self) -> dict[str, Wsgi]:
        """The project's own application for every operation that has a handler; examples answer when it cannot be imported."""
        package = handlers.handlers_folder(self._project)
        if self._project.app is None or package is None:
            return {}
        try:
            app = handlers.load_application(self._project.app)
        except ContractError as error:
            say(f"{error}; examples answer for it")
            return {}
        return dict.fromkeys(handlers.implemented(package), app)

    def _folders(self) -> list[Path]:
        package = handlers.handlers_folder(self._project)
        return sorted({self._path.parent, *(file.parent for file in self._files), *([package.parent] if package else [])})


class _Sources(DefaultFilter):
    """Documents and Python modules."""

    @override
    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(SOURCES) and super().__call__(change, path)


def say(sentence: str) -> None:
    """Tell whoever edits, at once."""
    print(sentence, flush=True)  # noqa: T201 - a development server talks
