"""What a document makes of its operations before any request comes: routes, readers, encoders, checkers.

It depends on the document and the signatures alone, so several applications of one process can share it. The parts of an operation are
compiled when it is first called: a server with a hundred operations answers its first request without waiting for all of them.
`compile` does it at once, for a document that nobody has judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from contract.openapi.operations import Json, Operation, Response, operations, resolve
from contract.openapi.servers import base_path
from contract.runtime.binding import Signature
from contract.runtime.bodies import Reader
from contract.runtime.parameters import Parameters
from contract.runtime.responses import Checker, Encoder
from contract.runtime.routing import Router
from contract.runtime.security import Guard
from contract.runtime.validators import Validators
from contract.runtime.visibility import for_side

CONDITIONAL = {"get", "head"}


class Route:
    """One operation, ready to run."""

    def __init__(self, routes: Routes, operation: Operation, signature: Signature) -> None:
        self._routes = routes
        self.operation = operation
        self.signature = signature
        self.is_conditional = "304" in operation.responses and operation.method in CONDITIONAL

    @cached_property
    def guard(self) -> Guard:
        """Who may call it."""
        return Guard(self._routes.bundle, self.operation)

    @cached_property
    def parameters(self) -> Parameters | None:
        """How its parameters are read; None where it has none."""
        if not self.operation.parameters and "{" not in self.operation.path:
            return None
        return Parameters(self._routes.requests.bundle, self.operation, self._routes.requests)

    @cached_property
    def body(self) -> Reader | None:
        """How its body is read; None where it has none."""
        if self.operation.body is None:
            return None
        return Reader(self._routes.requests.bundle, self.operation.body, self.signature, self._routes.requests)

    @cached_property
    def encoder(self) -> Encoder:
        """How its answers are written."""
        return Encoder(self.operation, self.signature)

    @cached_property
    def checker(self) -> Checker:
        """What judges its answers."""
        return Checker(self._routes.bundle, self.operation.responses, self._routes.answers)

    def compile(self) -> None:
        """Compile every part now. Raises ContractError for what cannot be."""
        _ = (self.guard, self.parameters, self.body, self.encoder, self.checker)


class Routes:
    """Every operation of a document below its base."""

    def __init__(self, bundle: Json, signatures: Mapping[str, Signature], base: str | None = None) -> None:
        self.bundle = bundle
        self.base = base if base is not None else base_path(bundle)
        self.requests = Validators(for_side(bundle, "request"))
        self.answers = Validators(for_side(bundle, "response"))
        self._routes = routes = [Route(self, operation, signatures[operation.id]) for operation in operations(bundle)]
        self.router: Router[Route] = Router((one.operation.method, one.operation.path, one) for one in routes)
        self.direct = {self.base + path: methods for path, methods in self.router.static.items() if path.isascii()}
        unmatched = _unmatched(bundle)  # a document that says nothing about them leaves them free
        self.unmatched = Checker(bundle, unmatched, self.answers) if unmatched else None

    def compile(self) -> None:
        """Compile every operation now. Raises ContractError for what cannot be."""
        for route in self._routes:
            route.compile()


def _unmatched(bundle: Json) -> dict[str, Response]:
    found: dict[str, Response] = {}
    for status, written in bundle.get("x-unmatched", {}).items():
        node, pointer = resolve(bundle, written, f"/x-unmatched/{status}")
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        found[status] = Response(status, media, node.get("headers", {}), node, pointer, None)
    return found
