"""Mail of the platform, such as a password reset: it belongs to the operator's account, so that no tenant's key can read it."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context, Principal, Unit
from misarmail_server.services import send as mail
from misarmail_server.services import tenants


def send(unit: Unit, to: str, subject: str, text: str) -> None:
    """Queue a mail of the platform in this unit of work. Raises as `send.accept`.

    Of the operator account's own suppressions only a hard bounce bars it.
    """
    operator = tenants.find(unit.connection, None)
    principal = Principal(operator.id, operator.plan, "any", scopes=None)
    as_operator = Context.of_principal(unit.store, unit.settings, unit.connection, principal)
    body = models.EmailSend(
        from_=models.Mailbox(email=unit.settings.mail_from, name="MisarMail"), to=[models.Mailbox(email=to)], subject=subject, text=text
    )
    mail.accept(as_operator, mail.Draft(body, is_sandbox=False, is_platform_mail=True))
