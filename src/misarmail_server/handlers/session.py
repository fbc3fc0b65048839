"""Sessions and passwords over HTTP. Contract: openapi/paths/session.yaml."""

from __future__ import annotations

from contract.runtime.binding import HandlerResponse
from misarmail_contract import models
from misarmail_server.context import Context, OpenContext
from misarmail_server.services import session_passwords, session_tokens


def get_session(ctx: Context) -> models.SessionResponse:
    """Get the current session."""
    return models.SessionResponse(account=session_passwords.signed_in(ctx))


def sign_in(ctx: OpenContext, body: models.SignIn) -> HandlerResponse[models.SessionResponse]:
    """Sign in."""
    token, account = session_passwords.sign_in(ctx, body.email, body.password)
    cookie = session_tokens.cookie(token, is_secure=ctx.settings.is_secure)
    return HandlerResponse(models.SessionResponse(account=account), headers={"Set-Cookie": cookie})


def sign_out(ctx: Context) -> HandlerResponse[models.SignOutResponse]:
    """Sign out."""
    session_tokens.end(ctx)
    return HandlerResponse(
        models.SignOutResponse(), headers={"Set-Cookie": session_tokens.cookie("", is_secure=ctx.settings.is_secure, seconds=0)}
    )


def request_password_reset(ctx: OpenContext, body: models.PasswordReset) -> models.PasswordResetResponse:
    """Request a password reset."""
    session_passwords.request_reset(ctx, body.email)
    return models.PasswordResetResponse()


def reset_password(ctx: OpenContext, body: models.PasswordResetConfirm) -> models.PasswordResetConfirmResponse:
    """Reset a password."""
    session_passwords.reset(ctx, body.token, body.password)
    return models.PasswordResetConfirmResponse()
