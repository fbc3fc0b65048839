"""Mail of the platform's own, such as a password reset: it belongs to the operator's account, so that no tenant's key can read it."""

from __future__ import annotations

from dataclasses import replace

from misarmail_contract import models
from misarmail_server.context import Context, Principal
from misarmail_server.services import send as mail
from misarmail_server.services import tenants


def send(ctx: Context, to: str, subject: str, text: str) -> None:
    """Take a mail of the platform's own into the ledger, in this unit of work."""
    operator = tenants.find(ctx.connection, None)
    as_operator = replace(ctx, principal=Principal(operator.id, operator.plan, "any", scopes=None))
    asked = models.Send(
        from_=models.Mailbox(email=ctx.settings.mail_from, name="MisarMail"), to=[models.Mailbox(email=to)], subject=subject, text=text
    )
    mail.accept(as_operator, mail.Draft(asked, is_sandbox=False))
