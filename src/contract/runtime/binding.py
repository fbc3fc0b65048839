"""What joins operations to code: the generated signatures, and the handler modules they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from contract.errors import ContractError

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Signature:
    """How one operation's handler is called: `(ctx, *path, body?, parameters?)`, and which status each type of answer has.

    `answers` maps a type to its status; `status` is used for types it does not name (the operation's only or first success).
    `form` carries a form's body where it differs from the other bodies; `name` is the handler's, where it is not the operation's id.
    """

    resource: str
    path: tuple[str, ...] = ()
    body: Any = None
    parameters: Any = None
    status: int = 200
    answers: Mapping[Any, int] = field(default_factory=dict)
    form: Any = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Reply(Generic[Answer]):
    """An answer with what its type cannot say: another status, or header fields."""

    body: Answer
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """An operation's signature and its handler."""

    signature: Signature
    handler: Callable[..., Any]


def bind(signatures: Mapping[str, Signature], handlers: Mapping[str, Any]) -> dict[str, Bound]:
    """Find every operation's handler by name in its resource's module.

    Raises ContractError with one sentence that lists all that are missing.
    """
    found = {id_: getattr(handlers.get(one.resource), one.name or id_, None) for id_, one in signatures.items()}
    missing = [f"{one.resource}.{one.name or id_}" for id_, one in signatures.items() if not callable(found[id_])]
    if missing:
        raise ContractError(f"These operations have no handler: {', '.join(missing)}. `contract generate` writes a stub for each")
    return {id_: Bound(one, cast("Callable[..., Any]", found[id_])) for id_, one in signatures.items()}
