"""Secrets that must be recoverable, such as a connected account's password: encrypted with a key that is not in the database.

AES-128-CBC with HMAC-SHA256 (the Fernet format of `cryptography`). The key is `MISARMAIL_SECRET`, or a file in the state folder.
"""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from misarmail_server.errors import Unavailable
from misarmail_server.settings import Settings

PLAIN = b"plain:"  # before a secret in clear; no sealed secret begins with it
KEY_FILE = "secret.key"  # in the state folder
KEY_LABEL = "\0key proof"  # the NUL separates it from the labels of the platform


def seal(settings: Settings, secret: bytes) -> bytes:
    """Encrypt a secret for the database."""
    return _box(settings).encrypt(secret)


def unseal(settings: Settings, sealed: bytes) -> bytes:
    """Decrypt a secret. Raises Unavailable if it was sealed with another key."""
    try:
        return _box(settings).decrypt(sealed)
    except InvalidToken as error:
        raise Unavailable("A stored secret cannot be decrypted with the platform's current key") from error


def unseal_or_plain(settings: Settings, stored: bytes) -> bytes:
    """As `unseal`, and also a secret in clear from before secrets were sealed."""
    return stored.removeprefix(PLAIN) if stored.startswith(PLAIN) else unseal(settings, stored)


def proof(settings: Settings, label: str) -> str:
    """32 characters that prove that this platform issued a label."""
    return base64.urlsafe_b64encode(hmac.digest(_key(settings), label.encode(), "sha256")[:24]).decode()


def derived(settings: Settings, label: str) -> bytes:
    """A key of 32 bytes for one purpose. It reveals nothing about the platform's key or the keys of other labels."""
    return hmac.digest(_key(settings), b"\0derived " + label.encode(), "sha256")  # the NUL separates these keys from proofs


def key_proof(settings: Settings) -> str | None:
    """A text that only this key gives, to recognize the key by; None while there is no key. Creates none."""
    return proof(settings, KEY_LABEL) if settings.secret or _path(settings).exists() else None


def _box(settings: Settings) -> Fernet:
    return Fernet(_key(settings))


def _key(settings: Settings) -> bytes:
    return settings.secret.encode() if settings.secret else _kept(_path(settings))


def _path(settings: Settings) -> Path:
    return settings.state / KEY_FILE


def _kept(path: Path) -> bytes:
    """The key of the state folder, created on first use; if two processes create one, the first wins."""
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
