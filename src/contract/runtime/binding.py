"""The binding of operations to code: the generated signatures and the handler modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from contract.errors import ContractError

ResponseBody = TypeVar("ResponseBody")


@dataclass(frozen=True, slots=True)
class Signature:
    """How the handler of an operation is called: `(ctx, *path, body?, parameters?)`, and the status of each response type.

    `responses` maps a type to its status; other types get `status` (the operation's only or first success). `form` is the model of a form
    if it differs from that of the other bodies; `name` is the handler's name if it is not the operation's id.
    """

    resource: str
    path: tuple[str, ...] = ()
    body: Any = None
    parameters: Any = None
    status: int = 200
    responses: Mapping[Any, int] = field(default_factory=dict)
    form: Any = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class HandlerResponse(Generic[ResponseBody]):
    """A response with what its type cannot express: another status, or headers."""

    body: ResponseBody
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundOperation:
    """An operation's signature and its handler."""

    signature: Signature
    handler: Callable[..., Any]


def bind(signatures: Mapping[str, Signature], handlers: Mapping[str, Any]) -> dict[str, BoundOperation]:
    """Find the handler of every operation by its name in the module of its resource.

    Raises ContractError with one sentence that lists all missing handlers.
    """
    handlers_by_id = {id_: getattr(handlers.get(signature.resource), signature.name or id_, None) for id_, signature in signatures.items()}
    missing = [
        f"{signature.resource}.{signature.name or id_}" for id_, signature in signatures.items() if not callable(handlers_by_id[id_])
    ]
    if missing:
        raise ContractError(f"These operations have no handler: {', '.join(missing)}. `contract generate` writes a stub for each")
    return {id_: BoundOperation(signature, cast("Callable[..., Any]", handlers_by_id[id_])) for id_, signature in signatures.items()}
