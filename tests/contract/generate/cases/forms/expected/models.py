"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class Login(Struct, kw_only=True):
    name: str
    remember: bool = False


class Photo(Struct, kw_only=True):
    file: str
    """
    The picture.
    """
    more: list[str] | UnsetType = UNSET
    caption: str | UnsetType = UNSET


class CreatePhotoBody(Struct, kw_only=True):
    file: bytes
    """
    The picture.
    """
    more: list[bytes] | UnsetType = UNSET
    caption: str | UnsetType = UNSET


class CreateNoteBody(Struct, kw_only=True):
    text: str


class CreatePingBody(Struct, kw_only=True):
    text: str | UnsetType = UNSET
