"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from odd_names import models


class UserAccountsV2(Protocol):
    """Handlers of `user_accounts_v2`."""

    def users_create_one(
        self,
        ctx: Any,
        user_id: int,
        user_id_2: str,
        body_2: float,
        body: models.MyOddSchema,
        parameters: models.UsersCreateOneParameters,
    ) -> models.MyOddSchema2:
        'Says "hello" \\ """ to everyone.'


class Routes(Protocol):
    """Handlers of `routes`."""

    def models_(self, ctx: Any) -> models.NoneModel:
        """models_."""


class Signature_2(Protocol):
    """Handlers of `signature`."""

    def import_(self, ctx: Any) -> None:
        """import_."""


SIGNATURES: dict[str, Signature] = {
    "users.createOne": Signature(
        "user_accounts_v2",
        path=(
            "user_id",
            "user_id_2",
            "body_2",
        ),
        body=models.MyOddSchema,
        parameters=models.UsersCreateOneParameters,
        name="users_create_one",
    ),
    "models": Signature("routes", name="models_"),
    "import": Signature("signature", status=204, name="import_"),
}
