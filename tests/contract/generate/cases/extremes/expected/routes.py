"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, Protocol

from contract.runtime.binding import Signature
from extremes import models


class A(Protocol):
    """Handlers of `a`."""

    def get_a(self, ctx: Any) -> models.GetAResponse:
        """get_a."""


class B(Protocol):
    """Handlers of `b`."""

    def b(self, ctx: Any) -> None:
        """b."""


class C(Protocol):
    """Handlers of `c`."""

    def c(self, ctx: Any, d: str, d_2: str, body: bytes | None) -> None:
        """c."""


class D(Protocol):
    """Handlers of `d`."""

    def d(self, ctx: Any, body: models.DBody | bytes | None) -> None:
        """d."""


class EFragX1(Protocol):
    """Handlers of `e_frag_x_1`."""

    def e(self, ctx: Any) -> None:
        """e."""


class F(Protocol):
    """Handlers of `f`."""

    def f(self, ctx: Any, a: str, b: str, c: str) -> None:
        """f."""


class G(Protocol):
    """Handlers of `g`."""

    def g(self, ctx: Any, parameters: models.GParameters) -> models.GResponse:
        """g."""


SIGNATURES: dict[str, Signature] = {
    "get_a": Signature("a"),
    "b": Signature("b"),
    "c": Signature(
        "c",
        path=(
            "d",
            "d_2",
        ),
        body=bytes,
        status=204,
    ),
    "d": Signature("d", body=models.DBody),
    "e": Signature("e_frag_x_1", status=101),
    "f": Signature(
        "f",
        path=(
            "a",
            "b",
            "c",
        ),
    ),
    "g": Signature("g", parameters=models.GParameters),
}
