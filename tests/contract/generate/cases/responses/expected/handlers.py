"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from responses import routes
from responses_handlers import files

_files: routes.Files = files

HANDLERS: dict[str, Any] = {
    "files": files,
}
