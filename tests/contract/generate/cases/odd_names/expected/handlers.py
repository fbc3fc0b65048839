"""Every handler module, checked against its protocol. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any

from odd_names import routes
from odd_names_handlers import routes as routes_
from odd_names_handlers import signature, user_accounts_v2

_user_accounts_v2: routes.UserAccountsV2 = user_accounts_v2
_routes: routes.Routes = routes_
_signature: routes.Signature_2 = signature

HANDLERS: dict[str, Any] = {
    "user_accounts_v2": user_accounts_v2,
    "routes": routes_,
    "signature": signature,
}
