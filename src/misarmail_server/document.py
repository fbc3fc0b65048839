"""The contract that this program serves, as `contract generate` wrote it. Knows nothing of HTTP, so every process may read it."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from contract.openapi import servers


@cache
def text() -> str:
    """The bundle as it is served at /openapi.json."""
    return resources.files("misarmail_contract").joinpath("bundle.json").read_text("utf-8")


@cache
def bundle() -> dict[str, Any]:
    """The bundle, decoded. It is shared: do not change it."""
    decoded: dict[str, Any] = json.loads(text())
    return decoded


@cache
def base_path() -> str:
    """Where the API begins, without a final slash: `/api`."""
    return servers.base_path(bundle())
