"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from no_operation_ids import models


class Pets(Protocol):
    """Handlers of `pets`."""

    def get_pets(self, ctx: Any) -> models.GetPetsResponseDefault:
        """get_pets."""

    def post_pets(self, ctx: Any, body: models.PostPetsBody | None) -> None:
        """post_pets."""

    def get_pets_pet_id_json(self, ctx: Any, pet_id: str) -> models.GetPetsPetIdJsonResponse:
        """get_pets_pet_id_json."""


class Root(Protocol):
    """Handlers of `root`."""

    def get(self, ctx: Any) -> models.GetResponse:
        """get."""


SIGNATURES: dict[str, Signature] = {
    "get_pets": Signature("pets"),
    "post_pets": Signature("pets", body=models.PostPetsBody),
    "get_pets_petId_json": Signature("pets", path=("pet_id",), name="get_pets_pet_id_json"),
    "get": Signature("root"),
}
