"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from extremes import routes
from extremes_handlers import a, b, c, d, e_frag_x_1, f, g

_a: routes.A = a
_b: routes.B = b
_c: routes.C = c
_d: routes.D = d
_e_frag_x_1: routes.EFragX1 = e_frag_x_1
_f: routes.F = f
_g: routes.G = g

HANDLERS: dict[str, Any] = {
    "a": a,
    "b": b,
    "c": c,
    "d": d,
    "e_frag_x_1": e_frag_x_1,
    "f": f,
    "g": g,
}
