"""The contract that this program serves, as `contract generate` wrote it. Independent of HTTP, so every process may read it."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from contract.openapi import servers


@cache
def text() -> str:
    """The bundle as served at /openapi.json."""
    return resources.files("misarmail_contract").joinpath("bundle.json").read_text("utf-8")


@cache
def bundle() -> dict[str, Any]:
    """The decoded bundle. It is shared: do not modify it."""
    decoded: dict[str, Any] = json.loads(text())
    return decoded


@cache
def base_path() -> str:
    """The path where the API begins, without a trailing slash: `/api`."""
    return servers.base_path(bundle())
