"""Secrets that must be read again, such as the password of a connected account: encrypted with a key that is not in the database.

AES-128-CBC with HMAC-SHA256 (the Fernet format of `cryptography`). The key is `MISARMAIL_SECRET`, or a file of the state folder.
"""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from misarmail_server.errors import Unavailable
from misarmail_server.settings import Settings


def seal(settings: Settings, secret: bytes) -> bytes:
    """The secret, for the database."""
    return _box(settings).encrypt(secret)


def unseal(settings: Settings, sealed: bytes) -> bytes:
    """The secret again. Raises Unavailable when it was sealed with another key."""
    try:
        return _box(settings).decrypt(sealed)
    except InvalidToken as error:
        raise Unavailable("A stored password cannot be read with this platform's key") from error


def proof(settings: Settings, label: str) -> str:
    """32 characters that only this platform can make for a word, to recognise it by."""
    return base64.urlsafe_b64encode(hmac.digest(_key(settings), label.encode(), "sha256")[:24]).decode()


def derived(settings: Settings, label: str) -> bytes:
    """A key of 32 bytes for one purpose. It tells nothing about the platform's own key or those of other labels."""
    return hmac.digest(_key(settings), b"\0derived " + label.encode(), "sha256")  # the NUL keeps it apart from proofs


def _box(settings: Settings) -> Fernet:
    return Fernet(_key(settings))


def _key(settings: Settings) -> bytes:
    return settings.secret.encode() if settings.secret else _kept(settings.state / "secret.key")


def _kept(path: Path) -> bytes:
    """The key of the state folder, made on first use; of two processes that make one the first wins."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(Fernet.generate_key())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
