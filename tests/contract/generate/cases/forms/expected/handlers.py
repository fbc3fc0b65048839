"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from forms import routes
from forms_handlers import forms

_forms: routes.Forms = forms

HANDLERS: dict[str, Any] = {
    "forms": forms,
}
