"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from enums import routes
from enums_handlers import words

_words: routes.Words = words

HANDLERS: dict[str, Any] = {
    "words": words,
}
