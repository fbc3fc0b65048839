"""The runtime form of a document's operations: routes, readers, encoders and checkers.

It depends on the document and the signatures only, so several applications of one process can share it. The parts of an operation are
compiled at its first call: a server with a hundred operations answers its first request without waiting for all of them. `compile` compiles
everything at once, for a document that is not known to be valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from contract.openapi.aliases import Conversions
from contract.openapi.operations import Operation, Response, operations, response_of
from contract.openapi.references import Json
from contract.openapi.servers import base_path
from contract.runtime.binding import Signature
from contract.runtime.bodies import BodyLimit, Reader
from contract.runtime.parameters import Parameters
from contract.runtime.responses import ResponseChecker, ResponseEncoder
from contract.runtime.router import Router
from contract.runtime.security import Guard
from contract.runtime.unknown_parameters import header_names
from contract.runtime.validators import Validators
from contract.runtime.visibility import for_side

CONDITIONAL = {"get", "head"}


class OperationRoute:
    """One operation, ready to run."""

    def __init__(self, routes: RouteTable, operation: Operation, signature: Signature) -> None:
        self._routes = routes
        self.operation = operation
        self.signature = signature
        self.body_limit = BodyLimit(routes.bundle, operation)
        self.is_conditional = "304" in operation.responses and operation.method in CONDITIONAL

    @cached_property
    def guard(self) -> Guard:
        """The check of its security."""
        return Guard(self._routes.bundle, self.operation)

    @cached_property
    def parameters(self) -> Parameters | None:
        """The reader of its parameters; None without parameters."""
        if not self.operation.parameters and "{" not in self.operation.path and self._routes.header_names is None:
            return None
        validators = self._routes.request_validators
        return Parameters(validators.bundle, self.operation, validators, self._routes.header_names)

    @cached_property
    def body(self) -> Reader | None:
        """The reader of its body; None without a body."""
        if self.operation.body is None:
            return None
        validators = self._routes.request_validators
        return Reader(
            validators.bundle,
            self.operation.body,
            self.signature,
            validators,
            max_values=self.body_limit.values,
            conversions=self._routes.conversions,
        )

    @cached_property
    def encoder(self) -> ResponseEncoder:
        """The encoder of its responses."""
        return ResponseEncoder(self.operation, self.signature)

    @cached_property
    def checker(self) -> ResponseChecker:
        """The check of its responses."""
        return ResponseChecker(self.operation.responses, self._routes.response_validators)

    def compile(self) -> None:
        """Compile every part now. Raises ContractError if a part cannot be compiled."""
        _ = (self.guard, self.parameters, self.body, self.encoder, self.checker)


class RouteTable:
    """Every operation of a document below its base. `conversions` give strings in bodies their canonical form, by their format."""

    def __init__(
        self, bundle: Json, signatures: Mapping[str, Signature], base: str | None = None, *, conversions: Conversions | None = None
    ) -> None:
        self.bundle = bundle
        self.conversions = conversions
        self.base = base if base is not None else base_path(bundle)
        self.request_validators = Validators(for_side(bundle, "request"))
        self.response_validators = Validators(for_side(bundle, "response"))
        self.header_names = header_names(bundle)  # None unless the document refuses unknown parameters
        self._routes = routes = [OperationRoute(self, operation, signatures[operation.id]) for operation in operations(bundle)]
        self.router: Router[OperationRoute] = Router((route.operation.method, route.operation.path, route) for route in routes)
        self.direct = {self.base + path: methods for path, methods in self.router.static.items() if path.isascii()}
        unmatched = _unmatched(bundle)  # without `x-unmatched` these responses are not checked
        self.unmatched = ResponseChecker(unmatched, self.response_validators) if unmatched else None

    def compile(self) -> None:
        """Compile every operation now. Raises ContractError if an operation cannot be compiled."""
        for route in self._routes:
            route.compile()


def _unmatched(bundle: Json) -> dict[str, Response]:
    declared = bundle.get("x-unmatched", {})
    return {status: response_of(bundle, status, raw, f"/x-unmatched/{status}") for status, raw in declared.items()}
