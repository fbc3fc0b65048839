"""Generated Python clients: written to a temporary folder, imported, and connected to a recorder instead of a server."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from contract.sdk import python
from tests.support.small_documents import bundle

NUMBERS = count(1)
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@contextmanager
def generated(folder: Path, text: str) -> Iterator[ModuleType]:
    """The package of a document, which carries everything; it can be imported only inside."""
    name = f"client{next(NUMBERS)}"
    assert python.write(bundle(folder, text), folder / name, name) == []
    sys.path.insert(0, str(folder / name))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder / name))
        for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
            del sys.modules[module]


@dataclass
class Recorder:
    """Answers requests in turn, the last answer for all others, and keeps them."""

    answers: list[Answer]
    requests: list[httpx.Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.read())
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer(request)

    async def asynchronous(self, request: httpx.Request) -> httpx.Response:
        """The same for an asynchronous client."""
        self.requests.append(request)
        self.bodies.append(await request.aread())
        return self._answer(request)

    @property
    def paths(self) -> list[str]:
        """The path and query of each request, as sent."""
        return [request.url.raw_path.decode() for request in self.requests]


def client(package: ModuleType, *answers: Answer, **options: Any) -> tuple[Any, Recorder]:
    """A synchronous client whose requests are answered in turn, without waiting between retries."""
    recorder = Recorder(list(answers))
    options.setdefault("retries", package.Retries(attempts=3, sleep=lambda _: None))
    return package.Client("https://api.example.com/v1", transport=httpx.MockTransport(recorder), **options), recorder


def async_client(package: ModuleType, *answers: Answer, **options: Any) -> tuple[Any, Recorder]:
    """An asynchronous client like that."""
    recorder = Recorder(list(answers))
    options.setdefault("retries", package.Retries(attempts=3, sleep=lambda _: None))
    return package.AsyncClient("https://api.example.com/v1", transport=httpx.MockTransport(recorder.asynchronous), **options), recorder
